import { isBranchlineError, type RoutingContext } from 'branchline';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { asked, askedFor, outgoing, outgoingHeader, unknownItems } from '../../src/core/choice.ts';
import { carrying } from '../../src/core/context.ts';
import type { View } from '../../src/core/routing.ts';
import { formatWish, parseWish, type Wish } from '../../src/core/wish.ts';
import { label } from '../doubles/arbitraries.ts';
import { after, reading, tableOf } from '../doubles/said.ts';

const KEYS = ['branchline', 'okteto-divert'];
const wish = (text: string): Wish => parseWish(text) as Wish;
/** What a header asks for, in canonical form; `(malformed)` for what is no wish. */
function wanted(header: string | null, keys = KEYS): string | null {
  const found = askedFor(header, keys);
  if (found === null) return null;
  return found.wish === null ? '(malformed)' : formatWish(found.wish);
}

describe('a request', () => {
  test.each([
    ['no header', null, null],
    ['an empty header', '', null],
    ['foreign members', 'tenant=7,x', null],
    ['our member', 'branchline=feature-x', 'feature-x'],
    ['an empty member', 'branchline=,tenant=7', null],
    ['an empty member and another', 'branchline=,branchline=feature-x', 'feature-x'],
    ['equal members', 'branchline=a~b.c,tenant=7, branchline=a~b.c ;p', 'a~b.c'],
    ['members that say the same in other words', 'branchline=b.c~a,branchline=a~b%2Ec~b.c', 'a~b.c'],
    ['two different members', 'branchline=a,branchline=b', '(malformed)'],
    ['members of another order', 'branchline=a~b,branchline=b~a', '(malformed)'],
    ['a member and a longer one', 'branchline=a,branchline=a~b', '(malformed)'],
    ['a member and one that is no wish', 'branchline=a,branchline=A', '(malformed)'],
    ['one that is no wish, twice', 'branchline=A,branchline=A', '(malformed)'],
    ['a member without a value', 'tenant=7,branchline', '(malformed)'],
    ['a member without a value and a wish', 'branchline,branchline=a', '(malformed)'],
    ['nine items', 'branchline=a~b~c~d~e~f~g~h~i', '(malformed)'],
    ['two pins of one service', 'branchline=a.b~a.c', '(malformed)'],
    ['a value in quotation marks', 'branchline="feature-x"', '(malformed)'],
    ['the second key', 'okteto-divert=a', 'a'],
    ['both keys: the first one counts', 'okteto-divert=a,branchline=b', 'b'],
    ['both keys, the first one without a wish', 'okteto-divert=a,branchline=A', '(malformed)'],
    ['both keys, the first one empty', 'okteto-divert=a,branchline=', 'a'],
    ['two different ones of the second key', 'okteto-divert=a,okteto-divert=b,branchline=c', 'c'],
  ])('with %s asks for what it says', (_, header, expected) => {
    expect(wanted(header)).toBe(expected);
  });

  test('tells what it said when that is no wish', () => {
    expect(askedFor('branchline=A,branchline=b', KEYS)).toEqual({ text: 'A,b', wish: null });
    expect(askedFor('branchline', KEYS)).toEqual({ text: '', wish: null });
    expect(asked('A~')).toEqual({ text: 'A~', wish: null });
    expect(asked('a')).toEqual({ text: 'a', wish: wish('a') });
  });

  test('asks for the same whatever others wrote beside it', () => {
    const members = fc.array(
      fc.constantFrom<string>('branchline=a', 'branchline=b.c', 'branchline=A', 'okteto-divert=d'),
    );
    const others = fc.array(
      fc.constantFrom<string>('', ' ', 'tenant=7;p', 'x', 'Branchline=z', 'y=branchline=a', '%=%', ';'),
    );
    fc.assert(
      fc.property(members, others, fc.array(fc.nat()), (ours, foreign, places) => {
        const mixed = [...ours];
        for (const [index, other] of foreign.entries()) {
          mixed.splice((places[index] ?? 0) % (mixed.length + 1), 0, other);
        }
        expect(wanted(mixed.join(','))).toBe(wanted(ours.join(',')));
      }),
      { numRuns: 500 },
    );
  });
});

const table = tableOf(
  after(
    reading({
      baseline: 'develop,shared',
      'my-rest.develop': '8080',
      'my-rest.feature-x': '8080',
      'orders.feature-x': 'disabled',
      'poisoned.feature-p': 'x y',
      '_admin.billing.feature-e': '9090',
    }),
  ),
);
const unknown = (text: string, own: string | null = 'develop'): string[] => unknownItems(table, own, wish(text));

describe('a wish is a choice among what the table has', () => {
  test.each([
    ['a namespace that an entry names', 'feature-x'],
    ['a namespace with poisoned entries only', 'feature-p'],
    ['a namespace with a named endpoint only', 'feature-e'],
    ['the baseline', 'develop'],
    ['the baseline, without an entry', 'shared'],
    ['a pin', 'my-rest.feature-x'],
    ['a pin of what is disabled there', 'orders.feature-x'],
    ['a pin of what is poisoned there', 'poisoned.feature-p'],
    ['a pin of what has a named endpoint only', 'billing.feature-e'],
    ['all of it', 'feature-x~develop~my-rest.develop~billing.feature-e'],
  ])('%s is known', (_, text) => {
    expect(unknown(text)).toEqual([]);
  });

  test('the own namespace is known, without an entry too', () => {
    expect(unknown('feature-own', 'feature-own')).toEqual([]);
    expect(unknown('feature-own', 'develop')).toEqual(['feature-own']);
    expect(unknown('feature-own', null)).toEqual(['feature-own']);
  });

  test.each([
    ['a namespace that nobody names', 'feature-z', ['feature-z']],
    ['a namespace that only starts like one', 'feature', ['feature']],
    ['a service as a namespace', 'my-rest', ['my-rest']],
    ['a pin to a namespace that nobody names', 'my-rest.feature-z', ['my-rest.feature-z']],
    ['a pin of what is not there', 'billing.feature-x', ['billing.feature-x']],
    ['a pin to the baseline without an entry', 'orders.develop', ['orders.develop']],
    ['a pin to a baseline without any', 'my-rest.shared', ['my-rest.shared']],
    ['a service that nobody has', 'constructor.feature-x', ['constructor.feature-x']],
    ['what any object has', 'constructor~valueof', ['constructor', 'valueof']],
    ['some of it', 'b~feature-x~a~z.develop~my-rest.develop', ['b', 'a', 'z.develop']],
  ])('%s is unknown, and named', (_, text, items) => {
    expect(unknown(text)).toEqual(items);
  });

  test('an own namespace makes no pin known', () => {
    expect(unknown('my-rest.feature-own', 'feature-own')).toEqual(['my-rest.feature-own']);
  });

  test('no wish makes known what is not in the table', () => {
    const names = fc.oneof(
      label(),
      fc.constantFrom('my-rest', 'billing', 'feature-x', 'feature-e', 'develop', 'shared'),
    );
    const items = fc.oneof(
      names,
      fc.tuple(names, names).map((pin) => pin.join('.')),
    );
    fc.assert(
      fc.property(fc.array(items, { minLength: 1, maxLength: 8 }), (texts) => {
        const read = parseWish(texts.join('~'));
        if (read === null) return;
        const refused = new Set(unknownItems(table, null, read));
        const keys = [...table.entries.keys()];
        for (const item of texts) {
          const isThere = item.includes('.')
            ? keys.some((key) => key === item || key.endsWith(`.${item}`))
            : item === 'shared' || keys.some((key) => key.endsWith(`.${item}`));
          expect([item, refused.has(item)]).toEqual([item, !isThere]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('what travels with a call', () => {
  const sent = (own: string | null, context: RoutingContext | undefined, callers: string | null = null) =>
    outgoing(table, own, context, callers === null ? null : wish(callers));

  test.each([
    ['nothing without a wish', 'develop', undefined, null, null],
    ['nothing of a context that wishes for nothing', 'develop', {}, null, null],
    ['nothing where there is no own namespace', null, undefined, null, null],
    ["the context's wish", 'develop', { namespaces: ['feature-x'] }, null, 'feature-x'],
    ["the caller's where there is no context", 'develop', undefined, 'feature-x', 'feature-x'],
    ["the context's in the place of the caller's", 'develop', { namespaces: ['a'] }, 'feature-x', 'a'],
    ['nothing in the place of the caller’s, of a context that wishes for nothing', 'develop', {}, 'feature-x', null],
    ['the branch of a branch Pod', 'feature-x', undefined, null, 'feature-x'],
    ['the branch of a branch Pod whose context wishes for nothing', 'feature-x', {}, null, 'feature-x'],
    ['the branch last', 'feature-x', { namespaces: ['b', 'a'] }, null, 'b~a~feature-x'],
    ['the branch last of the namespaces', 'feature-x', { services: { s: 'n' } }, null, 'feature-x~s.n'],
    ['the branch once', 'feature-x', { namespaces: ['feature-x', 'a'] }, null, 'feature-x~a'],
    ["the branch after the caller's", 'feature-x', undefined, 'a~s.n', 'a~feature-x~s.n'],
    ['nothing of a baseline Pod', 'shared', undefined, null, null],
    ['the canonical form', 'develop', { services: { z: 'n', a: 'n' }, namespaces: ['x'] }, null, 'x~a.n~z.n'],
  ])('is %s', (_, own, context, callers, expected) => {
    expect(sent(own, context, callers)).toBe(expected);
  });

  test('is what was carried on, where that is not the context itself', () => {
    const carried = carrying({}, { keys: KEYS, member: 'feature-z' });
    expect(sent('develop', carried)).toBe('feature-z');
    expect(sent('feature-x', carried)).toBe('feature-z~feature-x');
    expect(sent('develop', carrying({ namespaces: ['a'] }, { keys: KEYS, member: '' }))).toBeNull();
  });

  test('is never cut: a ninth item rejects the call', () => {
    const eight = 'a~b~c~d~e~f~g~s.n';
    expect(sent('develop', undefined, eight)).toBe(eight);
    expect(sent('g', undefined, eight)).toBe(eight);
    for (const context of [undefined, { namespaces: Array.from('abcdefg'), services: { s: 'n' } }]) {
      const error = thrownBy(() => sent('feature-x', context, context === undefined ? eight : null));
      expect(error).toMatchObject({
        code: 'ERR_OVERRIDE_REFUSED',
        items: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'feature-x', 's.n'],
      });
      expect(error.message).toContain('9 items, a~b~c~d~e~f~g~feature-x~s.n, and 8 is the most');
    }
    expect(() => sent('develop', { namespaces: Array.from('abcdefghi') })).toThrow(/ERR_OVERRIDE_REFUSED: .*9 items/);
  });
});

function thrownBy(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (isBranchlineError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the baggage of a call', () => {
  const view = (own: string | null, active = true) =>
    ({ active, outgoing: (context, callers) => outgoing(table, own, context, callers) }) as View;
  const header = (own: string | null, context: RoutingContext | undefined, before: string | null) =>
    outgoingHeader(KEYS, view(own), context, before);
  const inX: RoutingContext = { namespaces: ['feature-x'] };

  test.each([
    ['none', 'develop', undefined, null, null],
    ["the caller's own", 'develop', undefined, ' tenant=7;p , x', ' tenant=7;p , x'],
    ['our member alone', 'develop', inX, null, 'branchline=feature-x'],
    ["our member before the caller's own", 'develop', inX, 'tenant=7 ;p', 'branchline=feature-x,tenant=7 ;p'],
    ["our member in the place of the caller's", 'develop', inX, 't=7,branchline=a', 'branchline=feature-x,t=7'],
    ['our member in the place of all keys', 'develop', inX, 'okteto-divert=a,t=7', 'branchline=feature-x,t=7'],
    ['our member in the place of what is no wish', 'develop', inX, 'branchline=A', 'branchline=feature-x'],
    [
      "the caller's member, byte for byte",
      'develop',
      undefined,
      't=7, branchline=b.n~%61 ;p',
      't=7, branchline=b.n~%61 ;p',
    ],
    ["the caller's member of another key", 'develop', undefined, 'okteto-divert=a', 'okteto-divert=a'],
    [
      "the caller's that is no wish: whoever receives it refuses it",
      'feature-x',
      undefined,
      't=7,branchline=A',
      't=7,branchline=A',
    ],
    ["the caller's and the branch", 'feature-x', undefined, 't=7,branchline=a', 'branchline=a~feature-x,t=7'],
    ['the branch', 'feature-x', undefined, 't=7', 'branchline=feature-x,t=7'],
    [
      "the caller's with the branch in it",
      'feature-x',
      undefined,
      't=7,branchline=feature-x',
      't=7,branchline=feature-x',
    ],
    ["none of the caller's where the context wishes for nothing", 'develop', {}, 't=7,branchline=a', 't=7'],
    ['none at all where the context wishes for nothing', 'develop', {}, 'branchline=a', null],
  ])('is %s', (_, own, context, before, expected) => {
    expect(header(own, context, before)).toBe(expected);
  });

  test("is the caller's, whatever it is, while wishes are not listened to", () => {
    for (const before of [null, 't=7', 'branchline=a,branchline=b'])
      expect(outgoingHeader(KEYS, view('feature-x', false), inX, before)).toBe(before);
  });

  test('is written under the first key and read under all', () => {
    expect(outgoingHeader(['okteto-divert', 'branchline'], view('feature-x'), undefined, 'branchline=a,t=7')).toBe(
      'okteto-divert=a~feature-x,t=7',
    );
  });

  test('is never too much: the call is rejected', () => {
    expect(() => header('feature-x', { namespaces: Array.from('abcdefgh') }, 't=7')).toThrow(/ERR_OVERRIDE_REFUSED/);
  });
});
