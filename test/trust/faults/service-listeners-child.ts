// Listeners that fail in every way, around one that counts: everything that happens is a line of JSON.

import { context, createResolver, type Events, mountSource, type Resolver } from 'branchline';

import { until } from '../../doubles/await.ts';
import { createKubelet } from '../../doubles/kubelet.ts';

const EVENTS = ['change', 'stale', 'recovered', 'problem', 'refused'] as const satisfies (keyof Events)[];
/** For how long a slow one keeps the event loop, in milliseconds. */
const SLOW = 100;

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
process.on('uncaughtException', (error) => say({ uncaught: String(error) }));
process.on('unhandledRejection', (error) => say({ unhandled: String(error) }));
process.on('warning', (warning) => say({ warning: (warning as NodeJS.ErrnoException).code }));

const hostile = {
  get message(): string {
    throw new Error('an error that cannot be read');
  },
};
const cell = new Int32Array(new SharedArrayBuffer(4));
/** By how many of them a warning is due. */
const BAD: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw new Error('thrown');
  },
  'throws nothing': () => {
    // oxlint-disable-next-line only-throw-error -- people do
    throw undefined;
  },
  'throws what cannot be read': () => {
    // oxlint-disable-next-line only-throw-error -- people do
    throw hostile;
  },
  rejects: async () => {
    await Promise.resolve();
    throw new Error('rejected');
  },
  'rejects with what cannot be read': async () => {
    await Promise.resolve();
    // oxlint-disable-next-line only-throw-error -- people do
    throw hostile;
  },
  'returns what throws when it is awaited': () => ({
    // oxlint-disable-next-line no-thenable -- it is what is tried
    get then() {
      throw new Error('no promise');
    },
  }),
};
const SLUGGISH: readonly (() => unknown)[] = [
  () => void Atomics.wait(cell, 0, 0, SLOW),
  async () => new Promise<never>(() => {}),
];

const mount = process.argv[2] ?? '';
const kubelet = createKubelet(mount);
const write = (value: string): void => void kubelet.write({ 'my-rest.develop': '8080', 'my-rest.feature-x': value });
write('9000');
const resolver: Resolver = createResolver({
  sources: [mountSource({ path: mount })],
  namespace: 'feature-x',
  baseline: 'develop',
  pollInterval: 50,
});

const heard: Record<string, number> = {};
for (const event of EVENTS) {
  for (const run of [...Object.values(BAD), ...SLUGGISH]) resolver.on(event, run);
  resolver.on(event, () => {
    heard[event] = (heard[event] ?? 0) + 1;
    say({ heard: event, port: resolver.lookup('my-rest').port });
  });
  // One that takes itself off, and one that is put on by another, while they are told.
  const off = resolver.on(event, () => {
    off();
    resolver.on(event, () => void (heard[`${event}, later`] = (heard[`${event}, later`] ?? 0) + 1));
  });
}
await resolver.ready();

const next = async (event: string, what: () => void): Promise<number> => {
  const before = heard[event] ?? 0;
  const start = performance.now();
  what();
  await until(() => (heard[event] ?? 0) > before, `the listener after the bad ones to hear of ${event}`);
  return performance.now() - start;
};
const times = [
  await next('change', () => write('9001')),
  await next('change', () => write('9002')),
  await next('stale', () => write('bad')),
  await next('recovered', () => write('9002')),
  await next('change', () => write('9003')),
  await next('refused', () => {
    try {
      context.extract({ baggage: 'branchline=nobody' }, { resolver });
    } catch {
      // the refusal
    }
  }),
];
// Warnings come in a later turn.
await new Promise((resolve) => setTimeout(resolve, 50));
await resolver.close();
say({ over: { heard, times, bad: Object.keys(BAD).length, slow: SLOW } });
