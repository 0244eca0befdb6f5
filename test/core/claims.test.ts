import { describe, expect, test } from 'vitest';

import { type Claim, collect, type Judge } from '../../src/core/claims.ts';
import { entryKey, parseVariable } from '../../src/core/keys.ts';
import type { Reading } from '../../src/core/reading.ts';
import type { Entry } from '../../src/core/source-table.ts';
import { atOnce } from '../../src/resolver/pieces.ts';
import { after, documentsOf, keysOf, NOTHING_SAID, reading, saying } from '../doubles/said.ts';

/** What is heard, by key, and everything else of the reading. */
const gather = (said: Reading, previous = NOTHING_SAID) => {
  const same = new Map<string, Entry>();
  const entries = new Map<string, Claim>();
  const judge: Judge = {
    same: (entry) => same.set(entry.key, entry),
    judge: (claim) => entries.set(claim.key, claim),
  };
  return { ...atOnce(collect(previous, said, judge)), same, entries };
};
const DEAF: Judge = { same: () => undefined, judge: () => undefined };
const variables = (data: Record<string, string>): Reading => ({
  keys: keysOf(data),
  parseKey: parseVariable,
  locate: (name) => `the variable ${name}`,
});

test('a reading is entries, settings, and keys that are neither', () => {
  const claims = gather(reading({ 'a.develop': '1', baseline: 'develop', 'A.develop': '2', hello: '3' }));
  expect([...claims.entries.keys()]).toEqual(['a.develop']);
  expect([...claims.settings.keys()]).toEqual(['baseline']);
  expect(claims.malformed.map(({ spelling }) => spelling)).toEqual(['A.develop']);
  expect(claims.problems.map(({ code, key }) => [code, key])).toEqual([['WARN_SETTING_UNKNOWN', 'hello']]);
  expect(claims.fatal).toEqual([]);
});

test('no name of an object is a setting, or anything else', () => {
  const { entries, settings, problems, malformed } = gather({
    keys: new Map([
      ['__proto__', '1'],
      ['constructor', '2'],
      ['toString.develop', '3'],
      ['constructor.develop', '4'],
    ]),
  });
  expect([...entries.keys()]).toEqual(['constructor.develop']);
  expect(settings.size).toBe(0);
  expect(problems.map(({ key }) => key)).toEqual(['constructor']);
  expect(malformed.map(({ spelling }) => spelling)).toEqual(['__proto__', 'toString.develop']);
});

describe('two claims on one key', () => {
  test('that say the same are one, white space aside', () => {
    const { entries } = gather(reading({ 'a.develop': ' 1\n' }, 'd.json', '{"a.develop": 1}'));
    expect(entries.get('a.develop')).toMatchObject({ raw: ' 1\n', at: 'a.develop', other: null });
    expect(
      gather(reading({ 'a.develop': '1' }, 'd.json', '{"a.develop": " 1 "}')).entries.get('a.develop'),
    ).toMatchObject({
      raw: '1',
      other: null,
    });
  });

  test.each([
    [
      'a key and a document',
      reading({ 'a.develop': '1' }, 'd.json', '{"a.develop": 2}'),
      { at: 'a.develop', other: { raw: '2', at: 'd.json' } },
    ],
    [
      'two spellings of a variable',
      variables({ BRANCHLINE_A__DEVELOP: '1', 'BRANCHLINE_a.develop': '2' }),
      { at: 'the variable BRANCHLINE_A__DEVELOP', other: { raw: '2', at: 'the variable BRANCHLINE_a.develop' } },
    ],
    [
      'a value and something unreadable',
      {
        keys: keysOf({ 'a.develop': '1' }),
        documents: new Map([['d', { leaves: [{ key: 'a.develop', value: { found: 'a list' }, line: 1 }] }]]),
      },
      { at: 'a.develop', other: { raw: { found: 'a list' }, at: 'd' } },
    ],
    [
      'something unreadable and a value',
      reading({ 'a.develop': { found: 'a FIFO' } }, 'd.json', '{"a.develop": 1}'),
      { raw: { found: 'a FIFO' }, other: { raw: '1', at: 'd.json' } },
    ],
  ])('that say something else are both kept: %s', (_, said, claim) => {
    expect(gather(said).entries.get('a.develop')).toMatchObject(claim);
  });

  test('of two documents, or of one that is flat and nested', () => {
    const documents = new Map([
      ...documentsOf('a.json', '{"a.develop": 1}'),
      ...documentsOf('b.yaml', 'services: {a: {develop: 2}}'),
    ]);
    expect(gather({ keys: new Map(), documents }).entries.get('a.develop')).toMatchObject({
      at: 'a.json',
      line: 1,
      other: { raw: '2', at: 'b.yaml' },
    });
    expect(
      gather(reading({}, 'd.json', '{"a.develop": 1, "services": {"a": {"develop": 2}}}')).entries.get('a.develop'),
    ).toMatchObject({ raw: '1', other: { raw: '2' } });
  });

  test('are noticed when one of them did not change', () => {
    const before = after(reading({ 'a.develop': '1', 'b.develop': '2' }));
    const claims = gather(
      reading({ 'a.develop': '1', 'b.develop': '2' }, 'd.json', '{"a.develop": 9, "b.develop": 2}'),
      before,
    );
    expect([...claims.same.keys()]).toEqual(['b.develop']);
    expect(claims.entries.get('a.develop')).toMatchObject({ raw: '1', other: { raw: '9', at: 'd.json' } });
  });

  test('on a setting are kept like those on an entry', () => {
    expect(gather(reading({ baseline: 'a' }, 'd.json', '{"baseline": ["b"]}')).settings.get('baseline')).toMatchObject({
      raw: 'a',
      other: { raw: 'b', at: 'd.json' },
    });
  });
});

describe('a document', () => {
  test('that does not parse keeps what it said, and says so', () => {
    const before = after(reading({}, 'd.json', '{"a.develop": 1}'));
    const claims = gather(reading({}, 'd.json', '{"a.develop": '), before);
    expect([...claims.entries.keys()]).toEqual(['a.develop']);
    expect(claims.entries.get('a.develop')?.stale).toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      key: 'd.json',
      line: 1,
      message: expect.stringMatching(saying('d.json:1 does not parse', 'before stays')),
    });
    expect([...claims.stale.keys()]).toEqual(['d.json']);
    expect(claims.fatal).toEqual([]);
  });

  test('that never parsed keeps a process from starting', () => {
    const claims = gather(reading({}, 'd.json', '{"a.develop": '));
    expect(claims.entries.size).toBe(0);
    expect(claims.fatal).toEqual(claims.problems);
    expect(claims.problems).toMatchObject([
      {
        code: 'ERR_CONFIG_INVALID',
        message: expect.stringMatching(saying('d.json:1 does not parse', 'Nothing of it')),
      },
    ]);
  });

  test('that is the whole source has no key in its problem', () => {
    const documents = documentsOf('', '{"a.develop": ');
    expect(gather({ keys: new Map(), documents, locate: (name) => `/etc/t.json${name}` }).problems).toMatchObject([
      { key: null, line: 1, message: expect.stringContaining('/etc/t.json:1 does not parse') },
    ]);
  });
});

test('a source with a spelling of its own says which key it means; whether that is one is not its to decide', () => {
  const meaning = (key: string, kind: 'entry' | 'setting') => {
    const [service = '', namespace = ''] = key.split('.');
    const made = kind === 'setting' ? { kind, key } : { kind, key, service, namespace, endpoint: 'default' };
    return gather({ keys: new Map([['spelling', '1']]), parseKey: () => made });
  };
  expect([...meaning(entryKey('a', 'develop'), 'entry').entries.keys()]).toEqual(['a.develop']);
  expect([...meaning('strict', 'setting').settings.keys()]).toEqual(['strict']);
  expect(meaning('A.develop', 'entry').malformed).toMatchObject([
    { spelling: 'spelling', key: { meant: 'a.develop' } },
  ]);
  const refused = meaning('strict', 'entry');
  expect([refused.entries.size, refused.settings.size]).toEqual([0, 0]);
  expect(refused.malformed).toMatchObject([{ key: { meant: null, wanted: 'its source gives it no legal key' } }]);
  const none = { kind: 'malformed', meant: 'a.develop', wanted: 'something else' } as const;
  const { malformed } = gather({ keys: new Map([['spelling', '1']]), parseKey: () => none });
  expect(malformed).toMatchObject([{ spelling: 'spelling', key: none }]);
});

test('what did not change is not looked at again', () => {
  const before = after(reading({ 'a.develop': '1', 'b.develop': 'x y' }));
  const claims = gather(reading({ 'a.develop': '1', 'b.develop': 'x y' }), before);
  expect(claims.same.get('a.develop')).toBe(before.entries.get('a.develop'));
  expect([...claims.entries.keys()]).toEqual(['b.develop']);
});

test('many keys are gathered in pieces', () => {
  const keys = new Map(Array.from({ length: 10_000 }, (_, index) => [`s${index}.develop`, '']));
  const work = collect(NOTHING_SAID, { keys }, DEAF);
  let pauses = 0;
  while (work.next().done !== true) pauses += 1;
  expect(pauses).toBe(39);
});

test('a long document is gathered in pieces too', () => {
  const leaves = Array.from({ length: 10_000 }, (_, index) => ({ key: `s${index}.develop`, value: '', line: null }));
  const work = collect(NOTHING_SAID, { keys: new Map(), documents: new Map([['d', { leaves }]]) }, DEAF);
  let pauses = 0;
  while (work.next().done !== true) pauses += 1;
  // Once each to hear them all, in which a key might stand twice, and to judge them.
  expect(pauses).toBe(2 * 39);
});
