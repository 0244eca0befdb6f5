// Routing as an interceptor of undici's dispatchers: the same rewrite and injection as in fetch, below everything that
// speaks to a dispatcher.

import { BAGGAGE } from '../context/carrier.ts';
import { VIA_HEADER } from '../context/hops.ts';
import { currentFrame, type Frame } from '../context/store.ts';
import { withMemberInStep } from '../context/telemetry.ts';
import { joinLines } from '../core/baggage.ts';
import { outgoingHeader } from '../core/choice.ts';
import { isBranchlineError, SchemeUnsupportedError } from '../core/errors.ts';
import { ownOptions } from '../core/own-options.ts';
import type { View } from '../core/routing.ts';
import { routingOf } from '../default.ts';
import { linesOf, readable, withHeader } from './headers-of.ts';
import { checkCanonical, ROUTE_OPTIONS, type RouteOptions } from './route.ts';
import { addressed, targetOf } from './target.ts';
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

  return (dispatch) =>
    function branchlineRouting(request: Request, handler: Handler): boolean {
      const frame = currentFrame();
      const { keys, view } = routingOf(resolver);
      const at = view();
      if (!at.configured && !at.strict) return dispatch(request, handler);
      let routed: ReturnType<typeof toRouted>;
      try {
        routed = toRouted(request, canonical, keys, at, frame);
      } catch (error) {
        if (!isBranchlineError(error)) throw error;
        return fail(handler, error);
      }
      const watched = watch(handler, routed);
      return withMemberInStep(at.active ? keys : [], null, () => dispatch(routed?.request ?? request, watched));
    };
}

function toRouted(
  request: Request,
  canonical: boolean,
  keys: readonly string[],
  at: View,
  frame: Frame | undefined,
): (Routed & { readonly request: Request }) | null {
  const { origin, path, method, signal } = request;
  // What is no request of HTTP is undici's to refuse.
  if (origin === undefined || typeof path !== 'string' || method === 'CONNECT') return null;
  if (!URL.canParse(String(origin))) return null;
  const url = new URL(String(origin));
  // The wrapped fetch has routed it: this is an address, whatever it looks like.
  if (url.origin === frame?.routed) return null;
  const target = targetOf(url, canonical, at);
  if (target === null) return null;
  const located = at.find(target.service, target.endpoint, frame?.context);
  const to = addressed(url, located, path);
  const { resolution } = located;
  if (!to.origin.startsWith('http')) {
    throw new SchemeUnsupportedError(
      `${to.origin} is the address of ${target.service}, and undici speaks http and https only.`,
      { ...target },
    );
  }
  const given = readable(request.headers);
  const before = joinLines(linesOf(given, BAGGAGE)) || null;
  const after = outgoingHeader(keys, at, frame?.context, before);
  let headers = after === before ? given : withHeader(given, BAGGAGE, after);
  if (frame?.hops !== undefined) headers = withHeader(headers, VIA_HEADER, '1');
  return {
    request: { ...request, origin: to.origin, path: to.path, headers },
    resolution,
    signal,
    hops: frame?.hops,
    relocate: (location) => relocated(location, to, url.origin),
  };
}

/**
 * A `Location` within the address that was called, as a URL of the service: who follows it comes by here again, and is
 * routed again. Any other one is as it was.
 */
function relocated(location: string, { origin, path, base }: ReturnType<typeof addressed>, service: string): string {
  const called = new URL(`${origin}${path}`);
  if (!URL.canParse(location, called.href)) return location;
  const { href, origin: next, pathname, search, hash } = new URL(location, called);
  if (next !== called.origin) return location;
  const isWithin = base === '' || pathname === base || pathname.startsWith(`${base}/`);
  return isWithin ? `${service}${pathname.slice(base.length) || '/'}${search}${hash}` : href;
}
