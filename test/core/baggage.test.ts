import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isBaggageKey, joinLines, membersOf, withMember, withoutMembers } from '../../src/core/baggage.ts';
import { anyText } from '../doubles/arbitraries.ts';
import { expectLinear } from '../doubles/linear.ts';

const KEYS = ['branchline'];
const values = (header: string, keys = KEYS): (string | null)[] => membersOf(header, keys).map(({ value }) => value);

const space = fc.constantFrom('', ' ', '\t', '  ');
/** Members of others, many of them malformed; none has a comma, and none is ours. */
const foreign = fc
  .oneof(
    anyText(20),
    fc.constantFrom(
      '',
      ' ',
      'tenant=7',
      ' tenant = 7 ; p ; q=%20 ',
      'userId=Am%C3%A9lie',
      'serverNode=DF%2028',
      'broken=%',
      'broken=%E0%A4%A',
      'novalue',
      '=nokey',
      ';',
      '=',
      'a="branchline=feature-x"',
      'x;branchline=feature-x',
      'x=branchline=feature-x',
      'Branchline=feature-x',
      'branchline2=feature-x',
      'xbranchline=feature-x',
      'branch line=feature-x',
      'branch%6Cine=feature-x',
      'okteto-divert=feature-x',
      '__proto__=1',
      'constructor=1',
    ),
  )
  .map((text) => text.replaceAll(',', ''))
  .filter((text) => (text.split(/[=;]/)[0] ?? '').trim() !== 'branchline');
/** Our member, with odd spacing, properties and percent-encoding; each says the same. */
const ours = fc
  .tuple(
    space,
    space,
    space,
    fc.constantFrom('feature-x', 'feature%2Dx', '%66eature-x'),
    fc.constantFrom('', ' ;p', ';p=1;q', ' ; p = %zz '),
  )
  .map(([before, after, inside, value, properties]) => `${before}branchline${after}=${inside}${value}${properties}`);

test('a key is a token, and not longer than 256 characters', () => {
  for (const key of ['branchline', "!#$%&'*+.^_`|~09AZaz-", 'a'.repeat(256)]) expect(isBaggageKey(key)).toBe(true);
  for (const key of ['', ' a', 'a ', 'a b', 'a=b', 'a,b', 'a;b', '"a"', 'a\n', 'é', 'a'.repeat(257)])
    expect([key, isBaggageKey(key)]).toEqual([key, false]);
});

describe('our member', () => {
  test.each([
    ['branchline=feature-x', 'feature-x'],
    [' branchline\t= \tfeature-x ', 'feature-x'],
    ['branchline=feature-x;p', 'feature-x'],
    ['branchline=feature-x ; p = 1 ; q', 'feature-x'],
    ['branchline=feature-x~billing%2Efeature-y', 'feature-x~billing.feature-y'],
    ['branchline=feature-x%7Ebilling.feature-y', 'feature-x~billing.feature-y'],
    ['branchline=a=b', 'a=b'],
    ['branchline="feature-x"', '"feature-x"'],
    ['branchline=%', '%'],
    ['branchline=%zz', '%zz'],
    ['branchline=%E0%A4%A', '%E0%A4%A'],
    ['branchline=%ff', '%ff'],
    ['branchline=%2C', ','],
    ['branchline=+', '+'],
  ])('in %j says %j', (header, value) => {
    expect(membersOf(header, KEYS)).toEqual([{ key: 'branchline', value }]);
    expect(values(`tenant=7,${header},x=1`)).toEqual([value]);
  });

  test.each([
    '',
    ' ',
    ',',
    'branchline=',
    'branchline= ;p',
    'Branchline=feature-x',
    'BRANCHLINE=feature-x',
    'branchline-x=feature-x',
    'x-branchline=feature-x',
    'branch line=feature-x',
    'branch%6Cine=feature-x',
    '"branchline"=feature-x',
    'x;branchline=feature-x',
    'x=branchline=feature-x',
    'branchline\u0000=feature-x',
  ])('is not in %j', (header) => {
    expect(membersOf(header, KEYS)).toEqual([]);
  });

  test.each(['branchline', ' branchline ', 'branchline;x=feature-x', 'branchline;=feature-x'])(
    'is there without a value in %j, which is no wish and not nothing',
    (header) => {
      expect(membersOf(header, KEYS)).toEqual([{ key: 'branchline', value: null }]);
      expect(withoutMembers(`a=1,${header}`, KEYS)).toBe('a=1');
    },
  );

  test('is found as often as it is there, under each of the keys, in the order of the header', () => {
    expect(membersOf('okteto-divert=a,x=1,branchline=b,branchline=c', ['branchline', 'okteto-divert'])).toEqual([
      { key: 'okteto-divert', value: 'a' },
      { key: 'branchline', value: 'b' },
      { key: 'branchline', value: 'c' },
    ]);
  });

  test('is found wherever it stands, whatever others wrote around it', () => {
    fc.assert(
      fc.property(fc.array(foreign), fc.array(foreign), ours, (before, after, member) => {
        expect(values([...before, member, ...after].join(','))).toEqual(['feature-x']);
        expect(values([...before, ...after].join(','))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a header without our members', () => {
  test.each([
    ['branchline=feature-x', null],
    ['branchline=feature-x,branchline=feature-y', null],
    [' branchline = feature-x ; p ', null],
    ['branchline', null],
    ['branchline=', null],
    ['branchline;p', null],
    ['tenant=7', 'tenant=7'],
    ['tenant=7,branchline=feature-x', 'tenant=7'],
    ['tenant=7 ;p , branchline=feature-x,\tx = %20', 'tenant=7 ;p ,\tx = %20'],
    ['tenant=7,,branchline=feature-x,,', 'tenant=7,,,'],
    [' tenant=7 ', ' tenant=7 '],
    ['tenant=7,Branchline=feature-x', 'tenant=7,Branchline=feature-x'],
  ])('of %j is %j', (header, rest) => {
    expect(withoutMembers(header, KEYS)).toBe(rest);
  });

  test('has the members of others byte for byte, in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(foreign, ours), { minLength: 1 }), (segments) => {
        const keyOf = (segment: string): string => (segment.split(/[=;]/)[0] ?? '').replace(/^[ \t]+|[ \t]+$/g, '');
        const others = segments.filter((segment) => keyOf(segment) !== 'branchline').join(',');
        const rest = withoutMembers(segments.join(','), KEYS);
        expect(rest).toBe(/^[ \t]*$/.test(others) ? null : others);
        expect(rest === null ? null : withoutMembers(rest, KEYS)).toBe(rest);
      }),
      { numRuns: 500 },
    );
  });

  test('is without those of all keys', () => {
    expect(withoutMembers('a=1,okteto-divert=x,b=2,branchline=y', ['branchline', 'okteto-divert'])).toBe('a=1,b=2');
  });
});

describe('a header with our member', () => {
  test('has it once, in front, and the others as they were', () => {
    expect(withMember(null, KEYS, 'branchline', 'feature-x')).toBe('branchline=feature-x');
    expect(withMember('branchline=a', KEYS, 'branchline', 'b')).toBe('branchline=b');
    expect(withMember('t=7 ;p, branchline=a , x=%', KEYS, 'branchline', 'b')).toBe('branchline=b,t=7 ;p, x=%');
    expect(withMember('okteto-divert=a,t=7', ['branchline', 'okteto-divert'], 'branchline', 'b')).toBe(
      'branchline=b,t=7',
    );
  });

  test('says that and nothing else of ours, for any header', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText(),
          fc.array(fc.oneof(foreign, ours)).map((all) => all.join(',')),
        ),
        (header) => {
          const written = withMember(header, KEYS, 'branchline', 'feature-y');
          expect(values(written)).toEqual(['feature-y']);
          expect(withoutMembers(written, KEYS)).toBe(withoutMembers(header, KEYS));
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('several lines are one list, and a blank one is none of it', () => {
  expect(joinLines([])).toBe('');
  expect(joinLines(['a=1'])).toBe('a=1');
  expect(joinLines(['a=1 ', '', ' ', ' b=2'])).toBe('a=1 , b=2');
});

test('no header throws, and none costs more than its length', () => {
  fc.assert(
    fc.property(fc.array(anyText()), (lines) => {
      const header = joinLines(lines);
      membersOf(header, KEYS);
      withoutMembers(header, KEYS);
      withMember(header, KEYS, 'branchline', 'x');
    }),
  );
  for (const unit of [',', 'branchline=a,', 'branchline=%,', ' ', ';', '=', '%25', ' =', '\t,'])
    expectLinear((length) => {
      const header = `branchline=${unit.repeat(length / unit.length)}`;
      membersOf(header, KEYS);
      withMember(header, KEYS, 'branchline', 'x');
    });
});
