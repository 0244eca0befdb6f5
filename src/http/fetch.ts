// fetch that finds its way: the URL is rewritten, our member put in, and the `globalThis.fetch` of the moment called, so
// that whatever has replaced it is called too. No default timeout, no retry.

import { currentFrame } from '../context/store.ts';
import { withMemberInStep } from '../context/telemetry.ts';
import { InvalidOptionError } from '../core/errors.ts';
import { ownOptions } from '../core/own-options.ts';
import { ownOf } from '../core/own.ts';
import { describe } from '../core/quote.ts';
import type { Routing } from '../core/routing.ts';
import { madeRouting, routingOf } from '../default.ts';
import type { Resolver } from '../resolver/resolver.ts';
import { type Call, initOf, toCall } from './call.ts';
import { type FetchLike, follow, sending } from './follow.ts';
import { answered, failed } from './outcome.ts';
import { checkCanonical } from './route.ts';
import { type Hop, hopTo } from './routed.ts';
import { isForeign } from './target.ts';

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

  const atCreation = underlying(globalThis.fetch);

  function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    try {
      return routed(input, init);
    } catch (error) {
      // As it was thrown, by us or by whoever sends.
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors
      return Promise.reject(error);
    }
  }

  function routed(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const frame = currentFrame();
    const send = own ?? underlying(globalThis.fetch);
    if (send === undefined) throw new TypeError('there is no globalThis.fetch; give one to createFetch({ fetch }).');
    const given = dispatcher === undefined ? init : withDispatcher(init, dispatcher);
    const call = toCall(input, given);
    // Somebody has replaced the fetch that we call by one that calls us: this URL was routed already.
    if (
      call !== null &&
      frame?.sent !== undefined &&
      call.url.href === frame.sent &&
      own === undefined &&
      atCreation !== undefined
    )
      return atCreation(input, given);
    const replaced = send !== atCreation;
    const asItIs = (): Promise<Response> =>
      sending(replaced ? call?.url.href : undefined, frame, () => send(input, given));
    // Somebody else's host needs no table, and must not fail because there is a broken one.
    if (call === null || isForeign(call.url, canonical))
      return withMemberInStep(membersIn(madeRouting(resolver), frame?.routing), null, asItIs);
    const routing = routingOf(resolver);
    const hop = hopTo(call.url, canonical, routing, frame?.context);
    const keys = membersIn(routing, frame?.routing);
    if (hop === null) return withMemberInStep(keys, null, asItIs);
    if (hop.resolution?.via === 'unconfigured') return untouched(hop, call, asItIs);
    return follow({ send, replaced, routing, frame, canonical, keys }, call, hop);
  }
  // For whoever puts it in the place of `globalThis.fetch`: it must not call itself.
  return Object.defineProperty(fetch, UNDERLYING, ownOf({ value: own ?? atCreation }));
}

/** The members that are ours, or of the resolver of the request. */
function membersIn(routing: Routing | undefined, ofRequest: Routing | undefined): readonly string[] {
  const keys = keysOf(routing);
  return ofRequest === undefined || ofRequest === routing ? keys : [...new Set([...keys, ...keysOf(ofRequest)])];
}

/** None while wishes are not listened to. */
function keysOf(routing: Routing | undefined): readonly string[] {
  return routing?.view().active === true ? routing.keys : [];
}

const UNDERLYING: unique symbol = Symbol.for('branchline.fetch.v1') as never;

interface Underlying {
  readonly [UNDERLYING]: FetchLike | undefined;
}

/** A fetch that is not one of ours: what is below it. */
function underlying(fetch: FetchLike | undefined): FetchLike | undefined {
  return (fetch as Partial<Underlying> | undefined)?.[UNDERLYING] ?? fetch;
}

function withDispatcher(init: RequestInit | undefined, dispatcher: object): RequestInit {
  // What is no init is fetch's to refuse.
  if (init != null && typeof init !== 'object') return init;
  const own = init == null ? {} : initOf(init);
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
