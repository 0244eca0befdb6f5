import { createFetch, createResolver, type FetchLike, memorySource, type Resolution, resolutionOf } from 'branchline';
import { describe, expect, test } from 'vitest';

import { startServer } from '../doubles/http-server.ts';
import { closedPort } from '../doubles/raw-server.ts';

function fetchTo(url: string, send?: FetchLike): FetchLike {
  const sources = [memorySource({ 'my-rest.develop': url, 'my-rest.feature-x': url })];
  return createFetch({
    resolver: createResolver({ sources, namespace: 'feature-x' }),
    ...(send === undefined ? {} : { fetch: send }),
  });
}

async function errorOf(call: Promise<Response>): Promise<TypeError & { resolution?: Resolution }> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TypeError);
  return error as TypeError;
}

describe('a response', () => {
  test('says who answered, to whom asks', async () => {
    const server = await startServer();
    const response = await fetchTo(server.url)('http://my-rest/');
    expect(resolutionOf(response)).toEqual({
      service: 'my-rest',
      endpoint: 'default',
      namespace: 'feature-x',
      url: server.url,
      protocol: 'http:',
      hostname: '127.0.0.1',
      port: server.port,
      via: 'branch',
      source: 'memory',
      revision: 1,
    });
    expect(resolutionOf(response.clone())).toBe(resolutionOf(response));
  });

  test('is that of fetch, and shows nothing of ours', async () => {
    const server = await startServer((_, answer) =>
      answer.setHeader('content-type', 'application/json').end('{"a":1}'),
    );
    const response = await fetchTo(server.url)('http://my-rest/');
    expect(response).toBeInstanceOf(Response);
    expect(Object.keys(response)).toEqual([]);
    expect(JSON.stringify(response)).toBe('{}');
    const clone = response.clone();
    expect(await response.json()).toEqual({ a: 1 });
    expect(response.bodyUsed).toBe(true);
    expect(await clone.json()).toEqual({ a: 1 });
    await expect(response.text()).rejects.toThrow(TypeError);
  });

  test('that is not ok is a response like any other, never a reason to ask elsewhere', async () => {
    const server = await startServer((_, response) => response.writeHead(503).end('busy'));
    const response = await fetchTo(server.url)('http://my-rest/');
    expect([response.status, await response.text()]).toEqual([503, 'busy']);
    expect(server.asked).toHaveLength(1);
  });

  test('of a replaced fetch may be little more than an object', async () => {
    const little = { ok: true, json: () => Promise.resolve(1) };
    const response = await fetchTo('http://127.0.0.1:1', () => Promise.resolve(little as Response))('http://my-rest/');
    expect(response).toBe(little);
    expect(Object.keys(response)).toEqual(['ok', 'json']);
    expect(resolutionOf(response)).toMatchObject({ service: 'my-rest' });
  });

  test.each([
    ['a service', { 'my-rest.develop': '8080' }],
    ['what has no table', {}],
  ])('of a replaced fetch may be frozen: it is passed as it is, for %s', async (_, data) => {
    const frozen = Object.freeze(new Response('mocked'));
    const resolver = createResolver({ sources: [memorySource(data)], namespace: null });
    const response = await createFetch({ resolver, fetch: () => Promise.resolve(frozen) })('http://my-rest/');
    expect(response).toBe(frozen);
    expect(resolutionOf(response)).toBeUndefined();
  });

  test('of somebody else has no resolution', async () => {
    const server = await startServer();
    expect(resolutionOf(await fetchTo(server.url)(server.url))).toBeUndefined();
    expect(resolutionOf(await fetch(server.url))).toBeUndefined();
    expect(resolutionOf(new Response())).toBeUndefined();
    expect(resolutionOf(new Error('other'))).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a text', 'x'],
  ])('is what resolutionOf wants, and not %s', (_, other) => {
    expect(() => resolutionOf(other as Response)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  });
});

describe('a network error', () => {
  test('stays the TypeError of fetch, with the resolution where nobody sees it who does not ask', async () => {
    const port = await closedPort();
    const native = await errorOf(fetch(`http://127.0.0.1:${port}/`));
    const error = await errorOf(fetchTo(`http://127.0.0.1:${port}`)('http://my-rest/'));
    expect(error.constructor).toBe(native.constructor);
    expect(error.message).toBe(native.message);
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED', port });
    expect(error.resolution).toMatchObject({ service: 'my-rest', namespace: 'feature-x', via: 'branch', port });
    expect(resolutionOf(error)).toBe(error.resolution);
    expect(Object.keys(error)).toEqual(Object.keys(native));
    expect(Object.getOwnPropertyDescriptor(error, 'resolution')).toMatchObject({ enumerable: false });
    expect(JSON.stringify(error)).toBe(JSON.stringify(native));
  });

  test('is the very object that fetch rejected with', async () => {
    const thrown = new TypeError('fetch failed');
    const error = await errorOf(fetchTo('http://127.0.0.1:1', () => Promise.reject(thrown))('http://my-rest/'));
    expect(error).toBe(thrown);
    expect(resolutionOf(error)).toMatchObject({ service: 'my-rest' });
  });

  test('of a hop has the resolution of that hop', async () => {
    const port = await closedPort();
    const server = await startServer((_, response) => response.writeHead(302, { location: 'http://billing/' }).end());
    const data = { 'my-rest.develop': server.url, 'billing.develop': `http://127.0.0.1:${port}` };
    const fetch = createFetch({ resolver: createResolver({ sources: [memorySource(data)], namespace: null }) });
    expect((await errorOf(fetch('http://my-rest/'))).resolution).toMatchObject({ service: 'billing' });
  });

  test('of somebody else has none, also where we were sent there', async () => {
    const port = await closedPort();
    const server = await startServer((_, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end(),
    );
    const fetch = fetchTo(server.url);
    expect(resolutionOf(await errorOf(fetch(`http://127.0.0.1:${port}/`)))).toBeUndefined();
    expect(resolutionOf(await errorOf(fetch('http://my-rest/')))).toBeUndefined();
  });

  test('of a frozen error is thrown as it is', async () => {
    const thrown = Object.freeze(new TypeError('frozen'));
    expect(await errorOf(fetchTo('http://127.0.0.1:1', () => Promise.reject(thrown))('http://my-rest/'))).toBe(thrown);
  });

  test('that is no error at all is thrown as it is', async () => {
    const send = (): Promise<Response> => {
      // oxlint-disable-next-line typescript/only-throw-error
      throw 'a text';
    };
    await expect(fetchTo('http://127.0.0.1:1', send)('http://my-rest/')).rejects.toBe('a text');
  });

  test('without a table has a resolution that says so', async () => {
    const thrown = new TypeError('fetch failed');
    const resolver = createResolver({ sources: [], namespace: null });
    const error = await errorOf(createFetch({ resolver, fetch: () => Promise.reject(thrown) })('http://my-rest/'));
    expect(error).toBe(thrown);
    expect(resolutionOf(error)).toMatchObject({ via: 'unconfigured' });
  });
});

describe('the reason of an abort belongs to whoever aborted', () => {
  test.each([
    ['before the call', true],
    ['during the call', false],
  ])('%s: it is passed on, and not changed', async (_, before) => {
    const server = await startServer(() => controller.abort(reason));
    const controller = new AbortController();
    const reason = new Error('the whole batch is not needed any more');
    if (before) controller.abort(reason);
    const fetch = fetchTo(server.url);
    const { signal } = controller;
    const calls = [fetch('http://my-rest/', { signal }), fetch(new Request('http://my-rest/', { signal }))];
    for (const call of calls) await expect(call).rejects.toBe(reason);
    expect(new Set(Reflect.ownKeys(reason))).toEqual(new Set(['stack', 'message']));
  });

  test.each<[string, () => AbortSignal]>([
    ['AbortError', () => AbortSignal.abort()],
    ['TimeoutError', () => AbortSignal.timeout(1)],
  ])('of Node itself: %s', async (name, signalOf) => {
    const server = await startServer(() => {});
    const signal = signalOf();
    const error: unknown = await fetchTo(server.url)('http://my-rest/', { signal }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name });
    expect(Object.hasOwn(error as object, 'resolution')).toBe(false);
    expect(error).toBe(signal.reason);
  });
});
