// Resolvers that are closed at every wrong moment. After each: what answers, what was told, what settles; in the end: what
// the process holds, compared with before. Nothing ends it but that nothing is left.

import { createHook } from 'node:async_hooks';
import { writeFileSync } from 'node:fs';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';

import { createResolver, fileSource, mountSource, type Resolver } from 'branchline';

import { within } from '../../doubles/await.ts';
import { descriptors } from '../../doubles/descriptors.ts';
import { inotifyWatches } from '../../doubles/inotify.ts';
import { createKubelet } from '../../doubles/kubelet.ts';

const kubelet = createKubelet(process.argv[2] ?? '');
const file = `${kubelet.mount}.json`;
const rounds = Number(process.argv[3]);
let port = 9_000;
const write = (): void => {
  port += 1;
  kubelet.write({ 'my-rest.develop': '8080', 'my-rest.feature-x': String(port) });
  // What is waited for until it is quiet, too.
  writeFileSync(file, JSON.stringify({ 'orders.feature-x': port }));
};

/** Each closes it, and returns what has to settle besides. */
const MOMENTS: Readonly<Record<string, (resolver: Resolver) => Promise<Promise<unknown>[]>>> = {
  'before ready': async (resolver) => {
    const ready = resolver.ready();
    await resolver.close();
    return [ready, resolver.ready()];
  },
  'a moment later': async (resolver) => {
    await pause(port % 7);
    await resolver.close();
    return [resolver.ready()];
  },
  'twice at once': async (resolver) => {
    await resolver.ready();
    await Promise.all([resolver.close(), resolver.close(), resolver[Symbol.asyncDispose]()]);
    return [];
  },
  'twice, one after the other': async (resolver) => {
    await resolver.ready();
    await resolver.close();
    await resolver.close();
    return [resolver.reload()];
  },
  'right after a swap': async (resolver) => {
    await resolver.ready();
    write();
    await pause(port % 4);
    await resolver.close();
    return [];
  },
  'while a file is waited for to be quiet': async (resolver) => {
    await resolver.ready();
    write();
    await pause(40);
    await resolver.close();
    return [];
  },
  'during a reload': async (resolver) => {
    await resolver.ready();
    write();
    const reloads = [resolver.reload(), resolver.reload()];
    await resolver.close();
    return reloads;
  },
  'by a listener': async (resolver) => {
    await resolver.ready();
    const closed = new Promise<void>((resolve, reject) => {
      resolver.on('change', () => void resolver.close().then(resolve, reject));
    });
    write();
    const reload = resolver.reload();
    await closed;
    return [reload];
  },
};

/** Those that do not keep a process alive too, which nothing else lists. */
const running = new Set<number>();
createHook({
  init: (id, type) => void (type === 'Timeout' && running.add(id)),
  destroy: (id) => void running.delete(id),
}).enable();

/** How many timers there are; that one is gone is told in a later turn. */
async function timers(): Promise<number> {
  for (let count = 0; count < 2; count += 1) await turn();
  return running.size;
}

const holds = async (): Promise<object> => ({
  timers: await timers(),
  resources: process.getActiveResourcesInfo().toSorted(),
  signals: process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`),
  watches: inotifyWatches(),
  descriptors: descriptors(),
});

const answersOf = (resolver: Resolver): string[] => ['my-rest', 'orders'].map((service) => resolver.resolve(service));

const wrong = new Set<string>();
async function closeAt(moment: string, watch: boolean): Promise<void> {
  const timersBefore = await timers();
  const options = { namespace: 'feature-x', baseline: 'develop', watch, pollInterval: 50 };
  const resolver = createResolver({
    sources: [mountSource({ path: kubelet.mount }), fileSource({ path: file })],
    ...options,
  });
  let told = 0;
  for (const event of ['change', 'stale', 'recovered', 'problem'] as const) resolver.on(event, () => (told += 1));
  const others = await within(
    (MOMENTS[moment] as (of: Resolver) => Promise<Promise<unknown>[]>)(resolver),
    moment,
    2_000,
  );
  const before = [...answersOf(resolver), told];
  await within(Promise.all(others), `what was asked for, closed ${moment}`, 2_000);
  if ((await timers()) > timersBefore) wrong.add(`closed ${moment}, watch ${watch}: a timer is left`);
  write();
  // Longer than a poll.
  await pause(60);
  const after = [...answersOf(resolver), told];
  if (String(before) !== String(after)) wrong.add(`closed ${moment}: ${String(before)}, then ${String(after)}`);
  if (!resolver.status().closed) wrong.add(`closed ${moment}: it says that it is open`);
}

async function closeAll(): Promise<void> {
  for (const moment of Object.keys(MOMENTS)) for (const watch of [true, false]) await closeAt(moment, watch);
}

write();
await closeAll(); // what is loaded once is loaded
await pause(100);
// tsx still writes what it has compiled, into its cache: that is not ours to hold.
while (process.getActiveResourcesInfo().includes('FSReqCallback')) await pause(10);
const before = await holds();
for (let round = 0; round < rounds; round += 1) await closeAll();
await pause(100);
const after = await holds();
process.stdout.write(
  `${JSON.stringify({ over: { before, after, wrong: [...wrong], moments: Object.keys(MOMENTS).length } })}\n`,
);
