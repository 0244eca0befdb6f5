// What holds for any sequence of tables: order and white space say nothing, what is bad changes nothing, and the same
// again is no news.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Data, fileSource, mountSource } from 'branchline';
import fc from 'fast-check';

import { createKubelet } from '../../doubles/kubelet.ts';
import { record } from '../../doubles/recorder.ts';
import { withFolder } from './folder.ts';
import { type Invariant, must, mustEqual } from './invariant.ts';
import { everything, heard, opened, spoil, spoilt, table, withFaults } from './spoilt.ts';
import { open } from './tables.ts';

const order: Invariant = {
  name: 'the order of keys and white space never change a snapshot',
  runs: { short: 200, full: 1000 },
  property: fc.property(table, fc.constantFrom('', ' ', '\n', '\t\r\n'), fc.nat(), (data, space, turn) => {
    const turned = Object.entries(data).map((entry, index, all) => all[(index + turn) % all.length] ?? entry);
    const other = Object.fromEntries(turned.toReversed().map(([key, text]) => [key, `${space}${text}${space}`]));
    mustEqual(everything(open(other)), everything(open(data)), 'the other order');
  }),
};

const document: Invariant = {
  name: 'the order and the white space of a document make no event and no revision',
  runs: { short: 40, full: 200 },
  property: fc.asyncProperty(
    table,
    fc.constantFrom('.json', '.yaml'),
    fc.constantFrom(' ', '\n', '   \n'),
    (data, ending, space) =>
      withFolder(async (folder) => {
        const path = join(folder, `table${ending}`);
        writeFileSync(path, JSON.stringify(data));
        const resolver = await opened(fileSource({ path }));
        try {
          const events = record(resolver);
          const before = everything(resolver);
          const lines = Object.entries(data).map(
            ([key, text]) => `${JSON.stringify(key)}:${space}${JSON.stringify(text)}`,
          );
          writeFileSync(path, `{${space}${lines.toReversed().join(`${space},${space}`)}${space}}\n`);
          await resolver.reload();
          const { problems } = resolver.status();
          must(
            problems.every(({ source }) => source === null),
            () => JSON.stringify(problems),
          );
          mustEqual(everything(resolver), before, 'the other spelling');
          mustEqual(heard(events), 0, 'the events');
        } finally {
          await resolver.close();
        }
      }),
  ),
};

const bads: Invariant = {
  name: 'a sequence of updates followed by bad ones answers like the sequence alone',
  runs: { short: 200, full: 800 },
  property: fc.property(
    fc.array(table, { minLength: 1, maxLength: 4 }),
    fc.array(spoilt, { minLength: 1, maxLength: 4 }),
    (all, bad) => {
      const resolver = open({});
      for (const data of all) resolver.source.set(data);
      const alone = everything(resolver);
      const events = record(resolver);
      for (const one of bad) resolver.source.set(spoil(all.at(-1) as Data, one));
      mustEqual(everything(resolver), alone, 'after the bad ones');
      mustEqual(events.change, [], 'the changes');
      const isSpoilt = JSON.stringify(spoil(all.at(-1) as Data, bad.at(-1) ?? [])) !== JSON.stringify(all.at(-1));
      must(!isSpoilt || resolver.status().stale.length > 0, 'nothing is stale');
    },
  ),
};

const same: Invariant = {
  name: 'the same again, good or bad, makes no event and no revision',
  runs: { short: 200, full: 800 },
  property: fc.property(table, fc.oneof(table, withFaults), (first, second) => {
    const resolver = open(first);
    resolver.source.set(second);
    const before = everything(resolver);
    const { stale, problems } = resolver.status();
    const events = record(resolver);
    resolver.source.set({ ...second });
    resolver.source.set(Object.fromEntries(Object.entries(second).toReversed()));
    mustEqual(heard(events), 0, 'the events');
    mustEqual(everything(resolver), before, 'the answers');
    const now = resolver.status();
    mustEqual([now.stale.length, now.problems.length], [stale.length, problems.length], 'what is wrong');
  }),
};

const bytes: Invariant = {
  name: 'equal bytes in a new version of a mount make no event and no revision',
  runs: { short: 40, full: 200 },
  property: fc.asyncProperty(table, withFaults, (first, second) =>
    withFolder(async (folder) => {
      const kubelet = createKubelet(join(folder, 'config'));
      kubelet.write({ ...first, baseline: 'develop' });
      const { mount: path } = kubelet;
      const resolver = await opened(mountSource({ path }));
      try {
        const payload = (token: string): Record<string, string> => ({
          ...(second as Record<string, string>),
          strict: 'on',
          '.token': token,
        });
        kubelet.write(payload('1'));
        await resolver.reload();
        const before = everything(resolver);
        const events = record(resolver);
        for (const token of ['2', '3']) {
          must(kubelet.write(payload(token)) !== null, 'the kubelet wrote nothing');
          await resolver.reload();
        }
        mustEqual(heard(events), 0, 'the events');
        mustEqual(everything(resolver), before, 'the answers');
      } finally {
        await resolver.close();
      }
    }),
  ),
};

const counted: Invariant = {
  name: 'revisions count by one, one for each digest that is another; the changes lead from table to table',
  runs: { short: 200, full: 1000 },
  property: fc.property(table, fc.array(fc.oneof(withFaults, spoilt), { maxLength: 6 }), (start, all) => {
    const resolver = open({});
    let good = start;
    const events = record(resolver);
    const known = new Map<string, string>();
    let { revision, digest } = resolver.status();
    for (const step of [start, ...all]) {
      events.change.length = 0;
      // Either another table, or the last one with something in it that nobody can read.
      if (!Array.isArray(step)) good = step as Data;
      resolver.source.set(Array.isArray(step) ? spoil(good, step) : good);
      const now = resolver.status();
      mustEqual(now.revision, now.digest === digest ? revision : revision + 1, 'the revision');
      mustEqual(events.change.length, now.revision - revision, 'how many changes are told');
      for (const { key, from, to } of events.change.flatMap(({ changes }) => changes)) {
        mustEqual(known.get(key) ?? null, from, key);
        if (to === null) known.delete(key);
        else known.set(key, to);
      }
      mustEqual([...known.keys()].filter((key) => key.includes('.')).length, now.entries, 'the entries told');
      ({ revision, digest } = now);
    }
  }),
};

export const snapshots: readonly Invariant[] = [order, document, bads, same, bytes, counted];
