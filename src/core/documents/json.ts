// What `JSON.parse` does not tell: the line where a text breaks, which key stands twice, how deep it nests, and the
// line of each key. In pieces, so that a large document does not hold up the event loop.

import { isVariant } from '../own.ts';
import { quote } from '../quote.ts';
import { type Breakage, DEPTH_LIMIT, ENTRY_LIMIT } from '../reading.ts';

/** A parsed document: plain data, and the line of each key by its path (`lineKey`). */
export interface Parsed {
  readonly value: unknown;
  readonly lines: ReadonlyMap<string, number>;
}

export interface Broken {
  readonly broken: Breakage;
}

/** The path of a key as the key of a map. */
export function lineKey(path: readonly string[]): string {
  return path.join('\n');
}

/** Keys below `services` → service → namespace → endpoint have no line of their own. */
export const LINE_DEPTH = 4;

/** Enough for every entry to be nested three deep. */
const MOST_KEYS = 4 * ENTRY_LIMIT;

/** How many tokens are read between two pauses. */
const PIECE = 4096;

/** Parses JSON in pieces. */
export function* parseJson(text: string): Generator<void, Parsed | Broken> {
  const scan = yield* scanJson(text);
  if (isVariant(scan, 'broken')) return scan;
  return { value: JSON.parse(text) as unknown, lines: scan.lines };
}

/** What may come next. `first…` also takes the closing bracket of an empty container. */
type Expected = 'value' | 'firstValue' | 'key' | 'firstKey' | ':' | ',';

const WANTED: Readonly<Record<Expected, string>> = {
  value: 'a value',
  firstValue: 'a value or "]"',
  key: 'a key in quotation marks',
  firstKey: 'a key in quotation marks or "}"',
  ':': '":"',
  ',': '"," or the end',
};

const TOKEN =
  /[ \t\r\n]*(?:([{}[\],:])|("[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;
const BLANK = /[ \t\r\n]*/y;

interface Frame {
  /** The keys of an object so far; `null` in a list. */
  readonly keys: Set<string> | null;
  key: string;
}

function* scanJson(text: string): Generator<void, { readonly lines: Map<string, number> } | Broken> {
  const lines = new Map<string, number>();
  const lineAt = lineCounter(text);
  const broken = (reason: string, offset: number): Broken => ({ broken: { reason, line: lineAt(offset) } });
  const stack: Frame[] = [];
  let expected: Expected = 'value';
  let keys = 0;
  let offset = 0;

  for (let tokens = 1; stack.length > 0 || expected !== ','; tokens += 1) {
    if (tokens % PIECE === 0) yield;
    TOKEN.lastIndex = offset;
    const match = TOKEN.exec(text);
    const start = visibleFrom(text, offset);
    if (match === null) return broken(unexpected(text, start, expected), start);
    const [, mark, string] = match;
    const frame = stack.at(-1);
    offset = TOKEN.lastIndex;

    if (mark === '{' || mark === '[') {
      if (expected !== 'value' && expected !== 'firstValue') return broken(unexpected(text, start, expected), start);
      if (stack.length === DEPTH_LIMIT) return broken(`it nests deeper than ${DEPTH_LIMIT}`, start);
      stack.push({ keys: mark === '{' ? new Set() : null, key: '' });
      expected = mark === '{' ? 'firstKey' : 'firstValue';
    } else if (mark === '}' || mark === ']') {
      const fits = expected === ',' || expected === (mark === '}' ? 'firstKey' : 'firstValue');
      if (!fits || (frame?.keys != null) !== (mark === '}')) return broken(unexpected(text, start, expected), start);
      stack.pop();
      expected = ',';
    } else if (mark !== undefined) {
      if (mark !== expected) return broken(unexpected(text, start, expected), start);
      expected = mark === ',' && frame?.keys ? 'key' : 'value';
    } else if (expected === 'key' || expected === 'firstKey') {
      if (string === undefined) return broken(unexpected(text, start, expected), start);
      const open = frame as Frame & { readonly keys: Set<string> };
      const key = string.includes('\\') ? (JSON.parse(string) as string) : string.slice(1, -1);
      if (open.keys.has(key)) return broken(`the key ${quote(key)} stands twice; keep one`, start);
      open.keys.add(key);
      if (++keys > MOST_KEYS) return broken(`it holds more than ${MOST_KEYS} keys`, start);
      open.key = key;
      if (stack.length <= LINE_DEPTH) lines.set(lineKey(stack.map((level) => level.key)), lineAt(start));
      expected = ':';
    } else {
      if (expected !== 'value' && expected !== 'firstValue') return broken(unexpected(text, start, expected), start);
      expected = ',';
    }
  }
  const rest = visibleFrom(text, offset);
  return rest === text.length ? { lines } : broken('something follows the end of the document', rest);
}

function visibleFrom(text: string, offset: number): number {
  BLANK.lastIndex = offset;
  BLANK.test(text);
  return BLANK.lastIndex;
}

function unexpected(text: string, at: number, expected: Expected): string {
  if (at >= text.length) return `it is not whole JSON: it ends where ${WANTED[expected]} should follow`;
  return `it is not JSON: want ${WANTED[expected]}, found ${quote(text.slice(at, at + 1))}`;
}

/** The line of an offset, counted from 1. Offsets must not go back: the whole costs one pass. */
export function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let nextBreak = text.indexOf('\n');
  return (offset) => {
    while (nextBreak !== -1 && nextBreak < offset) {
      line += 1;
      nextBreak = text.indexOf('\n', nextBreak + 1);
    }
    return line;
  };
}
