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
import type { Resolution } from '../core/types.ts';
import { routingOf } from '../default.ts';
import { linesOf, readable, withHeader } from './headers-of.ts';
import { checkCanonical, ROUTE_OPTIONS, type RouteOptions } from './route.ts';
import { addressed, targetOf } from './target.ts';
import { fail, type Handler, watch } from './watched-handler.ts';

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

interface Routed {
  readonly request: Request;
  readonly resolution: Resolution;
}

/**
 * An interceptor for `dispatcher.compose()`: a request to `http://my-rest` goes to the branch's own copy, or to the shared
 * one. Compose it nearest to the dispatcher, `agent.compose(routing(), interceptors.redirect(), interceptors.retry())`:
 * then every hop is routed, and a retry goes where the request belongs.
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function routing(options: RouteOptions = {}): (dispatch: Dispatch) => Dispatch {
  const { resolver, canonical = false } = ownOptions('routing', options, ROUTE_OPTIONS);
  checkCanonical('routing', canonical);
  if (resolver !== undefined) routingOf(resolver);
  // A retry or a redirect comes from the socket's context, not from the caller's; but with the handler of the first time.
  const frames = new WeakMap<object, { readonly frame: Frame | undefined }>();
  const frameOf = (handler: object): Frame | undefined => {
    const known = frames.get(handler) ?? { frame: currentFrame() };
    frames.set(handler, known);
    return known.frame;
  };

  return (dispatch) =>
    function branchlineRouting(request: Request, handler: Handler): boolean {
      const frame = frameOf(handler);
      const { keys, view } = routingOf(resolver);
      const at = view();
      let routed: Routed | null;
      try {
        const routes = (at.configured || at.strict) && frame?.routed !== true;
        routed = routes ? toRouted(request, canonical, keys, at, frame) : null;
      } catch (error) {
        if (!isBranchlineError(error)) throw error;
        return fail(handler, error);
      }
      if (routed === null) return withMemberInStep(at.active ? keys : [], null, () => dispatch(request, handler));
      const { request: sent, resolution } = routed;
      const watched = watch(handler, resolution, sent.signal, frame?.hops);
      return withMemberInStep(keys, null, () => dispatch(sent, watched));
    };
}

function toRouted(
  request: Request,
  canonical: boolean,
  keys: readonly string[],
  at: View,
  frame: Frame | undefined,
): Routed | null {
  const { origin, path, method } = request;
  if (origin === undefined || method === 'CONNECT' || !URL.canParse(String(origin))) return null;
  const url = new URL(String(origin));
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
  return { request: { ...request, ...to, headers }, resolution };
}
