import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatOf, readDocument } from '../../../src/core/documents/document.ts';
import type { Document, Leaf } from '../../../src/core/reading.ts';
import { parsers } from '../../../src/sources/parsers.ts';
import { label } from '../../doubles/arbitraries.ts';
import { after, documentsOf, keysOf, reading } from '../../doubles/said.ts';

function only(documents: ReadonlyMap<string, Document>): Document {
  expect(documents.size).toBe(1);
  return [...documents.values()][0] as Document;
}
function leavesOf(value: unknown): readonly Leaf[] {
  const document = only(documentsOf('d.json', typeof value === 'string' ? value : JSON.stringify(value)));
  if ('broken' in document) throw new Error(document.broken.reason);
  return [...document.leaves];
}
function said(value: unknown): Record<string, unknown> {
  return Object.fromEntries(leavesOf(value).map((leaf) => [leaf.key, leaf.value]));
}
function reasonOf(value: unknown, name = 'd.json'): string {
  const document = only(documentsOf(name, typeof value === 'string' ? value : JSON.stringify(value)));
  return 'broken' in document ? document.broken.reason : '';
}

test('the ending of a name tells whether it is a document', () => {
  expect(
    ['a.json', 'a.b.yaml', '.yml', 'a.yml', 'a.json5', 'a.JSON', 'json', 'a.env', 'my-rest.develop'].map(formatOf),
  ).toEqual(['json', 'yaml', 'yaml', 'yaml', null, null, null, null, null]);
});

describe('a flat document', () => {
  test('holds strings, integers, and null for empty', () => {
    expect(
      said({
        'a.develop': '8080',
        'b.develop': 8080,
        'c.develop': null,
        'd.develop': '',
        'e.develop': -0,
        'f.develop': 1e3,
      }),
    ).toEqual({
      'a.develop': '8080',
      'b.develop': '8080',
      'c.develop': '',
      'd.develop': '',
      'e.develop': '0',
      'f.develop': '1000',
    });
  });

  test.each([
    ['a fraction', 80.5, '80.5'],
    ['a number that is no integer any more', 2 ** 60, '1152921504606847000'],
    ['a boolean', true, 'true'],
    ['a list', ['8080'], 'a list'],
    ['an object', { default: 8080 }, 'an object'],
  ])('makes of %s an invalid value, and of nothing else', (_, value, found) => {
    expect(said({ 'a.develop': value, 'b.develop': 1 })).toEqual({ 'a.develop': { found }, 'b.develop': '1' });
  });

  test('may give settings as a boolean or a list', () => {
    expect(said({ strict: true, overrides: false, baseline: ['epic-1', 'develop'], template: 'x' })).toEqual({
      strict: 'true',
      overrides: 'false',
      baseline: 'epic-1,develop',
      template: 'x',
    });
    expect(said({ baseline: ['develop', 5], strict: {}, overrides: 0.5 })).toEqual({
      baseline: { found: 'a list' },
      strict: { found: 'an object' },
      overrides: { found: '0.5' },
    });
    expect(said({ baseline: ['epic-1,develop'], template: true })).toEqual({
      baseline: { found: 'a list' },
      template: { found: 'true' },
    });
  });

  test('in YAML holds texts, also where it is JSON', () => {
    const document = only(documentsOf('d.yaml', '{"a.develop": 1e3}'));
    expect('leaves' in document && [...document.leaves]).toEqual([{ key: 'a.develop', value: '1e3', line: 1 }]);
  });

  test('tells the line of every key', () => {
    expect(
      leavesOf('{\n"a.develop": 1,\n\n"baseline": "x", "b.develop": 2}').map(({ key, line }) => [key, line]),
    ).toEqual([
      ['a.develop', 2],
      ['baseline', 4],
      ['b.develop', 4],
    ]);
  });
});

describe('a nested document', () => {
  test('goes from service to namespace to value, or to endpoints', () => {
    expect(
      said({
        services: {
          a: { develop: 8080, 'feature-x': null },
          b: { develop: { default: 'https://b.example.com', admin: 9090 } },
          c: { develop: { admin: '1' } },
        },
      }),
    ).toEqual({
      'a.develop': '8080',
      'a.feature-x': '',
      'b.develop': 'https://b.example.com',
      '_admin.b.develop': '9090',
      '_admin.c.develop': '1',
    });
  });

  test('stands beside flat keys', () => {
    expect(said({ baseline: 'develop', 'a.develop': 1, services: { b: { develop: 2 } } })).toEqual({
      baseline: 'develop',
      'a.develop': '1',
      'b.develop': '2',
    });
  });

  test('may have nothing in it', () => {
    expect(said({ services: null })).toEqual({});
    expect(said({ services: {} })).toEqual({});
    expect(said({ services: { a: null, b: {} } })).toEqual({});
    expect(said({})).toEqual({});
  });

  test('has names without dots: a part with one is malformed, and reads as no other key', () => {
    const { problems, entries } = after(
      reading(
        {},
        'd.json',
        JSON.stringify({
          services: {
            'a.b': { develop: 1 },
            '_x.c': { develop: 1 },
            d: { 'e.f': 1 },
            g: { develop: { 'h.i': 1 } },
            _admin: { 'j.develop': 1 },
          },
        }),
      ),
    );
    expect([...entries.keys()]).toEqual([]);
    expect(problems.map(({ code, key }) => [code, key])).toEqual([
      ['ERR_INVALID_NAME', 'services/a.b/develop'],
      ['ERR_INVALID_NAME', 'services/_x.c/develop'],
      ['ERR_INVALID_NAME', 'services/d/e.f'],
      ['ERR_INVALID_NAME', 'services/g/develop/h.i'],
      ['ERR_INVALID_NAME', 'services/_admin/j.develop'],
    ]);
  });

  test('poisons the entry that a part in wrong case must have meant', () => {
    const { entries } = after(
      reading(
        {},
        'd.json',
        JSON.stringify({
          services: { My_Rest: { Develop: 1 }, a: { develop: { Admin: 1 } }, b: { develop: 1, DEVELOP: 2 } },
        }),
      ),
    );
    expect([...entries].map(([key, { value }]) => [key, value ?? 'poisoned'])).toEqual(
      expect.arrayContaining([
        ['my-rest.develop', 'poisoned'],
        ['_admin.a.develop', 'poisoned'],
        ['b.develop', 'port'],
      ]),
    );
    expect(entries.size).toBe(3);
  });

  test.each([
    ['a value', { services: { a: 8080 } }],
    ['a list', { services: { a: ['develop'] } }],
  ])('does not pass over a service that is %s', (_, value) => {
    const { entries, problems } = after(reading({}, 'd.json', JSON.stringify(value)));
    expect([entries.size, problems.length]).toEqual([0, 1]);
  });

  test('does not take a deployment without endpoints for absence', () => {
    const { entries, problems } = after(reading({}, 'd.json', '{"services": {"a": {"feature-x": {}}}}'));
    expect([...entries.keys()]).toEqual(['a.feature-x']);
    expect(problems).toMatchObject([{ code: 'ERR_ENTRY_INVALID', key: 'a.feature-x' }]);
  });

  test('makes of values that are none, and of deeper objects, an invalid entry', () => {
    expect(
      said({
        services: {
          a: { develop: true },
          b: { develop: [] },
          c: { develop: { admin: { port: 1 } } },
          d: { develop: 8080.5 },
        },
      }),
    ).toEqual({
      'a.develop': { found: 'true' },
      'b.develop': { found: 'a list' },
      '_admin.c.develop': { found: 'an object' },
      'd.develop': { found: '8080.5' },
    });
  });

  test('is broken when its services are no mapping', () => {
    expect(only(documentsOf('d.json', '{\n"services": ["a"]}'))).toEqual({
      broken: { reason: '"services" is a list; want a mapping of services', line: 2 },
    });
    expect(reasonOf({ services: 'a' })).toBe('"services" is "a"; want a mapping of services');
  });

  test('tells the line of every entry', () => {
    const text = '{"services": {\n"a": {\n"develop": 1,\n"feature-x": {\n"default": 2,\n"admin": 3}}}}';
    expect(leavesOf(text).map(({ key, line }) => [key, line])).toEqual([
      ['a.develop', 3],
      ['a.feature-x', 5],
      ['_admin.a.feature-x', 6],
    ]);
  });

  test('is broken by a service whose name is none and that has nothing in it', () => {
    const document = only(documentsOf('d.json', '{"services": {"a": {},\n"A_B": {}}}'));
    expect(document).toEqual({
      broken: {
        reason: expect.stringMatching(/^"A_B" under "services" is no service; a service name is 1 to 63/),
        line: 2,
      },
    });
  });

  test('treats "__proto__" and its like as names', () => {
    const text =
      '{"__proto__": {"services": {"evil": {"develop": 1}}}, "services": {"__proto__": {"develop": 1}, "a": {"__proto__": 1, "develop": {"__proto__": 1}}, "constructor": {"develop": 2}}}';
    const { entries, problems } = after(reading({}, 'd.json', text));
    expect([...entries.values()].filter(({ value }) => value !== null).map(({ key }) => key)).toEqual([
      'constructor.develop',
    ]);
    expect(problems.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['__proto__.develop', 'a.__proto__', '___proto__.a.develop', '__proto__']),
    );
    expect(({} as { services?: unknown }).services).toBeUndefined();
  });
});

describe('a document', () => {
  test.each([
    ['d.json', '', /^it is empty; an empty table is written \{\}/],
    ['d.yaml', ' \n\t\n', /^it is empty/],
    ['d.json', '[]', /^it is a list; want a mapping/],
    ['d.json', '"a"', /^it is "a"; want a mapping/],
    ['d.json', 'null', /^it is null; want a mapping/],
    ['d.yaml', '# only a comment\n', /^it is null; want a mapping/],
    ['d.yaml', '- a\n', /^it is a list; want a mapping/],
    ['d.yaml', 'a', /^it is "a"; want a mapping/],
    ['d.json', '{"a":1,"a":2}', /stands twice/],
    ['d.json', '{"kind": "Secret", "data": {}}', /^its kind is "Secret"; want "ConfigMap"/],
    ['d.json', '{"apiVersion": "v1", "data": {}}', /^its kind is of type undefined; want "ConfigMap"/],
    ['d.json', '{"kind": "ConfigMap", "data": []}', /^its "data" is a list; want a mapping/],
    ['d.yaml', 'kind: List\napiVersion: v1\nitems: []\n', /^its kind is "List"/],
  ])('%s with %j does not parse', (name, text, reason) => {
    expect(reasonOf(text, name)).toMatch(reason);
  });
});

test.each([
  ['flat', (keys: readonly string[]) => keys.map((key) => `${key}.develop: 1\n`), 3],
  ['nested', (keys: readonly string[]) => ['services:\n  a:\n', ...keys.map((key) => `    ${key}: 1\n`)], 1 + 3],
])('a %s document is read in pieces', (_, write, expected) => {
  const text = write(Array.from({ length: 2000 }, (_unused, index) => `s${index}`)).join('');
  const work = readDocument('d.yaml', text, 'yaml', parsers);
  let pauses = 0;
  while (work.next().done !== true) pauses += 1;
  expect(pauses).toBe(expected);
});

describe('a ConfigMap manifest', () => {
  const manifest = (data: unknown, more: object = {}): string =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'branchline' }, data, ...more });

  test('is read like a mounted folder', () => {
    expect(
      said(
        manifest({
          baseline: 'develop',
          'my-rest.develop': '8080',
          '_admin.my-rest.develop': '9090',
          '.hidden': 'x',
          services: 'x',
        }),
      ),
    ).toEqual({
      baseline: 'develop',
      'my-rest.develop': '8080',
      '_admin.my-rest.develop': '9090',
      services: 'x',
    });
  });

  test('may have no data', () => {
    for (const text of [manifest(undefined), manifest(null), manifest({})]) expect(said(text)).toEqual({});
  });

  test('holds text only: what is none is an invalid entry, binary data too', () => {
    expect(
      said(manifest({ 'a.develop': true, 'b.develop': { c: 1 } }, { binaryData: { 'c.develop': 'ODA4MA==' } })),
    ).toEqual({
      'a.develop': { found: 'true' },
      'b.develop': { found: 'an object' },
      'c.develop': { found: expect.stringContaining('binary data') },
    });
  });

  test('holds documents, each of which is taken or left alone', () => {
    const text = manifest({
      'a.json': '{"a.develop": 1}',
      'b.yaml': 'services: {b: {develop: 2}}\n',
      'c.yml': 'c: [',
      'd.json': '',
      'e.develop': '5',
    });
    const documents = documentsOf('m.json', text);
    expect([...documents.keys()]).toEqual([
      'm.json',
      'm.json#a.json',
      'm.json#b.yaml',
      'm.json#c.yml',
      'm.json#d.json',
    ]);
    const table = after({ keys: new Map(), documents });
    expect([...table.entries.keys()]).toEqual(expect.arrayContaining(['a.develop', 'b.develop', 'e.develop']));
    expect(table.problems.map(({ code, key }) => [code, key])).toEqual([
      ['ERR_CONFIG_INVALID', 'm.json#c.yml'],
      ['ERR_CONFIG_INVALID', 'm.json#d.json'],
    ]);
  });

  test('that holds a manifest reads it, or says that it does not', () => {
    const documents = documentsOf('m.json', manifest({ 'inner.json': manifest({ 'a.develop': '1' }) }));
    const { entries, problems } = after({ keys: new Map(), documents });
    expect(entries.has('a.develop')).toBe(problems.length === 0);
    expect(documents.has('m.json#inner.json')).toBe(true);
  });

  test.each([
    ['{"data": {},\n"kind": "Secret"}', 'its kind is "Secret"; want "ConfigMap", or no "kind" and no "apiVersion"', 2],
    ['{"apiVersion": "v1"}', 'its kind is of type undefined; want "ConfigMap", or no "kind" and no "apiVersion"', null],
    [
      '{"kind": "ConfigMap", "data": {},\n"a.develop": 1}',
      '"a.develop" stands beside "data"; what a ConfigMap says stands under "data"',
      2,
    ],
    ['{"kind": "ConfigMap",\n"data": []}', 'its "data" is a list; want a mapping', 2],
    ['{"kind": "ConfigMap",\n\n"binaryData": "x"}', 'its "binaryData" is "x"; want a mapping', 3],
  ])('that is none says what is wrong, and on which line: %s', (text, reason, line) => {
    expect(only(documentsOf('m.json', text))).toEqual({ broken: { reason, line } });
  });

  test('may say what a ConfigMap may say', () => {
    expect(said(manifest({ 'a.develop': '1' }, { immutable: true, binaryData: { '.hidden': 'e30=' } }))).toEqual({
      'a.develop': '1',
    });
  });

  test('with a document that is no text is broken there alone', () => {
    const documents = documentsOf(
      'm.json',
      manifest({ 'a.json': { b: 1 }, 'b.json': manifest({}) }, { binaryData: { 'c.yaml': 'e30=', 'x.json': '' } }),
    );
    const reasons = [...documents].map(([name, document]) => [
      name,
      'broken' in document ? document.broken.reason : null,
    ]);
    expect(reasons).toEqual([
      ['m.json', null],
      ['m.json#a.json', 'it is an object'],
      ['m.json#b.json', 'it is a manifest within a manifest; want a table'],
      ['m.json#c.yaml', 'it is binary data; write "c.yaml" under "data"'],
      ['m.json#x.json', 'it is binary data; write "x.json" under "data"'],
    ]);
  });

  test('tells the line of every key, and of a problem in a document its line there', () => {
    const table = after(
      reading(
        {},
        'm.yaml',
        'kind: ConfigMap\ndata:\n  a.develop: 808O\n  t.yaml: |\n    b.develop: 1\n    c.develop: 808O\n',
      ),
    );
    expect(table.problems.map(({ key, line, message }) => [key, line, message.split(';')[0]])).toEqual([
      ['a.develop', 3, '"a.develop" is "808O" in m.yaml:3'],
      ['c.develop', 2, '"c.develop" is "808O" in m.yaml#t.yaml:2'],
    ]);
  });
});

describe('the same table', () => {
  const value = fc.constantFrom(
    '',
    '8080',
    '1',
    'h.example.com',
    'h.example.com:90',
    '[::1]:80',
    'https://h.example.com/base/',
    'disabled',
    'x y',
    '808O',
  );
  const endpoint = fc.oneof({ weight: 3, arbitrary: fc.constant('default') }, { weight: 1, arbitrary: label(15) });
  const entries = fc.uniqueArray(
    fc.tuple(
      label(),
      label().filter((name) => !['json', 'yaml', 'yml'].includes(name)),
      endpoint,
      value,
    ),
    {
      selector: ([service, namespace, name]) => `${name}.${service}.${namespace}`,
      maxLength: 12,
    },
  );
  type Row = [service: string, namespace: string, endpoint: string, value: string];
  const keyOf = ([service, namespace, name]: Row): string =>
    name === 'default' ? `${service}.${namespace}` : `_${name}.${service}.${namespace}`;

  const flat = (rows: readonly Row[]): Record<string, string> =>
    Object.fromEntries(rows.map((row) => [keyOf(row), row[3]]));
  const nested = (rows: readonly Row[]): Record<string, Record<string, Record<string, string>>> => {
    const services: ReturnType<typeof nested> = {};
    for (const [service, namespace, name, text] of rows) ((services[service] ??= {})[namespace] ??= {})[name] = text;
    return services;
  };
  /** Spells numbers and nothing as such, where `plain` says so. */
  const spell = (text: string, plain: boolean): unknown =>
    !plain ? text : text === '' ? null : /^[0-9]+$/.test(text) ? Number(text) : text;
  const spelt = (node: unknown, plain: boolean): unknown =>
    typeof node === 'string'
      ? spell(node, plain)
      : Object.fromEntries(Object.entries(node as object).map(([key, child]) => [key, spelt(child, plain)]));
  const block = (node: unknown, indent = ''): string =>
    Object.entries(node as object)
      .map(([key, child]: [string, unknown]) => {
        if (typeof child === 'object' && child !== null) return `${indent}'${key}':\n${block(child, `${indent}  `)}`;
        const plain = typeof child === 'number' ? String(child) : ((child ?? '') as string);
        const text = typeof child === 'string' && /[:[\]]|^$/.test(child) ? `'${child}'` : plain;
        return `${indent}${key}: ${text} # x\n`;
      })
      .join('');

  test('comes from keys, and from a document that is flat or nested, JSON or YAML, or a manifest', () => {
    fc.assert(
      fc.property(entries, fc.boolean(), fc.constantFrom(undefined, '\t', 2), (rows, plain, indent) => {
        const table = { baseline: 'develop', ...flat(rows) };
        const wanted = after({ keys: keysOf(table) });
        const deep = { baseline: ['develop'], services: spelt(nested(rows), plain) };
        const manifest = { kind: 'ConfigMap', apiVersion: 'v1', data: table };
        const texts: [string, string][] = [
          ['d.json', JSON.stringify(spelt(table, plain), null, indent)],
          ['d.json', JSON.stringify(deep, null, indent)],
          ['d.yaml', JSON.stringify(spelt(table, plain), null, 1)],
          ['d.yaml', block(spelt(table, plain))],
          ['d.yaml', block({ baseline: 'develop', services: deep.services })],
          ['d.yaml', block(table).replaceAll('\n', '\r\n')],
          ['d.json', JSON.stringify(manifest, null, indent)],
          ['d.yaml', block(manifest)],
          ['d.yaml', `kind: ConfigMap\ndata:\n  t.yaml: |\n${block(table, '    ')}`],
        ];
        for (const [name, text] of texts) {
          const table_ = after(reading({}, name, text));
          const found = [...table_.entries].map(([key, entry]) => [key, entry.value, entry.raw] as const);
          expect([text, new Map(found.map(([key, parsed]) => [key, parsed]))]).toEqual([
            text,
            new Map([...wanted.entries].map(([key, entry]) => [key, entry.value])),
          ]);
          expect(table_.settings.get('baseline')?.setting?.text).toBe('develop');
          expect(table_.problems.map(({ code, key }) => [code, key])).toEqual(
            expect.arrayContaining(wanted.problems.map(({ code, key }) => [code, key])),
          );
          expect(table_.problems).toHaveLength(wanted.problems.length);
        }
      }),
      { numRuns: 100 },
    );
  });
});
