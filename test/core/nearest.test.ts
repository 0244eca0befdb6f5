import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { nearest } from '../../src/core/nearest.ts';
import { label } from '../doubles/arbitraries.ts';

describe('the nearest name', () => {
  const names = ['my-rest', 'orders', 'orders-db', 'billing', 'cart'];

  test.each([
    ['my-rst', 'my-rest'],
    ['my-rests', 'my-rest'],
    ['my-test', 'my-rest'],
    ['my-rets', 'my-rest'],
    ['mi-rets', 'my-rest'],
    ['order', 'orders'],
    ['order-db', 'orders-db'],
    ['biling', 'billing'],
    ['carts', 'cart'],
  ])('to %s is %s', (wanted, name) => {
    expect(nearest(wanted, names)).toBe(name);
  });

  test.each(['nobody', 'x', 'ca', 'my-restaurant', 'mi-retz', ''])('to %j is none', (wanted) => {
    expect(nearest(wanted, names)).toBeUndefined();
  });

  test('is the one that takes the fewest edits, the first of several', () => {
    expect(nearest('orders', ['ordersss', 'orderss', 'orderst'])).toBe('orderss');
    expect(nearest('orders', [])).toBeUndefined();
  });

  /** Optimal string alignment, as the textbook has it. */
  function apart(one: string, other: string): number {
    const table = Array.from({ length: one.length + 1 }, (_, row) =>
      Array.from({ length: other.length + 1 }, (__, column) => (row === 0 ? column : row)),
    );
    const at = (row: number, column: number): number => table[row]?.[column] as number;
    for (let row = 1; row <= one.length; row += 1) {
      for (let column = 1; column <= other.length; column += 1) {
        const same = one[row - 1] === other[column - 1];
        const isSwap =
          row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
        const ways = [at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + (same ? 0 : 1)];
        if (isSwap) ways.push(at(row - 2, column - 2) + 1);
        (table[row] as number[])[column] = Math.min(...ways);
      }
    }
    return at(one.length, other.length);
  }

  test('is one that at most two edits make, fewer than half of it, for all words of up to six letters of two', () => {
    let words = [''];
    for (let length = 1; length <= 6; length += 1)
      words = ['', ...words.flatMap((word) => ['a', 'b'].map((letter) => word + letter))];
    words = [...new Set(words), 'abc', 'acb', 'cab', 'bca', 'abcab', 'bacba', 'cabcab'];
    for (const one of words) {
      for (const other of words) {
        const edits = apart(one, other);
        const isNear = one !== other && edits <= 2 && edits < Math.max(one.length, other.length) / 2;
        if (nearest(one, [other]) !== (isNear ? other : undefined)) expect([one, other, edits, isNear]).toBe('alike');
      }
    }
    expect(words).toHaveLength(134);
  });

  test('is the first of the nearest, whatever the order', () => {
    const words = [
      '',
      'a',
      'ab',
      'abc',
      'abd',
      'abcd',
      'bacd',
      'abdc',
      'abcde',
      'abcdef',
      'xbcdef',
      'xycdef',
      'xyzdef',
    ];
    for (const wanted of words) {
      for (let turn = 0; turn < words.length; turn += 1) {
        const known = [...words.slice(turn), ...words.slice(0, turn)].filter((word) => word !== wanted);
        const near = known.filter((word) => {
          const edits = apart(wanted, word);
          return edits <= 2 && edits < Math.max(wanted.length, word.length) / 2;
        });
        const fewest = Math.min(...near.map((word) => apart(wanted, word)));
        expect([wanted, known[0], nearest(wanted, [wanted, ...known])]).toEqual([
          wanted,
          known[0],
          near.find((word) => apart(wanted, word) === fewest),
        ]);
      }
    }
  });

  test('is found for one character more, less, other or swapped', () => {
    fc.assert(
      fc.property(
        label(20).filter((name) => name.length >= 5),
        fc.nat(),
        fc.constantFrom('more', 'less', 'other', 'swap'),
        (name, place, edit) => {
          const at = place % (name.length - 1);
          const [head, one, two, tail] = [
            name.slice(0, at),
            name[at] as string,
            name[at + 1] as string,
            name.slice(at + 2),
          ];
          const wanted = {
            more: `${head}q${one}${two}${tail}`,
            less: `${head}${two}${tail}`,
            other: `${head}q${two}${tail}`,
            swap: `${head}${two}${one}${tail}`,
          }[edit];
          fc.pre(wanted !== name);
          expect(nearest(wanted, ['wholly-different', name, 'another'])).toBe(name);
        },
      ),
      { numRuns: 200 },
    );
  });
});
