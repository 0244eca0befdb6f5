// Worker threads, and the workers of a cluster: each has a resolver that follows, and a context of its own for each of its
// requests; one that is killed takes nothing along, and those that watch are not kept alive by it.

import { join } from 'node:path';

import { until } from '../../doubles/await.ts';
import { createKubelet, type Payload } from '../../doubles/kubelet.ts';
import type { Child } from './service-child.ts';
import type { Row, Seen, Tools } from './service-row.ts';

const UNITS = 4;
const CHANGES = 3;
/** For four processes to start at once, in milliseconds. */
const AMPLE = 30_000;
/** Until all of them have let go, in milliseconds. */
const SOON = 1_000;

/** `my-rest` in the branch at this port, and in ten others. */
const tableWith = (port: number): Payload => ({
  'my-rest.develop': '8080',
  'my-rest.feature-x': String(port),
  ...Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`my-rest.feature-${index}`, ''])),
});

const row = (kind: 'threads' | 'cluster', name: string, how: string): Row => ({
  name,
  required: 'each follows by itself and mixes up no requests; one that dies takes nothing along; all end at once',
  how,
  run: async (tools) => run(tools, kind),
});

export const workerThreads = row(
  'threads',
  'worker threads',
  'four threads with a resolver each, one of them terminated',
);
export const clusterWorkers = row(
  'cluster',
  'a cluster',
  'four processes of node:cluster, one of them killed with SIGKILL',
);

async function run({ folder, start, same, must }: Tools, kind: string): Promise<Seen> {
  const kubelet = createKubelet(join(folder(), 'config'));
  kubelet.write(tableWith(9_000));
  const child = start('service-units-child.ts', {
    args: [kind],
    env: { BRANCHLINE_CONFIG: kubelet.mount, BRANCHLINE_NAMESPACE: 'feature-x' },
  });
  await said(child, 'ready', true, UNITS);
  let slowest = 0;
  for (let change = 1; change <= CHANGES; change += 1) {
    const port = 9_000 + change;
    const written = performance.now();
    kubelet.write(tableWith(port));
    const units = change === CHANGES ? UNITS - 1 : UNITS;
    await said(child, 'changed', port, units);
    slowest = Math.max(slowest, performance.now() - written);
    const looks = await answer(child, 'look');
    const wanted = Array.from({ length: units }, () => ({ port, revision: change + 1, bled: 0 }));
    same(looks, wanted, `what ${units} answer after change ${change}`);
    if (change === CHANGES - 1) await answer(child, 'lose');
  }
  const { codes, milliseconds } = (await answer(child, 'leave')) as { codes: number[]; milliseconds: number };
  same(codes, [0, 0, 0], 'how they ended');
  must(milliseconds <= SOON, `they ended ${milliseconds} ms after they were let go`);
  same((await child.exited()).code, 0, 'how the process ended');
  same(
    child.lines.filter((line) => 'failed' in line),
    [],
    'what failed',
  );
  return { noticed: 'change', milliseconds: slowest };
}

const answer = async (child: Child, question: string): Promise<unknown> => Object.values(await child.ask(question))[0];

async function said(child: Child, field: string, value: unknown, units: number): Promise<void> {
  const count = (): number => child.lines.filter((line) => line[field] === value).length;
  await until(
    () => count() === units,
    () => `${units} units to say ${field} ${String(value)}; ${count()} did`,
    AMPLE,
  );
}
