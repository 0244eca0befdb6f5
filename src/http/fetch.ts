// fetch that finds its way: the URL is rewritten, our member put in, and the `globalThis.fetch` of the moment called, so
// that whatever has replaced it is called too. No default timeout, no retry.

import { currentFrame } from '../context/store.ts';
import { withMemberInStep } from '../context/telemetry.ts';
import { InvalidOptionError } from '../core/errors.ts';
import { ownOptions } from '../core/own-options.ts';
import { describe } from '../core/quote.ts';
import { routingOf } from '../default.ts';
import type { Resolver } from '../resolver/resolver.ts';
import { type Call, initOf, toCall } from './call.ts';
import { type FetchLike, follow } from './follow.ts';
import { answered, failed } from './outcome.ts';
import { checkCanonical } from './route.ts';
import { type Hop, hopTo } from './routed.ts';

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
    const given = dispatcher === undefined ? init : withDispatcher(init, dispatcher);
    const call = toCall(input, given);
    const hop = call === null ? null : hopTo(call.url, canonical, routing, frame?.context);
    const keys = routing.view().active ? routing.keys : [];
    if (call === null || hop === null) return withMemberInStep(keys, null, () => send(input, given));
    if (hop.resolution?.via === 'unconfigured') return untouched(hop, call, () => send(input, given));
    return follow({ send, routing, frame, canonical, keys }, call, hop);
  };
}

function withDispatcher(init: RequestInit | undefined, dispatcher: object): RequestInit {
  const own = init === undefined ? {} : initOf(init);
  return { ...own, dispatcher: own.dispatcher ?? dispatcher } as RequestInit;
}

/** Without a table the library is not there, but for telling who was called. */
async function untouched(hop: Hop, { init }: Call, send: () => Promise<Response>): Promise<Response> {
  try {
    const response = await send();
    return answered(response, { ...hop, sent: null, redirected: response.redirected });
  } catch (error) {
    throw failed(error, hop.resolution, init.signal);
  }
}
