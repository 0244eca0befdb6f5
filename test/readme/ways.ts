// What the README's table "Ways to the wrong place" says, done for real: each way by the words of its first cell. A test
// with a wish for feature-x calls orders, of the baseline, and orders calls billing.

import { EventEmitter, on, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import {
  context,
  createFetch,
  createResolver,
  type FetchLike,
  memorySource,
  type MemorySource,
  type Resolver,
  type RoutingContext,
} from 'branchline';
import { branchline, type MiddlewareOptions } from 'branchline/express';
import { expectVia } from 'branchline/testing';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { expect, onTestFinished } from 'vitest';

import { record, type Record as Events } from '../doubles/recorder.ts';

export interface Outcome {
  /** The namespaces of the billings that answered; `412`, or `error`. */
  readonly answers: readonly string[];
  /** Codes, headers, events and functions; `no` before a header that is not there. */
  readonly told: readonly string[];
}

interface Way {
  /** What the table of orders says besides; `undefined` for what it does not say. */
  readonly entries?: Readonly<Record<string, string | undefined>>;
  /** Of orders; `null` for none. */
  readonly middleware?: Partial<MiddlewareOptions> | null;
  /** How orders gets its answer. */
  readonly handle?: (orders: Orders) => Promise<Response>;
  /** What stands before orders. */
  readonly front?: (orders: string) => Express;
}

interface Orders {
  /** The wrapped fetch. */
  readonly call: FetchLike;
  readonly resolver: Resolver;
  readonly events: Events;
  readonly table: MemorySource;
  /** What the test knows: everything. */
  readonly data: Readonly<Record<string, string>>;
}

interface World extends Orders {
  ask(wish?: RoutingContext): Promise<Response>;
}

const WISH: RoutingContext = { namespaces: ['feature-x'] };
const OTHER: RoutingContext = { namespaces: ['feature-y'] };

const byName = ({ call }: Orders): Promise<Response> => call('http://billing/');

async function start({ entries = {}, middleware = {}, handle = byName, front }: Way = {}): Promise<World> {
  const data = {
    baseline: 'develop',
    'billing.develop': await billingIn('develop'),
    'billing.feature-x': await billingIn('feature-x'),
    'billing.feature-y': await billingIn('feature-y'),
  };
  const said = Object.entries({ ...data, ...entries }).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value]],
  );
  const table = memorySource(Object.fromEntries(said) as Record<string, string>);
  const resolver = createResolver({ sources: [table], namespace: 'develop' });
  const orders: Orders = { call: createFetch({ resolver }), resolver, events: record(resolver), table, data };
  await resolver.ready();

  const app = express();
  if (middleware !== null) app.use(branchline({ trust: true, via: 'orders', resolver, ...middleware }));
  app.get('/', async (_, response) => {
    const answer = await handle(orders);
    response.status(answer.status).end(await answer.text());
  });
  app.use(tellWhy);
  const url = await listen(app);

  const known = memorySource({ ...data, 'orders.develop': front === undefined ? url : await listen(front(url)) });
  const call = createFetch({ resolver: createResolver({ sources: [known], namespace: null }) });
  const headers = { 'branchline-via': '1' };
  return { ...orders, ask: (wish = WISH) => context.run(wish, () => call('http://orders/', { headers })) };
}

/** It says where it runs. */
function billingIn(namespace: string): Promise<string> {
  const known = memorySource({ 'billing.develop': '', 'billing.feature-x': '', 'billing.feature-y': '' });
  const resolver = createResolver({ sources: [known], namespace });
  const app = express();
  app.use(branchline({ trust: true, via: 'billing', resolver }));
  app.get('/', (_, response) => void response.end(namespace));
  return listen(app);
}

async function listen(app: Express): Promise<string> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const tellWhy: ErrorRequestHandler = ({ name, code = name }: Error & { code?: string }, _req, response, _next) => {
  response.status(500).json({ error: { code } });
};

async function outcome({ ask, events, resolver }: World, wish = WISH): Promise<Outcome> {
  const response = await ask(wish);
  const text = await response.clone().text();
  const operators = [
    ...(['refused', 'problem'] as const).filter((name) => events[name].length > 0),
    ...(resolver.status().refused > 0 ? ['status().refused'] : []),
  ];
  if (!response.ok) {
    const { error } = (text.startsWith('{') ? JSON.parse(text) : { error: {} }) as { error: { code?: string } };
    const answers = response.status === 412 ? '412' : 'error';
    return { answers: [answers], told: [error.code ?? String(response.status), ...operators] };
  }
  expect(() => expectVia(response, { billing: 'feature-x' })).toThrow(/\n {2}told: /);
  const isConfirmed = Object.keys(wish).length === 0 || response.headers.has('branchline-accepted');
  const refused = response.headers.has('branchline-refused') ? ['branchline-refused'] : [];
  const accepted = isConfirmed ? [] : ['no branchline-accepted'];
  return { answers: [text], told: [...refused, ...accepted, ...operators, 'expectVia'] };
}

const go = async (way: Way, wish?: RoutingContext): Promise<Outcome> => outcome(await start(way), wish);

/** Several ways in one row. */
async function all(...going: readonly Promise<Outcome>[]): Promise<Outcome> {
  const gone = await Promise.all(going);
  return { answers: gone.flatMap(({ answers }) => answers), told: gone.flatMap(({ told }) => told) };
}

/** Works on what it is given one after the other, in the context of whoever started it. */
function createPool(): { start(): void; run<T>(job: () => Promise<T>): Promise<T> } {
  const jobs = new EventEmitter();
  const end = new AbortController();
  onTestFinished(() => {
    end.abort();
  });
  let started = false;
  const work = async (): Promise<void> => {
    for await (const [job] of on(jobs, 'job', { signal: end.signal })) await (job as () => Promise<void>)();
  };
  const pool = {
    start() {
      if (!started) work().catch(() => undefined);
      started = true;
    },
    run<T>(job: () => Promise<T>): Promise<T> {
      pool.start();
      return new Promise((resolve, reject) => {
        jobs.emit('job', () => job().then(resolve, reject));
      });
    },
  };
  return pool;
}

/** It keeps the first answer to a path, whatever the request says. */
function cache(orders: string): Express {
  let kept: { headers: Headers; text: string } | undefined;
  const app = express();
  app.get('/', async ({ headers }, response) => {
    const { baggage = '', 'branchline-via': via = '' } = headers as Record<string, string>;
    const answer = await fetch(orders, { headers: { baggage, 'branchline-via': via } });
    kept ??= { headers: answer.headers, text: await answer.text() };
    for (const name of ['branchline-accepted', 'branchline-via']) {
      const value = kept.headers.get(name);
      if (value !== null) response.setHeader(name, value);
    }
    response.end(kept.text);
  });
  return app;
}

/** The branch is in the table, and this deployment of it is not. */
const UNREGISTERED = { 'billing.feature-x': undefined, 'web.feature-x': '' };
const UNKNOWN = { 'billing.feature-x': undefined };

export const ways: Readonly<Record<string, () => Promise<Outcome>>> = {
  "the test's request brings no wish": () => go({}, {}),

  'CI has registered the branch, but not this deployment of it; or the Pod does not know yet': () =>
    go({ entries: UNREGISTERED }),

  'the same, and the wish pins the service: `billing.feature-x`': () =>
    go({ entries: UNREGISTERED }, { services: { billing: 'feature-x' } }),

  'nobody knows the branch': () => go({ entries: UNKNOWN }),

  async 'the branch is registered, and the ConfigMap has not reached the Pod yet'() {
    const world = await start({ entries: UNKNOWN });
    const { revision, digest } = world.resolver.status();
    const refused = await world.ask();
    expect(await refused.json()).toMatchObject({ error: { items: ['feature-x'], revision, digest } });
    const early = await outcome(world);
    world.table.set(world.data);
    expectVia(await world.ask(), { billing: 'feature-x' });
    return early;
  },

  "a wish is refused under `refused: 'ignore'`": () => go({ entries: UNKNOWN, middleware: { refused: 'ignore' } }),

  'the request is not trusted, or `overrides` is off': () =>
    all(go({ middleware: { trust: false } }), go({ entries: { overrides: 'off' } })),

  'a Pod has no table: it is not mounted, or at another path'() {
    const nothing = { baseline: undefined, 'billing.develop': undefined, 'billing.feature-x': undefined };
    return go({
      entries: { ...nothing, 'billing.feature-y': undefined },
      handle({ resolver, data }) {
        expect(resolver.status().configured).toBe(false);
        // Kubernetes finds the one of the Pod's own namespace.
        const send: FetchLike = () => fetch(data['billing.develop'] ?? '');
        return createFetch({ resolver, fetch: send })('http://billing/');
      },
    });
  },

  'a service in between has no middleware': () => go({ middleware: null }),

  async 'it calls with another client and a fixed URL, or keeps the answer of `resolve`'() {
    const fixed = await start({ handle: ({ data }) => fetch(data['billing.develop'] ?? '') });
    let kept: string | undefined;
    const keeping = await start({
      handle({ call, resolver }) {
        kept ??= resolver.resolve('billing', { context: null });
        return call(kept);
      },
    });
    await keeping.ask({});
    const counted = keeping.resolver.coverage().counts;
    const told = await all(outcome(fixed), outcome(keeping));
    expect(fixed.resolver.coverage().counts).toEqual([]);
    expect(keeping.resolver.coverage().counts).toEqual(counted);
    expect(() => expectVia(new Response(), { billing: 'feature-x' })).toThrow('tells no route');
    return told;
  },

  async 'it is redirected to a fixed URL, or out of the base path of its address'() {
    const entryOf = async (path: string, location: string): Promise<string> => {
      const app = express();
      app.get('/moved', (_, response) => void response.end('develop'));
      app.use(((_, response) => response.redirect(307, location)) as RequestHandler);
      return `${await listen(app)}${path}`;
    };
    const fixed = await entryOf('', await billingIn('develop'));
    const outside = await entryOf('/billing', '/moved');
    return all(go({ entries: { 'billing.feature-x': fixed } }), go({ entries: { 'billing.feature-x': outside } }));
  },

  async 'a callback runs in the context of another request, or of none'() {
    const [early, late, bound] = [createPool(), createPool(), createPool()];
    early.start();
    const ofNone = await start({ handle: (orders) => early.run(() => byName(orders)) });
    const ofOther = await start({ handle: (orders) => late.run(() => byName(orders)) });
    expectVia(await ofOther.ask(OTHER), { orders: 'develop', billing: 'feature-y' });
    const mended = await start({ handle: (orders) => bound.run(context.bind(() => byName(orders))) });
    await mended.ask(OTHER);
    expectVia(await mended.ask(), { orders: 'develop', billing: 'feature-x' });
    return all(outcome(ofOther), outcome(ofNone));
  },

  async 'a cache in front does not look at `baggage`'() {
    const ofNone = await start({ front: cache });
    await ofNone.ask({});
    const ofOther = await start({ front: cache });
    expect((await ofOther.ask(OTHER)).headers.get('branchline-accepted')).toBe('feature-y');
    expect((await ofOther.ask()).headers.get('branchline-accepted')).toBe('feature-y');
    return all(outcome(ofNone), outcome(ofOther));
  },

  'the entry is invalid or disabled': () =>
    all(go({ entries: { 'billing.feature-x': '808O' } }), go({ entries: { 'billing.feature-x': 'disabled' } })),

  async 'a Pod of the branch is down'() {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const busy = express().use((_, response) => void response.status(503).end());
    return all(
      go({ entries: { 'billing.feature-x': `http://127.0.0.1:${port}` } }),
      go({ entries: { 'billing.feature-x': await listen(busy as Express) } }),
    );
  },
};

/** Where everything is right. */
export async function rightPlace(): Promise<Outcome> {
  const { ask, events, resolver } = await start();
  const response = await ask();
  expect(response.headers.get('branchline-accepted')).toBe('feature-x');
  expectVia(response, { orders: 'develop', billing: 'feature-x' });
  expect(resolver.status().refused).toBe(0);
  const told = (['refused', 'problem'] as const).filter((name) => events[name].length > 0);
  return { answers: [await response.text()], told };
}
