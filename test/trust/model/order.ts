// Observed revisions are a subsequence of the written ones, never backwards; listeners run after the swap, in order.

import { join } from 'node:path';

import { createResolver, memorySource, mountSource, type Resolver } from 'branchline';

import { until } from '../../doubles/await.ts';
import { createKubelet } from '../../doubles/kubelet.ts';
import { look, numberedPayload } from '../../doubles/numbered.ts';
import type { Order, Report } from '../../doubles/writer.ts';
import { runChild } from '../soak/child.ts';
import { grouped, randomOf, type Trial } from '../trial.ts';
import { withFolder } from './folder.ts';

const ENTRIES = 5;
/** Between two versions, in milliseconds: now and then shorter than a look, now and then longer. */
const LONGEST_PAUSE = 8;
const WRITER = new URL('../../doubles/kubelet-process.ts', import.meta.url);
const WAYS = { watched: { pollInterval: 3_600_000 }, polled: { watch: false, pollInterval: 50 } };

export const order: Trial = {
  axis: 'predictable',
  name: 'what is observed is a subsequence of what was written, and told after the swap, in order',
  from: 'short',
  async run({ seed, times }) {
    const written = times(300, 1500);
    const breaches: string[] = [];
    const seen = await withFolder((folder) => followed(join(folder, 'config'), seed, written, breaches));
    const nested = times(2000, 20_000);
    reentered(seed, nested, breaches);
    const watched = `${grouped(seen)} of ${grouped(written)} versions seen by a watch`;
    return { figure: `${watched}, ${grouped(nested)} written by listeners; ${breaches.length} out of order`, breaches };
  },
};

/** Readers of one mount that another process swaps. Returns how many versions the watching one saw. */
async function followed(path: string, seed: number, times: number, breaches: string[]): Promise<number> {
  createKubelet(path).write(numberedPayload(ENTRIES, 0));
  const readers = Object.entries(WAYS).map(([name, options]) => {
    const resolver = createResolver({ sources: [mountSource({ path })], namespace: 'feature-x', ...options });
    return { name, resolver, ...listen(name, resolver, breaches) };
  });
  try {
    await Promise.all(readers.map(({ resolver }) => resolver.ready()));
    const job: Order = { path, first: 1, times, entries: ENTRIES, pause: { seed, most: LONGEST_PAUSE } };
    const { last } = await runChild<Report>(WRITER, { args: [JSON.stringify(job)] });
    for (const { name, seen } of readers) {
      await until(
        () => seen.at(-1) === last,
        () => `the ${name} reader to see ${last}; it saw ${seen.at(-1)}`,
      );
    }
  } finally {
    await Promise.all(readers.map(({ resolver }) => resolver.close()));
  }
  return readers[0]?.seen.length ?? 0;
}

/** Three listeners: each is told of each change once, one after the other, and looks at the version it is told of. */
function listen(name: string, resolver: Resolver, breaches: string[]): { seen: readonly number[] } {
  const seen: number[] = [];
  const told: number[] = [];
  const breach = (what: string): unknown => breaches.push(`${name}: ${what}`);
  for (const listener of [0, 1, 2]) {
    resolver.on('change', ({ revision, digest }) => {
      told.push(revision);
      if ((told.length - 1) % 3 !== listener) breach(`listener ${listener} was told of ${revision} out of turn`);
      if (revision !== 2 + Math.floor((told.length - 1) / 3))
        breach(`revision ${revision} was told as number ${told.length}`);
      if (resolver.status().digest !== digest) breach(`another digest than that of revision ${revision}`);
      try {
        const sight = look(resolver, ENTRIES);
        if (sight.revision !== revision) breach(`${sight.revision} answers when ${revision} is told`);
        if (listener !== 0) return;
        if (sight.sequence <= (seen.at(-1) ?? 0)) breach(`version ${sight.sequence} after ${seen.at(-1)}`);
        seen.push(sight.sequence);
      } catch (error) {
        breach(String(error));
      }
    });
  }
  return { seen };
}

/** Listeners that write the next version while they are told of this one: what they cause comes after all of it. */
function reentered(seed: number, times: number, breaches: string[]): void {
  const random = randomOf(seed);
  const source = memorySource(numberedPayload(ENTRIES, 0) as Record<string, string>);
  const resolver = createResolver({ sources: [source], namespace: 'feature-x' });
  let version = 0;
  const write = (): void => {
    version += 1;
    source.set(numberedPayload(ENTRIES, version) as Record<string, string>);
    // Live when it returns.
    const sight = look(resolver, ENTRIES);
    if (sight.sequence !== version) breaches.push(`version ${sight.sequence} answers when ${version} is written`);
  };
  const told: [number, number][] = [];
  for (const listener of [0, 1, 2]) {
    resolver.on('change', ({ revision, changes }) => {
      told.push([revision, listener]);
      const spelt = Number(/h-(\d+)/.exec(changes[0]?.to ?? '')?.[1]);
      if (spelt !== revision - 1) breaches.push(`version ${spelt} is told as revision ${revision}`);
      if (version < times && random() < 0.3) write();
    });
  }
  while (version < times) write();
  const wanted = told.map((_, index) => [2 + Math.floor(index / 3), index % 3]);
  const first = told.findIndex((one, index) => one.join() !== wanted[index]?.join());
  if (first !== -1)
    breaches.push(`revision and listener ${told[first]?.join()} was told where ${wanted[first]?.join()} was due`);
  if (told.length !== 3 * version) breaches.push(`${told.length} were told of ${3 * version}`);
}
