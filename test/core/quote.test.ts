import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { describe as kind, escape, place, quote, withoutQuery } from '../../src/core/quote.ts';
import { anyText, UNSHOWABLE } from '../doubles/arbitraries.ts';
import { expectLinear } from '../doubles/linear.ts';

describe('text in a message', () => {
  test.each([
    ['8O8O', '"8O8O"'],
    ['a "b" \\c', '"a \\"b\\" \\\\c"'],
    ['a\u0000b', '"a\\u{0}b"'],
    ['\u001b[31mred', '"\\u{1b}[31mred"'],
    ['a\r\nb', '"a\\u{d}\\u{a}b"'],
    ['\u202egnp.exe', '"\\u{202e}gnp.exe"'],
    ['\u2066a\u2069', '"\\u{2066}a\\u{2069}"'],
    ['a\u200bb\ufeff', '"a\\u{200b}b\\u{feff}"'],
    ['a\u2028b', '"a\\u{2028}b"'],
    ['\ud800', '"\\u{d800}"'],
    ['\u0085', '"\\u{85}"'],
    ['😀é漢', '"😀é漢"'],
  ])('is in quotation marks, with what a terminal would obey escaped: %j', (text, shown) => {
    expect(quote(text)).toBe(shown);
  });

  test('is cut at 80 characters, and says how long it was', () => {
    expect(quote('a'.repeat(80))).toBe(`"${'a'.repeat(80)}"`);
    expect(quote('a'.repeat(81))).toBe(`"${'a'.repeat(80)}…" (81 characters)`);
    expect(quote('a'.repeat(1_000_000))).toBe(`"${'a'.repeat(80)}…" (1000000 characters)`);
    expect(quote('\u0000'.repeat(30))).toMatch(/…" \(30 characters\)$/);
  });

  test('is cut between two characters, never in the middle of one', () => {
    expect(quote(`${'a'.repeat(78)}😀a`)).toBe(`"${'a'.repeat(78)}😀…" (81 characters)`);
    expect(quote(`${'a'.repeat(79)}😀a`)).toBe(`"${'a'.repeat(79)}…" (82 characters)`);
    expect(quote(`😀${'a'.repeat(400)}`)).toBe(`"😀${'a'.repeat(78)}…" (402 characters)`);
  });

  test('holds nothing that a terminal or a log would obey, and has a bounded length, whatever it is', () => {
    fc.assert(
      fc.property(anyText(200), (text) => {
        for (const shown of [quote(text), kind(text)]) {
          expect(shown).not.toMatch(UNSHOWABLE);
          expect(shown.length).toBeLessThan(80 + 30);
        }
        expect(escape(text)).not.toMatch(UNSHOWABLE);
        expect(escape(escape(text))).toBe(escape(text));
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    'http://SECRET@h.example.com/',
    'https://user:SECRET@h.example.com:8443/base',
    'https://SECRET:x@h.example.com',
    'https://us%40er:SECRET%2F@h',
    'https://a@SECRET@h',
    'user:SECRET@h.example.com',
    'postgres://orders:SECRET@db.develop:5432/orders',
    '//user:SECRET@h',
    'the address http://user:SECRET@h',
    'http://h.example.com/?token=SECRET',
    'http://h.example.com?SECRET',
    'http://h/a?b=1&c=SECRET#f',
    'http://h/a?b=1\n&c=SECRET',
    'http://user:SECRET@h/?token=SECRET',
    `http://user:SECRET@h/${'a'.repeat(300)}?SECRET`,
    `https://x-access-token:${'SECRET'.repeat(60)}@h/`,
    'http://a:b@h1,http://c:SECRET@h2',
    'postgres://user:p/SECRET@h/orders',
    'http://h/#access_token=SECRET',
    'user:SECRET@h see http://h2/',
    'host.example.com?SECRET',
    'host.example.com?SECRET and more',
    'host:8080/base#SECRET',
    'see http://h/a b?SECRET',
    // What a `.env` leaves of `https://user:SECRET#1@h`.
    'https://user:SECRET',
    'https://user:1SECRET',
    'https://user:SECRET/x',
    '//user:SECRET',
    'https://:SECRET',
  ])('hides the user info and the query of an address: %s', (text) => {
    expect(quote(text)).not.toContain('SECRET');
    expect(quote(text)).toContain('***');
  });

  test('keeps what is no secret', () => {
    expect(quote('http://user:pw@h.example.com:80/base?x=1')).toBe('"http://***@h.example.com:80/base?***"');
    expect(quote('what?')).toBe('"what?"');
    expect(quote('is it a.b? yes')).toBe('"is it a.b? yes"');
    expect(quote('a.b c#1')).toBe('"a.b c#1"');
    expect(quote('http://h/a@2')).toBe('"http://***@2"');
    for (const address of [
      'http://h:80800',
      'http://h:/x',
      'http://h:80/a:b',
      'http://[::1]:x',
      'http://h/a:b',
      'h:8O8O',
      'a: b',
    ])
      expect(quote(address)).toBe(`"${address}"`);
  });

  test('of any length is made in linear time', () => {
    for (const unit of [
      '@',
      '/',
      '//',
      '?',
      '\\',
      '"',
      '\u0000',
      'http://a@',
      '://',
      'a',
      '//a:',
      '//a',
      '//a:1',
      ':',
    ]) {
      expectLinear((length) => quote(unit.repeat(length / unit.length)));
      expectLinear((length) => escape(unit.repeat(length / unit.length)));
    }
  });
});

test.each([
  ['/etc/branchline/a.develop', '/etc/branchline/a.develop'],
  ['/tmp/what?/a#b@c', '/tmp/what?/a#b@c'],
  ['/tmp/"a"', '/tmp/"a"'],
  ['/tmp/a\nb', '/tmp/a\\u{a}b'],
  ['https://user:SECRET@h/x?SECRET', 'https://***@h/x?***'],
  ['memory, //user:SECRET@h', 'memory, //***@h'],
  ['/etc/table.yaml, //user:SECRET', '/etc/table.yaml, //user:***'],
  ['p'.repeat(512), 'p'.repeat(512)],
  ['p'.repeat(513), `${'p'.repeat(512)}…`],
])('a place is shown as it is, escaped and cut, without the secrets of an address: %j', (text, shown) => {
  expect(place(text)).toBe(shown);
});

test.each([
  ['http://h/x?SECRET', 'http://h/x'],
  ['http://h/x#SECRET?y', 'http://h/x'],
  ['?', ''],
  ['/x', '/x'],
  ['', ''],
])('an address without its query ends before it: %j', (text, shown) => {
  expect(withoutQuery(text)).toBe(shown);
});

test('a value of a wrong type is named by its kind', () => {
  expect([null, undefined, 5, Number.NaN, true, [], {}, () => 1, Symbol('a'), 1n, 'a"b'].map(kind)).toEqual([
    'null',
    'of type undefined',
    '5',
    'NaN',
    'true',
    'a list',
    'an object',
    'of type function',
    'of type symbol',
    'of type bigint',
    '"a\\"b"',
  ]);
});
