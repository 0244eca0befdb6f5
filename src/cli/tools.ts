// What the commands are made of, given to them by the entry file: the table that they read, and the library's own answers.

import type { NamespaceOptions } from '../core/namespace-of.ts';
import type { TableRow } from '../core/rows.ts';
import type { RoutingContext } from '../core/types.ts';
import type { Resolver } from '../resolver/resolver.ts';

/** Where a table is read from. */
export interface TableOptions {
  /** A folder, a file, or `-` for a manifest or a document on standard input. @default as the library */
  readonly config?: string | undefined;
  readonly envFile?: string | undefined;
  /** The namespace in which the question is asked. @default as the library finds it */
  readonly own?: string | undefined;
}

export interface Tools {
  /** Opens the table; it is followed if `follow`. @throws what `createResolver` throws */
  open(options: TableOptions, follow?: boolean): Promise<Resolver>;
  /** Opens the table that a map makes, with the baseline of another one where it says none. @throws as `open` */
  openMap(map: ReadonlyMap<string, string>, baseline: readonly string[]): Resolver;
  /** Its entries as rows. */
  rows(resolver: Resolver): TableRow[];
  /** What a request with this wish is answered within. @throws {Failure} for what is no wish, or is refused */
  wish(resolver: Resolver, text: string): RoutingContext;
  namespaceOf(branch: string, options: NamespaceOptions): string;
  sha256(text: string): string;
}

/** Opens a table for one look, and closes it again. */
export async function withTable<T>(
  tools: Tools,
  options: TableOptions,
  look: (resolver: Resolver) => T | Promise<T>,
): Promise<T> {
  const resolver = await tools.open(options);
  try {
    return await look(resolver);
  } finally {
    await resolver.close();
  }
}
