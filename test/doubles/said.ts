// What a source says, handed straight to the core: no file, no resolver, no event loop.

import { type Format, formatOf, readDocument } from '../../src/core/documents/document.ts';
import { interpret } from '../../src/core/interpret.ts';
import type { Document, Raw, Reading } from '../../src/core/reading.ts';
import { emptyTable, type SourceTable, type Update } from '../../src/core/source-table.ts';
import { EMPTY_TABLE, merge, type Table } from '../../src/core/table.ts';
import { atOnce } from '../../src/resolver/pieces.ts';
import { parsers } from '../../src/sources/parsers.ts';

/** The documents of a text; the ending of the name tells the format. */
export function documentsOf(name: string, text: string, format?: Format): Map<string, Document> {
  return atOnce(readDocument(name, text, format ?? formatOf(name) ?? 'json', parsers));
}

export function keysOf(data: Readonly<Record<string, Raw>>): ReadonlyMap<string, Raw> {
  return new Map(Object.entries(data));
}

/** A reading of keys and of one document. */
export function reading(keys: Readonly<Record<string, Raw>>, name?: string, text?: string): Reading {
  const documents = name === undefined || text === undefined ? undefined : documentsOf(name, text);
  return { keys: keysOf(keys), documents };
}

export const NOTHING_SAID = emptyTable('test');

/** What a source's table becomes; an error when the reading is refused as a whole. */
export function update(previous: SourceTable, said: Reading): Update {
  const result = atOnce(interpret(previous, said));
  if ('failed' in result) throw new Error(result.failed.message);
  return result;
}

/** The table after several readings, one after the other. */
export function after(...readings: readonly Reading[]): SourceTable {
  return readings.reduce((table, said) => update(table, said).table, NOTHING_SAID);
}

/** The table that answers, from the sources' parts, the last the highest. */
export function tableOf(...sources: readonly SourceTable[]): Table {
  const keys = [...new Set(sources.flatMap((source) => [...source.entries.keys()]))];
  return merge(EMPTY_TABLE, sources, new Map(), keys).table;
}

/** Matches a message that has all of these in it, in this order: its other words are free. */
export function saying(...parts: readonly string[]): RegExp {
  return new RegExp(parts.map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)).join('[^]*'));
}
