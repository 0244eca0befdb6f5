// The usual document, a flat mapping of keys to texts and whole numbers, in JSON: `JSON.parse` reads it, and all that is
// missing then is the line of each key, and that none stands twice. Whatever is not of this shape is json.ts' to read.

import type { Leaf, Leaves } from '../reading.ts';

/** How many texts are passed over between two pauses. */
const PIECE = 4096;

/** The leaves of a plain document; `null` when it is none, or no JSON. */
export function* readPlain(text: string): Generator<void, Leaves | null> {
  const lines = yield* linesOf(text);
  if (lines === null) return null;
  const root = parse(text);
  if (root === null || NESTING.some((key) => Object.hasOwn(root, key))) return null;
  yield;
  const keys = Object.keys(root);
  // Fewer than in the text: one stands twice. Numbers come first in an object, wherever they stand in the text.
  if (keys.length !== lines.length || isNumber(keys[0])) return null;
  const values: string[] = [];
  for (const key of keys) {
    if (values.length % PIECE === PIECE - 1) yield;
    const value = root[key];
    if (typeof value === 'string') values.push(value);
    else if (value === null) values.push('');
    else if (typeof value === 'number' && Number.isSafeInteger(value)) values.push(String(value));
    else return null;
  }
  return new PlainLeaves(keys, values, lines);
}

/** What holds more than a text, or makes of the document something else. */
const NESTING = ['services', 'kind', 'apiVersion'];

function isNumber(key: string | undefined): boolean {
  return key !== undefined && /^\d+$/.test(key);
}

function parse(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BREAK = 0x0a;
const OPENING = 0x7b;
const CLOSING = 0x7d;
const LIST = 0x5b;

/**
 * The line of each key, in order, for a text that is JSON. `null` where something is escaped or nested: then the ends of
 * texts, or whose key it is, cannot be told so easily.
 */
function* linesOf(text: string): Generator<void, number[] | null> {
  if (text.includes('\\')) return null;
  const lines: number[] = [];
  let line = 1;
  let textLine = 0;
  let depth = 0;
  let texts = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.codePointAt(at);
    if (unit === QUOTE) {
      if (++texts % PIECE === 0) yield;
      textLine = line;
      at = text.indexOf('"', at + 1);
      if (at === -1) return null;
    } else if (unit === COLON) lines.push(textLine);
    else if (unit === BREAK) line += 1;
    else if (unit === LIST) return null;
    else if (unit === OPENING && ++depth > 1) return null;
    else if (unit === CLOSING && depth === 0) return null;
  }
  return depth === 1 ? lines : null;
}

/**
 * The leaves of a plain document, no key twice. Three lists take half of what as many objects take, and a document is
 * kept as long as it is the newest that parses.
 */
export class PlainLeaves implements Leaves {
  readonly #keys: readonly string[];
  readonly #values: readonly string[];
  readonly #lines: readonly number[];

  constructor(keys: readonly string[], values: readonly string[], lines: readonly number[]) {
    this.#keys = keys;
    this.#values = values;
    this.#lines = lines;
  }

  get length(): number {
    return this.#keys.length;
  }

  *[Symbol.iterator](): Generator<Leaf, void> {
    for (let index = 0; index < this.#keys.length; index += 1) {
      yield {
        key: this.#keys[index] as string,
        value: this.#values[index] as string,
        line: this.#lines[index] as number,
      };
    }
  }
}
