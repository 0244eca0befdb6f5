// The next hop of a redirected call, as the Fetch standard has it (https://fetch.spec.whatwg.org/#http-redirect-fetch).

import { urlOf } from '../core/address.ts';
import { quote } from '../core/quote.ts';
import { type Init, isStream } from './call.ts';

const STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
export const MOST_REDIRECTS = 20;

/** They belong to the origin that they were meant for. `host` and the rest are what Node's fetch takes away, too. */
const CREDENTIALS = ['authorization', 'proxy-authorization', 'cookie', 'host'];
const OF_A_BODY = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'];

/** Where a response sends the call, as it says it; `null` when it does not. */
export function locationOf(response: Response): string | null {
  return STATUSES.has(response.status) ? response.headers.get('location') : null;
}

/** The URL that a `Location` means. @throws TypeError as fetch does */
export function locate(location: string, current: URL): URL {
  // A header is bytes; what is not ASCII in it is UTF-8.
  const text = Buffer.from(location, 'latin1').toString('utf8');
  const next = urlOf(text, current);
  if (next === null) throw networkError(`the Location ${quote(text)} is no URL`);
  if (next.protocol !== 'http:' && next.protocol !== 'https:')
    throw networkError(`a redirect to ${next.protocol} cannot be followed`);
  if (next.username !== '' || next.password !== '')
    throw networkError('a redirect to a URL that includes credentials cannot be followed');
  if (next.hash === '') next.hash = current.hash;
  return next;
}

/**
 * What is sent there; `replay` is the body once more, where it was kept.
 * @throws TypeError as fetch does, for a body that cannot be sent twice
 */
export function redirected(
  init: Init,
  status: number,
  replay: NonNullable<RequestInit['body']> | null,
): Init & { headers: Headers } {
  const method = (init.method ?? 'GET').toUpperCase();
  const becomesGet =
    ((status === 301 || status === 302) && method === 'POST') ||
    (status === 303 && method !== 'GET' && method !== 'HEAD');
  const headers = new Headers(init.headers);
  if (status !== 303 && isStream(init.body) && replay === null)
    throw networkError('the body is a stream, and cannot be sent a second time');
  if (!becomesGet) return { ...init, headers, ...(replay === null ? {} : { body: replay }) };
  const { body: _, duplex: __, ...rest } = init;
  for (const name of OF_A_BODY) headers.delete(name);
  return { ...rest, headers, method: 'GET' };
}

export function dropCredentials(headers: Headers): void {
  for (const name of CREDENTIALS) headers.delete(name);
}

/** What fetch rejects with. */
export function networkError(reason: string): TypeError {
  return new TypeError('fetch failed', { cause: new Error(reason) });
}
