import { join } from 'node:path';

import {
  context,
  createFetch,
  createResolver,
  defaultResolver,
  fetch as ourFetch,
  type FetchLike,
  type FetchOptions,
  memorySource,
  resolutionOf,
  type Resolver,
  type ResolverOptions,
  setDefaultResolver,
} from 'branchline';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { temporaryFolder } from '../doubles/folder.ts';
import { nameEverythingLoopback, startServer } from '../doubles/http-server.ts';

function open(data: Record<string, string>, options: ResolverOptions = {}): Resolver {
  return createResolver({ namespace: null, sources: [memorySource(data)], ...options });
}

function fetchWith(data: Record<string, string>, options: ResolverOptions = {}): FetchLike {
  return createFetch({ resolver: open(data, options) });
}

/** A fetch that keeps what it is called with. */
function keeping() {
  const calls: Parameters<FetchLike>[] = [];
  const fetch: FetchLike = (...call) => {
    calls.push(call);
    return Promise.resolve(new Response('ok'));
  };
  return { fetch, calls };
}

describe('a call of a service', () => {
  test('reaches the address of the table, with its path and query', async () => {
    const server = await startServer();
    const response = await fetchWith({ 'my-rest.develop': server.url })('http://my-rest/x/y?z=%20');
    expect(await response.text()).toBe('ok');
    expect(server.only()).toMatchObject({
      method: 'GET',
      path: '/x/y?z=%20',
      headers: { host: new URL(server.url).host },
    });
  });

  test('reaches a double on a random port, whatever port the code says', async () => {
    const server = await startServer();
    await fetchWith({ 'my-rest.develop': server.url })('http://my-rest:8080/');
    await fetchWith({ 'my-rest.develop': `127.0.0.1:${server.port}` })('http://my-rest:8080/');
    expect(server.asked).toHaveLength(2);
  });

  test('reaches the port that the code says by the name that the template makes, with that name for Host', async () => {
    const names = nameEverythingLoopback();
    const server = await startServer();
    const fetch = fetchWith({ 'my-rest.develop': '8080', 'my-rest.feature-x': '' }, { namespace: 'feature-x' });
    await fetch(`http://my-rest:${server.port}/`);
    expect(server.only().headers.host).toBe(`my-rest.feature-x.svc:${server.port}`);
    expect(names).toEqual(['my-rest.feature-x.svc']);
  });

  test('reaches a named endpoint, and an address with a base', async () => {
    const [main, admin] = [await startServer(), await startServer()];
    const fetch = fetchWith({ 'my-rest.develop': main.url, '_admin.my-rest.develop': `${admin.url}/base` });
    await fetch('http://_admin.my-rest//x');
    expect(admin.only().path).toBe('/base/x');
    expect(main.asked).toEqual([]);
  });

  test('reaches by its canonical name only where that is asked for', async () => {
    nameEverythingLoopback();
    const [branch, develop] = [await startServer(), await startServer()];
    const resolver = open({ 'my-rest.develop': '8080', 'my-rest.feature-x': branch.url }, { namespace: 'feature-x' });
    const url = `http://my-rest.develop.svc.cluster.local:${develop.port}/`;
    await createFetch({ resolver, canonical: true })(url);
    expect([branch.asked.length, develop.asked.length]).toEqual([1, 0]);
    await createFetch({ resolver })(url);
    expect([branch.asked.length, develop.asked.length]).toEqual([1, 1]);
  });

  test('follows the table: the address is asked for at each call', async () => {
    const [one, two] = [await startServer(), await startServer()];
    const source = memorySource({ 'my-rest.develop': one.url });
    const fetch = createFetch({ resolver: createResolver({ sources: [source], namespace: null }) });
    await fetch('http://my-rest/');
    source.set({ 'my-rest.develop': two.url });
    await fetch('http://my-rest/');
    expect([one.asked.length, two.asked.length]).toEqual([1, 1]);
  });

  test('carries the context of the moment of the call, and the foreign members of the caller', async () => {
    const server = await startServer();
    const data = { 'my-rest.develop': server.url, 'my-rest.feature-x': server.url };
    const fetch = fetchWith(data);
    await context.run({ namespaces: ['feature-x'] }, () => fetch('http://my-rest/', { headers: { baggage: 'a=1;p' } }));
    await fetch('http://my-rest/', { headers: { baggage: 'a=1;p' } });
    expect(server.asked.map(({ headers }) => headers['baggage'])).toEqual(['branchline=feature-x,a=1;p', 'a=1;p']);
  });

  test("keeps the caller's own member where there is no context", async () => {
    const server = await startServer();
    const data = { 'my-rest.develop': server.url, 'my-rest.feature-x': server.url };
    const init = { headers: { baggage: 'a=1,branchline=feature-x' } };
    await fetchWith(data)('http://my-rest/', init);
    await fetchWith(data, { namespace: 'feature-y' })('http://my-rest/', init);
    expect(server.asked.map(({ headers }) => headers['baggage'])).toEqual([
      'a=1,branchline=feature-x',
      'branchline=feature-x~feature-y,a=1',
    ]);
  });

  test('of the branch carries it, also by convention, and with overrides off nothing', async () => {
    nameEverythingLoopback();
    const server = await startServer();
    const url = `http://unknown:${server.port}/`;
    await fetchWith({ baseline: 'develop' }, { namespace: 'feature-x' })(url);
    await fetchWith({ baseline: 'develop', overrides: 'off' }, { namespace: 'feature-x' })(url);
    expect(server.asked.map(({ headers }) => headers['baggage'])).toEqual(['branchline=feature-x', undefined]);
  });

  test('that would carry more than eight items is refused before a byte is sent', async () => {
    const server = await startServer();
    const namespaces = Array.from({ length: 8 }, (_, index) => `feature-${index}`);
    const fetch = fetchWith({ 'my-rest.develop': server.url }, { namespace: 'feature-x' });
    await expect(context.run({ namespaces }, () => fetch('http://my-rest/'))).rejects.toMatchObject({
      code: 'ERR_OVERRIDE_REFUSED',
    });
    expect(server.asked).toEqual([]);
  });
});

describe('a call that cannot be made rejects, and never throws', () => {
  test.each([
    ['http://my_rest/', 'ERR_INVALID_NAME'],
    ['http://_x_.my-rest/', 'ERR_INVALID_NAME'],
    ['http://off/', 'ERR_SERVICE_DISABLED'],
    ['http://_grpc.my-rest/', 'ERR_ENDPOINT_NOT_FOUND'],
    ['https://my-rest/', 'ERR_SCHEME_MISMATCH'],
    ['ws://my-rest/', 'ERR_SCHEME_UNSUPPORTED'],
    ['grpc://my-rest/', 'ERR_SCHEME_UNSUPPORTED'],
    ['http://db/', 'ERR_SCHEME_UNSUPPORTED'],
    ['postgres://db/', 'ERR_SCHEME_UNSUPPORTED'],
  ])('%s: %s', async (url, code) => {
    const { fetch, calls } = keeping();
    const data = { 'my-rest.develop': '8080', 'db.develop': 'postgres://db.example.com/x', 'off.develop': 'disabled' };
    const call = createFetch({ resolver: open(data), fetch })(url);
    await expect(call).rejects.toMatchObject({ code });
    expect(calls).toEqual([]);
  });

  test('the query of the call is not shown', async () => {
    const call = fetchWith({ 'db.develop': 'postgres://db.example.com/x' })('http://db/y?token=SECRET#SECRET');
    await expect(call).rejects.toThrow(/^ERR_SCHEME_UNSUPPORTED: postgres:\/\/db\.example\.com\/x\/y is the address/);
  });

  test('credentials in the URL: a TypeError, as of fetch, that does not show them', async () => {
    const fetch = fetchWith({ 'my-rest.develop': '8080' });
    const error: unknown = await fetch('http://user:SECRET@my-rest/').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).not.toContain('SECRET');
    await expect(fetch('http://user:SECRET@127.0.0.1/')).rejects.toThrow(TypeError);
  });

  test('what is no URL: the TypeError of fetch', async () => {
    await expect(fetchWith({ 'my-rest.develop': '8080' })('/x')).rejects.toThrow(TypeError);
    await expect(fetchWith({ 'my-rest.develop': '8080' })('http://')).rejects.toThrow(TypeError);
  });
});

describe('what names no service', () => {
  test.each<[string, string | URL | Request]>([
    ['a text', 'http://127.0.0.1/x'],
    ['a text with a dot', 'https://my-rest.develop.svc/'],
    ['a text that is no URL', 'x'],
    ['a URL', new URL('http://localhost/')],
    ['a Request', new Request('http://[::1]/', { headers: { baggage: 'branchline=feature-x' } })],
  ])('passes through untouched, the same input and the same init: %s', async (_, input) => {
    const { fetch, calls } = keeping();
    const wrapped = createFetch({ resolver: open({ 'a.develop': '1' }, { namespace: 'feature-x' }), fetch });
    const init = { headers: { baggage: 'a=1' }, signal: new AbortController().signal };
    const response = await context.run({ namespaces: ['develop'] }, () => wrapped(input, init));
    await wrapped(input);
    expect(calls[0]?.[0]).toBe(input);
    expect(calls[0]?.[1]).toBe(init);
    expect(init).toEqual({ headers: { baggage: 'a=1' }, signal: init.signal });
    expect(calls[1]).toEqual([input, undefined]);
    expect(resolutionOf(response)).toBeUndefined();
  });
});

describe('an init', () => {
  const dispatcher = { dispatch: () => true };

  test('that is null is none, as of fetch', async () => {
    const server = await startServer();
    const fetch = fetchWith({ 'my-rest.develop': server.url });
    for (const url of [server.url, 'http://my-rest/']) expect((await fetch(url, null as never)).status).toBe(200);
    const { fetch: send, calls } = keeping();
    const resolver = open({ 'my-rest.develop': '8080' });
    await createFetch({ resolver, fetch: send })('http://127.0.0.1/', null as never);
    await createFetch({ resolver, fetch: send, dispatcher })('http://127.0.0.1/', null as never);
    expect(calls.map(([, init]) => init)).toEqual([null, { dispatcher }]);
  });

  test('that is no object is refused, as of fetch', async () => {
    const server = await startServer();
    const fetch = fetchWith({ 'my-rest.develop': server.url });
    for (const url of [server.url, 'http://my-rest/'])
      for (const init of [5, 'POST', true]) await expect(fetch(url, init as never)).rejects.toThrow(TypeError);
    expect(server.asked).toEqual([]);
  });

  test('that is no object is left to fetch, also where a dispatcher would go with it', async () => {
    const { fetch, calls } = keeping();
    const wrapped = createFetch({ resolver: open({ 'my-rest.develop': '8080' }), fetch, dispatcher });
    for (const url of ['http://127.0.0.1/', 'http://my-rest/']) await wrapped(url, 5 as never);
    expect(calls.map(([, init]) => init)).toEqual([5, 5]);
  });
});

describe('without a table', () => {
  test('nothing is touched: the same input and the same init reach fetch', async () => {
    const { fetch, calls } = keeping();
    const wrapped = createFetch({ resolver: open({}, { namespace: 'feature-x' }), fetch });
    const init = { headers: { baggage: 'branchline=feature-y' }, redirect: 'follow' as const };
    const inputs = [
      'http://my-rest:8080/x',
      new URL('http://my-rest/'),
      new Request('http://my-rest/'),
      'http://my_rest/',
      'http://user:pw@my-rest/',
    ];
    for (const input of inputs) await context.run({ namespaces: ['feature-z'] }, () => wrapped(input, init));
    expect(calls.map(([input]) => input)).toEqual(inputs);
    for (const [index, [input, given]] of calls.entries()) {
      expect(input).toBe(inputs[index]);
      expect(given).toBe(init);
    }
    expect(init).toEqual({ headers: { baggage: 'branchline=feature-y' }, redirect: 'follow' });
  });

  test.each([null, undefined, 5, {}, Object.freeze({ method: undefined })])(
    'an init goes on as it is, whatever it is: %j',
    async (init) => {
      const { fetch, calls } = keeping();
      await createFetch({ resolver: open({}), fetch })('http://my-rest/', init as never);
      expect(calls[0]?.[0]).toBe('http://my-rest/');
      expect(calls[0]?.[1]).toBe(init);
    },
  );

  test('the response says so', async () => {
    const { fetch } = keeping();
    const response = await createFetch({ resolver: open({}), fetch })('http://my-rest/');
    expect(resolutionOf(response)).toMatchObject({ service: 'my-rest', via: 'unconfigured', namespace: null });
  });

  test('an endpoint is an error, and everything is in strict mode', async () => {
    const { fetch, calls } = keeping();
    const ask = (url: string, options: ResolverOptions = {}) =>
      createFetch({ resolver: open({}, options), fetch })(url);
    await expect(ask('http://_admin.my-rest/')).rejects.toMatchObject({ code: 'ERR_ENDPOINT_NOT_FOUND' });
    await expect(ask('http://my-rest/', { strict: true })).rejects.toMatchObject({ code: 'ERR_SERVICE_NOT_FOUND' });
    await expect(ask('http://my_rest/', { strict: true })).rejects.toMatchObject({ code: 'ERR_INVALID_NAME' });
    expect(calls).toEqual([]);
  });

  test('it is found by the next call when it appears', async () => {
    const server = await startServer();
    const source = memorySource();
    const { fetch, calls } = keeping();
    const wrapped = createFetch({ resolver: createResolver({ sources: [source], namespace: null }), fetch });
    await wrapped('http://my-rest/x');
    source.set({ 'my-rest.develop': server.url });
    await wrapped('http://my-rest/x');
    expect(calls.map(([input]) => input)).toEqual(['http://my-rest/x', `${server.url}/x`]);
  });
});

test('the fetch of the root has the default resolver of each call', async () => {
  const [one, two] = [await startServer(), await startServer()];
  const restore = setDefaultResolver(open({ 'my-rest.develop': one.url }));
  await ourFetch('http://my-rest/');
  restore();
  onTestFinished(setDefaultResolver(open({ 'my-rest.develop': two.url })));
  await ourFetch('http://my-rest/');
  expect([one.asked.length, two.asked.length]).toEqual([1, 1]);
});

test('the fetch that sends is the global one of each call, or the one that was given', async () => {
  const [given, replaced] = [keeping(), keeping()];
  const resolver = open({ 'my-rest.develop': '8080' });
  const [ours, theirs] = [createFetch({ resolver }), createFetch({ resolver, fetch: given.fetch })];
  vi.stubGlobal('fetch', replaced.fetch);
  await ours('http://my-rest/x');
  await theirs('http://my-rest/y');
  expect(replaced.calls.map(([url]) => url)).toEqual(['http://my-rest.develop.svc:8080/x']);
  expect(given.calls.map(([url]) => url)).toEqual(['http://my-rest.develop.svc:8080/y']);
});

describe('in the place of the global fetch', () => {
  test('it calls what was there, and not itself', async () => {
    const server = await startServer();
    const resolver = open({ 'my-rest.develop': server.url });
    vi.stubGlobal('fetch', createFetch({ resolver }));
    for (const url of [server.url, 'http://my-rest/']) expect((await fetch(url)).status).toBe(200);
    // Twice, and with other wrapped ones.
    vi.stubGlobal('fetch', createFetch({ resolver }));
    for (const url of [server.url, 'http://my-rest/']) expect((await fetch(url)).status).toBe(200);
    expect((await createFetch({ resolver })('http://my-rest/')).status).toBe(200);
    expect(server.asked).toHaveLength(5);
  });

  test('it calls what was replaced before it, and what replaces it', async () => {
    const [before, after] = [keeping(), keeping()];
    const resolver = open({ 'my-rest.develop': '8080' });
    vi.stubGlobal('fetch', before.fetch);
    const ours = createFetch({ resolver });
    vi.stubGlobal('fetch', ours);
    await fetch('http://my-rest/x');
    vi.stubGlobal('fetch', after.fetch);
    await ours('http://my-rest/y');
    expect(before.calls.map(([url]) => url)).toEqual(['http://my-rest.develop.svc:8080/x']);
    expect(after.calls.map(([url]) => url)).toEqual(['http://my-rest.develop.svc:8080/y']);
  });

  test('the fetch of the root calls what is below', async () => {
    const server = await startServer();
    onTestFinished(setDefaultResolver(open({ 'my-rest.develop': server.url })));
    vi.stubGlobal('fetch', ourFetch);
    for (const url of [server.url, 'http://my-rest/']) expect((await fetch(url)).status).toBe(200);
  });
});

test('a default resolver that cannot be made is an error of services only', async () => {
  const slot = Symbol.for('branchline.default.v1');
  Reflect.deleteProperty(globalThis, slot);
  onTestFinished(() => void Reflect.deleteProperty(globalThis, slot));
  vi.stubEnv('BRANCHLINE_CONFIG', join(temporaryFolder(), 'missing.yaml'));
  expect(() => defaultResolver()).toThrow(expect.objectContaining({ code: 'ERR_SOURCE_UNREADABLE' }));
  const server = await startServer();
  for (const send of [ourFetch, createFetch()]) {
    for (const url of [server.url, new URL(`http://localhost:${server.port}`), new Request(server.url)])
      expect((await send(url)).status).toBe(200);
    await expect(send('http://my-rest/')).rejects.toMatchObject({ code: 'ERR_SOURCE_UNREADABLE' });
  }
});

describe('a dispatcher', () => {
  const dispatcher = { dispatch: () => true };

  test('goes with every call, but where the call names its own', async () => {
    const { fetch, calls } = keeping();
    const wrapped = createFetch({ resolver: open({ 'my-rest.develop': '8080' }), fetch, dispatcher });
    const own = { dispatch: () => true };
    await wrapped('http://my-rest/');
    await wrapped('http://127.0.0.1/', { method: 'POST' });
    await wrapped('http://my-rest/', { dispatcher: own } as object);
    const used = calls.map(([, init]) => (init as { dispatcher?: object }).dispatcher);
    expect(used[0]).toBe(dispatcher);
    expect(used[1]).toBe(dispatcher);
    expect(used[2]).toBe(own);
    expect(calls[1]?.[1]).toMatchObject({ method: 'POST' });
  });

  test('takes nothing of an init that is no plain object', async () => {
    const { fetch, calls } = keeping();
    const wrapped = createFetch({ resolver: open({ 'my-rest.develop': '8080' }), fetch, dispatcher });
    await wrapped('http://my-rest/', new Request('http://x/', { method: 'PUT', headers: { a: 'b' } }));
    await wrapped('http://127.0.0.1/', new Request('http://x/', { method: 'PUT', headers: { a: 'b' } }));
    for (const [, init] of calls) {
      expect(init).toMatchObject({ method: 'PUT', dispatcher });
      expect(new Headers(init?.headers as Headers).get('a')).toBe('b');
    }
  });
});

test.each<[string, object, string]>([
  ['an unknown one', { agent: {} }, '"agent"'],
  ['a fetch that is none', { fetch: 'fetch' }, 'fetch is "fetch"'],
  ['a dispatcher that is none', { dispatcher: {} }, 'dispatcher'],
  ['null for a dispatcher', { dispatcher: null }, 'dispatcher is null'],
  ['a resolver that is none', { resolver: { resolve: () => '' } }, 'resolver'],
  ['canonical that is no boolean', { canonical: 1 }, 'canonical is 1'],
])('an option that makes no sense is a TypeError at creation: %s', (_, options, message) => {
  expect(() => createFetch(options as FetchOptions)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(message) }),
  );
});

describe('in the place of globalThis.fetch', () => {
  test('a call goes once through what somebody puts over it later, and ends', async () => {
    const server = await startServer();
    vi.stubGlobal('fetch', fetchWith({ 'my-rest.develop': server.url }));
    const below = globalThis.fetch;
    const spans: string[] = [];
    globalThis.fetch = async (input, init) => {
      spans.push(input instanceof Request ? input.url : String(input));
      await Promise.resolve();
      return below(new Request(input, init));
    };
    for (const url of [`${server.url}/foreign`, 'http://my-rest/x']) {
      expect((await globalThis.fetch(url)).status).toBe(200);
    }
    // Each is seen as it was called, and as it is sent.
    expect(spans).toEqual([`${server.url}/foreign`, `${server.url}/foreign`, 'http://my-rest/x', `${server.url}/x`]);
    expect(server.asked.map(({ path }) => path)).toEqual(['/foreign', '/x']);
  });

  test('where there is none, only a call is refused', async () => {
    vi.stubGlobal('fetch', undefined);
    const call = fetchWith({ 'my-rest.develop': '8080' });
    await expect(call('http://my-rest/')).rejects.toThrow('there is no globalThis.fetch');
  });
});
