import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Resolver } from 'branchline';
import { describe, expect, test } from 'vitest';

import { until } from '../doubles/await.ts';
import { fastFolder, temporaryFolder } from '../doubles/folder.ts';
import { look, numberedPayload, type Sight } from '../doubles/numbered.ts';
import { type Order, swap } from '../doubles/writer.ts';
import { mounted, open, pollOnly, watcherOnly } from './mounted.ts';

const entries = 50;

const speeds: readonly (readonly [string, () => string, Omit<Order, 'path' | 'entries'>])[] = [
  ['2,000 times at full speed', fastFolder, { first: 1, times: 2_000 }],
  ['300 times with pauses', temporaryFolder, { first: 1, times: 300, pause: { seed: 11, most: 5 } }],
];

describe('a ConfigMap of 50 entries that another process swaps', () => {
  test.for(speeds)(
    '%s is never seen torn nor backwards, and its last state is reached, by a watcher and by polling',
    { timeout: 90_000 },
    async ([, folder, order]) => {
      const { resolver, mount } = await mounted(numberedPayload(entries, 0), watcherOnly, { parent: folder() });
      const observers = [observe(resolver), observe(open(mount, pollOnly).resolver)];
      const { last } = await swap({ ...order, path: mount, entries });
      for (const seen of observers) {
        await until(
          () => seen.last().sequence === last || seen.faults.length > 0,
          () => `number ${last}; seen is ${JSON.stringify(seen.last())}`,
        );
      }
      for (const seen of observers) {
        seen.stop();
        expect(seen.faults).toEqual([]);
        expect(seen.looks()).toBeGreaterThan(100);
        expect(seen.resolver.status()).toMatchObject({ entries, stale: [], problems: [] });
      }
    },
  );
});

interface Observer {
  readonly resolver: Resolver;
  /** What must not be. */
  readonly faults: string[];
  last(): Sight;
  looks(): number;
  stop(): void;
}

/** Looks in every turn of the event loop, and in every event. */
function observe(resolver: Resolver): Observer {
  const faults: string[] = [];
  let last = look(resolver, entries);
  let announced = last.revision;
  let looks = 0;
  let watching = true;

  const check = (): void => {
    looks += 1;
    try {
      const now = look(resolver, entries);
      if (now.sequence < last.sequence) faults.push(`number ${now.sequence} after ${last.sequence}`);
      if (now.revision < last.revision) faults.push(`revision ${now.revision} after ${last.revision}`);
      if ((now.sequence === last.sequence) !== (now.revision === last.revision)) {
        faults.push(`number ${last.sequence} → ${now.sequence}, but revision ${last.revision} → ${now.revision}`);
      }
      last = now;
    } catch (error) {
      faults.push(String(error));
    }
  };
  resolver.on('change', ({ revision, changes }) => {
    if (revision !== announced + 1) faults.push(`revision ${revision} was announced after ${announced}`);
    announced = revision;
    if (changes.length !== entries) faults.push(`${changes.length} changes in one event, of ${entries}`);
    if (new Set(changes.map(({ to }) => to)).size !== 1)
      faults.push(`an event of several versions: ${JSON.stringify(changes)}`);
    check();
    if (last.revision < revision) faults.push(`revision ${revision} was announced while ${last.revision} answered`);
  });
  const unless = (message: string, fault: string): void => {
    // A reader that gets no processor between two swaps, for seconds, says so, as it must; torn it is not.
    if (!message.includes('it changes at every try to read it')) faults.push(fault);
  };
  resolver.on('stale', ({ problem }) => unless(problem.message, `stale: ${problem.message}`));
  resolver.on('problem', ({ message }) => unless(message, `problem: ${message}`));

  void (async () => {
    while (watching && faults.length < 10) {
      check();
      await nextTurn();
    }
  })();
  return { resolver, faults, last: () => last, looks: () => looks, stop: () => void (watching = false) };
}
