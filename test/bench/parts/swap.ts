// From the moment in which the kubelet swaps `..data` to the new answer, and whether the last state is always seen.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { quantile } from 'simple-statistics';

import type { Follower } from '../children/watcher.ts';
import { type Child, start } from '../harness/child.ts';
import { interleave, ratio, spread } from '../harness/interleave.ts';
import { count, type Given, type Part, row, type Row } from '../harness/part.ts';
import { follow, type Followed } from './followed.ts';

const ENTRIES = 50;
const SWAPS = 10_000;
/** What is not seen within this time is lost, in milliseconds: the poll, each 5 s, must not be what finds it. */
const PATIENCE = 2000;

export const swapping: Part = {
  name: 'swap',
  title: `swap of ..data → new answer, ${ENTRIES} entries`,
  async run(given) {
    const folder = mkdtempSync(join(tmpdir(), 'branchline-bench-'));
    const kubelet = await start<string>('kubelet');
    try {
      return [...(await latencies(folder, kubelet, given)), await lostStates(folder, kubelet, given)];
    } finally {
      await kubelet.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const RIVALS = ['chokidar', 'fs.watch', 'polling'] as const satisfies readonly Follower[];
const NAMES = { chokidar: 'a chokidar watcher', 'fs.watch': 'fs.watch', polling: 'polling, 1 s' } as const;

async function latencies(folder: string, kubelet: Child<string>, { times, progress }: Given): Promise<Row[]> {
  progress('one swap after the other');
  const followed = new Map<Follower, Followed>();
  const samples = new Map<Follower, number[]>();
  for (const name of ['branchline', ...RIVALS] as const) {
    followed.set(name, await follow(name, join(folder, name), kubelet, ENTRIES));
    samples.set(name, []);
  }
  /** Several swaps; the median of the times until they were seen, in milliseconds. */
  const turn = async (name: Follower, swaps: number): Promise<number> => {
    const own: number[] = [];
    for (let swap = 0; swap < swaps; swap += 1) {
      // At any moment of what the others do at intervals.
      await sleep(5 + Math.random() * (name === 'polling' ? 1000 : 15));
      own.push((await followed.get(name)?.swap(1, PATIENCE)) ?? PATIENCE);
    }
    samples.get(name)?.push(...own);
    return quantile(own, 0.5);
  };
  const swaps = times(20, 3);
  const rounds = await interleave(
    {
      branchline: () => turn('branchline', swaps),
      chokidar: () => turn('chokidar', swaps),
      'fs.watch': () => turn('fs.watch', swaps),
      polling: () => turn('polling', 1),
    },
    times(15, 1),
  );
  for (const one of followed.values()) await one.stop();

  const at = (name: Follower, share: number): number => quantile(samples.get(name) ?? [], share);
  const rivals = (share: number): string =>
    RIVALS.map((name) => `${NAMES[name]} ${at(name, share).toFixed(1)} ms`).join(', ');
  const many = `${samples.get('branchline')?.length} swaps of each, by a process of its own`;
  return [
    row('new answer, median', null, spread(rounds.map(({ branchline }) => branchline)), {
      unit: 'ms',
      target: { most: 5 },
      note: `${many}; ${rivals(0.5)}`,
    }),
    row('new answer, p99', null, count(at('branchline', 0.99)), {
      unit: 'ms',
      target: { most: 50 },
      note: rivals(0.99),
    }),
    ...RIVALS.map((name) => row(NAMES[name], 'branchline', ratio(rounds, name, 'branchline'), { note: HOW[name] })),
  ];
}

const HOW = {
  chokidar: 'told of the folder without what is in it; reads all files, into a Map',
  'fs.watch': 'told of the folder, acts upon ..data; the same read',
  polling: 'fs.watchFile of ..data; the same read',
} as const;

async function lostStates(folder: string, kubelet: Child<string>, { times, progress }: Given): Promise<Row> {
  const all = times(SWAPS, 100);
  progress(`${all} swaps, in bursts`);
  const followed = await follow('branchline', join(folder, 'bursts'), kubelet, ENTRIES);
  let lost = 0;
  let bursts = 0;
  let longest = 0;
  for (let left = all; left > 0; bursts += 1) {
    // From one to a hundred, short ones as often as long ones, the same in each run.
    const burst = Math.min(left, Math.ceil(100 ** ((bursts * Math.LN2) % 1)));
    left -= burst;
    const ms = await followed.swap(burst, PATIENCE);
    if (ms === null) lost += 1;
    else longest = Math.max(longest, ms);
  }
  await followed.stop();
  return row(`lost final states, ${all.toLocaleString('en')} swaps`, null, count(lost), {
    unit: 'lost',
    target: { most: 0 },
    note: `${bursts} bursts of 1 to 100 at full speed; the last state was seen after ${longest.toFixed(0)} ms at most`,
  });
}
