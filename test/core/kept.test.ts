import { expect, test } from 'vitest';

import { keepDocuments } from '../../src/core/kept.ts';
import type { Document } from '../../src/core/reading.ts';
import { emptyTable } from '../../src/core/source-table.ts';
import { saying } from '../doubles/said.ts';

const leaves = (value: string) => [{ key: 'a.develop', value, line: 1 }];
const broken: Document = { broken: { reason: 'it is empty', line: 3 } };
const before = (...names: string[]) => ({
  ...emptyTable('test'),
  documents: new Map(names.map((name) => [name, leaves(`before, in ${name}`)])),
});
const kept = (names: readonly string[], said: Record<string, Document>) => [
  ...keepDocuments(before(...names), new Map(Object.entries(said)), (name) => `/etc/${name}`),
];

test('a document that parses is what it says now, whatever it said before', () => {
  expect(kept(['d.json'], { 'd.json': { leaves: leaves('now') } })).toEqual([
    { name: 'd.json', at: '/etc/d.json', leaves: leaves('now'), problem: null },
  ]);
});

test('a document that does not parse is what it last said, and says where it broke', () => {
  expect(kept(['d.json'], { 'd.json': broken })).toMatchObject([
    {
      name: 'd.json',
      at: '/etc/d.json',
      leaves: leaves('before, in d.json'),
      problem: { source: 'test', key: 'd.json', line: 3, message: expect.stringMatching(saying('stays')) },
    },
  ]);
});

test('a document that never parsed says nothing', () => {
  expect(kept(['other.json'], { 'd.json': broken })).toMatchObject([
    { leaves: null, problem: { message: expect.stringMatching(saying('/etc/d.json:3', 'Nothing of it')) } },
  ]);
});

test('a document that is gone is not kept', () => {
  expect(kept(['d.json', 'd.json#inner.json'], {})).toEqual([]);
  expect(kept(['d.json', 'e.json'], { 'd.json': { leaves: [] } }).map(({ name }) => name)).toEqual(['d.json']);
});

test('what was inside a document stays with it while that does not parse, and goes when it parses without it', () => {
  const names = ['m.yaml', 'm.yaml#inner.json', 'm.yaml2#other.json', 'n.yaml#third.json'];
  expect(kept(names, { 'm.yaml': broken })).toMatchObject([
    { name: 'm.yaml' },
    {
      name: 'm.yaml#inner.json',
      leaves: leaves('before, in m.yaml#inner.json'),
      problem: { message: expect.stringMatching(saying('the document that it is in does not parse')) },
    },
  ]);
  expect(kept(names, { 'm.yaml': { leaves: [] } }).map(({ name }) => name)).toEqual(['m.yaml']);
});

test('what was inside is said once, though it is named beside what broke', () => {
  const said = kept(['m.yaml#inner.json'], { 'm.yaml': broken, 'm.yaml#inner.json': { leaves: leaves('now') } });
  expect(said.map(({ name, leaves: each }) => [name, each])).toEqual([
    ['m.yaml', null],
    ['m.yaml#inner.json', leaves('now')],
  ]);
});
