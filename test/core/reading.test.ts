import fc from 'fast-check';
import { expect, test } from 'vitest';

import { lengthOf, MOST_BYTES, sizeOf, sizeOfAll } from '../../src/core/reading.ts';
import { anyText } from '../doubles/arbitraries.ts';
import { keysOf } from '../doubles/said.ts';

test.each([
  ['', 0],
  ['a\u007f', 2],
  ['\u0080', 2],
  ['\u07ff', 2],
  ['\u0800', 3],
  ['\uffff', 3],
  ['\ud83d\ude00', 4],
  ['\u{10000}', 4],
  ['\u{10ffff}!', 5],
  // What UTF-8 has for half a character is its replacement.
  ['\ud83d', 3],
  ['\ude00\ud83d', 6],
])('the size of a text is what it takes in UTF-8: %j', (text, bytes) => {
  expect([sizeOf(text), Buffer.byteLength(text)]).toEqual([bytes, bytes]);
});

test('the size of any text is what it takes in UTF-8, and never more than its length allows', () => {
  fc.assert(
    fc.property(anyText(50), (text) => {
      expect(sizeOf(text)).toBe(Buffer.byteLength(text));
      expect(sizeOf(text)).toBeLessThanOrEqual(MOST_BYTES * text.length);
    }),
  );
});

test('what cannot be read weighs as much as its key', () => {
  expect([lengthOf('é', 'xé'), lengthOf('é', { found: 'a FIFO' })]).toEqual([3, 1]);
  const leaves = [{ key: 'é', value: 'é', line: null }];
  expect(sizeOfAll(keysOf({ é: 'é', b: { found: 'a FIFO' } }), [leaves, leaves])).toBe(4 + 1 + 4 + 4);
});
