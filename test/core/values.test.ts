import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { toUrl } from '../../src/core/address.ts';
import { kindOf, parseValue } from '../../src/core/values.ts';
import { anyText, label } from '../doubles/arbitraries.ts';
import { expectLinear } from '../doubles/linear.ts';

const url = (protocol: string, hostname: string, port: number | null, base = '') => ({
  kind: 'url',
  address: { protocol, hostname, port, base },
});

test.each([
  ['', { kind: 'empty' }],
  [' \t\r\n', { kind: 'empty' }],
  ['\uFEFF', { kind: 'empty' }],
  ['disabled', { kind: 'disabled' }],
  [' disabled\n', { kind: 'disabled' }],
  ['8080', { kind: 'port', port: 8080 }],
  ['1', { kind: 'port', port: 1 }],
  ['65535', { kind: 'port', port: 65_535 }],
  ['8080\r\n', { kind: 'port', port: 8080 }],
  ['host.example.com', { kind: 'host', hostname: 'host.example.com', port: null }],
  ['HOST.Example.Com:90', { kind: 'host', hostname: 'host.example.com', port: 90 }],
  ['10.0.0.7:9000', { kind: 'host', hostname: '10.0.0.7', port: 9000 }],
  ['10.0.0.7', { kind: 'host', hostname: '10.0.0.7', port: null }],
  ['[::1]:80', { kind: 'host', hostname: '[::1]', port: 80 }],
  ['[::1]', { kind: 'host', hostname: '[::1]', port: null }],
  ['[2001:DB8::A]:1', { kind: 'host', hostname: '[2001:db8::a]', port: 1 }],
  ['localhost', { kind: 'host', hostname: 'localhost', port: null }],
  ['LOCALHOST:3000', { kind: 'host', hostname: 'localhost', port: 3000 }],
  ['https://h.example.com', url('https:', 'h.example.com', null)],
  ['HTTPS://H.Example.com:8443/Base/', url('https:', 'h.example.com', 8443, '/Base')],
  ['https://h.example.com:443', url('https:', 'h.example.com', null)],
  ['http://h:80/', url('http:', 'h', null)],
  ['http://my-rest', url('http:', 'my-rest', null)],
  ['http://h/a%20b/c', url('http:', 'h', null, '/a%20b/c')],
  ['http://[::1]:9000/x', url('http:', '[::1]', 9000, '/x')],
  ['postgres://db.develop:5432/orders', url('postgres:', 'db.develop', 5432, '/orders')],
  ['grpc+tls://h.example.com', url('grpc+tls:', 'h.example.com', null)],
  ['ws://h:80', url('ws:', 'h', null)],
  ['ftp://h', url('ftp:', 'h', null)],
  ['ftp://h/', url('ftp:', 'h', null)],
  ['http://h/a.b', url('http:', 'h', null, '/a.b')],
])('%j is a value', (text, value) => {
  expect(parseValue(text)).toEqual(value);
});

test.each([
  ...['0', '00', '080', '65536', '1e3', '-1', '+80', '8080x', '80,81', '８０', '80 81'],
  ...['disable', 'DISABLED', 'Disabled', 'off', 'true', 'false', 'null', '~', 'develop', 'my-rest', 'my rest'],
  ...['a..b', '.a.b', 'a.b.', 'localhost.', '-a.b', 'a_b.c', 'a.b:', 'a.b:0', 'a.b:080', 'a.b:65536', 'a.b:x', 'a.b/c'],
  ...[
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '0x7f.1',
    '127.1',
    '::1',
    '[::1',
    '[:::]',
    '[::1]x',
    '[0:0:0:0:0:0:0:1]',
  ],
  // Something before the scheme, and what `new URL` reads in another way or not at all.
  ...['1http://h.example.com', '-http://h.example.com', '_http://h.example.com', './http://h.example.com'],
  ...['file://h:80/x', 'file://localhost/x', 'file://h/C|/x'],
  ...['//host', '/path', 'http:', 'http:/', 'http://', 'http:///', 'http:h.example.com', 'http:/h', '://h', 'http//h'],
  ...['http://u@h', 'http://u:p@h', 'http://:p@h', 'http://@h', 'u@h.example.com', 'u:p@h.example.com:80'],
  ...['http://h?', 'http://h/?q=1', 'http://h?q', 'http://h#', 'http://h/#f', 'h.example.com?q', 'h.example.com#f'],
  ...[
    'http://h:',
    'http://h:0',
    'http://h:08',
    'http://h:65536',
    'http://h:8o',
    'http://1',
    'http://0x7f000001',
    'http://127.1',
  ],
  ...[
    'http://h/a/../b',
    'http://h/./a',
    'http://h/..',
    'http://h/%2e%2e/a',
    'http://h/%2E/a',
    'http://h/a b',
    'http://h/"',
    'http://h/a^b',
  ],
  ...[
    'http://h\\a',
    'http:\\\\h',
    '\\\\h\\a',
    'http://h/\\evil.com',
    'postgres://h/a\\b',
    'http://é.example.com',
    'http://h/é',
    'http://h.',
    'http://h./',
  ],
  ...['http://h%2f', 'http://h%41', 'http://a_b', 'http://-a', 'http://[::1', 'http://::1', 'http://[0:0:0:0:0:0:0:1]'],
  ...[
    'javascript:alert(1)',
    'file:///etc/passwd',
    'file://h',
    'FILE://h:80/x',
    'data:text/plain,x',
    'mailto:a@b.c',
    '{"port":80}',
    '${PORT}',
    '{service}',
  ],
  ...['http://h\u0000', 'http://h\n.evil.com', 'http://h\t', 'a.b\u200b', 'a\u202e.b', '80\u0000', 'a.b\r\nx: y'].map(
    (text) => `${text}/x`,
  ),
])('%j is no value', (text) => {
  expect(parseValue(text)).toBeNull();
});

test('a value is at most 2,048 characters long', () => {
  const long = `http://h/${'a'.repeat(2048 - 9)}`;
  expect([parseValue(long)?.kind, parseValue(`${long}a`)]).toEqual(['url', null]);
});

describe('a value', () => {
  const path = fc.oneof(
    fc.constant(''),
    fc
      .array(fc.constantFrom('a', 'B', 'v1', '%20', 'a.b', '~x', 'a:b', 'a,b', '-'), { maxLength: 4 })
      .map((parts) => `/${parts.join('/')}`),
  );
  const host = fc.oneof(
    fc.array(label(), { minLength: 1, maxLength: 4 }).map((labels) => `${labels.join('.')}.x`),
    fc.ipV4(),
    fc.constantFrom('localhost', '[::1]', '[2001:db8::1]'),
  );
  const scheme = fc.constantFrom('http', 'https', 'ws', 'wss', 'postgres', 'redis', 'a+b.c-d');
  const port = fc.option(fc.integer({ min: 1, max: 65_535 }));
  const address = fc.record({ scheme, host, port, path }).map((parts) => ({
    ...parts,
    authority: parts.port === null ? parts.host : `${parts.host}:${parts.port}`,
  }));

  test('that is a URL of legal parts is these parts', () => {
    fc.assert(
      fc.property(address, ({ scheme: name, host: hostname, port: number, path: base, authority }) => {
        const value = parseValue(`${name}://${authority}${base}`);
        expect(value).toMatchObject({
          kind: 'url',
          address: { protocol: `${name}:`, hostname, base: base.replace(/\/$/, '') },
        });
        if (value?.kind !== 'url') return;
        const made = new URL(toUrl(value.address));
        expect([made.protocol, made.hostname]).toEqual([`${name}:`, hostname]);
        expect(made.port).toBe(new URL(`${name}://${authority}`).port);
        expect([number, null]).toContain(value.address.port);
      }),
      { numRuns: 300 },
    );
  });

  test('means the same with other case in scheme and host, and white space around it', () => {
    fc.assert(
      fc.property(
        address,
        fc.constantFrom(' ', '\n', '\t', '\r\n'),
        ({ scheme: name, authority, path: base }, space) => {
          const text = `${name}://${authority}${base}`;
          expect(parseValue(`${space}${name.toUpperCase()}://${authority.toUpperCase()}${base}${space}`)).toEqual(
            parseValue(text),
          );
          expect(parseValue(authority.toUpperCase())).toEqual(parseValue(authority));
        },
      ),
    );
  });

  test('never has user info, a query or a fragment', () => {
    const secret = anyText(10).map((text) => text.replaceAll(/[/?#\\]/g, ''));
    fc.assert(
      fc.property(address, secret, ({ scheme: name, authority, path: base }, text) => {
        for (const refused of [
          `${name}://${text}@${authority}${base}`,
          `${name}://${authority}${base}?${text}`,
          `${name}://${authority}${base}#${text}`,
          `${text}@${authority}`,
        ]) {
          expect([refused, parseValue(refused)]).toEqual([refused, null]);
        }
      }),
    );
  });

  const near = fc.tuple(address, fc.nat(40), anyText(3)).map(([{ scheme: name, authority, path: base }, at, noise]) => {
    const text = `${name}://${authority}${base}`;
    return `${text.slice(0, at)}${noise}${text.slice(at)}`;
  });

  test.each([
    'http://a',
    'http://a.b-c.d1:80/x/y',
    '!http://a',
    ' http://a',
    'http://a!',
    'http://%.a',
    'http://-.a',
    'http://a%b.c',
    'http://a%.c',
    'http://a-.c',
    'http://a%b',
    'http://a%',
    'http://a-',
    'http://1',
    'http://a.1',
    'http://a:%80',
    'http://a:000',
    'http://a:080',
    'http://a:65536',
    'http://a:99999',
    'http://a:',
    'http://xn--a',
    'http://a.xn--a.b',
    'httpss://a',
    'http:/a',
    `http://${'a'.repeat(64)}`,
    `http://${'a'.repeat(64)}.b`,
  ])('has the kind that reading it tells: %s', (text) => {
    expect(kindOf(text)).toBe(parseValue(text)?.kind ?? null);
  });

  test('of any text has the kind that reading it tells', () => {
    const least = fc.constantFrom('a', 'Z', '0', '-', '.', '_', 'xn--', ':', '/', '@', '65536', '59999', '60000');
    const beside = fc.array(least, { maxLength: 8 }).map((parts) => `http://${parts.join('')}`);
    const long = fc
      .tuple(fc.integer({ min: 61, max: 65 }), fc.integer({ min: 225, max: 260 }))
      .map(([labelSize, size]) => `http://${`${'a'.repeat(labelSize)}.`.repeat(9)}`.slice(0, size));
    fc.assert(
      fc.property(fc.oneof(anyText(), near, beside, long), (text) => {
        expect(kindOf(text)).toBe(parseValue(text)?.kind ?? null);
      }),
      { numRuns: 4000 },
    );
  });

  test('of any text is refused, or is an address that new URL leaves as it is', () => {
    fc.assert(
      fc.property(fc.oneof(anyText(), near), (text) => {
        const value = parseValue(text);
        if (value?.kind === 'url') {
          const made = toUrl(value.address);
          const { protocol, hostname, pathname, username, password, search, hash, href } = new URL(made);
          expect([protocol, hostname.toLowerCase()]).toEqual([value.address.protocol, value.address.hostname]);
          expect([username, password, search, hash]).toEqual(['', '', '', '']);
          expect(pathname === '/' ? '' : pathname).toBe(value.address.base);
          expect(parseValue(made)).toEqual(value);
          expect([made, `${made}/`]).toContain(href.replace(/^(ftp:\/\/[^/]*):21/, '$1'));
        }
        if (value?.kind === 'host')
          expect(new URL(`http://${value.hostname}:${value.port ?? 1}`).hostname).toBe(value.hostname);
      }),
      { numRuns: 2000 },
    );
  });

  test('of any length is read in linear time', () => {
    for (const unit of [
      'a',
      '0',
      ' ',
      '-',
      '.',
      'a.',
      ':',
      '/',
      '://',
      '@',
      '[',
      '%2e/',
      '../',
      'a@',
      '\\',
      '\u0000',
    ]) {
      expectLinear((length) => [
        parseValue(unit.repeat(length / unit.length)),
        parseValue(`http://${unit.repeat(length / unit.length)}`),
        parseValue(`a.${unit.repeat(length / unit.length)}:80`),
      ]);
    }
  });
});
