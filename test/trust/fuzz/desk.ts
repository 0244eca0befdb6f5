// A resolver over a table in memory, asked again and again: each time it forgets what was before.

import { createResolver, type Data, memorySource, type Problem, type Resolver, type ResolverOptions } from 'branchline';

export interface Desk {
  readonly resolver: Resolver;
  /** Makes this the table, with nothing kept of the last one. */
  lay(data: Data): void;
  /** Makes this the table, as an update of the last one. */
  update(data: Data): void;
  problems(): Problem[];
}

export function openDesk(options: ResolverOptions = {}): Desk {
  const memory = memorySource();
  const resolver = createResolver({ sources: [memory], namespace: null, ...options });
  // Somebody listens: what nobody listens to becomes a warning of the process.
  resolver.on('problem', () => {});
  return {
    resolver,
    lay(data) {
      memory.set({});
      memory.set(data);
    },
    update: (data) => memory.set(data),
    problems: () => resolver.status().problems,
  };
}

/** Keys and values as an object that has no key but these: `__proto__` is one like any other. */
export function dataOf(entries: Iterable<readonly [string, string]>): Data {
  return Object.fromEntries(entries);
}
