// Resolvers that watch and that poll, in a process whose clock somebody turns. Every event is a line of JSON, and a look at
// all of them an answer: `<number> look`. It ends with its standard input.

import { createInterface } from 'node:readline';

import { createResolver, fileSource, mountSource, resolve, type Resolver, type Source } from 'branchline';

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const [mount = '', file = ''] = process.argv.slice(2);

const open = (name: string, source: Source, watch: boolean): [string, Resolver] => {
  const pollInterval = watch ? 3_600_000 : 50;
  const resolver = createResolver({
    sources: [source],
    namespace: 'feature-x',
    baseline: 'develop',
    watch,
    pollInterval,
  });
  for (const event of ['change', 'stale', 'recovered', 'problem'] as const)
    resolver.on(event, () => say({ event, name, port: resolver.lookup('my-rest').port }));
  return [name, resolver];
};
const resolvers = [
  open('watched', mountSource({ path: mount }), true),
  open('polled', mountSource({ path: mount }), false),
  open('file watched', fileSource({ path: file }), true),
  open('file polled', fileSource({ path: file }), false),
];

const byDefault = (): string => {
  try {
    return resolve('my-rest');
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const seenOf = (resolver: Resolver): object => {
  const { port, revision } = resolver.lookup('my-rest');
  const { stale, sources } = resolver.status();
  return { port, revision, stale: stale.length, state: sources[0]?.state, lastCheck: sources[0]?.lastCheck };
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const [number = ''] = line.split(' ');
  const all = Object.fromEntries(resolvers.map(([name, resolver]) => [name, seenOf(resolver)]));
  say({ [`answer ${number}`]: { now: Date.now(), monotonic: performance.now(), byDefault: byDefault(), all } });
});
await Promise.all(resolvers.map(async ([, resolver]) => resolver.ready()));
say({ ready: true });
