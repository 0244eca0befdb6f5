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
