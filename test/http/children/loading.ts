// Loads what makes a dispatcher and makes one, or does neither; then calls Node's own fetch. Tells what the process holds
// of undici, its own and others.

import { createRequire } from 'node:module';

const [what, url = ''] = process.argv.slice(2);
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const { cache } = createRequire(import.meta.url);
const isLoaded = (): boolean => Object.keys(cache).some((path) => /[/\\]node_modules[/\\]undici[/\\]/.test(path));
/** Each version of undici makes the dispatcher of the whole process, if it is the first. */
const dispatchers = (): unknown[] =>
  ['1', '2'].map((version) => Reflect.get(globalThis, Symbol.for(`undici.globalDispatcher.${version}`)));
const nameOf = (one: unknown): string | null => (one as object | undefined)?.constructor.name ?? null;
const state = (): object => ({ loaded: isLoaded(), dispatchers: dispatchers().map(nameOf) });

if (what === 'createDispatcher') {
  const { clusterLookup, createDispatcher, routing } = await import('branchline/undici');
  routing();
  clusterLookup();
  say({ imported: state() });
  await createDispatcher().close();
}
const before = dispatchers();
const response = await fetch(url);
say({ fetched: await response.text(), ...state(), same: dispatchers().map((one, index) => one === before[index]) });
