// Unit tests of the shapes in which undici takes headers, and of the one in which it gives them: raw bytes.

import { describe, expect, test } from 'vitest';

import { linesOf, readable, withHeader } from '../../src/context/headers-of.ts';

type Pair = [name: string, value: string];
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
function* once(...pairs: Pair[]): Generator<Pair> {
  yield* pairs;
}

/** What any shape says, name by name, as it would go onto the wire. */
function linesIn(headers: unknown): string[] {
  const pairs = Array.isArray(headers)
    ? headers.flatMap((name: unknown, index) => (index % 2 === 0 ? [[name, headers[index + 1]]] : []))
    : Object.entries(headers as object);
  return pairs.flatMap(([name, value]) =>
    [value]
      .flat()
      .filter((line) => line !== undefined)
      .map((line) => `${name}: ${line}`),
  );
}

const shapes: [string, () => unknown][] = [
  ['an object', () => ({ 'X-A': '1', Baggage: 'k=v' })],
  ['an object without a prototype', () => Object.assign(Object.create(null), { 'X-A': '1', Baggage: 'k=v' })],
  ['a flat list', () => ['X-A', '1', 'Baggage', 'k=v']],
  ['a flat list of bytes', () => [bytes('X-A'), bytes('1'), bytes('Baggage'), bytes('k=v')]],
  ['a Map', () => new Map(Object.entries({ 'X-A': '1', Baggage: 'k=v' }))],
  ['a list of pairs', () => Object.entries({ 'X-A': '1', Baggage: 'k=v' })],
  ['a generator', () => once(['X-A', '1'], ['Baggage', 'k=v'])],
];

describe('a header', () => {
  test.each(shapes)('is read, whatever its case, from %s', (_, make) => {
    expect(linesOf(readable(make()), 'baggage')).toEqual(['k=v']);
    expect(linesOf(readable(make()), 'x-b')).toEqual([]);
  });

  test.each(shapes)('is replaced in %s, and the others stay', (_, make) => {
    const given = readable(make());
    expect(linesIn(withHeader(given, 'baggage', 'branchline=x,k=v'))).toEqual(['X-A: 1', 'baggage: branchline=x,k=v']);
  });

  test.each(shapes)('is added to %s', (_, make) => {
    const given = readable(make());
    expect(linesIn(withHeader(given, 'x-b', '2'))).toEqual(['X-A: 1', 'Baggage: k=v', 'x-b: 2']);
  });

  test.each(shapes)('is taken out of %s', (_, make) => {
    expect(linesIn(withHeader(readable(make()), 'baggage', null))).toEqual(['X-A: 1']);
  });

  test.each(shapes.filter(([name]) => name !== 'a generator'))(
    'is never changed in what the caller has: %s',
    (_, make) => {
      const given = make();
      withHeader(given, 'baggage', 'branchline=x');
      withHeader(given, 'x-b', null);
      expect(given).toEqual(make());
    },
  );

  test('of Headers is read, replaced and taken out of a copy', () => {
    const given = new Headers({ 'X-A': '1', Baggage: 'k=v' });
    expect(linesOf(readable(given), 'baggage')).toEqual(['k=v']);
    expect(linesIn(withHeader(readable(given), 'baggage', 'branchline=x')).toSorted()).toEqual([
      'baggage: branchline=x',
      'x-a: 1',
    ]);
    expect(linesIn(withHeader(readable(given), 'baggage', null))).toEqual(['x-a: 1']);
    expect([...given]).toEqual([
      ['baggage', 'k=v'],
      ['x-a', '1'],
    ]);
  });

  test.each([undefined, null, {}, []])('is added where there are none: %j', (none) => {
    expect(linesOf(readable(none), 'baggage')).toEqual([]);
    expect(linesIn(withHeader(readable(none), 'baggage', 'branchline=x'))).toEqual(['baggage: branchline=x']);
    expect(linesIn(withHeader(readable(none), 'baggage', null))).toEqual([]);
  });

  test('of several lines is read line by line, and replaced by one', () => {
    for (const given of [
      { baggage: ['a=1', 'b=2'], Baggage: 'c=3' },
      ['baggage', ['a=1', 'b=2'], 'Baggage', 'c=3'],
      ['baggage', 'a=1', 'BAGGAGE', bytes('b=2'), 'Baggage', 'c=3'],
      [
        ['baggage', ['a=1', 'b=2']],
        ['Baggage', 'c=3'],
      ],
    ]) {
      expect(linesOf(given, 'baggage')).toEqual(['a=1', 'b=2', 'c=3']);
      expect(linesIn(withHeader(given, 'baggage', 'd=4'))).toEqual(['baggage: d=4']);
    }
  });

  test('that is not given, undefined or null, has no line', () => {
    for (const nothing of [undefined, null]) {
      expect(linesOf({ baggage: nothing }, 'baggage')).toEqual([]);
      expect(linesOf(['baggage', nothing], 'baggage')).toEqual([]);
      expect(linesOf([['baggage', nothing]], 'baggage')).toEqual([]);
    }
    expect(linesIn(withHeader({ 'x-a': undefined, 'x-b': '2' }, 'baggage', 'k=v'))).toEqual(['x-b: 2', 'baggage: k=v']);
  });

  test('of bytes is Latin-1, as a raw header is', () => {
    expect(linesOf([bytes('x-a'), bytes('caf\u00e9')], 'x-a')).toEqual(['caf\u00e9']);
    expect(linesOf({ 'x-a': bytes('caf\u00e9') }, 'x-a')).toEqual(['caf\u00e9']);
  });
});

describe('the others', () => {
  test('keep their lines, one by one', () => {
    const lines = ['x-a: 1', 'x-a: 2', 'x-a: 3', 'x-b: 4', 'baggage: k=v'];
    for (const given of [
      { 'x-a': ['1', '2', '3'], 'x-b': '4' },
      ['x-a', '1', 'x-a', ['2', '3'], 'x-b', '4'],
      [
        ['x-a', '1'],
        ['x-a', ['2', '3']],
        ['x-b', '4'],
      ],
      once(['x-a', '1'], ['x-a', '2'], ['x-a', '3'], ['x-b', '4']),
    ]) {
      expect(linesIn(withHeader(readable(given), 'baggage', 'k=v'))).toEqual(lines);
    }
  });

  test('keep names that every object has', () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', '__proto__'];
    const pairs = names.map((name): Pair => [name, '1']);
    const wanted = [...names.map((name) => `${name}: 1`), 'baggage: k=v'];
    for (const given of [pairs, pairs.flat(), new Map(pairs), Object.fromEntries(pairs), once(...pairs)])
      expect(linesIn(withHeader(readable(given), 'baggage', 'k=v'))).toEqual(wanted);
  });

  test('keep bytes as bytes', () => {
    const given = [bytes('x-a'), bytes('\u00ff')];
    expect(withHeader(given, 'baggage', 'k=v')).toEqual([...given, 'baggage', 'k=v']);
  });
});

test('what iterates only once can be read again', () => {
  const read = readable(once(['x-a', '1'], ['x-a', '2']));
  expect(linesOf(read, 'x-a')).toEqual(['1', '2']);
  expect(linesOf(read, 'x-a')).toEqual(['1', '2']);
});
