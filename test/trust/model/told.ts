// What somebody who only listens knows of a resolver: the revisions, in order, and what is stale.

import type { Resolver } from 'branchline';

export interface Told {
  readonly revisions: readonly number[];
  /** Keys, settings and documents; `null` for the whole mount. */
  readonly stale: ReadonlySet<string | null>;
}

/** Ask right after its creation. It listens to problems too, so that none of them becomes a warning of the process. */
export function listen(resolver: Resolver): Told {
  const revisions: number[] = [];
  const stale = new Set<string | null>();
  resolver.on('change', ({ revision }) => revisions.push(revision));
  resolver.on('stale', ({ keys }) => {
    for (const key of keys ?? [null]) stale.add(key);
  });
  resolver.on('recovered', ({ keys }) => {
    for (const key of keys ?? [null]) stale.delete(key);
  });
  resolver.on('problem', () => {});
  return { revisions, stale };
}
