// Every way to be answered by the wrong one, and who is told, how and when. The call is test → orders (develop) → billing,
// and the test means the branch's billing.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { context, createFetch, createResolver, memorySource, type MemorySource, type Resolver } from 'branchline';
import { branchline } from 'branchline/express';
import { expectVia } from 'branchline/testing';
import express, { type Request } from 'express';
import { describe, expect, onTestFinished, test } from 'vitest';

import { record, type Record as Events } from '../doubles/recorder.ts';

type Handle = (call: typeof fetch, request: Request) => Promise<string>;

interface World {
  /** Of orders. */
  readonly table: MemorySource;
  readonly data: Readonly<Record<string, string>>;
  readonly resolver: Resolver;
  readonly events: Events;
  /** What the test does: one request with the wish for the branch. */
  ask(...wish: string[]): Promise<Response>;
}

interface Making {
  /** Of orders: `null` is none. @default { trust: true } */
  readonly middleware?: Parameters<typeof branchline>[0] | null;
  /** What orders does. @default calls billing with the wrapped fetch */
  readonly handle?: Handle;
  /** What the table of orders says besides, or instead. */
  readonly tableOf?: (data: Record<string, string>) => Record<string, string>;
  /** What the test's own table says besides. */
  readonly callers?: Record<string, string>;
}

async function listen(handler: express.Express): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A billing, which says where it runs. */
async function startBilling(namespace: string, data: Record<string, string>): Promise<string> {
  const app = express();
  const resolver = createResolver({ sources: [memorySource(data)], namespace });
  app.use(branchline({ trust: true, via: 'billing', resolver }));
  app.get('/', (_, response) => void response.end(namespace));
  return listen(app);
}

const callsBilling: Handle = async (call) => (await call('http://billing/')).text();

async function start({
  middleware = { trust: true },
  handle = callsBilling,
  tableOf = (data) => data,
  callers = {},
}: Making = {}): Promise<World> {
  const known = { 'billing.feature-x': '', 'billing.develop': '', baseline: 'develop' };
  const data = {
    baseline: 'develop',
    'billing.develop': await startBilling('develop', known),
    'billing.feature-x': await startBilling('feature-x', known),
  };
  const table = memorySource(tableOf(data));
  const resolver = createResolver({ sources: [table], namespace: 'develop' });
  const wrapped = createFetch({ resolver });
  const app = express();
  if (middleware !== null) app.use(branchline({ via: 'orders', resolver, ...middleware }));
  app.get('/', (request, response, next) => {
    handle(wrapped, request).then((text) => response.end(text), next);
  });
  const orders = await listen(app);

  const ofTest = createResolver({
    sources: [memorySource({ ...data, 'orders.develop': orders, ...callers })],
    namespace: null,
  });
  const call = createFetch({ resolver: ofTest });
  const asks = { headers: { 'branchline-via': '1' } };
  return {
    table,
    data,
    resolver,
    events: record(resolver),
    ask: (...wish) =>
      context.run({ namespaces: wish.length === 0 ? ['feature-x'] : wish }, () => call('http://orders/', asks)),
  };
}

const meant = { billing: 'feature-x' };

/** The branch is not in the table, or has no billing of its own. */
function withoutBranch(data: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).filter(([key]) => key !== 'billing.feature-x'));
}

/** The test is told, when it looks at the answer: by an error that says so. */
function expectTold(response: Response, why: RegExp): void {
  expect(() => expectVia(response, meant)).toThrow(expect.objectContaining({ message: expect.stringMatching(why) }));
}

test('where everything is right the test is told so', async () => {
  const { ask, resolver, events } = await start();
  const response = await ask();
  expectVia(response, { orders: 'develop', ...meant });
  expect(response.headers.get('branchline-accepted')).toBe('feature-x');
  expect(await response.text()).toBe('feature-x');
  expect(resolver.coverage().counts).toEqual([
    { service: 'billing', namespace: 'feature-x', via: 'override', count: 1 },
  ]);
  expect(events.refused).toEqual([]);
});

describe('a wish that nobody listens to is not confirmed, and the test is told with the answer', () => {
  test.each<[string, Making]>([
    ['trust is false', { middleware: { trust: false } }],
    ['trust says no to this request', { middleware: { trust: (request) => request.headers['x-team'] === 'ours' } }],
    ['there is no middleware', { middleware: null }],
    ['overrides are off in the ConfigMap', { tableOf: (data) => ({ ...data, overrides: 'off' }) }],
  ])('%s', async (_, making) => {
    const { ask, resolver } = await start(making);
    const response = await ask();
    expect([response.status, await response.clone().text()]).toEqual([200, 'develop']);
    expect(response.headers.has('branchline-accepted')).toBe(false);
    expectTold(response, /Nobody confirmed the wish "feature-x"/);
    // The operator sees it in the numbers.
    expect(resolver.coverage().counts).toMatchObject([{ service: 'billing', namespace: 'develop' }]);
  });

  test('there is no table in the Pod at all: every name is its own, and the wish is not confirmed', async () => {
    const { ask, resolver } = await start({ tableOf: () => ({}), handle: () => Promise.resolve('by itself') });
    const response = await ask();
    expect(response.headers.has('branchline-accepted')).toBe(false);
    expectTold(response, /Nobody confirmed the wish "feature-x"/);
    expect(resolver.status()).toMatchObject({ configured: false, refused: 0 });
  });

  test('overrides are off where the call starts: nothing is sent, and the route tells who answered', async () => {
    const { ask } = await start({ callers: { overrides: 'off' } });
    const response = await ask();
    expect(await response.clone().text()).toBe('develop');
    expectTold(response, /billing answered in develop, not in feature-x/);
  });
});

describe('a wish that the Pod does not know', () => {
  const unknown = { tableOf: withoutBranch };

  test('is rejected with 412: the caller is told at once, the operator by an event and a number', async () => {
    const { ask, resolver, events } = await start(unknown);
    const response = await ask();
    const { revision, digest } = resolver.status();
    expect(response.status).toBe(412);
    expect(await response.clone().json()).toEqual({
      error: {
        code: 'ERR_OVERRIDE_REFUSED',
        message: expect.stringContaining('this table does not have feature-x'),
        items: ['feature-x'],
        revision,
        digest,
      },
    });
    expectTold(response, /The wish was refused: "feature-x"/);
    expect(events.refused).toEqual([{ items: ['feature-x'], revision }]);
    expect(resolver.status().refused).toBe(1);
    expect(resolver.coverage().counts).toEqual([]);
  });

  test("is served from the baseline under 'ignore', and the answer says so", async () => {
    const { ask, resolver, events } = await start({ ...unknown, middleware: { trust: true, refused: 'ignore' } });
    const response = await ask();
    expect([response.status, await response.clone().text()]).toEqual([200, 'develop']);
    expect(response.headers.get('branchline-refused')).toBe('feature-x');
    expect(response.headers.has('branchline-accepted')).toBe(false);
    expectTold(response, /The wish was refused: "feature-x"/);
    expect(events.refused).toHaveLength(1);
    expect(resolver.status().refused).toBe(1);
  });

  test('because its table has not arrived yet is rejected until it has', async () => {
    const { ask, table, data, resolver } = await start(unknown);
    const early = await ask();
    expect(early.status).toBe(412);
    const { error } = (await early.json()) as { error: { revision: number; digest: string } };
    table.set(data);
    expect(resolver.status().revision).toBeGreaterThan(error.revision);
    expect(resolver.status().digest).not.toBe(error.digest);
    expectVia(await ask(), meant);
  });

  test('is rejected by the Pod that does not know it, though the one before knows', async () => {
    const { ask, data, resolver } = await start({ tableOf: (all) => ({ ...all, 'x.feature-z': '1' }) });
    const response = await ask('feature-z');
    // orders knows feature-z, billing does not: and is who answers orders.
    expect(response.headers.get('branchline-accepted')).toBe('feature-z');
    expect(await response.clone().json()).toMatchObject({ error: { items: ['feature-z'] } });
    expect(() => expectVia(response, { billing: 'feature-z' })).toThrow('or it refused the wish');
    expect(resolver.lookup('billing').url).toBe(data['billing.develop']);
  });
});

test('a Pod of the branch that refuses the wish has not served it, though it was called', async () => {
  const { ask } = await start({
    tableOf: (all) => ({ ...all, 'x.feature-z': '1' }),
    handle: async (call) => String((await call('http://billing/')).status),
    callers: { 'x.feature-z': '1' },
  });
  const response = await ask('feature-x', 'feature-z');
  expect([response.status, await response.clone().text()]).toEqual([200, '412']);
  expectTold(response, /billing was not called, or not with the wrapped fetch, or it refused the wish/);
});

describe('a call that leaves the road is missing in the route, and the test is told with the answer', () => {
  const missing = /billing was not called, or not with the wrapped fetch/;

  test('by plain fetch to the address of the baseline', async () => {
    const { ask, data } = await start({ handle: async () => (await fetch(data['billing.develop'] ?? '')).text() });
    const response = await ask();
    expect(await response.clone().text()).toBe('develop');
    // Confirmed, and not honoured: the header alone is not enough.
    expect(response.headers.get('branchline-accepted')).toBe('feature-x');
    expectTold(response, missing);
  });

  test('by the wrapped fetch to a URL that was kept', async () => {
    const kept: string[] = [];
    const { ask, resolver } = await start({ handle: async (call) => (await call(kept[0] ?? '')).text() });
    kept.push(resolver.resolve('billing'));
    const response = await ask();
    expect(await response.clone().text()).toBe('develop');
    expectTold(response, missing);
    // Asked once, when nobody wished for anything.
    expect(resolver.coverage().counts).toMatchObject([{ service: 'billing', namespace: 'develop', count: 1 }]);
  });

  test('by a call that has lost the context of the request', async () => {
    const jobs: (() => void)[] = [];
    const { ask, resolver } = await start({
      handle: (call) =>
        new Promise((resolve, reject) => {
          jobs.push(() => void callsBilling(call, undefined as never).then(resolve, reject));
        }),
    });
    // A pool that runs what it was given later, from elsewhere.
    const working = setInterval(() => jobs.splice(0).map((job) => job()), 5);
    onTestFinished(() => clearInterval(working));
    const response = await ask();
    expect(await response.clone().text()).toBe('develop');
    expectTold(response, missing);
    expect(resolver.coverage().counts).toMatchObject([{ namespace: 'develop', count: 1 }]);
  });

  test('and is on it again where the callback is bound', async () => {
    const jobs: (() => void)[] = [];
    const { ask } = await start({
      handle: (call) =>
        new Promise((resolve, reject) => {
          jobs.push(context.bind(() => void callsBilling(call, undefined as never).then(resolve, reject)));
        }),
    });
    const working = setInterval(() => jobs.splice(0).map((job) => job()), 5);
    onTestFinished(() => clearInterval(working));
    expectVia(await ask(), meant);
  });

  test('by a request that was never made', async () => {
    const { ask } = await start({ handle: () => Promise.resolve('from a cache') });
    expectTold(await ask(), missing);
  });
});

test('a branch that has no copy of its own is answered by the baseline, and the test that meant it is told', async () => {
  const { ask } = await start({
    tableOf: (data) => ({ ...withoutBranch(data), 'x.feature-x': '1' }),
  });
  const response = await ask();
  expect(response.headers.get('branchline-accepted')).toBe('feature-x');
  expectTold(response, /billing answered in develop, not in feature-x/);
  expectVia(response, { billing: 'develop' });
});

describe('a route that was not read whole proves nothing', () => {
  test.each([
    'billing=feature-x, ...',
    'billing=feature-x, billing=develop;v=2',
    'billing=feature-x, Billing=develop',
    'billing=feature-x, billing = develop',
    'billing=feature-x, "billing=develop"',
    'billing=feature-x, bil',
    'billing=feature-x, billing%3Ddevelop',
    'billing=feature-x, billing=develop=1',
    '1, billing=feature-x',
  ])('%s', (told) => {
    const response = { headers: { 'branchline-via': told } };
    expect(() => expectVia(response, meant)).toThrow('The route is not whole');
    expectVia({ headers: { 'branchline-via': ', billing=feature-x,, ' } }, meant);
  });
});

test.each<[string, unknown, unknown, string]>([
  ['a promise of a response', Promise.resolve(new Response('ok')), meant, 'not a promise of one; await it'],
  ['a promise of headers', { headers: Promise.resolve({}) }, meant, 'not a promise of them; await it'],
  ['nothing', undefined, meant, 'want a response with headers, not of type undefined'],
  ['no headers', {}, meant, 'want a response with headers, not an object'],
  ['no expectation', new Response('ok'), {}, 'not nothing'],
  ['a name that is none', new Response('ok'), { Billing: 'feature-x' }, 'not "Billing": "feature-x"'],
  ['no namespace', new Response('ok'), { billing: undefined }, 'not "billing": of type undefined'],
  ['a namespace that is none', new Response('ok'), { orders: 'develop', billing: 'X' }, 'not "billing": "X"'],
  ['a Map', new Response('ok'), new Map([['billing', 'feature-x']]), 'not an object'],
  ['a text', new Response('ok'), 'billing', 'not "billing"'],
])('a comparison of %s is an error that says what it is', (_, response, expected, message) => {
  expect(() => expectVia(response as Response, expected as Record<string, string>)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(message) }),
  );
});

test('an answer without a route, or of another request, proves nothing', async () => {
  const { ask } = await start({ middleware: { trust: true, via: false } });
  expectTold(await ask(), /tells no route/);
  expectTold(new Response('ok'), /tells no route/);
});
