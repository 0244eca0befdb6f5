import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isHost, parsePort, toUrl, withoutTrailingSlashes } from '../../src/core/address.ts';
import { anyText, label } from '../doubles/arbitraries.ts';
import { expectLinear } from '../doubles/linear.ts';

describe('a port', () => {
  test('is 1 to 65535 without a leading zero', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: -10, max: 70_000 }).map(String),
          anyText(8),
          fc.nat(99_999).map((port) => `0${port}`),
        ),
        (text) => {
          const legal = /^[1-9][0-9]*$/.test(text) && Number(text) <= 65_535;
          expect(parsePort(text)).toBe(legal ? Number(text) : null);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each(['', '0', '00', '080', '65536', '1e3', '0x50', '+80', '-80', '80 ', '80\n', '８０', '8.0', '999999999999'])(
    'is not %j',
    (text) => {
      expect(parsePort(text)).toBeNull();
    },
  );

  test.each(['1', '80', '65535'])('is %s', (text) => {
    expect(parsePort(text)).toBe(Number(text));
  });
});

describe('a host', () => {
  test.each([
    'localhost',
    'a',
    'host.example.com',
    'my-rest.develop.svc',
    '10.0.0.7',
    '0.0.0.0',
    '255.255.255.255',
    '[::1]',
    '[2001:db8::1]',
    'xn--bcher-kva.example',
    'a.xn--bcher-kva',
    '1.a',
    'a.1b',
    'a.1b2',
    `${'a'.repeat(63)}.1b`,
    `${'a'.repeat(63)}.b`,
    `${`${'a'.repeat(63)}.`.repeat(3)}${'b'.repeat(61)}`,
  ])('is %j', (hostname) => {
    expect(isHost(hostname)).toBe(true);
  });

  test.each([
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    'A.b',
    'my_rest',
    '-a.b',
    'a-.b',
    'a b',
    'é.example.com',
    'xn--a.example.com',
    'xn--.example.com',
    'a.xn--99999999',
    'xn--xn--a.example.com',
    '1',
    '127.1',
    '0x7f000001',
    'a.0x7f',
    'a.1',
    '256.1.1.1',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3',
    '[::1',
    '::1',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:1.2.3.4]',
    '[::A]',
    '[:::]',
    '[fe80::1%25eth0]',
    'a.xn--a',
    'a:80',
    'u@h',
    'a/b',
    'a%2eb',
    `${'a'.repeat(64)}.b`,
    `${`${'a'.repeat(63)}.`.repeat(3)}${'b'.repeat(62)}`,
  ])('is not %j', (hostname) => {
    expect(isHost(hostname)).toBe(false);
  });

  test('is what new URL leaves as it is, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText(),
          fc.array(label(), { maxLength: 5 }).map((labels) => labels.join('.')),
        ),
        (text) => {
          if (isHost(text)) expect(new URL(`http://${text}`).hostname).toBe(text);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('of any length is judged in linear time', () => {
    for (const unit of ['.', '-', 'a', 'a.', '1', '[', ':']) expectLinear((length) => isHost(unit.repeat(length)));
  });
});

describe('a URL', () => {
  const base = { protocol: 'http:', hostname: 'h.example.com', port: null, base: '' };

  test('leaves out the default port of http, https, ws and wss, and no other', () => {
    const urls = [
      ['http:', 80],
      ['https:', 443],
      ['ws:', 80],
      ['wss:', 443],
      ['http:', 443],
      ['https:', 80],
      ['postgres:', 5432],
    ].map(([protocol, port]) => toUrl({ ...base, protocol: protocol as string, port: port as number }));
    expect(urls).toEqual([
      'http://h.example.com',
      'https://h.example.com',
      'ws://h.example.com',
      'wss://h.example.com',
      'http://h.example.com:443',
      'https://h.example.com:80',
      'postgres://h.example.com:5432',
    ]);
  });

  test('has its base path behind the port', () => {
    expect(toUrl({ ...base, port: 8080, base: '/a/b' })).toBe('http://h.example.com:8080/a/b');
  });

  test('loses every trailing slash of a path, in linear time', () => {
    expect(['', '/', '//', '/a', '/a/', '/a//', '/a/b//'].map(withoutTrailingSlashes)).toEqual([
      '',
      '',
      '',
      '/a',
      '/a',
      '/a',
      '/a/b',
    ]);
    expectLinear((length) => withoutTrailingSlashes(`${'/'.repeat(length)}a`));
    expectLinear((length) => withoutTrailingSlashes(`a${'/'.repeat(length)}`));
  });
});
