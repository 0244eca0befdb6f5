import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatWish, itemsOf, MOST_ITEMS, parseWish, type Wish, wishOf } from '../../src/core/wish.ts';
import { anyText, label } from '../doubles/arbitraries.ts';
import { expectLinear } from '../doubles/linear.ts';

const canonical = (text: string): string | null => {
  const wish = parseWish(text);
  return wish === null ? null : formatWish(wish);
};
const many = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join('~');
const longest = 'a'.repeat(63);

/** Legal wishes of every kind. */
const wishes = fc
  .tuple(
    fc.uniqueArray(label(), { maxLength: MOST_ITEMS }),
    fc.uniqueArray(fc.tuple(label(), label()), { maxLength: MOST_ITEMS, selector: ([service]) => service }),
  )
  .filter(([namespaces, pins]) => namespaces.length + pins.length > 0 && namespaces.length + pins.length <= MOST_ITEMS)
  .map(([namespaces, pins]): Wish => ({ namespaces, services: new Map(pins) }));

/** Texts that are nearly a wish. */
const nearlyWishes = fc.string({
  unit: fc.constantFrom('a', 'b', '-', '.', '~', 'feature-x', 'json', 'A', ' ', '%7E'),
});

describe('a wish', () => {
  test.each([
    ['feature-x', 'feature-x'],
    ['billing.feature-y', 'billing.feature-y'],
    ['feature-x~billing.feature-y', 'feature-x~billing.feature-y'],
    ['billing.feature-y~feature-x', 'feature-x~billing.feature-y'],
    ['b~a', 'b~a'],
    ['b.x~a.x', 'a.x~b.x'],
    ['b.x~b~a.x~a', 'b~a~a.x~b.x'],
    ['json.feature-x', 'json.feature-x'],
    ['constructor.develop~hasownproperty', 'hasownproperty~constructor.develop'],
    ['127.0', '127.0'],
    [longest, longest],
    [`${longest}.${longest}`, `${longest}.${longest}`],
  ])('%j is canonically %j', (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  test.each([
    ['nothing', ''],
    ['an empty item', 'a~~b'],
    ['an empty first item', '~a'],
    ['an empty last item', 'a~'],
    ['three labels', 'a.b.c'],
    ['no service', '.feature-x'],
    ['no namespace', 'billing.'],
    ['an endpoint', '_admin.billing.feature-y'],
    ['capital letters', 'Feature-X'],
    ['an underscore', 'feature_x'],
    ['a dash at an end', 'feature-'],
    ['punycode', 'xn--80ak6aa92e'],
    ['a reserved namespace', 'json'],
    ['a pin to a reserved namespace', 'billing.yaml'],
    ['a label that is too long', `${longest}a`],
    ['white space', 'feature-x '],
    ['quotation marks', '"feature-x"'],
    ['a comma', 'feature-x,feature-y'],
    ['a property', 'feature-x;p=1'],
    ['a port', 'billing.feature-y:8080'],
    ['a URL', 'http://evil.com'],
    ['user info', 'x@evil.com#'],
    ['an IP address', '169.254.169.254'],
    ['an IPv6 address', '[::1]'],
    ['a path', '../feature-x'],
    ['a line end', 'feature-x\r\nx-evil: 1'],
    ['a NUL', 'feature-x\u0000'],
    ['a letter that only looks right', 'fe\u0430ture-x'],
    ['a prototype', '__proto__'],
    ['what is still percent-encoded', 'feature%2Dx'],
    ['nine namespaces', many(9, (index) => `n${index}`)],
    ['nine pins', many(9, (index) => `s${index}.develop`)],
    ['eight namespaces and a pin', `${many(8, (index) => `n${index}`)}~a.develop`],
    ['two pins of one service', 'billing.feature-x~billing.feature-y'],
    ['two pins of one service, far apart', 'billing.feature-x~a~b.develop~billing.feature-y'],
  ])('has not %s', (_, text) => {
    expect(parseWish(text)).toBeNull();
  });

  test('counts what it says twice once, namespaces and pins alike', () => {
    expect(canonical('a~a~b')).toBe('a~b');
    expect(canonical('s.x~a~s.x')).toBe('a~s.x');
    const eight = many(8, (index) => `s${index}.develop`);
    expect(canonical(`${eight}~s0.develop`)).toBe(eight);
  });

  test('may have eight items, however long', () => {
    const eight = many(8, (index) => `${'a'.repeat(62)}${index}.${'b'.repeat(62)}${index}`);
    expect(canonical(eight)).toBe(eight);
    expect(parseWish(`${eight}~a`)).toBeNull();
    // Too long is too long, whatever is said twice.
    expect(canonical(many(512, () => 'a'))).toBe('a');
    expect(canonical(many(513, () => 'a'))).toBeNull();
  });

  test('is read from any text without an exception, and what is written of it is never longer', () => {
    fc.assert(
      fc.property(fc.oneof(anyText(), nearlyWishes), (text) => {
        const wish = parseWish(text);
        if (wish === null) return;
        expect(formatWish(wish).length).toBeLessThanOrEqual(text.length);
        expect(itemsOf(wish).length).toBeLessThanOrEqual(MOST_ITEMS);
        expect(itemsOf(wish).toSorted()).toEqual([...new Set(text.split('~'))].toSorted());
      }),
      { numRuns: 1000 },
    );
  });

  test('is the same after it was written and read', () => {
    fc.assert(
      fc.property(wishes, (wish) => {
        const again = parseWish(formatWish(wish));
        expect(again).toEqual({ namespaces: wish.namespaces, services: wish.services });
      }),
    );
  });

  test('has one canonical form: pins may stand anywhere, namespaces keep their order', () => {
    fc.assert(
      fc.property(
        wishes.chain((wish) =>
          fc.tuple(fc.constant(wish), fc.shuffledSubarray(itemsOf(wish), { minLength: itemsOf(wish).length })),
        ),
        ([wish, shuffled]) => {
          const order = (item: string): number => wish.namespaces.indexOf(item);
          const namespaces = shuffled.filter((item) => !item.includes('.')).toSorted((a, b) => order(a) - order(b));
          const text = shuffled.map((item) => (item.includes('.') ? item : namespaces.shift())).join('~');
          expect(canonical(text)).toBe(formatWish(wish));
          expect(canonical(formatWish(wish))).toBe(formatWish(wish));
        },
      ),
    );
  });

  test('of a context is the one that says the same', () => {
    expect(formatWish(wishOf({ namespaces: ['b', 'a', 'b'], services: { y: 'n', x: 'n' } }))).toBe('b~a~x.n~y.n');
    expect(formatWish(wishOf({}))).toBe('');
    expect(formatWish(wishOf({ namespaces: undefined, services: undefined }))).toBe('');
  });

  test('costs no more than its length to refuse', () => {
    for (const unit of ['a', '~', 'a~', 'a.b~', '.', '-', '%'])
      expectLinear((length) => parseWish(unit.repeat(length / unit.length)));
  });
});
