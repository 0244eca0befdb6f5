// branchline/testing: what a service's own tests need, and the suite that every `Source` passes.

import { createResolver, setDefaultResolver } from './default.ts';
import type { ResolverOptions } from './resolver/options.ts';
import { type Data, memorySource } from './sources/memory.ts';

export { memorySource };
export { expectVia, routeHeaders, routeOf } from './testing/expect-via.ts';
export { sourceConformance } from './testing/source-conformance.ts';
export type { Hop } from './context/hops.ts';
export type { Data, MemorySource } from './sources/memory.ts';
export type { ConformanceCase, SourceUnderTest } from './testing/source-conformance.ts';
export type { WithHeaders } from './testing/expect-via.ts';

/**
 * Makes these entries the ones of the functions without a resolver (`resolve`, `lookup`, `explain`), for code under
 * test that imports them. The own namespace is none, and nothing is read from the machine, unless `options` says so.
 *
 * @param data keys as in a mounted folder: `{ 'my-rest.develop': 'http://127.0.0.1:3000' }`
 * @returns what puts everything back
 * @throws what `createResolver` throws
 *
 * @example
 * ```ts
 * const restore = useEntries({ 'my-rest.develop': 'http://127.0.0.1:3000' });
 * afterEach(restore);
 * ```
 */
export function useEntries(data: Data, options: ResolverOptions = {}): () => void {
  const { sources = [], namespace = null, ...rest } = options ?? {};
  const resolver = createResolver({ ...rest, namespace, sources: [...sources, memorySource(data)] });
  const putBack = setDefaultResolver(resolver);
  return () => {
    putBack();
    void resolver.close();
  };
}
