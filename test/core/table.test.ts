import { createHash } from 'node:crypto';

import { createResolver, memorySource } from 'branchline';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { parseSetting, type Setting, type SettingName } from '../../src/core/settings.ts';
import type { SourceTable } from '../../src/core/source-table.ts';
import {
  type CodeSettings,
  digestText,
  EMPTY_TABLE,
  entryOf,
  hasEntryIn,
  livesIn,
  merge,
  namespacesOf,
  serviceNames,
  type Table,
  textOf,
} from '../../src/core/table.ts';
import { after, reading, tableOf, update } from '../doubles/said.ts';

const source = (name: string, data: Readonly<Record<string, string>>): SourceTable =>
  update({ ...after(), source: name }, reading(data)).table;
const inCode = (settings: Readonly<Partial<Record<SettingName, string>>>): CodeSettings =>
  new Map(
    Object.entries(settings).map(([name, text]) => [
      name as SettingName,
      parseSetting(name as SettingName, text) as Setting,
    ]),
  );
const allKeys = ({ entries }: SourceTable): string[] => [...entries.keys()];
const shown = (table: Table): Record<string, string | null> =>
  Object.fromEntries([...table.entries].map(([key, entry]) => [key, textOf(entry)]));

describe('of several sources', () => {
  const low = source('low', {
    'a.develop': '1',
    'b.develop': '1',
    '_admin.a.develop': '1',
    baseline: 'low',
    strict: 'on',
  });
  const high = source('high', { 'a.develop': '2', 'c.develop': '2', baseline: 'high' });

  test('the last that has a key decides, key by key', () => {
    expect(shown(tableOf(low, high))).toEqual({
      'a.develop': '2',
      'b.develop': '1',
      '_admin.a.develop': '1',
      'c.develop': '2',
    });
    expect(shown(tableOf(high, low))).toMatchObject({ 'a.develop': '1' });
    expect(tableOf(low, high).entries.get('a.develop')?.source).toBe('high');
  });

  test('the last decides by its poison too', () => {
    const poison = source('poison', { 'a.develop': '808O', 'B.develop': '1' });
    expect(shown(tableOf(low, poison))).toMatchObject({ 'a.develop': 'invalid', 'b.develop': 'invalid' });
    expect(shown(tableOf(poison, low))).toMatchObject({ 'a.develop': '1', 'b.develop': '1' });
  });

  test('settings replace whole, one by one, and those of the code beat all', () => {
    expect(tableOf(low, high).settings).toMatchObject({ baseline: ['high'], strict: true });
    expect(
      merge(EMPTY_TABLE, [low, high], inCode({ baseline: 'code', strict: 'off' }), []).table.settings,
    ).toMatchObject({ baseline: ['code'], strict: false });
  });

  test('a setting that is no setting leaves the one below', () => {
    expect(tableOf(low, source('bad', { baseline: 'De velop', strict: 'nope' })).settings).toMatchObject({
      baseline: ['low'],
      strict: true,
    });
  });

  test('overrides that are no setting beat those below: they fail closed', () => {
    expect(tableOf(source('on', { overrides: 'on' }), source('bad', { overrides: 'nope' })).settings.overrides).toBe(
      false,
    );
  });

  test('the last decides, whatever they say, as an object spread would', () => {
    const keys = fc.constantFrom('a.develop', 'b.develop', '_admin.a.develop', 'c.feature-x');
    const data = fc.dictionary(keys, fc.constantFrom('', '1', '2', 'x y', 'disabled'), { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(data, { maxLength: 4 }), (all) => {
        const together: Record<string, string> = Object.assign({}, ...all);
        for (const [key, text] of Object.entries(together)) if (text === 'x y') together[key] = 'invalid';
        expect(shown(tableOf(...all.map((one, rank) => source(String(rank), one))))).toEqual(together);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a merge', () => {
  test('looks at the changed keys only, and tells what became different', () => {
    const first = source('s', { 'a.develop': '1', 'b.develop': '2', strict: 'on' });
    const { table } = merge(EMPTY_TABLE, [first], new Map(), allKeys(first));
    const { table: second, changed } = update(
      first,
      reading({ 'a.develop': '3', 'c.develop': 'x y', baseline: 'develop' }),
    );
    const result = merge(table, [second], new Map(), changed);
    expect(result.changes().toSorted((one, other) => (one.key < other.key ? -1 : 1))).toEqual([
      { key: 'a.develop', from: '1', to: '3' },
      { key: 'b.develop', from: '2', to: null },
      { key: 'baseline', from: null, to: 'develop' },
      { key: 'c.develop', from: null, to: 'invalid' },
      { key: 'strict', from: 'on', to: null },
    ]);
    expect(shown(table)).toEqual({ 'a.develop': '1', 'b.develop': '2' });
  });

  test('of nothing new is the same table', () => {
    const said = source('s', { 'a.develop': '1', strict: 'on' });
    const { table } = merge(EMPTY_TABLE, [said], new Map(), allKeys(said));
    const merged = merge(table, [said], new Map(), allKeys(said));
    expect([merged.isNews, merged.changes()]).toEqual([false, []]);
    expect(merge(table, [said], new Map(), []).table).toBe(table);
    expect(merge(table, [said], new Map(), allKeys(said)).table).toBe(table);
    const below = source('below', { 'a.develop': '2' });
    expect(merge(table, [below, said], new Map(), allKeys(below)).table).toBe(table);
  });

  test('of one source that has entries copies nothing, whatever other sources there are', () => {
    const said = source('s', { 'a.develop': '1', strict: 'on' });
    const others = [source('low', { baseline: 'develop' }), source('high', {})] as const;
    expect(tableOf(said).entries).toBe(said.entries);
    expect(tableOf(others[0], said, others[1]).entries).toBe(said.entries);
  });

  test('in which a value stays and its source or its freshness does not tells no change', () => {
    const one = source('one', { 'a.develop': '1' });
    const two = source('two', { 'a.develop': ' 1 ' });
    const { table } = merge(EMPTY_TABLE, [one], new Map(), allKeys(one));
    const moved = merge(table, [one, two], new Map(), allKeys(two));
    expect([moved.isNews, moved.changes(), moved.table.entries.get('a.develop')?.source]).toEqual([false, [], 'two']);
    const stale = update(one, reading({ 'a.develop': 'x y' })).table;
    const { isNews, changes } = merge(table, [stale], new Map(), allKeys(stale));
    expect([isNews, changes()]).toEqual([false, []]);
  });

  test('of any changes, one after the other, is the merge of the last ones', () => {
    const keys = fc.constantFrom(
      'a.develop',
      '_admin.a.develop',
      '_grpc.a.develop',
      'b.develop',
      'a.feature-x',
      '_admin.a.feature-x',
      'baseline',
    );
    const data = fc.dictionary(keys, fc.constantFrom('1', '2', 'disabled'), { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1), data), { maxLength: 6 }), (steps) => {
        const tables = [source('low', {}), source('high', {})];
        let table = EMPTY_TABLE;
        for (const [rank, said] of steps) {
          const next = update({ ...(tables[rank] as SourceTable) }, reading(said));
          tables[rank] = next.table;
          const before = digestText(table);
          const result = merge(table, tables, new Map(), next.changed);
          const isNews = digestText(result.table) !== before;
          expect([result.isNews, result.changes().length > 0]).toEqual([isNews, isNews]);
          table = result.table;
        }
        const fresh = tableOf(...tables);
        expect(shown(table)).toEqual(shown(fresh));
        expect(table.endpoints).toEqual(fresh.endpoints);
        expect([table.settings.baseline, table.configured]).toEqual([fresh.settings.baseline, fresh.configured]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a table', () => {
  test.each<[string, Record<string, string>, boolean]>([
    ['nothing', {}, false],
    [
      'a setting that is no baseline',
      { strict: 'on', template: 'http://{service}.{namespace}', overrides: 'off' },
      false,
    ],
    ['a baseline', { baseline: 'develop' }, true],
    ['an entry', { 'a.develop': '' }, true],
    ['a poisoned entry', { 'a.develop': 'x y' }, true],
    ['the poison of a malformed key', { 'A.develop': '1' }, true],
    ['a malformed key that means nothing', { 'a.b.c': '1' }, false],
  ])('of %s is configured, or is not', (_, data, configured) => {
    expect(tableOf(source('s', data)).configured).toBe(configured);
  });

  test('is configured by a baseline in code', () => {
    expect(merge(EMPTY_TABLE, [], inCode({ baseline: 'develop' }), []).table.configured).toBe(true);
    expect(merge(EMPTY_TABLE, [], inCode({ strict: 'on' }), []).table.configured).toBe(false);
  });

  test('knows where a service lives by any entry, in whatever state', () => {
    const table = tableOf(
      source('s', { 'a.develop': '1', '_admin.b.develop': '2', 'c.feature-x': 'x y', 'd.develop': 'disabled' }),
    );
    expect(['a', 'b', 'c', 'd', 'e'].map((service) => livesIn(table, service, 'develop'))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
    expect(livesIn(table, 'c', 'feature-x')).toBe(true);
    expect(entryOf(table, 'b', 'develop', 'default')).toBeUndefined();
    expect(entryOf(table, 'b', 'develop', 'admin')?.raw).toBe('2');
    expect(serviceNames(table)).toEqual(['a', 'b', 'c', 'd']);
    expect([namespacesOf(table, 'c'), namespacesOf(table, 'z')]).toEqual([['feature-x'], []]);
    expect([
      hasEntryIn(table, ['develop']),
      hasEntryIn(table, ['feature-x']),
      hasEntryIn(table, ['evelop', 'x']),
      hasEntryIn(table, []),
    ]).toEqual([true, true, false, false]);
  });

  test('names all namespaces of a service, sorted', () => {
    const table = tableOf(source('s', { 'a.z': '1', '_admin.a.y': '2', 'a.x': 'x y', 'b.w': '1', '_grpc.a.z': '1' }));
    expect(namespacesOf(table, 'a')).toEqual(['x', 'y', 'z']);
  });

  test('counts the named endpoints of a service, and those only', () => {
    const table = tableOf(
      source('s', { 'a.develop': '1', '_admin.a.develop': '1', '_grpc.a.develop': '2', 'b.develop': '' }),
    );
    expect([...table.endpoints]).toEqual([['a.develop', 2]]);
  });

  test('forgets where a service lives when its last entry there goes', () => {
    const first = source('s', { '_admin.a.develop': '1', '_grpc.a.develop': '2' });
    let { table } = merge(EMPTY_TABLE, [first], new Map(), allKeys(first));
    const second = update(first, reading({ '_grpc.a.develop': '2' }));
    ({ table } = merge(table, [second.table], new Map(), second.changed));
    expect(livesIn(table, 'a', 'develop')).toBe(true);
    const third = update(second.table, reading({}));
    ({ table } = merge(table, [third.table], new Map(), third.changed));
    expect([livesIn(table, 'a', 'develop'), table.endpoints.size, table.configured]).toEqual([false, 0, false]);
  });
});

describe('the digest', () => {
  const digestOf = (data: Record<string, string>, ...more: Record<string, string>[]): string =>
    createResolver({
      namespace: null,
      sources: [data, ...more].map((one, rank) => ({ ...memorySource(one), name: `memory ${rank}` })),
    }).status().digest;
  const sha = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

  test('is 16 hex digits of the SHA-256 of the sorted lines', () => {
    expect(digestOf({})).toBe('e3b0c44298fc1c14');
    expect(digestOf({ 'b.develop': '2', 'a.develop': ' 1\n', strict: ' on ', 'c.develop': '' })).toBe(
      sha('a.develop=1\nb.develop=2\nc.develop=\nstrict=on\n'),
    );
    expect(digestText(tableOf(source('s', { 'a.develop': '1', baseline: ' b , a', 'z.develop': 'x y' })))).toBe(
      'a.develop=1\nbaseline=b,a\nz.develop=invalid\n',
    );
  });

  test('is of the table in force, wherever its parts come from, and whoever asks', () => {
    expect(digestOf({ 'a.develop': '1', 'b.develop': '1' }, { 'b.develop': '2' })).toBe(
      digestOf({ 'a.develop': '1', 'b.develop': '2' }),
    );
    const sources = [memorySource({ 'a.develop': '1' })];
    expect(createResolver({ namespace: 'feature-x', sources }).status().digest).toBe(
      createResolver({ namespace: null, sources }).status().digest,
    );
    expect(createResolver({ namespace: null, sources, baseline: 'epic-1' }).status().digest).toBe(
      digestOf({ 'a.develop': '1', baseline: 'epic-1' }),
    );
  });

  test('is not changed by the order of keys, or by white space', () => {
    const keys = fc.constantFrom(
      'a.develop',
      'a-b.develop',
      'b.develop',
      '_admin.a.develop',
      'a.feature-x',
      'aa.develop',
    );
    const space = fc.constantFrom('', ' ', '\n', '\r\n', '\t');
    const rows = fc.uniqueArray(fc.tuple(keys, fc.constantFrom('', '1', 'h.example.com', 'x y'), space, space), {
      selector: ([key]) => key,
    });
    fc.assert(
      fc.property(rows, fc.nat(), (all, seed) => {
        const plain = Object.fromEntries(all.map(([key, value]) => [key, value]));
        const turned = all
          .map((row, index) => ({ row, rank: Math.imul(index + 1, seed + 7919) }))
          .toSorted((one, other) => one.rank - other.rank);
        const other = Object.fromEntries(
          turned.map(({ row: [key, value, before, behind] }) => [key, before + value + behind]),
        );
        expect(digestText(tableOf(source('s', other)))).toBe(digestText(tableOf(source('s', plain))));
        expect(digestText(tableOf(source('s', plain)))).toBe(
          Object.entries(plain)
            .map(([key, value]) => `${key}=${value === 'x y' ? 'invalid' : value}\n`)
            .toSorted()
            .join(''),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('tells apart tables that answer differently', () => {
    const data = fc.dictionary(
      fc.constantFrom('a.develop', 'b.develop', 'a.feature-x'),
      fc.constantFrom('', '1', '2', 'disabled', 'x y', 'z'),
      { noNullPrototype: true },
    );
    const inOrder = (table: Table): string =>
      Object.entries(shown(table))
        .map((row) => JSON.stringify(row))
        .toSorted()
        .join();
    fc.assert(
      fc.property(data, data, (one, other) => {
        const [first, second] = [tableOf(source('s', one)), tableOf(source('s', other))];
        expect(digestText(first) === digestText(second)).toBe(inOrder(first) === inOrder(second));
      }),
    );
  });
});
