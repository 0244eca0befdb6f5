// What becomes of the process-wide dispatchers of undici, version 6 and 7 (`.1`) and 8 (`.2`), and of the proxy.

import { say } from '../../mount/children/say.ts';

const [what, url = ''] = process.argv.slice(2);
const SYMBOLS = ['undici.globalDispatcher.1', 'undici.globalDispatcher.2'];

const tableOf = (address: string): Record<string, string> => ({
  'my-rest.feature-x': address,
  'my-rest.develop': address,
});

if (what === 'watch') {
  const touched: string[] = [];
  const used: string[] = [];
  let seen = touched;
  for (const name of SYMBOLS) {
    let value: unknown;
    Object.defineProperty(globalThis, Symbol.for(name), {
      configurable: true,
      get() {
        seen.push(`get ${name}`);
        return value;
      },
      set(set: unknown) {
        seen.push(`set ${name}`);
        value = set;
      },
    });
  }
  const { context, createFetch, createResolver, memorySource, route } = await import('branchline');
  const resolver = createResolver({ sources: [memorySource(tableOf(url))], namespace: null });
  const fetch = createFetch({ resolver });
  context.run({ namespaces: ['feature-x'] }, () => route('http://my-rest/', {}, { resolver }));
  seen = used;
  await fetch('http://my-rest/x').then((response) => response.text());
  say({ touched, used });
}

if (what === 'set') {
  // undici's own way to tell the built-in fetch: here without undici.
  const dispatched: string[] = [];
  await globalThis.fetch('data:,made');
  const symbol = Symbol.for('undici.globalDispatcher.1');
  const all = globalThis as Record<symbol, unknown>;
  const before = all[symbol] as { dispatch(options: { origin: string }, handler: unknown): boolean };
  const own = {
    dispatch(options: { origin: string }, handler: unknown) {
      dispatched.push(new URL(options.origin).origin);
      return before.dispatch(options, handler);
    },
  };
  const symbols = Reflect.ownKeys(globalThis).filter(
    (key) => typeof key === 'symbol' && SYMBOLS.includes(key.description ?? ''),
  ) as symbol[];
  for (const one of symbols)
    Object.defineProperty(globalThis, one, { value: own, writable: true, configurable: false });
  const { createFetch, createResolver, memorySource } = await import('branchline');
  const resolver = createResolver({ sources: [memorySource(tableOf(url))], namespace: null });
  await createFetch({ resolver })('http://my-rest/x').then((response) => response.text());
  say({ dispatched, same: symbols.every((one) => all[one] === own) });
}

if (what === 'proxy') {
  const { createFetch, createResolver, memorySource, resolutionOf } = await import('branchline');
  const resolver = createResolver({ sources: [memorySource(tableOf('8080'))], namespace: 'feature-x' });
  const response = await createFetch({ resolver })('http://my-rest/x');
  say({ body: await response.text(), namespace: resolutionOf(response)?.namespace });
}
