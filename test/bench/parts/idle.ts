// What a resolver costs that has nothing to do but look whether something changed.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { createKubelet } from '../../doubles/kubelet.ts';
import { numberedPayload } from '../../doubles/numbered.ts';
import { type Child, start } from '../harness/child.ts';
import { spread } from '../harness/interleave.ts';
import { type Given, type Row, row } from '../harness/part.ts';

const MINUTE = 60_000;
const ENTRIES = 50;

/** The first polls are those of code that is not compiled yet. */
const SETTLE = 11_000;

export async function idleRow({ smoke, progress }: Given): Promise<Row> {
  const [settle, watched, pairs] = smoke ? [100, 500, 1] : [SETTLE, 30_000, 5];
  progress(`idle, ${(settle + watched) / 1000} s`);
  const mount = mkdtempSync(join(tmpdir(), 'branchline-bench-'));
  createKubelet(mount).write(numberedPayload(ENTRIES, 1));
  const children: (readonly [idle: Child<string>, empty: Child<string>])[] = [];
  for (let pair = 0; pair < pairs; pair += 1) children.push([await start('idle', [mount]), await start('idle')]);
  try {
    await sleep(settle);
    await usedBy(children);
    const before = await usedBy(children);
    await sleep(watched);
    const after = await usedBy(children);
    const aMinute = ([one, other]: readonly [number, number], [first, second]: readonly [number, number]) =>
      ((one - first - (other - second)) * MINUTE) / watched;
    const more = after.map((pair, index) => aMinute(pair, before[index] as [number, number]));
    return row('CPU time of an idle resolver', 'an empty process', spread(more), {
      unit: 'ms a minute more',
      target: { most: 10 },
      note: `${pairs} pairs of processes, side by side for ${watched / 1000} s; a mount of ${ENTRIES} keys, a poll each 5 s`,
    });
  } finally {
    await Promise.all(children.flat().map((child) => child.stop()));
    rmSync(mount, { recursive: true, force: true });
  }
}

/** The CPU time of each pair so far. */
function usedBy(children: readonly (readonly [Child<string>, Child<string>])[]): Promise<[number, number][]> {
  return Promise.all(
    children.map(async ([idle, empty]): Promise<[number, number]> => [
      await idle.ask<number>({}),
      await empty.ask<number>({}),
    ]),
  );
}
