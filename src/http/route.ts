// The rewrite and the injection that all clients share: for those that have no adapter of their own.

import { BAGGAGE, checkCarrier, copyCarrier, readHeader, writeHeader } from '../context/carrier.ts';
import { currentFrame, routeCanonicalNames } from '../context/store.ts';
import { InvalidOptionError } from '../core/errors.ts';
import { ownOptions } from '../core/own-options.ts';
import { describe } from '../core/quote.ts';
import type { Resolution } from '../core/types.ts';
import { routingOf } from '../default.ts';
import type { Resolver } from '../resolver/resolver.ts';
import { hopTo } from './routed.ts';
import { isForeign } from './target.ts';

export interface RouteOptions {
  /** @default defaultResolver() */
  resolver?: Resolver | undefined;
  /** True: `service.<a baseline>.svc` names the service too, with or without the cluster's domain. @default false */
  canonical?: boolean | undefined;
}

export const ROUTE_OPTIONS: readonly string[] = ['resolver', 'canonical'] satisfies (keyof RouteOptions)[];

export function checkCanonical(what: string, canonical: unknown): asserts canonical is boolean {
  if (typeof canonical !== 'boolean')
    throw new InvalidOptionError(`${what}'s canonical is ${describe(canonical)}; want true or false.`);
  if (canonical) routeCanonicalNames();
}

/**
 * Where a call goes and what it carries: `http://my-rest/x` becomes the address of `my-rest`, and the headers are a copy
 * with the routing context in `baggage`. A URL that names no service is passed through, with `resolution: null`.
 *
 * @example
 * ```ts
 * const { url, headers } = route('http://my-rest/get-customer-permissions');
 * await axios.get(url, { headers, maxRedirects: 0 }); // a redirect would take the headers along, to any host
 * ```
 * @throws {BranchlineError} what `Resolver.lookup` throws, and `ERR_SCHEME_MISMATCH`, `ERR_OVERRIDE_REFUSED`
 * @throws {TypeError} for what is no URL, and for one that includes credentials; `ERR_INVALID_OPTION`
 */
export function route<H extends object = Record<string, string>>(
  url: string | URL,
  headers?: H,
  options: RouteOptions = {},
): { url: string; headers: H; resolution: Resolution | null } {
  const given = headers ?? ({} as H);
  checkCarrier('route', given);
  const { resolver, canonical = false } = ownOptions('route', options, ROUTE_OPTIONS);
  checkCanonical('route', canonical);
  const copy = copyCarrier(given);
  const parsed = new URL(url);
  const foreign = isForeign(parsed, canonical);
  const hop = foreign ? null : hopTo(parsed, canonical, routingOf(resolver), currentFrame()?.context);
  if (hop === null) return { url: String(url), headers: copy, resolution: null };
  const before = readHeader(given, BAGGAGE);
  const after = hop.baggage(before);
  if (after !== before) writeHeader(copy, BAGGAGE, after);
  return { url: hop.url, headers: copy, resolution: hop.resolution };
}
