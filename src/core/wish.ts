// The wish of a request: at most eight items joined by `~`, each a namespace to search first, or `service.namespace`, a
// single service pinned. What it says, in one canonical form; whether a table knows it is another question.

import { isNamespace, isServiceName } from './names.ts';
import type { RoutingContext } from './types.ts';

/** More items than this are refused, never cut: a cut wish is a false green. */
export const MOST_ITEMS = 8;
/** Eight pins of the longest names, and what joins them. */
const LONGEST_WISH = MOST_ITEMS * (63 + 1 + 63) + (MOST_ITEMS - 1);

export const WISH_WANTED =
  'a wish is 1 to 8 items joined by "~", each a namespace or service.namespace, no service pinned twice';

/** A wish that is legal. Its lists and its text say the same. */
export interface Wish {
  /** To be searched first, in order. */
  readonly namespaces: readonly string[];
  /** Service → namespace. */
  readonly services: ReadonlyMap<string, string>;
}

/** Reads the value of a member, percent-decoded; `null` for what is no wish. */
export function parseWish(value: string): Wish | null {
  if (value.length > LONGEST_WISH) return null;
  const namespaces = new Set<string>();
  const services = new Map<string, string>();
  for (const item of value.split('~')) {
    const dot = item.indexOf('.');
    const namespace = item.slice(dot + 1);
    if (!isNamespace(namespace)) return null;
    if (dot === -1) {
      namespaces.add(namespace);
      continue;
    }
    const service = item.slice(0, dot);
    if (!isServiceName(service) || (services.get(service) ?? namespace) !== namespace) return null;
    services.set(service, namespace);
  }
  return namespaces.size + services.size > MOST_ITEMS ? null : { namespaces: [...namespaces], services };
}

/** The items of a wish: the namespaces in their order, then the pins by service. */
export function itemsOf({ namespaces, services }: Wish): string[] {
  return [...namespaces, ...[...services].map(([service, namespace]) => `${service}.${namespace}`).toSorted()];
}

/** The canonical text of a wish; empty when it wishes for nothing. */
export function formatWish(wish: Wish): string {
  return itemsOf(wish).join('~');
}

/** The wish of a context whose names were checked. */
export function wishOf({ namespaces = [], services = {} }: RoutingContext): Wish {
  return { namespaces: [...new Set(namespaces)], services: new Map(Object.entries(services)) };
}
