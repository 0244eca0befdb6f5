// A call as it was made: its URL, its method, headers and body, whether it came as a string, a URL or a Request.

import { urlOf } from '../core/address.ts';

/** The fields of a Request, and of an init that is no plain object: https://fetch.spec.whatwg.org/#requestinit */
const FIELDS = [
  'method',
  'headers',
  'body',
  'duplex',
  'mode',
  'credentials',
  'cache',
  'redirect',
  'referrer',
  'referrerPolicy',
  'integrity',
  'keepalive',
  'signal',
  'priority',
  'dispatcher',
] as const;

/** What fetch takes besides the URL; more than the standard has: `dispatcher`, and what other runtimes add. */
export type Init = RequestInit & { dispatcher?: unknown; duplex?: unknown };

export interface Call {
  readonly url: URL;
  readonly init: Init;
  /** The Request that the call came as, when its own body is to be sent. */
  readonly request: Request | null;
}

/** Reads the arguments of fetch; `null` for what is no absolute URL: fetch says so better. */
export function toCall(input: string | URL | Request, init: RequestInit | undefined): Call | null {
  const request = isRequest(input) ? input : null;
  const text = isRequest(input) ? input.url : String(input);
  const url = urlOf(text);
  if (url === null) return null;
  // What is no init is fetch's to refuse.
  if (init !== undefined && init !== null && typeof init !== 'object') return null;
  const given = init == null ? {} : initOf(init);
  const ownBody = request !== null && request.body !== null && given.body == null;
  return {
    url,
    init: request === null ? given : { ...initOf(request), ...present(given) },
    request: ownBody ? request : null,
  };
}

/** An init of our own: never the caller's, which is not ours to change. */
export function initOf(source: RequestInit | Request): Init {
  const prototype: unknown = Object.getPrototypeOf(source);
  if (prototype === Object.prototype || prototype === null) return { ...(source as Init) };
  const init: Record<string, unknown> = {};
  for (const name of FIELDS) {
    const value: unknown = (source as Record<string, unknown>)[name];
    if (value !== undefined && value !== null) init[name] = value;
  }
  // Node 20 keeps it under a symbol; later ones in a private field, where nobody can read it.
  const dispatcher = Object.getOwnPropertySymbols(source).find(({ description }) => description === 'dispatcher');
  if (dispatcher !== undefined) init['dispatcher'] ??= (source as unknown as Record<symbol, unknown>)[dispatcher];
  return init;
}

/** What is `undefined` is not given: the Request's own stays. */
function present(init: Init): Init {
  return Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined));
}

/** A Request of any realm. */
function isRequest(input: unknown): input is Request {
  return typeof input === 'object' && input !== null && typeof (input as Partial<Request>).url === 'string';
}

/** Whether a body can be sent but once: a stream, or whatever is iterated. Fetch calls it a body without a source. */
export function isStream(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return typeof (body as { getReader?: unknown }).getReader === 'function' || Symbol.asyncIterator in body;
}
