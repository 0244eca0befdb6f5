// A resolver in a small heap, with a full configuration: a folder of keys, or a document. Every event is a line of JSON, and
// `<number> look` is answered with what it answers and holds. It ends with its standard input.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { getHeapStatistics } from 'node:v8';

import { createResolver, dotenvSource, fileSource, mountSource } from 'branchline';

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const [kind = '', path = '', service = ''] = process.argv.slice(2);

const source =
  kind === 'keys' ? mountSource({ path }) : kind === '.env' ? dotenvSource({ path }) : fileSource({ path });
const resolver = createResolver({
  sources: [source],
  namespace: 'feature-x',
  baseline: 'develop',
  pollInterval: 1_000,
});
resolver.on('change', ({ changes }) =>
  say({ event: 'change', changes: changes.length, url: resolver.resolve(service) }),
);
for (const event of ['stale', 'recovered', 'problem'] as const)
  resolver.on(event, () => say({ event, url: resolver.resolve(service) }));
await resolver.ready();

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
createInterface({ input: process.stdin }).on('line', (line) => {
  const { entries, stale } = resolver.status();
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  const look = { entries, stale: stale.length, url: resolver.resolve(service), block: delay.max / 1e6, used, limit };
  say({ [`answer ${line.split(' ')[0]}`]: look });
});
say({ ready: true });
