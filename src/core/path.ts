// The search path: the ordered namespaces in which a service is looked for.

import type { Settings } from './settings.ts';
import type { RoutingContext, Step, Via } from './types.ts';

export interface Place {
  readonly namespace: string;
  readonly because: Step['because'];
}

/**
 * The context's pin for this service, the context's namespaces, the own namespace, the baseline; each once. A Pod of a
 * baseline namespace starts the baseline at itself: it never falls back into what builds on it.
 */
export function searchPath(
  settings: Settings,
  own: string | null,
  service: string,
  context: RoutingContext | null,
): Place[] {
  const places: Place[] = [];
  const seen = new Set<string>();
  const add = (namespace: string, because: Step['because']): void => {
    if (seen.has(namespace)) return;
    seen.add(namespace);
    places.push({ namespace, because });
  };
  if (context !== null && settings.overrides) {
    const pins = context.services;
    if (pins !== undefined && Object.hasOwn(pins, service)) add(pins[service] as string, 'pin');
    for (const namespace of context.namespaces ?? []) add(namespace, 'context');
  }
  const { baseline } = settings;
  const start = own === null ? -1 : baseline.indexOf(own);
  if (own !== null && start === -1) add(own, 'own');
  for (const namespace of baseline.slice(Math.max(start, 0))) add(namespace, 'baseline');
  return places;
}

export function viaOf(settings: Settings, own: string | null, namespace: string): Via {
  if (settings.baseline.includes(namespace)) return 'baseline';
  return namespace === own ? 'branch' : 'override';
}
