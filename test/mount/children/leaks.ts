// Opens, reads and closes one resolver so that everything is loaded, counts what the process holds, does it 200 times more in
// every way, and counts again.

import { setTimeout as pause } from 'node:timers/promises';

import { createResolver, mountSource } from 'branchline';

import { descriptors } from '../../doubles/descriptors.ts';
import { inotifyWatches } from '../../doubles/inotify.ts';
import { createKubelet } from '../../doubles/kubelet.ts';
import { say } from './say.ts';

const path = process.argv[2] ?? '';
const kubelet = createKubelet(path);

const holds = (): object => ({
  resources: process.getActiveResourcesInfo().toSorted(),
  signals: process
    .eventNames()
    .map((name) => `${String(name)} ${process.listenerCount(name)}`)
    .toSorted(),
  ...(process.platform === 'linux' ? { watches: inotifyWatches(), descriptors: descriptors() } : {}),
});

const once = async (round: number): Promise<void> => {
  const resolver = createResolver({
    sources: [mountSource({ path })],
    namespace: 'feature-x',
    baseline: 'develop',
    pollInterval: 50,
    watch: round % 4 !== 3,
  });
  resolver.on('problem', () => {});
  // Before, while and after the watch is armed.
  if (round % 3 === 0) await resolver.ready();
  else if (round % 3 === 1) await pause((round % 40) / 8);
  const reload = resolver.reload();
  if (round % 2 === 0) await reload;
  // The watcher looks into the folder just then.
  if (round % 5 === 0) kubelet.write({ 'my-rest.develop': String(8000 + round) });
  if (round % 10 === 0) await pause(1);
  await resolver.close();
  await reload;
};

await once(0);
await pause(100);
// tsx still writes what it has compiled, into its cache: that is not ours to hold.
while (process.getActiveResourcesInfo().includes('FSReqCallback')) await pause(10);
const before = holds();
for (let round = 0; round < 200; round += 1) await once(round);
await pause(100);
say({ before, after: holds() });
