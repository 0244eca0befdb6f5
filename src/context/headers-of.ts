// The shapes in which undici and Node take headers: none, an object, a flat list of names and values, anything that iterates
// pairs (Headers, a Map, a list of pairs). A header is read and replaced in each without changing what the caller has.

import { ownOf } from '../core/own.ts';

type Pair = readonly [unknown, unknown];

/** The same headers with one of them replaced; `null` takes it away. */
export function withHeader(headers: unknown, name: string, value: string | null): unknown {
  if (Array.isArray(headers) && !isPairs(headers)) {
    const rest = pairsOf(headers).filter(([key]) => textOf(key).toLowerCase() !== name);
    return [...rest, ...(value === null ? [] : [[name, value] as const])].flat(1);
  }
  const record: Record<string, unknown> = ownOf({});
  for (const [key, text] of pairsOf(headers)) {
    const spelling = textOf(key);
    if (spelling.toLowerCase() === name) continue;
    const before = record[spelling];
    // As many lines as there were.
    record[spelling] = before === undefined ? text : [before, text].flat();
  }
  if (value !== null) record[name] = value;
  return record;
}

/** The lines of a header. */
export function linesOf(headers: unknown, name: string): string[] {
  return pairsOf(headers)
    .filter(([key]) => textOf(key).toLowerCase() === name)
    .flatMap(([, value]): unknown[] => (Array.isArray(value) ? value : [value]))
    .filter((value) => value !== undefined && value !== null)
    .map((value) => textOf(value));
}

/** What iterates pairs, and perhaps only once, as a flat list; everything else as it is. */
export function readable(headers: unknown): unknown {
  const pairs = Array.isArray(headers) ? isPairs(headers) : isIterable(headers);
  return pairs ? [...(headers as Iterable<unknown>)].flat(1) : headers;
}

function pairsOf(headers: unknown): Pair[] {
  if (typeof headers !== 'object' || headers === null) return [];
  if (Array.isArray(headers) && !isPairs(headers)) {
    const list: readonly unknown[] = headers;
    return list.flatMap((key, index) => (index % 2 === 0 ? [[key, list[index + 1]] as const] : []));
  }
  return isIterable(headers) ? [...(headers as Iterable<Pair>)] : Object.entries(headers);
}

function isPairs(list: readonly unknown[]): boolean {
  return list.length > 0 && list.every((pair) => Array.isArray(pair));
}

function isIterable(headers: unknown): headers is Iterable<unknown> {
  return typeof headers === 'object' && headers !== null && Symbol.iterator in headers;
}

/** Raw headers are bytes. */
function textOf(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
}
