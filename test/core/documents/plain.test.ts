import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { lineKey, parseJson } from '../../../src/core/documents/json.ts';
import { readPlain } from '../../../src/core/documents/plain.ts';
import type { Leaf } from '../../../src/core/reading.ts';
import { atOnce } from '../../../src/resolver/pieces.ts';
import { label } from '../../doubles/arbitraries.ts';

function plain(text: string): Leaf[] | null {
  const leaves = atOnce(readPlain(text));
  if (leaves === null) return null;
  const list = [...leaves];
  expect(leaves).toHaveLength(list.length);
  return list;
}

/** The same by the reader of every document. */
function thorough(text: string): Leaf[] {
  const parsed = atOnce(parseJson(text));
  if ('broken' in parsed) throw new Error(parsed.broken.reason);
  return Object.entries(parsed.value as Record<string, string | number | null>).map(([key, value]) => ({
    key,
    value: value === null ? '' : String(value),
    line: parsed.lines.get(lineKey([key])) ?? null,
  }));
}

const key = fc.oneof(
  fc.tuple(label(), label()).map((labels) => labels.join('.')),
  fc.constantFrom('baseline', '__proto__', 'constructor', '', 'a:b', '{', '}', '[', ',', '8080x', '-1'),
);
const value = fc.oneof(
  fc.integer({ min: 0, max: 70_000 }),
  fc.constant(null),
  fc.constantFrom('', '8080', 'http://x.y:1/a?b', '{', '}', '[]', ':', 'a, b', '8080 '),
);
const blank = fc.constantFrom('', ' ', '\n', '\r\n', '\t', '\n\n  ');

/** A flat object as somebody may lay it out. */
const flat = fc
  .tuple(fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 12 }), fc.infiniteStream(blank))
  .map(([pairs, blanks]) => {
    const space = (): string => String(blanks.next().value);
    const members = pairs.map(
      ([name, said]) => `${space()}${JSON.stringify(name)}${space()}:${space()}${JSON.stringify(said)}${space()}`,
    );
    return `${space()}{${members.join(',')}}${space()}`;
  });

describe('a plain document', () => {
  test('is read as every other document is: keys, values, and the line of each key', () => {
    const alike = fc.property(flat, (text) => {
      expect(plain(text)).toEqual(thorough(text));
    });
    fc.assert(alike, { numRuns: 1000 });
  });

  test.each([
    ['what is no JSON', '{"a.develop": 8080'],
    ['what goes on after its end', '{"a.develop": 8080}}'],
    ['a key that stands twice', '{"a.develop": 1, "b.develop": 2, "a.develop": 3}'],
    ['a nested document', '{"services": {"a": {"develop": 8080}}}'],
    ['a key that means more than a text', '{"services": "x"}'],
    ['a manifest', '{"kind": "ConfigMap", "apiVersion": "v1"}'],
    ['an object as a value', '{"a.develop": {"default": 8080}}'],
    ['a list as a value', '{"baseline": ["develop"]}'],
    ['another value', '{"a.develop": true}'],
    ['a fraction', '{"a.develop": 80.5}'],
    ['an escape', '{"a.develop": "\\u0038080"}'],
    ['keys that an object does not keep in order', '{"b.develop": 1, "7": 2}'],
    ['keys that an object does not keep in order, of several digits', '{"b.develop": 1, "77": 2}'],
    ['a list', '["a.develop"]'],
    ['a text', '"a.develop"'],
    ['an empty text', '""'],
    ['a text without an end', '"a.develop'],
    ['a number', '8080'],
    ['a truth', 'true'],
    ['nothing', ''],
    ['null', 'null'],
  ])('%s is left to the reader of all others', (_, text) => {
    expect(plain(text)).toBeNull();
  });

  test('is read in pieces', () => {
    const text = JSON.stringify(
      Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`s${index}.develop`, ''])),
    );
    const work = readPlain(text);
    let pauses = 0;
    while (work.next().done !== true) pauses += 1;
    // 4,096 of the 20,000 texts at a time, then `JSON.parse`, then 4,096 of the 10,000 values at a time.
    expect(pauses).toBe(4 + 1 + 2);
  });
});
