// Tables of the sizes that are measured.

import type { Data, Resolver } from 'branchline';

/** So many entries: of `my-rest` in develop and two branches, and of others in develop. */
export function tableWith(entries: number): Data {
  const others = Array.from({ length: entries - 3 }, (_, index) => [`service-${index}.develop`, '8080'] as const);
  return {
    'my-rest.develop': '8080',
    'my-rest.feature-x': '8080',
    'my-rest.feature-y': '8080',
    ...Object.fromEntries(others),
  };
}

/**
 * The same answers as a bare map. Its keys were names of properties: the engine knows such texts by their place, as it
 * does those of the source code, and need not compare them.
 */
export function addressesOf(resolver: Resolver): Map<string, string> {
  return new Map(Object.entries(Object.fromEntries(resolver.services().map((name) => [name, resolver.resolve(name)]))));
}
