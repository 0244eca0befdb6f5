// Reloads without end cost nothing that stays: no heap, no handle, no descriptor, no watch.

import { join } from 'node:path';

import { withFolder } from '../model/folder.ts';
import { grouped, type Trial } from '../trial.ts';
import { runChild } from './child.ts';
import { fitOf } from './fit.ts';
import type { Held } from './held.ts';

const CHILD = new URL('reloads-child.ts', import.meta.url);
/** The smallest thing that a reload could forget to let go, a key in a map, in bytes. */
const SMALLEST = 32;
/** What the engine itself still takes after thousands of reloads, for code and its tables, in bytes. */
const ENGINE = 2 ** 18;

interface Seen {
  readonly samples: readonly [number, number][];
  readonly before: Held;
  readonly after: Held;
  readonly revision: number;
  readonly told: number;
  /** A swap, its reload, and a few questions. */
  readonly milliseconds: number;
}

export const reloads: Trial = {
  axis: 'bounded',
  name: 'reloads leave nothing behind: heap, handles, descriptors, watches',
  from: 'short',
  async run({ seed, times }) {
    const count = times(2000, 10_000, 100_000);
    const { samples, before, after, revision, told, milliseconds } = await withFolder((folder) =>
      runChild<Seen>(CHILD, {
        args: [join(folder, 'config'), String(count), String(seed)],
        flags: ['--expose-gc'],
        timeout: 3_600_000,
      }),
    );
    const { slope, error } = fitOf(samples);
    const breaches: string[] = [];
    // Counted when three standard errors do not explain it.
    if (slope - 3 * error > SMALLEST + ENGINE / count)
      breaches.push(`${slope.toFixed(1)} ± ${error.toFixed(1)} bytes a reload: ${String(samples)}`);
    if (JSON.stringify(before) !== JSON.stringify(after))
      breaches.push(`held ${JSON.stringify(before)} before, ${JSON.stringify(after)} after`);
    if (revision < count / 2) breaches.push(`${count} reloads made ${revision} revisions`);
    const { descriptors, watches, resources } = after;
    return {
      figure: `${slope.toFixed(1)} ± ${error.toFixed(1)} bytes a reload over ${grouped(count)}`,
      breaches,
      rows: [
        ['heap at the end', `${(Number(samples.at(-1)?.[1]) / 2 ** 20).toFixed(1)} MiB`],
        ['held all the time', `${descriptors} descriptors, ${watches} watch, ${resources.join(', ')}`],
        ['told', `${grouped(told)} events, ${grouped(revision)} revisions`],
        ['a swap and its reload', `${milliseconds.toFixed(2)} ms`],
      ],
    };
  },
};
