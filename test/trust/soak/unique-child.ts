// Requests that never repeat themselves: wishes for what is there and for what nobody has, services that nobody heard of,
// and a file that is rewritten, badly, again and again.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { context, createResolver, isBranchlineError, memorySource, mountSource, receive } from 'branchline';

import { heapNow } from './held.ts';

const [folder = '', count = '0', rewrites = '0'] = process.argv.slice(2);
const requests = Number(count);
const SAMPLES = 40;
/** So many known namespaces make more than 10⁹ wishes of four. */
const NAMESPACES = 256;

const data: Record<string, string> = { 'my-rest.develop': '8080' };
for (let index = 0; index < NAMESPACES; index += 1) data[`my-rest.n${index}`] = '';
const source = memorySource(data);
const resolver = createResolver({ sources: [source], namespace: null });
let refused = 0;
resolver.on('refused', () => (refused += 1));

let answered = 0;
let rejected = 0;
const ask = (service: string): void => {
  try {
    resolver.resolve(service);
    answered += 1;
  } catch (error) {
    if (!isBranchlineError(error)) throw error;
  }
};

/** Each of its own; every fourth is for what nobody has, and every other of those goes on all the same. */
function request(number: number): void {
  const part = (place: number): string => `n${Math.floor(number / NAMESPACES ** place) % NAMESPACES}`;
  const isKnown = number % 4 !== 0;
  const wish = isKnown ? `${part(0)}~${part(1)}~${part(2)}~my-rest.${part(0)}` : `unheard-${number}`;
  const refusing = number % 8 === 0 ? 'ignore' : 'reject';
  const received = receive(
    { baggage: `branchline=${wish},id=${number}` },
    { trust: true, refused: refusing, resolver },
  );
  if (received.reject) {
    rejected += 1;
    return;
  }
  context.run(received.context, () => {
    ask('my-rest');
    if (number % 2 === 1) ask(`service-${number}`);
    context.inject({}, { resolver });
  });
}

// Caches fill, and code is compiled.
const WARM_UP = 60_000;
const samples: [number, number][] = [];
for (let number = 1; number <= WARM_UP + requests; number += 1) {
  request(number);
  if (number >= WARM_UP && (number - WARM_UP) % Math.ceil(requests / SAMPLES) === 0) {
    await nextTurn();
    samples.push([number, heapNow()]);
  }
}
const { counts, dropped } = resolver.coverage();
const counted = counts.reduce((sum, row) => sum + row.count, dropped);

// A bad file, never the same; nobody listens.
const warnings: string[] = [];
process.on('warning', (warning) => warnings.push(warning.message));
const path = join(folder, 'config');
mkdirSync(path);
writeFileSync(join(path, 'a.develop'), '80');
const flooded = createResolver({
  sources: [mountSource({ path })],
  namespace: null,
  watch: false,
  pollInterval: 3_600_000,
});
const heard = { change: 0, stale: 0, recovered: 0, again: 0 };
for (const event of ['change', 'stale', 'recovered'] as const) flooded.on(event, () => (heard[event] += 1));
let most = 0;
for (let version = 1; version <= Number(rewrites); version += 1) {
  writeFileSync(join(path, 'a.develop'), `bad ${version}`);
  writeFileSync(join(path, 'b.json'), `{ "a.develop": ${'x'.repeat(version % 100)}`);
  await flooded.reload();
  await nextTurn();
  const { problems } = flooded.status();
  most = Math.max(most, problems.length);
  const before = heard.stale + warnings.length;
  await flooded.reload();
  await nextTurn();
  heard.again += heard.stale + warnings.length - before;
}
await nextTurn();
await flooded.close();
await resolver.close();
process.stdout.write(
  `${JSON.stringify({ samples, rows: counts.length, counted, answered, rejected, refused, told: resolver.status().refused, warnings: warnings.length, most, heard })}\n`,
);
