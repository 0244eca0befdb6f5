// Two copies of the package in one process: `branchline`, and the one at the path that is the first argument.

import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import type * as Branchline from 'branchline';

const globals = (): string[] => Reflect.ownKeys(globalThis).map(String);
const before = globals();
const one = await import('branchline');
const other = (await import(pathToFileURL(process.argv[2] ?? '').href)) as typeof Branchline;
const made = globals().filter((name) => !before.includes(name));
const store = (): unknown =>
  (globalThis as Record<symbol, { store?: unknown }>)[Symbol.for('branchline.context.v1')]?.store;

const data = { 'a.develop': '1', 'a.feature-x': '2' };
const resolverOf = ({ createResolver, memorySource }: typeof Branchline, namespace: string): Branchline.Resolver =>
  createResolver({ sources: [memorySource(data)], namespace });
const thrownBy = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};
const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

/** What one copy says in a context that another one set. */
const across = async (setter: typeof Branchline, reader: typeof Branchline): Promise<unknown> => {
  const resolver = resolverOf(reader, 'develop');
  return setter.context.run({ namespaces: ['feature-x'] }, async () => {
    await turn();
    const bound = reader.context.bind(() => setter.context.current());
    return {
      current: reader.context.current(),
      resolved: resolver.resolve('a'),
      injected: reader.context.inject({}, { resolver }),
      without: reader.context.run(undefined, () => setter.context.current()) === undefined,
      bound: setter.context.run(undefined, bound),
    };
  });
};

/** What the functions of one copy make of the other's resolver, and of what it carries on. */
const served = (user: typeof Branchline, maker: typeof Branchline): unknown => {
  const resolver = resolverOf(maker, 'feature-x');
  const { context, responseHeaders } = user.receive({ baggage: 'branchline=a.develop' }, { trust: true, resolver });
  const refused = thrownBy(() => user.context.extract({ baggage: 'branchline=b' }, { resolver }));
  const passed = user.context.extract({ baggage: 'branchline=b' }, { resolver, refused: 'ignore' });
  const putBack = maker.setDefaultResolver(resolver);
  const byDefault = user.resolve('a');
  putBack();
  return {
    context,
    responseHeaders,
    injected: maker.context.run(context, () => maker.context.inject({}, { resolver: resolverOf(maker, 'develop') })),
    passed: user.context.run(passed, () => maker.context.inject({}, { resolver })),
    routed: user.route('http://a/x', {}, { resolver }).url,
    fetches: typeof user.createFetch({ resolver }),
    refused: codeOf(refused),
    theirs: refused instanceof user.BranchlineError && !(refused instanceof maker.BranchlineError),
    known: maker.isBranchlineError(refused),
    byDefault,
    counted: resolver.status().refused,
  };
};

const lazily = store() === undefined && one.context.current() === undefined && store() === undefined;
const early = one.context.bind(() => other.context.current());
const first = one.context.run({ namespaces: ['feature-x'] }, store);
const result = {
  two: one.context !== other.context && one.BranchlineError !== other.BranchlineError,
  made,
  lazily,
  isStore: first instanceof AsyncLocalStorage,
  isOne: first === other.context.run(undefined, store) && first === store(),
  early: one.context.run({ namespaces: ['feature-x'] }, early) === undefined,
  across: [await across(one, other), await across(other, one)],
  served: [served(one, other), served(other, one)],
};
process.stdout.write(`${JSON.stringify({ result })}\n`);
