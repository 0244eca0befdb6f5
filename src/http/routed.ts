// One hop of a call: where it goes, and the headers that go with it.

import { outgoingHeader } from '../core/choice.ts';
import type { Routing } from '../core/routing.ts';
import type { Resolution, RoutingContext } from '../core/types.ts';
import { rewrite, targetOf } from './target.ts';

export interface Hop {
  readonly url: string;
  /** `null`: not one of our services, and nothing of ours goes there. */
  readonly resolution: Resolution | null;
  /** The `baggage` header of a call that we resolved, from the caller's own. @throws `ERR_OVERRIDE_REFUSED` */
  baggage(callers: string | null): string | null;
}

/** @throws what `Resolver.lookup` throws, and what `rewrite` throws */
export function hopTo(
  url: URL,
  canonical: boolean,
  { keys, view }: Routing,
  context: RoutingContext | undefined,
): Hop | null {
  const at = view();
  const target = targetOf(url, canonical, at);
  if (target === null) return null;
  const located = at.find(target.service, target.endpoint, context);
  const { resolution } = located;
  const isOurs = resolution.via !== 'unconfigured';
  if (isOurs && (url.username !== '' || url.password !== '')) {
    throw new TypeError(`${target.service} is called with a URL that includes credentials; use a header.`);
  }
  return {
    url: isOurs ? rewrite(url, located) : url.href,
    resolution,
    baggage: (callers) => (isOurs ? outgoingHeader(keys, at, context, callers) : callers),
  };
}

/** A hop to the same address as the one before, which was resolved. */
export function hopOn(url: URL, before: Hop): Hop {
  return { ...before, url: url.href };
}
