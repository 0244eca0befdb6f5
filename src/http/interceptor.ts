// Routing as an interceptor of undici's dispatchers: the same rewrite and injection as in fetch, below everything that
// speaks to a dispatcher.

import { BAGGAGE } from '../context/carrier.ts';
import { linesOf, readable, withHeader } from '../context/headers-of.ts';
import { tellCall, VIA_HEADER } from '../context/hops.ts';
import { type Called, currentFrame, type Frame, NO_FRAME } from '../context/store.ts';
import { withMemberInStep } from '../context/telemetry.ts';
import { urlOf } from '../core/address.ts';
import { joinLines } from '../core/baggage.ts';
import { outgoingHeader } from '../core/choice.ts';
import { isBranchlineError, SchemeUnsupportedError } from '../core/errors.ts';
import { ownOptions } from '../core/own-options.ts';
import type { View } from '../core/routing.ts';
import { madeRouting, routingOf } from '../default.ts';
import { checkCanonical, ROUTE_OPTIONS, type RouteOptions } from './route.ts';
import { addressed, isForeign, isHttp, leaves, type Target, targetOf } from './target.ts';
import { fail, type Handler, type Routed, watch } from './watched-handler.ts';

/**
 * Any dispatch of undici 6, 7 or 8: their own types each fit one version only.
 */
// oxlint-disable-next-line typescript/no-explicit-any
export type Dispatch = (options: any, handler: any) => boolean;

/** The options of a dispatch that are looked at here. */
interface Request {
  readonly origin?: string | URL | undefined;
  readonly path: string;
  readonly method?: string | undefined;
  readonly headers?: unknown;
  readonly signal?: unknown;
}

/**
 * An interceptor for `dispatcher.compose()`: a request to `http://my-rest` goes to the branch's own copy, or to the shared
 * one. What caches or joins requests belongs below it, where the address is known; what repeats or follows them above,
 * so that each hop is routed: `agent.compose(interceptors.cache(), routing(), interceptors.redirect(), interceptors.retry())`.
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function routing(options: RouteOptions = {}): (dispatch: Dispatch) => Dispatch {
  const { resolver, canonical = false } = ownOptions('routing', options, ROUTE_OPTIONS);
  checkCanonical('routing', canonical);
  if (resolver !== undefined) routingOf(resolver);

  const urlFor = createUrls();

  return (dispatch) =>
    function branchlineRouting(request: Request, handler: Handler): boolean {
      const frame = currentFrame();
      const url = urlFor(request);
      const isCalled = url !== null && calledAgain(url, frame) !== null;
      // Somebody else's host needs no table, and must not fail because there is a broken one.
      if (url === null || (!isCalled && isForeign(url, canonical))) return passOn(request, handler);
      const { keys, view } = routingOf(resolver);
      const at = view();
      if (!at.configured && !at.strict) return dispatch(request, handler);
      let routed: ReturnType<typeof toRouted>;
      try {
        routed = toRouted(request, url, canonical, keys, at, frame);
      } catch (error) {
        if (!isBranchlineError(error)) throw error;
        return fail(handler, error);
      }
      if (routed === null) return passOn(request, handler);
      const { request: sent } = routed;
      const watched = watch(handler, routed);
      return withMemberInStep(at.active ? keys : [], null, () => dispatch(sent, watched));

      /** What is none of ours: with nothing of ours, and its handler in its own context all the same. */
      function passOn(foreign: Request, of: Handler): boolean {
        const made = madeRouting(resolver);
        const ours = made?.view().active === true ? made.keys : [];
        if (made?.view().configured === false) return dispatch(foreign, of);
        if (url !== null) frame?.hops?.went(hrefOf(url, foreign.path));
        // Who is sent on from there to the address that was called is sent there by a stranger.
        const after = frame?.called === undefined ? null : { ...frame, called: undefined };
        return withMemberInStep(ours, null, () => dispatch(foreign, watch(of, null, after)));
      }
    };
}

/** Who answered the call that this one is a part of, if it is one. */
function calledAgain(url: URL, frame: Frame | undefined): Called | null {
  const called = frame?.called;
  return called !== undefined && called.origin === url.origin ? called : null;
}

function hrefOf({ origin }: URL, path: string): string {
  return `${origin}${path}`;
}

/** Origins that are remembered: an application calls few, and one that makes them up must not fill the memory. */
const MOST_ORIGINS = 500;

/** Where a request of HTTP goes; `null` for what is undici's to refuse, or to connect. The same origins come again. */
function createUrls(): (request: Request) => URL | null {
  const known = new Map<string, URL>();
  return ({ origin, path, method }) => {
    if (origin === undefined || typeof path !== 'string' || method === 'CONNECT') return null;
    const text = String(origin);
    const again = known.get(text);
    if (again !== undefined) return again;
    const url = urlOf(text);
    if (url === null) return null;
    if (known.size >= MOST_ORIGINS) known.clear();
    known.set(text, url);
    return url;
  };
}

function toRouted(
  request: Request,
  url: URL,
  canonical: boolean,
  keys: readonly string[],
  at: View,
  frame: Frame | undefined,
): (Routed & { readonly request: Request }) | null {
  // The wrapped fetch has routed it: this is an address, whatever it looks like.
  if (frame?.sent !== undefined && url.origin === new URL(frame.sent).origin) return null;
  // A redirect within the address that was called is the same call.
  const again = calledAgain(url, frame);
  const target = again === null ? targetOf(url, canonical, at) : null;
  if (again === null && target === null) return null;
  if (again !== null && leaves(request.path, again.base)) frame?.hops?.lost();
  const located = again?.located ?? at.find((target as Target).service, (target as Target).endpoint, frame?.context);
  const to =
    again === null ? addressed(url, located, request.path) : { origin: url.origin, path: request.path, base: '' };
  const { resolution } = located;
  if (!isHttp(to.origin)) {
    throw new SchemeUnsupportedError(
      `${to.origin} is the address of ${resolution.service}, and undici speaks http and https only.`,
      { service: resolution.service, endpoint: resolution.endpoint },
    );
  }
  const given = readable(request.headers);
  const before = given == null ? null : joinLines(linesOf(given, BAGGAGE)) || null;
  const after = outgoingHeader(keys, at, frame?.context, before);
  let headers = after === before ? given : withHeader(given, BAGGAGE, after);
  if (frame?.hops !== undefined) headers = withHeader(headers, VIA_HEADER, '1');
  return {
    request: { ...request, origin: to.origin, path: to.path, headers },
    resolution,
    signal: request.signal,
    call: tellCall(frame?.hops, resolution),
    relocate(location) {
      const told = relocated(location, to);
      const away = frame?.hops === undefined ? null : urlOf(told);
      if (away !== null) frame?.hops?.pointed(hrefOf(away, `${away.pathname}${away.search}`));
      return told;
    },
    redirected: () => ({
      ...NO_FRAME,
      ...frame,
      called: { origin: new URL(to.origin).origin, base: again?.base ?? to.base, located },
    }),
  };
}

/**
 * A `Location` as whoever follows it must see it: they believe that they are at the service, and know of no base path.
 * Within the base it is a path, from which they come by here again; elsewhere in the address that was called, and in
 * another scheme than theirs, it is whole. Any other one is as it was.
 */
function relocated(location: string, { origin, path, base }: ReturnType<typeof addressed>): string {
  const called = new URL(`${origin}${path}`);
  // A header is bytes; what is not ASCII in it is UTF-8.
  const text = Buffer.from(location, 'latin1').toString('utf8');
  const meant = urlOf(text, called);
  if (meant === null) return location;
  const { href, origin: next, pathname, search, hash } = meant;
  if (next !== called.origin) return text.startsWith('//') ? href : location;
  if (base === '') return /^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(text) ? `${pathname}${search}${hash}` : location;
  return pathname.startsWith(`${base}/`) ? `${pathname.slice(base.length)}${search}${hash}` : href;
}
