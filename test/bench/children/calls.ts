// A process with one resolver, as a service has: what a call of resolve costs in it, beside other calls. Each process
// has its own hash seed, on which the cost of a look into a map depends.

import { AsyncLocalStorage } from 'node:async_hooks';
import process from 'node:process';

import { context, createResolver, memorySource, resolve, setDefaultResolver } from 'branchline';

import { bytesOf, nanoseconds, use } from '../harness/call.ts';
import { addressesOf, tableWith } from '../parts/tables.ts';

process.env['SUPPRESS_NO_CONFIG_WARNING'] = 'true';
const { default: config } = await import('config');

const ADDRESS = 'http://my-rest.feature-x.svc:8080';
const [entries, place, turns] = process.argv.slice(2);
const resolver = createResolver({ sources: [memorySource(tableWith(Number(entries)))], namespace: 'feature-x' });
setDefaultResolver(resolver);
const map = addressesOf(resolver);
const names = [...map.keys()];
const store = new AsyncLocalStorage<object>();
process.env['MY_REST_URL'] = ADDRESS;
process.env['BRANCH'] = 'feature-x';
config.util.setModuleDefaults('services', { 'my-rest': { url: ADDRESS } });

let next = 0;
const inTurn = (): string => names[(next = next + 1 < names.length ? next + 1 : 0)] as string;

const CALLS = {
  'Map.get': () => use(map.get('my-rest')),
  resolve: () => use(resolve('my-rest')),
  own: () => use(resolver.resolve('my-rest')),
  env: () => use(process.env['MY_REST_URL']),
  config: () => use(config.get('services.my-rest.url')),
  byHand: () => use(byHand()),
  getStore: () => use(store.getStore()),
  'Map.get in turn': () => use(map.get(inTurn())),
  'resolve in turn': () => use(resolve(inTurn())),
  bytes: () => undefined,
} as const satisfies Record<string, () => void>;

export type Call = keyof typeof CALLS;

/** What services do that have no library: a variable a branch, and one for all others. */
function byHand(): string | undefined {
  if (process.env['BRANCH'] === 'feature-x') return process.env['MY_REST_URL'];
  if (process.env['BRANCH'] === 'feature-y') return process.env['MY_REST_URL_FEATURE_Y'];
  return process.env['MY_REST_URL_DEVELOP'];
}

async function answer(name: Call): Promise<void> {
  const value = name === 'bytes' ? bytesOf(CALLS.resolve, Number(turns)) : await nanoseconds(CALLS[name]);
  process.send?.(value);
}

/** In a request: in a frame of the library, and in one of somebody else's, as tracing makes it. */
function inRequest<T>(work: () => T): T {
  return store.run({}, () => context.run({ namespaces: ['feature-y'] }, work));
}

process.on('message', (name: Call) => {
  void (place === 'within' ? inRequest(() => answer(name)) : answer(name));
});
process.send?.('ready');
