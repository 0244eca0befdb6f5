import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  entryKey,
  isTableVariable,
  type MalformedKey,
  parseKey,
  parseVariable,
  portableVariable,
} from '../../src/core/keys.ts';
import { isEndpoint, isNamespace, isServiceName } from '../../src/core/names.ts';
import { anyText, label } from '../doubles/arbitraries.ts';
import { expectLinear } from '../doubles/linear.ts';

const endpoint = label(15).filter((name) => name !== 'default');
const legalKey = fc
  .record({
    service: label(63),
    namespace: label(63).filter(isNamespace),
    endpoint: fc.oneof(fc.constant('default'), endpoint),
  })
  .map((parts) => ({ ...parts, key: entryKey(parts.service, parts.namespace, parts.endpoint) }));

describe('a key', () => {
  test.each([
    ['my-rest.develop', { service: 'my-rest', namespace: 'develop', endpoint: 'default' }],
    ['_admin.my-rest.feature-x', { service: 'my-rest', namespace: 'feature-x', endpoint: 'admin' }],
    ['127.1', { service: '127', namespace: '1', endpoint: 'default' }],
    ['json.develop', { service: 'json', namespace: 'develop', endpoint: 'default' }],
    ['constructor.develop', { service: 'constructor', namespace: 'develop', endpoint: 'default' }],
  ])('with a dot is an entry: %s', (key, parts) => {
    expect(parseKey(key)).toEqual({ kind: 'entry', key, ...parts });
  });

  test.each(['baseline', 'template', 'anything', '', 'constructor', 'MY_SETTING', 'x'.repeat(1000)])(
    'without a dot is a setting: %j',
    (key) => {
      expect(parseKey(key)).toEqual({ kind: 'setting', key });
    },
  );

  test.each([
    ['My_Rest.feature-x', 'my-rest.feature-x'],
    ['my_rest.develop', 'my-rest.develop'],
    ['my-rest.Develop', 'my-rest.develop'],
    ['_Admin.my_rest.develop', '_admin.my-rest.develop'],
    ['_my_admin.a.develop', '_my-admin.a.develop'],
  ])('that almost reads names what it meant: %s', (key, meant) => {
    expect(parseKey(key)).toMatchObject({ kind: 'malformed', meant });
  });

  test.each([
    'my-rest.',
    '.develop',
    '.',
    '..',
    'a..b',
    'a.b.c',
    'A_.b_.c',
    '_a.b',
    '_a.b.c.d',
    'a.json',
    'A.JSON',
    'a.b c',
    '-a.b',
    'xn--a.develop',
    'a.xn--b',
    '__proto__',
    '_!.a!.b',
    '_!.a',
    '_!.a.b.c',
    '__proto__.a',
    'a.__proto__',
    'é.develop',
    'a.b\n',
    `${'a'.repeat(64)}.develop`,
    `a.${'b'.repeat(200)}`,
  ])('that reads as nothing means nothing: %j', (key) => {
    expect(parseKey(key)).toMatchObject({ kind: 'malformed', meant: null });
  });

  test.each(['_.a.b', '__a.b.c', '_sixteen-letters-.a.b', '_sixteenletters-1.a.b', '_xn--a.a.b'])(
    'whose endpoint alone is no name is malformed: %s',
    (key) => {
      expect(parseKey(key)).toMatchObject({ kind: 'malformed', wanted: expect.stringContaining('endpoint') });
    },
  );

  test('never spells the default endpoint', () => {
    expect(entryKey('a', 'develop', 'default')).toBe('a.develop');
    expect(entryKey('a', 'develop')).toBe('a.develop');
    expect(parseKey('_default.a.develop')).toMatchObject({
      kind: 'malformed',
      wanted: expect.stringContaining('"service.namespace"'),
    });
  });

  test('may be as long as its three parts may be, and no longer', () => {
    const key = `_${'e'.repeat(15)}.${'s'.repeat(63)}.${'n'.repeat(63)}`;
    expect(parseKey(key).kind).toBe('entry');
    expect(parseKey(`${key}n`).kind).toBe('malformed');
  });

  test('of legal parts reads as these parts, whatever they are', () => {
    fc.assert(
      fc.property(legalKey, ({ key, service, namespace, endpoint: name }) => {
        expect(parseKey(key)).toEqual({ kind: 'entry', key, service, namespace, endpoint: name });
      }),
      { numRuns: 300 },
    );
  });

  test('in other case, and with "_" for "-", means the legal one', () => {
    fc.assert(
      fc.property(legalKey, fc.infiniteStream(fc.boolean()), ({ key }, flips) => {
        const spelling = Array.from(key)
          .map((character) => (flips.next().value ? character.toUpperCase().replace('-', '_') : character))
          .join('');
        fc.pre(spelling !== key);
        expect(parseKey(spelling)).toMatchObject({ kind: 'malformed', meant: key });
      }),
      { numRuns: 300 },
    );
  });

  test('of any text is a setting, an entry of legal parts, or malformed with a legal meaning or none', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText(),
          fc.array(anyText(8), { maxLength: 4 }).map((parts) => parts.join('.')),
        ),
        (text) => {
          const key = parseKey(text);
          if (key.kind === 'setting') expect(text).not.toContain('.');
          else expect(text).toMatch(/\.|^_/);
          if (key.kind === 'entry') {
            expect([isServiceName(key.service), isNamespace(key.namespace), isEndpoint(key.endpoint)]).toEqual([
              true,
              true,
              true,
            ]);
            expect(entryKey(key.service, key.namespace, key.endpoint)).toBe(text);
          }
          if (key.kind === 'malformed' && key.meant !== null)
            expect(parseKey(key.meant)).toMatchObject({ kind: 'entry', key: key.meant });
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('of any length is read in linear time', () => {
    for (const unit of ['.', '_', '-', 'a', 'a.', '_.', 'A_'])
      expectLinear((length) => parseKey(`a.${unit.repeat(length)}`));
  });

  test('that is malformed says what is wanted', () => {
    const wanted = (text: string): string => (parseKey(text) as MalformedKey).wanted;
    expect(wanted('My_Rest.develop')).toMatch(/service name is 1 to 63/);
    expect(wanted('a.json')).toMatch(/namespace is .* none of json, yaml, yml/);
    expect(wanted('_admin-of-the-universe.a.develop')).toMatch(/endpoint name is 1 to 15/);
    expect(wanted('a.b.c')).toMatch(/"service.namespace" or "_endpoint.service.namespace"/);
    expect(wanted('_admin')).toBe(wanted('a.b.c'));
    expect(wanted(`a.${'b'.repeat(143)}`)).toBe('a key is at most 144 characters');
  });
});

describe('a variable', () => {
  test.each([
    ['BRANCHLINE_MY_REST__FEATURE_X', 'my-rest.feature-x'],
    ['BRANCHLINE__ADMIN__MY_REST__DEVELOP', '_admin.my-rest.develop'],
    ['BRANCHLINE_127__1', '127.1'],
    ['BRANCHLINE_my-rest.feature-x', 'my-rest.feature-x'],
    ['BRANCHLINE__admin.my-rest.develop', '_admin.my-rest.develop'],
    ['BRANCHLINE_a--b.develop', 'a--b.develop'],
  ])('is an entry: %s', (name, key) => {
    expect(parseVariable(name)).toMatchObject({ kind: 'entry', key });
  });

  test.each([
    ['BRANCHLINE_BASELINE', 'baseline'],
    ['BRANCHLINE_baseline', 'baseline'],
    ['BRANCHLINE_STRICT', 'strict'],
    ['BRANCHLINE_HELLO_WORLD', 'hello_world'],
  ])('is a setting: %s', (name, key) => {
    expect(parseVariable(name)).toEqual({ kind: 'setting', key });
  });

  test.each([
    ['BRANCHLINE_my_rest__feature_x', 'my-rest.feature-x'],
    ['BRANCHLINE_My_Rest__Feature_X', 'my-rest.feature-x'],
    ['BRANCHLINE_my_rest__FEATURE_X', 'my-rest.feature-x'],
    ['BRANCHLINE_MY_REST__feature_x', 'my-rest.feature-x'],
    ['BRANCHLINE_My-Rest.feature-x', 'my-rest.feature-x'],
    ['BRANCHLINE_A___B', null],
    ['BRANCHLINE_A__JSON', null],
    ['BRANCHLINE___BASELINE', null],
    ['BRANCHLINE__A__B', null],
    ['BRANCHLINE_A__B__C', null],
  ])('is malformed: %s', (name, meant) => {
    expect(parseVariable(name)).toMatchObject({ kind: 'malformed', meant });
  });

  test.each([
    ['BRANCHLINE_my_rest__develop', 'want upper case, BRANCHLINE_MY_REST__DEVELOP'],
    ['BRANCHLINE_A--B__C', 'want upper case, or the raw key'],
    [
      'BRANCHLINE_A__B__C',
      'want BRANCHLINE_SERVICE__NAMESPACE or BRANCHLINE__ENDPOINT__SERVICE__NAMESPACE: "__" for ".", "_" for "-"',
    ],
    [
      'BRANCHLINE_a__b__c',
      'want BRANCHLINE_SERVICE__NAMESPACE or BRANCHLINE__ENDPOINT__SERVICE__NAMESPACE: "__" for ".", "_" for "-"',
    ],
  ])('that is malformed says what is wanted: %s', (name, wanted) => {
    expect(parseVariable(name)).toMatchObject({ kind: 'malformed', wanted });
  });

  test('says in upper case what a key says, but for a name with "--"', () => {
    fc.assert(
      fc.property(legalKey, ({ key }) => {
        const name = portableVariable(key);
        expect(name === null).toBe(key.includes('--'));
        if (name === null) return;
        expect(name).toMatch(/^BRANCHLINE_[A-Z0-9_]+$/);
        expect(parseVariable(name)).toEqual(parseKey(key));
      }),
      { numRuns: 300 },
    );
  });

  test('of any name under our prefix is a setting, an entry of legal parts, or malformed', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const key = parseVariable(`BRANCHLINE_${text}`);
        if (!text.includes('.') && !text.includes('__')) expect(key.kind).toBe('setting');
        else expect(key.kind).not.toBe('setting');
        if (key.kind === 'entry') expect(parseKey(key.key)).toEqual(key);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    'BRANCHLINE_CONFIG',
    'BRANCHLINE_NAMESPACE',
    'BRANCHLINE_SERVICE_HOST',
    'BRANCHLINE_SERVICE_PORT',
    'BRANCHLINE_SERVICE_PORT_HTTP',
    'BRANCHLINE_PORT',
    'BRANCHLINE_PORT_80_TCP',
    'BRANCHLINE_PORT_80_TCP_PROTO',
    'BRANCHLINE_PORT_80_TCP_PORT',
    'BRANCHLINE_PORT_80_TCP_ADDR',
    'BRANCHLINE_DEMO_SERVICE_HOST',
    'BRANCHLINE_DEMO_SERVICE_PORT_HTTP_ALT',
    'BRANCHLINE_DEMO_PORT',
    'BRANCHLINE_DEMO_PORT_53_UDP_ADDR',
    'BRANCHLINE_DEMO_PORT_8080_SCTP',
    'PATH',
    'branchline_baseline',
    'XBRANCHLINE_BASELINE',
  ])('is none of the table: %s', (name) => {
    expect(isTableVariable(name, 'tcp://10.0.0.1:80')).toBe(false);
  });

  test.each([
    'BRANCHLINE_BASELINE',
    'BRANCHLINE_MY_REST__DEVELOP',
    'BRANCHLINE_my-rest.develop',
    'BRANCHLINE_',
    'BRANCHLINE_EXPORT',
    'BRANCHLINE_SERVICE_HOSTED',
    'BRANCHLINE_DEMO_SERVICE_PORT_http',
    'BRANCHLINE_DEMO_PORTAL',
    'BRANCHLINE_DEMO_PORT_80',
    'BRANCHLINE_DEMO_PORT_A_TCP',
    'BRANCHLINE_DEMO_PORT_80_ICMP',
    'BRANCHLINE_DEMO_PORT_80_TCP_NAME',
    'BRANCHLINE_my.a_PORT',
  ])('is one of the table: %s', (name) => {
    expect(isTableVariable(name, '8080')).toBe(true);
  });

  test('that a Service called like an entry links to is not taken for the entry', () => {
    expect(isTableVariable('BRANCHLINE_MY_REST__FEATURE_PORT', 'tcp://10.0.0.1:80')).toBe(false);
  });

  test.each([
    ['udp://10.0.0.1:80', false],
    ['sctp://10.0.0.1:80', false],
    ['10.96.0.10', false],
    ['172.20.110.100', false],
    [' tcp\n', false],
    ['udp', false],
    ['sctp', false],
    ['', true],
    ['8080', true],
    ['10.96.0.10:80', true],
    ['h10.96.0.10', true],
    ['1.2.3', true],
    ['xtcp', true],
    ['tcps', true],
    ['http://tcp://x', true],
    ['disabled', true],
  ])('with the name of an entry and of a link is what its value is: %j', (value, isOurs) => {
    expect(isTableVariable('BRANCHLINE_MY_REST__FEATURE_PORT', value)).toBe(isOurs);
    expect(isTableVariable('BRANCHLINE_MY_REST_FEATURE_PORT', value)).toBe(false);
  });

  test('with a name that is too long for a link is none', () => {
    const long = (length: number): string => `BRANCHLINE_${'A'.repeat(length - 16)}_PORT`;
    expect([isTableVariable(long(512), '1'), isTableVariable(long(513), '1')]).toEqual([false, true]);
  });

  test('of any length is read in linear time', () => {
    for (const unit of ['_', '__', 'A_', '_PORT', '_SERVICE_PORT_A', '.']) {
      expectLinear((length) => {
        const name = `BRANCHLINE_${unit.repeat(length / unit.length)}`;
        return [isTableVariable(name, name), parseVariable(name)];
      });
    }
  });
});
