import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { interpret } from '../../src/core/interpret.ts';
import { parseVariable } from '../../src/core/keys.ts';
import { ENTRY_LIMIT, KEY_LIMIT, type Reading, SOURCE_LIMIT } from '../../src/core/reading.ts';
import type { SourceTable } from '../../src/core/source-table.ts';
import { atOnce } from '../../src/resolver/pieces.ts';
import { after, documentsOf, keysOf, NOTHING_SAID, reading, saying, update } from '../doubles/said.ts';

/** What the table says: each key with its value, `(stale)` where it is the last good one, or `poisoned`. */
function entriesOf(table: SourceTable): Record<string, string> {
  return Object.fromEntries(
    [...table.entries].map(([key, { value, raw, stale }]) => [
      key,
      value === null ? 'poisoned' : `${raw.trim()}${stale ? ' (stale)' : ''}`,
    ]),
  );
}
function settingsOf(table: SourceTable): Record<string, string | null> {
  return Object.fromEntries(
    [...table.settings].map(([name, { setting, stale }]) => [
      name,
      setting === null ? null : `${setting.text}${stale ? ' (stale)' : ''}`,
    ]),
  );
}
const problemsOf = (table: SourceTable) => table.problems.map(({ code, key }) => [code, key]);

describe('an invalid entry', () => {
  test('without a last good value is poisoned', () => {
    const table = after(reading({ 'a.develop': '808O', 'b.develop': '1' }));
    expect(entriesOf(table)).toEqual({ 'a.develop': 'poisoned', 'b.develop': '1' });
    expect(table.problems).toMatchObject([
      {
        code: 'ERR_ENTRY_INVALID',
        source: 'test',
        key: 'a.develop',
        line: null,
        message: expect.stringMatching(saying('"a.develop" is "808O" in a.develop', 'want empty, a port')),
      },
    ]);
    expect([table.fatal, [...table.stale.keys()]]).toEqual([[], []]);
    expect(table.entries.get('a.develop')).toMatchObject({ value: null, raw: '', stale: false });
    expect(table.problems[0]?.message).toContain('Looking it up is an error until it is mended.');
  });

  test('keeps its last good value, however often it is wrong', () => {
    const table = after(
      reading({ 'a.develop': '8080' }),
      reading({ 'a.develop': '808O' }),
      reading({ 'a.develop': 'x y' }),
    );
    expect(entriesOf(table)).toEqual({ 'a.develop': '8080 (stale)' });
    expect([...table.stale.keys()]).toEqual(['a.develop']);
    expect(table.stale.get('a.develop')).toBe(table.problems[0]);
    expect(table.problems[0]?.message).toMatch(saying('"x y"', 'last good value stays'));
  });

  test('is mended by a good value', () => {
    const table = after(
      reading({ 'a.develop': '8080' }),
      reading({ 'a.develop': '808O' }),
      reading({ 'a.develop': '8080' }),
    );
    expect(entriesOf(table)).toEqual({ 'a.develop': '8080' });
    expect([table.stale.size, table.problems]).toEqual([0, []]);
    expect(entriesOf(after(reading({ 'a.develop': '808O' }), reading({ 'a.develop': '8080' })))).toEqual({
      'a.develop': '8080',
    });
  });

  test('forgets its last good value when the key is gone for one complete reading', () => {
    const table = after(reading({ 'a.develop': '8080' }), reading({}), reading({ 'a.develop': '808O' }));
    expect(entriesOf(table)).toEqual({ 'a.develop': 'poisoned' });
  });

  test('is also one whose value is no text', () => {
    const table = after(
      reading({ 'a.develop': '8080', 'b.develop': '1' }),
      reading({ 'a.develop': { found: 'a FIFO' }, 'b.develop': '1' }),
    );
    expect(entriesOf(table)).toEqual({ 'a.develop': '8080 (stale)', 'b.develop': '1' });
    expect(table.problems[0]?.message).toContain('"a.develop" is a FIFO in a.develop');
  });

  test('in a document tells the line', () => {
    const table = after(reading({}, 'd.json', '{\n"a.develop": 1,\n"services": {"b":\n{"develop": "808O"}}}'));
    expect(table.problems).toMatchObject([
      { key: 'b.develop', line: 4, message: expect.stringContaining('"b.develop" is "808O" in d.json:4') },
    ]);
  });
});

describe('a malformed key', () => {
  test('poisons the key that it must have meant', () => {
    const table = after(reading({ 'My_Rest.feature-x': '8080' }));
    expect(entriesOf(table)).toEqual({ 'my-rest.feature-x': 'poisoned' });
    expect(table.problems).toMatchObject([
      {
        code: 'ERR_INVALID_NAME',
        key: 'My_Rest.feature-x',
        message: expect.stringMatching(saying('My_Rest.feature-x', 'malformed', '"my-rest.feature-x"')),
      },
    ]);
    expect(table.entries.get('my-rest.feature-x')?.problem).toBe(table.problems[0]);
    expect(table.entries.get('my-rest.feature-x')).toMatchObject({ value: null, raw: '', stale: false });
  });

  test.each([
    ['before', { 'My_Rest.develop': '1', 'my-rest.develop': '8080' }],
    ['behind', { 'my-rest.develop': '8080', 'My_Rest.develop': '1' }],
  ])('poisons nothing where its source has that key well-formed %s it', (_, keys) => {
    const table = after(reading(keys));
    expect(entriesOf(table)).toEqual({ 'my-rest.develop': '8080' });
    expect(problemsOf(table)).toEqual([['ERR_INVALID_NAME', 'My_Rest.develop']]);
  });

  test('poisons nothing where a document of its source has that key, or where that key did not change', () => {
    expect(entriesOf(after(reading({ 'A.develop': '1' }, 'd.json', '{"a.develop": 2}')))).toEqual({ 'a.develop': '2' });
    expect(entriesOf(after(reading({ 'a.develop': '2' }), reading({ 'A.develop': '1', 'a.develop': '2' })))).toEqual({
      'a.develop': '2',
    });
  });

  test('leaves the key that is well-formed and invalid to its own problem', () => {
    const table = after(reading({ 'A.develop': '1', 'a.develop': '808O' }));
    expect(entriesOf(table)).toEqual({ 'a.develop': 'poisoned' });
    expect(table.entries.get('a.develop')?.problem).toMatchObject({ code: 'ERR_ENTRY_INVALID' });
  });

  test('is said once for each spelling, and poisons once', () => {
    const table = after(reading({ 'A.develop': '1', 'a.DEVELOP': '2' }));
    expect(entriesOf(table)).toEqual({ 'a.develop': 'poisoned' });
    expect(problemsOf(table)).toEqual([
      ['ERR_INVALID_NAME', 'A.develop'],
      ['ERR_INVALID_NAME', 'a.DEVELOP'],
    ]);
  });

  test('in place of a good one takes its last good value away: the key is gone', () => {
    const table = after(reading({ 'a.develop': '1' }), reading({ 'A.develop': '1' }));
    expect(entriesOf(table)).toEqual({ 'a.develop': 'poisoned' });
  });

  test('that means nothing poisons nothing', () => {
    const table = after(reading({ 'a.b.c': '1', '.develop': '2', '__proto__.develop': '3', 'a.__proto__': '4' }));
    expect(entriesOf(table)).toEqual({});
    expect(table.problems).toHaveLength(4);
  });

  test('that is mended is good at once', () => {
    expect(entriesOf(after(reading({ 'A.develop': '1' }), reading({ 'a.develop': '1' })))).toEqual({
      'a.develop': '1',
    });
  });
});

describe('two values for one key', () => {
  test('are poison that names both places', () => {
    const table = after(reading({ 'a.develop': '1' }, 'd.json', '{"a.develop": 2}'));
    expect(entriesOf(table)).toEqual({ 'a.develop': 'poisoned' });
    expect(table.problems).toMatchObject([
      {
        code: 'ERR_ENTRY_INVALID',
        key: 'a.develop',
        message: expect.stringMatching(
          saying('"a.develop" has two values', '"1" in a.develop', '"2" in d.json', 'an error until'),
        ),
      },
    ]);
  });

  test('keep the last good one where there is one', () => {
    const table = after(reading({ 'a.develop': '1' }), reading({ 'a.develop': '1' }, 'd.json', '{"a.develop": 2}'));
    expect(entriesOf(table)).toEqual({ 'a.develop': '1 (stale)' });
    expect(table.problems[0]?.message).toMatch(saying('two values', 'last good value stays'));
    expect(entriesOf(update(table, reading({}, 'd.json', '{"a.develop": 2}')).table)).toEqual({ 'a.develop': '2' });
  });

  test('are no conflict when they are equal', () => {
    const table = after(reading({ 'a.develop': '1' }, 'd.json', '{"a.develop": 1}'));
    expect([entriesOf(table), table.problems]).toEqual([{ 'a.develop': '1' }, []]);
  });

  test('of two spellings of a variable name both variables', () => {
    const table = after({
      keys: keysOf({ BRANCHLINE_A__DEVELOP: '1', 'BRANCHLINE_a.develop': '2' }),
      parseKey: parseVariable,
      locate: (name) => `the variable ${name}`,
    });
    expect(entriesOf(table)).toEqual({ 'a.develop': 'poisoned' });
    expect(table.problems[0]?.message).toMatch(
      saying('"1" in the variable BRANCHLINE_A__DEVELOP', '"2" in the variable BRANCHLINE_a.develop'),
    );
  });

  test('of a setting count as an invalid setting', () => {
    const table = after(reading({ baseline: 'a' }, 'd.json', '{"baseline": "b"}'));
    expect(settingsOf(table)).toEqual({ baseline: null });
    expect(table.fatal).toMatchObject([
      {
        code: 'ERR_CONFIG_INVALID',
        key: 'baseline',
        message: expect.stringMatching(saying('"a" in baseline', '"b" in d.json', 'counts as not given')),
      },
    ]);
    const later = update(table, reading({ baseline: 'a' })).table;
    expect(update(later, reading({ baseline: 'a' }, 'd.json', '{"baseline": "b"}')).table.problems[0]?.message).toMatch(
      saying('two values', 'last good value stays'),
    );
  });
});

describe('a document that does not parse', () => {
  const good = reading({ 'k.develop': '1' }, 'd.json', '{"a.develop": 1, "b.develop": 2, "strict": true}');

  test('keeps everything it said, and disturbs nothing else', () => {
    const table = after(good, reading({ 'k.develop': '9', 'l.develop': '3' }, 'd.json', '{"a.develop": 5,'));
    expect(entriesOf(table)).toEqual({
      'k.develop': '9',
      'l.develop': '3',
      'a.develop': '1 (stale)',
      'b.develop': '2 (stale)',
    });
    expect(settingsOf(table)).toEqual({ strict: 'true (stale)' });
    expect([...table.stale.keys()]).toEqual(['d.json']);
    expect(problemsOf(table)).toEqual([['ERR_CONFIG_INVALID', 'd.json']]);
    expect(table.fatal).toEqual([]);
  });

  test('keeps it through any number of bad readings, and is taken again when it parses', () => {
    const broken = ['', '{', '[]', '{"a.develop": 1, "a.develop": 2}', 'null'].map((text) =>
      reading({ 'k.develop': '1' }, 'd.json', text),
    );
    const kept = after(good, ...broken, ...broken);
    expect(entriesOf(kept)).toEqual({ 'k.develop': '1', 'a.develop': '1 (stale)', 'b.develop': '2 (stale)' });
    const mended = update(kept, reading({ 'k.develop': '1' }, 'd.json', '{"a.develop": 5}'));
    expect(entriesOf(mended.table)).toEqual({ 'k.develop': '1', 'a.develop': '5' });
    expect([mended.table.stale.size, mended.table.problems]).toEqual([0, []]);
    expect([...mended.changed].toSorted()).toEqual(['a.develop', 'b.develop']);
  });

  test('keeps what it said well before it said something invalid', () => {
    const table = after(
      good,
      reading({}, 'd.json', '{"a.develop": "808O", "b.develop": 3}'),
      reading({}, 'd.json', '{'),
    );
    expect(entriesOf(table)).toEqual({ 'a.develop': '1 (stale)', 'b.develop': '3 (stale)' });
  });

  test('is forgotten when it is gone', () => {
    expect(entriesOf(after(good, reading({ 'k.develop': '1' })))).toEqual({ 'k.develop': '1' });
    expect(entriesOf(after(good, reading({}), reading({}, 'd.json', '{')))).toEqual({});
  });

  test('keeps the key that it has poisoned poisoned', () => {
    expect(entriesOf(after(reading({}, 'd.json', '{"A.develop": 1}'), reading({}, 'd.json', '{')))).toEqual({
      'a.develop': 'poisoned',
    });
  });

  test('does so alone, where a manifest holds several', () => {
    const manifest = (...texts: string[]): Reading => ({
      keys: new Map(),
      documents: documentsOf(
        'm.json',
        JSON.stringify({
          kind: 'ConfigMap',
          data: Object.fromEntries(texts.map((text, index) => [`${index}.json`, text])),
        }),
      ),
    });
    const table = after(manifest('{"a.develop": 1}', '{"b.develop": 2}'), manifest('{"a.develop": 9}', '{'));
    expect(entriesOf(table)).toEqual({ 'a.develop': '9', 'b.develop': '2 (stale)' });
    expect([...table.stale.keys()]).toEqual(['m.json#1.json']);
    // What is gone from a manifest that parses is gone.
    expect(entriesOf(update(table, manifest('{"a.develop": 9}')).table)).toEqual({ 'a.develop': '9' });
  });

  test('keeps nothing of another document, which is gone', () => {
    const documents = new Map([
      ...documentsOf('d.json', '{"a.develop": 1}'),
      ...documentsOf('e.json', '{"b.develop": 2}'),
    ]);
    const table = after({ keys: new Map(), documents }, reading({}, 'd.json', '{'));
    expect(entriesOf(table)).toEqual({ 'a.develop': '1 (stale)' });
  });

  test('yields to what another document says now, whichever comes first', () => {
    const two = (first: string, second: string): Reading => ({
      keys: new Map(),
      documents: new Map([...documentsOf('d.json', first), ...documentsOf('e.json', second)]),
    });
    const broken = '{';
    for (const [before, now] of [
      [two('{"a.develop": 1}', '{}'), two(broken, '{"a.develop": 2}')],
      [two('{}', '{"a.develop": 1}'), two('{"a.develop": 2}', broken)],
    ] as const) {
      const table = after(before, now);
      expect(entriesOf(table)).toEqual({ 'a.develop': '2' });
      expect(table.problems).toHaveLength(1);
    }
  });

  test('stays in conflict with another one that does not parse any more either', () => {
    const two = (first: string, second: string): Reading => ({
      keys: new Map(),
      documents: new Map([...documentsOf('d.json', first), ...documentsOf('e.json', second)]),
    });
    const table = after(two('{"a.develop": 1}', '{"a.develop": 2}'), two('{', '{'));
    expect(entriesOf(table)).toEqual({ 'a.develop': 'poisoned' });
  });

  test('keeps what the documents in it said, where it is a manifest', () => {
    const manifest = (text: string): string =>
      JSON.stringify({ kind: 'ConfigMap', data: { 'b.develop': '2', 't.json': text } });
    const table = after(
      reading({}, 'm.json', manifest('{"a.develop": 1}')),
      reading({}, 'm.json', '{"kind":'),
      reading({}, 'm.json', ''),
    );
    expect(entriesOf(table)).toEqual({ 'b.develop': '2 (stale)', 'a.develop': '1 (stale)' });
    expect(table.problems[1]?.message).toContain('m.json#t.json does not parse: the document that it is in does not');
    expect(entriesOf(update(table, reading({}, 'm.json', manifest('{"c.develop": 3}'))).table)).toEqual({
      'b.develop': '2',
      'c.develop': '3',
    });
    expect(entriesOf(update(table, reading({})).table)).toEqual({});
  });

  test('wherever it is cut off, answers as before', () => {
    const text = '{"a.develop": 8080, "services": {"b": {"develop": {"default": "h.example.com", "admin": 9}}}}';
    const before = after(reading({}, 'd.json', text));
    for (let length = 0; length < text.length; length += 1) {
      const { table } = update(before, reading({}, 'd.json', text.slice(0, length)));
      expect([...table.entries].map(([key, { value }]) => [key, value])).toEqual(
        [...before.entries].map(([key, { value }]) => [key, value]),
      );
    }
  });
});

describe('an invalid setting', () => {
  test('keeps a process from starting, and keeps its last good value later', () => {
    const bad = { baseline: 'De velop', template: 'http://x', strict: 'yes' };
    const first = after(reading(bad));
    expect(settingsOf(first)).toEqual({ baseline: null, template: null, strict: null });
    expect([first.fatal, first.stale.size]).toEqual([first.problems, 0]);
    expect(first.problems.filter(({ message }) => !message.includes('It counts as not given.'))).toEqual([]);
    expect(first.fatal.map(({ code, key }) => [code, key])).toEqual([
      ['ERR_CONFIG_INVALID', 'baseline'],
      ['ERR_CONFIG_INVALID', 'template'],
      ['ERR_CONFIG_INVALID', 'strict'],
    ]);

    const later = after(
      reading({ baseline: 'a,b', template: 'http://{service}.{namespace}', strict: 'on' }),
      reading(bad),
    );
    expect(settingsOf(later)).toEqual({
      baseline: 'a,b (stale)',
      template: 'http://{service}.{namespace} (stale)',
      strict: 'on (stale)',
    });
    expect([...later.stale.keys()]).toEqual(['baseline', 'template', 'strict']);
    expect(later.problems[0]?.message).toMatch(
      saying('baseline is "De velop" in baseline', 'want one namespace', 'last good value stays'),
    );
  });

  test.each([['on'], ['true'], [undefined]])('of overrides is off, whatever it was: %s', (before) => {
    const table = after(reading(before === undefined ? {} : { overrides: before }), reading({ overrides: 'offf' }));
    expect(table.settings.get('overrides')).toMatchObject({ setting: { value: false } });
    expect([...table.stale.keys()]).toEqual(['overrides']);
    expect(table.problems[0]?.message).toMatch(saying('"offf"', 'off until it is mended'));
  });

  test('of overrides stays off while it is wrong, in conflict, or unreadable', () => {
    const wrong = [
      reading({ overrides: '' }),
      reading({ overrides: { found: 'a FIFO' } }),
      reading({ overrides: 'on' }, 'd.json', '{"overrides": "off"}'),
    ];
    for (const said of wrong)
      expect(after(reading({ overrides: 'on' }), said).settings.get('overrides')?.setting?.value).toBe(false);
    expect(
      after(reading({ overrides: 'on' }), ...wrong, reading({ overrides: 'on' })).settings.get('overrides'),
    ).toMatchObject({ setting: { value: true }, stale: false, problem: null });
  });

  test('that is gone counts as not given', () => {
    expect(
      settingsOf(after(reading({ strict: 'on', overrides: 'off' }), reading({ strict: 'x' }), reading({}))),
    ).toEqual({});
  });

  test('has no effect on entries', () => {
    expect(entriesOf(after(reading({ baseline: 'De velop', 'a.develop': '1' })))).toEqual({ 'a.develop': '1' });
  });
});

test('an unknown setting is a warning, and never keeps a process from starting', () => {
  const table = after(reading({ basline: 'x', 'a.develop': '1' }));
  expect(problemsOf(table)).toEqual([['WARN_SETTING_UNKNOWN', 'basline']]);
  expect(table.fatal).toEqual([]);
});

describe('what did not change', () => {
  const rich = (): Reading =>
    reading(
      { 'a.develop': '1', 'b.develop': '808O', 'C.develop': '1', 'e.develop': '1', strict: 'on' },
      'd.json',
      '{"d.develop": 2, "e.develop": 3, "f.develop": true}',
    );

  test('is the same entry, and is not told', () => {
    const before = after(rich());
    const { table, changed } = update(before, rich());
    expect([...changed]).toEqual([]);
    for (const [key, entry] of table.entries) expect([key, entry === before.entries.get(key)]).toEqual([key, true]);
    expect(table.problems).toEqual(before.problems);
  });

  test('is the same entry wherever its source says it now, and whatever came or went before it', () => {
    const keys = ['a.develop', 'b.develop', 'c.develop', 'd.develop', '_admin.a.develop'];
    const said = fc.shuffledSubarray(keys, { minLength: 1 });
    const asDocument = (order: readonly string[]): Reading =>
      reading({}, 'd.json', JSON.stringify(Object.fromEntries(order.map((key) => [key, key.length]))));
    const asKeys = (order: readonly string[]): Reading => ({ keys: new Map(order.map((key) => [key, '1'])) });
    fc.assert(
      fc.property(said, said, fc.constantFrom(asDocument, asKeys), (first, second, as) => {
        const before = after(as(first));
        const { table, changed } = update(before, as(second));
        expect([...table.entries.keys()]).toEqual(second);
        for (const key of second.filter((one) => first.includes(one))) {
          expect(table.entries.get(key)).toBe(before.entries.get(key));
        }
        const other = [
          ...first.filter((one) => !second.includes(one)),
          ...second.filter((one) => !first.includes(one)),
        ];
        expect(changed.toSorted()).toEqual(other.toSorted());
      }),
      { numRuns: 200 },
    );
  });

  test('stays the same entry when something else changes', () => {
    const before = after(rich());
    const { table, changed } = update(before, {
      ...rich(),
      keys: new Map([...rich().keys, ['a.develop', '9'], ['z.develop', '1']]),
    });
    expect([...changed].toSorted()).toEqual(['a.develop', 'z.develop']);
    expect(table.entries.get('d.develop')).toBe(before.entries.get('d.develop'));
    expect(table.entries.get('b.develop')).toBe(before.entries.get('b.develop'));
  });

  test('is not a key that went, or became stale, or recovered', () => {
    const changedOf = (...readings: Reading[]): string[] => [
      ...update(after(...readings.slice(0, -1)), readings.at(-1) as Reading).changed,
    ];
    expect(changedOf(reading({ 'a.develop': '1' }), reading({}))).toEqual(['a.develop']);
    expect(changedOf(reading({ 'a.develop': '1' }), reading({ 'a.develop': 'x y' }))).toEqual(['a.develop']);
    expect(
      changedOf(reading({ 'a.develop': '1' }), reading({ 'a.develop': 'x y' }), reading({ 'a.develop': '1' })),
    ).toEqual(['a.develop']);
  });
});

describe('limits', () => {
  const refused = (said: Reading): string | null => {
    const result = atOnce(interpret(after(reading({ 'a.develop': '1' })), said));
    return 'failed' in result ? result.failed.message : null;
  };
  const many = (count: number): Reading => ({
    keys: new Map(Array.from({ length: count }, (_, index) => [`s${index}.develop`, ''])),
  });

  test('a source has at most 20,000 entries; one more, and nothing of the reading is taken', () => {
    expect(ENTRY_LIMIT).toBe(20_000);
    expect(refused(many(20_000))).toBeNull();
    expect(refused(many(20_001))).toMatch(saying('test', 'more than 20000 entries'));
    const poisoned = new Map(Array.from({ length: 20_001 }, (_, index) => [`S${index}.develop`, '']));
    expect(refused({ keys: poisoned })).toMatch(/more than 20000 entries/);
    const leaves = [...many(20_001).keys.keys()].map((key) => ({ key, value: '', line: null }));
    expect(refused({ keys: new Map(), documents: new Map([['d', { leaves }]]) })).toMatch(/more than 20000 entries/);
  });

  test('keys that are no entries count too, a hundred of them aside', () => {
    const none = (count: number): string[] => Array.from({ length: count }, (_, index) => `a.b.c.${index}`);
    const asKeys = (keys: readonly string[]): Reading => ({ keys: new Map(keys.map((key) => [key, ''])) });
    const asDocument = (keys: readonly string[]): Reading => ({
      keys: new Map(),
      documents: new Map([['d', { leaves: keys.map((key) => ({ key, value: '', line: null })) }]]),
    });
    for (const say of [asKeys, asDocument]) {
      expect(entriesOf(after(say([...none(20_099), 'a.develop'])))).toEqual({ 'a.develop': '' });
      expect(refused(say(none(20_101)))).toMatch(saying('test', 'more than 20000 entries'));
    }
  });

  test('a source has at most 1,000 problems; the last says how many more there are', () => {
    const wrong = (count: number): SourceTable =>
      after({ keys: new Map(Array.from({ length: count }, (_, index) => [`s${index}.develop`, 'x y'])) });
    expect(wrong(1000).problems.map(({ key }) => key)).not.toContain(null);
    const { problems } = wrong(1002);
    expect([problems.length, problems.at(-1)]).toEqual([
      1001,
      {
        code: 'ERR_CONFIG_INVALID',
        message: 'test has 2 further problems, which are not listed.',
        source: 'test',
        key: null,
        line: null,
      },
    ]);
  });

  test('a source holds at most 4 MiB of keys and values', () => {
    expect([KEY_LIMIT, SOURCE_LIMIT]).toEqual([1024 * 1024, 4 * 1024 * 1024]);
    const big = 'x'.repeat(KEY_LIMIT - 'a.develop'.length);
    const four = { 'a.develop': big, 'b.develop': big, 'c.develop': big, 'd.develop': big };
    expect(refused(reading(four))).toBeNull();
    expect(refused(reading({ ...four, e: '' }))).toMatch(saying('test', 'more than 4194304 bytes'));
    expect(refused(reading({ ...four, 'e.develop': { found: 'a FIFO' } }))).toMatch(/more than 4194304 bytes/);
    // A character of two bytes counts twice.
    expect(refused(reading({ 'a.develop': 'é'.repeat(2 * KEY_LIMIT) }))).toMatch(/more than 4194304 bytes/);
    expect(refused(reading({ 'a.develop': 'é'.repeat(2 * KEY_LIMIT - 'a.develop'.length) }))).toBeNull();
    const leaves = Object.entries(four).map(([key, value]) => ({ key, value, line: null }));
    expect(refused({ keys: keysOf({ e: '' }), documents: new Map([['d', { leaves }]]) })).toMatch(
      /more than 4194304 bytes/,
    );
  });

  test('a refusal is a problem of the source, and leaves what was said before', () => {
    const before = after(reading({ 'a.develop': '1' }));
    const result = atOnce(interpret(before, many(20_001)));
    expect(result).toEqual({
      failed: { code: 'ERR_SOURCE_UNREADABLE', message: expect.any(String), source: 'test', key: null, line: null },
    });
    expect(entriesOf(before)).toEqual({ 'a.develop': '1' });
  });

  test('a value that is too long is an invalid entry, and costs its length', () => {
    const table = after(reading({ 'a.develop': `https://h/${'a'.repeat(KEY_LIMIT - 100)}` }));
    expect(entriesOf(table)).toEqual({ 'a.develop': 'poisoned' });
    expect(table.problems[0]?.message.length).toBeLessThan(400);
  });

  test('a key says at most 1 MiB: more is no value, whatever it would be without its white space', () => {
    const blank = (bytes: number): string => `${' '.repeat(bytes - 4)}8080`;
    const before = reading({ 'a.develop': '1', overrides: 'false' });
    expect(entriesOf(after(before, reading({ 'a.develop': blank(KEY_LIMIT) })))).toEqual({ 'a.develop': '8080' });
    const wide = `${'\u3000'.repeat(KEY_LIMIT / 3 - 1)}8080`;
    expect(entriesOf(after(before, reading({ 'a.develop': wide })))).toEqual({ 'a.develop': '8080' });
    for (const [value, bytes] of [
      [blank(KEY_LIMIT + 1), KEY_LIMIT + 1],
      [` ${wide}`, KEY_LIMIT + 1],
    ] as const) {
      const table = after(before, reading({ 'a.develop': value, overrides: value }));
      expect(entriesOf(table)).toEqual({ 'a.develop': '1 (stale)' });
      expect(table.problems.map(({ code, message }) => [code, message])).toEqual([
        ['ERR_ENTRY_INVALID', expect.stringContaining(`"a.develop" is ${bytes} bytes, more than ${KEY_LIMIT} in`)],
        ['ERR_CONFIG_INVALID', expect.stringContaining(`is ${bytes} bytes, more than ${KEY_LIMIT} in`)],
      ]);
    }
  });

  test('many keys are read in pieces', () => {
    const pausesOf = (previous: SourceTable, said: Reading): number => {
      const work = interpret(previous, said);
      let pauses = 0;
      while (work.next().done !== true) pauses += 1;
      return pauses;
    };
    // 78 times 256 keys: to gather and judge them, and to see which are gone.
    expect(pausesOf(NOTHING_SAID, many(20_000))).toBe(78);
    expect(pausesOf(after(many(20_000)), reading({}))).toBe(78);
  });
});

describe('a sequence of readings', () => {
  const value = fc.constantFrom('', '8080', '9090', 'h.example.com', 'disabled');
  const names = fc.constantFrom('a.develop', 'b.develop', 'a.feature-x', '_admin.a.develop');
  const document = fc.dictionary(names, value, { maxKeys: 4, noNullPrototype: true });
  const broken = fc.oneof(
    fc.constantFrom(
      '',
      '{',
      '[]',
      'null',
      '{"a.develop": 1,}',
      '{"a.develop":1,"a.develop":2}',
      '{"kind":"Secret"}',
      'x',
    ),
    fc.tuple(document, fc.nat()).map(([data, at]) => JSON.stringify(data).slice(0, at % JSON.stringify(data).length)),
  );
  const sayingOf = (table: SourceTable) =>
    new Map([...table.entries].map(([key, { value: parsed, raw }]) => [key, [parsed, raw]]));

  test('answers like itself alone after any number of documents that do not parse', () => {
    fc.assert(
      fc.property(
        fc.array(document, { minLength: 1, maxLength: 4 }),
        fc.array(broken, { maxLength: 4 }),
        (good, bad) => {
          const alone = after(...good.map((data) => reading({}, 'd.json', JSON.stringify(data))));
          const more = bad.reduce((table, text) => update(table, reading({}, 'd.json', text)).table, alone);
          expect(sayingOf(more)).toEqual(sayingOf(alone));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('ends with what the last reading says, whatever came before, where every value is good', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            document.map((data) => JSON.stringify(data)),
            broken,
          ),
          { maxLength: 4 },
        ),
        document,
        (before, last) => {
          const final = reading({}, 'd.json', JSON.stringify(last));
          const table = after(...before.map((text) => reading({}, 'd.json', text)), final);
          expect(sayingOf(table)).toEqual(sayingOf(after(final)));
          expect([table.stale.size, table.problems]).toEqual([0, []]);
        },
      ),
      { numRuns: 200 },
    );
  });
});
