// fetch that finds its way: the URL is rewritten, our member put in, and the `globalThis.fetch` of the moment called, so
// that whatever has replaced it is called too. No default timeout, no retry.

import { BAGGAGE } from '../context/carrier.ts';
import { VIA_HEADER } from '../context/hops.ts';
import { currentFrame, type Frame, runIn } from '../context/store.ts';
import { withMemberInStep } from '../context/telemetry.ts';
import { membersOf, withoutMembers } from '../core/baggage.ts';
import { InvalidOptionError, SchemeUnsupportedError } from '../core/errors.ts';
import { ownOptions } from '../core/own-options.ts';
import { describe } from '../core/quote.ts';
import type { Routing } from '../core/routing.ts';
import { routingOf } from '../default.ts';
import type { Resolver } from '../resolver/resolver.ts';
import { type Call, type Init, toCall } from './call.ts';
import { answered, failed } from './outcome.ts';
import { dropCredentials, locationOf, MOST_REDIRECTS, networkError, redirected } from './redirects.ts';
import { checkCanonical } from './route.ts';
import { type Hop, hopOn, hopTo } from './routed.ts';

/** An init whose headers are ours to write. */
type Ready = Init & { headers: Headers };

export type FetchLike = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export interface FetchOptions {
  /** @default defaultResolver() */
  resolver?: Resolver | undefined;
  /** What sends the requests. @default the `globalThis.fetch` of each call */
  fetch?: FetchLike | undefined;
  /** Passed on with every call that names none: an Agent of undici 6 or 7. */
  dispatcher?: object | undefined;
  /** True: `service.<a baseline>.svc` names the service too, with or without the cluster's domain. @default false */
  canonical?: boolean | undefined;
}

const FETCH_OPTIONS: readonly string[] = [
  'resolver',
  'fetch',
  'dispatcher',
  'canonical',
] satisfies (keyof FetchOptions)[];

/** What a call needs until its end: read once, when it was made. */
interface Sender {
  readonly send: FetchLike;
  readonly routing: Routing;
  readonly frame: Frame | undefined;
  readonly canonical: boolean;
}

/**
 * A fetch of its own. Takes and returns what fetch does; see `fetch`.
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function createFetch(options: FetchOptions = {}): FetchLike {
  const { resolver, fetch: own, dispatcher, canonical = false } = ownOptions('createFetch', options, FETCH_OPTIONS);
  checkCanonical('createFetch', canonical);
  if (resolver !== undefined) routingOf(resolver);
  if (own !== undefined && typeof own !== 'function')
    throw new InvalidOptionError(`createFetch's fetch is ${describe(own)}; want a function.`);
  if (dispatcher !== undefined && typeof (dispatcher as { dispatch?: unknown } | null)?.dispatch !== 'function')
    throw new InvalidOptionError(`createFetch's dispatcher is ${describe(dispatcher)}; want an Agent of undici.`);

  return async function fetch(input, init) {
    const frame = currentFrame();
    const send = own ?? globalThis.fetch;
    const routing = routingOf(resolver);
    const given: RequestInit | undefined = dispatcher === undefined ? init : ({ dispatcher, ...init } as RequestInit);
    const call = toCall(input, given);
    const hop = call === null ? null : hopTo(call.url, canonical, routing, frame?.context);
    if (call === null || hop === null) return withMemberInStep(routing.keys, null, () => send(input, given));
    if (hop.resolution?.via === 'unconfigured') {
      return untouched(hop, () => send(input, given));
    }
    return follow({ send, routing, frame, canonical }, call, hop);
  };
}

/** Without a table the library is not there, but for telling who was called. */
async function untouched(hop: Hop, send: () => Promise<Response>): Promise<Response> {
  try {
    const response = await send();
    return answered(response, { ...hop, sent: null, redirected: response.redirected });
  } catch (error) {
    throw failed(error, hop.resolution);
  }
}

/** Sends the call, and follows its redirects hop by hop: each is resolved again, or nothing of ours goes there. */
async function follow(sender: Sender, call: Call, firstHop: Hop): Promise<Response> {
  const { routing, frame, canonical } = sender;
  const follows = (call.init.redirect ?? 'follow') === 'follow';
  const headers = new Headers(call.init.headers);
  const callers = headers.get(BAGGAGE);
  // A copy is kept only where a redirect may want the body again. Copied before it is read: copying replaces the stream.
  let spare = follows && call.request !== null ? call.request.clone() : null;
  let init: Ready = { ...call.init, headers, ...(follows ? { redirect: 'manual' } : {}) };
  if (call.request !== null) init = { ...init, body: call.request.body, duplex: 'half' };
  let hop: Hop | null = firstHop;
  let current = new URL(firstHop.url);

  for (let hops = 0; ; hops += 1) {
    const sent = write(init.headers, callers, sender, hop);
    const response = await sendHop(sender, current, init, hop);
    const next = follows ? locationOf(response, current) : null;
    if (next === null) {
      discard(spare);
      return answered(response, { resolution: hop?.resolution ?? null, sent, redirected: hops > 0 });
    }
    discard(response);
    if (hops === MOST_REDIRECTS) throw networkError('redirect count exceeded');
    const before = hop;
    hop = hopTo(next, canonical, routing, frame?.context);
    if (hop === null && before !== null && next.origin === current.origin) hop = hopOn(next, before);

    const target = new URL(hop?.url ?? next);
    init = redirected(init, response.status, spare?.body ?? null);
    if (target.origin !== current.origin) dropCredentials(init.headers);
    if (init.body == null) discard(spare);
    spare = init.body == null ? null : (spare?.clone() ?? null);
    current = target;
  }
}

/** What goes with this hop, in the headers: our member exactly if we resolved it. Returns the member. */
function write(
  headers: Headers,
  callers: string | null,
  { routing: { keys }, frame }: Sender,
  hop: Hop | null,
): string | null {
  const others = callers === null ? null : withoutMembers(callers, keys);
  const baggage = hop === null ? others : hop.baggage(callers);
  if (baggage === null) headers.delete(BAGGAGE);
  else headers.set(BAGGAGE, baggage);
  if (hop !== null && frame?.hops !== undefined) headers.set(VIA_HEADER, '1');
  return hop === null || baggage === null ? null : (membersOf(baggage, keys)[0]?.value ?? null);
}

async function sendHop({ send, routing, frame }: Sender, url: URL, init: Ready, hop: Hop | null): Promise<Response> {
  const resolution = hop?.resolution ?? null;
  if (resolution !== null && url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new SchemeUnsupportedError(
      `${url.href} is the address of ${resolution.service}, and fetch speaks http and https only. Ask lookup() for it, and use a client of that protocol.`,
      { service: resolution.service, endpoint: resolution.endpoint },
    );
  }
  try {
    const response = await withMemberInStep(routing.keys, null, () =>
      sendRouted(url, frame, () => send(url.href, init as RequestInit)),
    );
    if (resolution !== null && resolution.namespace !== null) {
      const { service, namespace } = resolution;
      frame?.hops?.called({ service, namespace }, response.headers.get(VIA_HEADER));
    }
    return response;
  } catch (error) {
    throw failed(error, resolution);
  }
}

/** An address that looks like a service, `http://my-rest:3000`, must not be routed again by a dispatcher. */
function sendRouted(url: URL, frame: Frame | undefined, fetch: () => Promise<Response>): Promise<Response> {
  if (url.hostname.includes('.') || url.hostname === 'localhost') return fetch();
  return runIn({ context: frame?.context, hops: frame?.hops, routed: true }, fetch);
}

/** Frees what will not be read. */
function discard(unread: Response | Request | null): void {
  void unread?.body?.cancel().catch(() => undefined);
}
