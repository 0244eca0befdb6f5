// Two listeners that fail, one that works between and after them. It ends with its standard input.

import { createResolver, mountSource } from 'branchline';

import { say } from './say.ts';

process.on('uncaughtException', (error) => say({ uncaughtException: String(error) }));
process.on('unhandledRejection', (error) => say({ unhandledRejection: String(error) }));

const resolver = createResolver({
  sources: [mountSource({ path: process.argv[2] ?? '' })],
  namespace: 'feature-x',
  baseline: 'develop',
  watch: false,
  pollInterval: 50,
});
for (const event of ['change', 'stale', 'recovered', 'problem'] as const) {
  resolver.on(event, () => {
    throw new Error(`a listener of ${event} that throws`);
  });
  // oxlint-disable-next-line no-misused-promises -- people do
  resolver.on(event, async () => {
    await Promise.reject(new Error(`a listener of ${event} that rejects`));
  });
  resolver.on(event, () => say({ [event]: true, port: resolver.lookup('my-rest').port }));
}
process.stdin.resume();
await resolver.ready();
say({ ready: true });
