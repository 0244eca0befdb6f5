// Reloads a mount thousands of times, each time with other content: branches come and go under names that were never
// there before, ports change, documents break and are mended, everything vanishes and is back. Samples what it holds.

import { setImmediate as nextTurn } from 'node:timers/promises';

import { context, createResolver, mountSource } from 'branchline';

import { createKubelet, type Payload } from '../../doubles/kubelet.ts';
import { randomOf } from '../trial.ts';
import { heapNow, heldNow } from './held.ts';

const [path = '', reloads = '0', seed = '0'] = process.argv.slice(2);
/** Before the first sample: caches are full, code is compiled. */
const WARM_UP = 2000;
const times = WARM_UP + Number(reloads);
const SAMPLES = 30;
const BRANCHES = 2;
const random = randomOf(Number(seed));
const pick = (count: number): number => Math.floor(random() * count);

function payload(version: number): Payload {
  const keys: Record<string, string> = { baseline: 'develop', 'one.develop': String(8000 + pick(1000)) };
  for (let branch = 0; branch < BRANCHES; branch += 1) {
    const name = `feature-${version}-${branch}`;
    keys[`svc-${branch}.${name}`] = pick(10) === 0 ? 'no address' : `h.example.com:${9000 + pick(100)}`;
    keys[`_admin.new-${version}.${name}`] = '9090';
  }
  if (pick(3) === 0) keys['template'] = `http://{service}.{namespace}.t${pick(5)}.svc`;
  if (pick(5) === 0) keys[`Svc-${version}.feature-x`] = '80';
  keys['table.json'] =
    pick(6) === 0 ? `{ "broken ${version}` : JSON.stringify({ [`json-${pick(50)}.develop`]: version % 60_000 });
  keys['table.yaml'] = pick(6) === 0 ? `- ${version}` : `yaml-${version}.feature-x: 80\n`;
  return pick(50) === 0 ? {} : keys;
}

const kubelet = createKubelet(path);
kubelet.write({ baseline: 'develop' });
const resolver = createResolver({
  sources: [mountSource({ path, optional: true })],
  namespace: 'feature-x',
  pollInterval: 3_600_000,
});
let told = 0;
for (const event of ['change', 'stale', 'recovered', 'problem'] as const) resolver.on(event, () => (told += 1));
await resolver.ready();
// What was answered is counted in so many rows; they are full from the start, so that they do not count as growth.
for (let row = 0; row <= 20_000; row += 1) resolver.resolve(`row-${row}`, { context: null });

const attempt = (work: () => unknown): void => {
  try {
    work();
  } catch {
    // A table that was drawn has errors, too.
  }
};

const samples: [number, number][] = [];
const start = performance.now();
let before = heldNow();
for (let version = 1; version <= times; version += 1) {
  kubelet.write(payload(version));
  await resolver.reload();
  attempt(() => resolver.resolve('one'));
  attempt(() => resolver.lookup(`svc-${pick(BRANCHES)}`, { namespace: `feature-${version}-${pick(BRANCHES)}` }));
  context.run({ namespaces: [`team-${pick(20)}`, 'develop'] }, () => attempt(() => resolver.resolve('one')));
  if (version % 50 === 0) resolver.status();
  if (version === WARM_UP) before = await settled();
  if (version >= WARM_UP && version % Math.ceil(Number(reloads) / SAMPLES) === 0) {
    await settled();
    samples.push([version, heapNow()]);
  }
}
const milliseconds = (performance.now() - start) / times;
const after = await settled();
const { revision } = resolver.status();
await resolver.close();
process.stdout.write(`${JSON.stringify({ samples, before, after, revision, told, milliseconds })}\n`);

/** Once what the kubelet's last swap caused is over. */
async function settled(): Promise<ReturnType<typeof heldNow>> {
  for (let turn = 0; turn < 5; turn += 1) {
    await resolver.reload();
    await nextTurn();
  }
  return heldNow();
}
