// The dispatcher as its users have it: how long it waits, what it never does by itself, and what it leaves alone.

import { context, createFetch, createResolver, type Data, memorySource, resolutionOf, type Resolver } from 'branchline';
import { useEntries } from 'branchline/testing';
import { createDispatcher, type DispatcherOptions } from 'branchline/undici';
import { type Agent, buildConnector, type Dispatcher, interceptors, Pool, request } from 'undici';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { until } from '../doubles/await.ts';
import { startBlackHole } from '../doubles/black-hole.ts';
import { startChild } from '../doubles/child.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { startServer } from '../doubles/http-server.ts';
import { reply, type Reaction, reset, silence, startRawServer } from '../doubles/raw-server.ts';

const open = (data: Data, namespace = 'develop'): Resolver =>
  createResolver({ sources: [memorySource(data)], namespace });

/** It ends with the test. */
function dispatcherOf(options?: DispatcherOptions): Dispatcher {
  const dispatcher = createDispatcher(options);
  onTestFinished(async () => dispatcher.destroy());
  return dispatcher;
}

const call = async (dispatcher: Dispatcher, path = '/'): Promise<string> =>
  (await request(`http://my-rest${path}`, { dispatcher })).body.text();

async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

/** What the agent makes of its options, for the pool of an origin. */
async function optionsOfPools(agent: Agent.Options): Promise<Pool.Options> {
  const server = await startServer();
  const factory = vi.fn((origin: string | URL, options: object) => new Pool(origin, options));
  await call(dispatcherOf({ resolver: open({ 'my-rest.develop': server.url }), agent: { ...agent, factory } }));
  return factory.mock.lastCall?.[1] as Pool.Options;
}

describe('a dispatcher', () => {
  test('finds its way, with our member and without other options', async () => {
    const server = await startServer(({ path, headers }, response) =>
      response.end(`${path} ${String(headers['baggage'])}`),
    );
    onTestFinished(useEntries({ 'my-rest.develop': '81', 'my-rest.feature-x': `${server.url}/base` }));
    const dispatcher = dispatcherOf();
    expect(await context.run({ namespaces: ['feature-x'] }, () => call(dispatcher, '/x'))).toBe(
      '/base/x branchline=feature-x',
    );
  });

  test('takes the options of routing', async () => {
    const server = await startServer();
    const resolver = open({ 'my-rest.develop': server.url });
    const { body } = await request('http://my-rest.develop.svc:81/', {
      dispatcher: dispatcherOf({ resolver, canonical: true }),
    });
    expect(await body.text()).toBe('ok');
  });

  test('may have other interceptors around it', async () => {
    let tries = 0;
    const server = await startServer((_, response) => response.writeHead(++tries === 1 ? 503 : 200).end('ok'));
    const dispatcher = dispatcherOf({ resolver: open({ 'my-rest.develop': server.url }) });
    expect(await call(dispatcher.compose(interceptors.retry({ minTimeout: 1 })))).toBe('ok');
    expect(tries).toBe(2);
  });

  test.each(['/b', 'http://my-rest/b', 'http://backend:{port}/b'])(
    'routes a redirect to %s, though its socket was opened by the wrapped fetch for an address that looks like a service',
    async (location) => {
      const server = await startServer(({ path }, response) => {
        const to = location.replace('{port}', String(server.port));
        if (path === '/a') response.writeHead(302, { location: to }).end();
        else response.end(path);
      });
      const names: string[] = [];
      type Done = (error: null, addresses: readonly object[]) => void;
      const lookup = (name: string, _: object, done: Done): void => {
        names.push(name);
        done(null, [{ address: '127.0.0.1', family: 4 }]);
      };
      const resolver = open({ 'my-rest.develop': `http://backend:${server.port}`, 'other.feature-x': '1' });
      const dispatcher = dispatcherOf({
        resolver,
        agent: { connections: 1, connect: { lookup: lookup as never } },
      }).compose(interceptors.retry({ maxRetries: 1 }), interceptors.redirect({ maxRedirections: 3 }));
      expect(await (await createFetch({ resolver, dispatcher })('http://my-rest/warm')).text()).toBe('/warm');
      expect(await context.run({ namespaces: ['feature-x'] }, () => call(dispatcher, '/a'))).toBe('/b');
      expect(new Set(names)).toEqual(new Set(['backend']));
      expect(server.asked.map(({ path, headers }) => [path, headers['baggage']])).toEqual([
        ['/warm', undefined],
        ['/a', 'branchline=feature-x'],
        ['/b', 'branchline=feature-x'],
      ]);
    },
  );

  test.each(['/base/b', '{url}/base/b', 'b'])(
    'is told by the built-in fetch where to go on within the service: %s',
    async (location) => {
      const server = await startServer(({ path }, response) => {
        const to = location.replace('{url}', server.url);
        if (path === '/base/a') response.writeHead(302, { location: to }).end();
        else response.end(path);
      });
      const dispatcher = dispatcherOf({
        resolver: open({ 'my-rest.develop': `${server.url}/base`, 'other.feature-x': '1' }),
      });
      const response = await context.run({ namespaces: ['feature-x'] }, () =>
        fetch('http://my-rest/a', { dispatcher: dispatcher as never }),
      );
      expect(await response.text()).toBe('/base/b');
      expect(server.asked.map(({ headers }) => headers['baggage'])).toEqual([
        'branchline=feature-x',
        'branchline=feature-x',
      ]);
    },
  );

  test('keeps connections alive, and uses them again for requests of others', async () => {
    const server = await startRawServer();
    const resolver = open({ 'my-rest.develop': server.url, 'x.feature-x': '' });
    const dispatcher = dispatcherOf({ resolver, agent: { connections: 1 } });
    await context.run({ namespaces: ['feature-x'] }, () => call(dispatcher));
    await call(dispatcher);
    expect(server.connections()).toBe(1);
    expect(server.received().match(/branchline/g)).toHaveLength(1);
  });
});

describe('a Pod that has gone', () => {
  test.runIf(process.platform === 'linux')('is noticed after two seconds, when it takes no connection', async () => {
    const port = await startBlackHole();
    const dispatcher = dispatcherOf({ resolver: open({ 'my-rest.develop': `http://127.0.0.1:${port}` }) });
    const error = await errorOf(call(dispatcher));
    expect(error).toMatchObject({
      code: 'UND_ERR_CONNECT_TIMEOUT',
      message: expect.stringContaining('timeout: 2000ms'),
    });
    expect(resolutionOf(error)).toMatchObject({ service: 'my-rest', namespace: 'develop', port });
  });

  test('is noticed while nobody knows its address, too', async () => {
    const lookup = vi.fn(); // never answers
    const dispatcher = dispatcherOf({ resolver: open({ 'my-rest.develop': '81' }), agent: { connect: { lookup } } });
    const message: unknown = expect.stringContaining('timeout: 2000ms');
    await expect(call(dispatcher)).rejects.toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT', message });
    expect(lookup).toHaveBeenCalledOnce();
    expect(lookup.mock.lastCall?.[0]).toBe('my-rest.develop.svc');
  });

  test('is noticed when no head of a response comes, after thirty seconds or what is asked for', async () => {
    expect(await optionsOfPools({})).toMatchObject({ headersTimeout: 30_000 });
    const server = await startRawServer(silence);
    const resolver = open({ 'my-rest.develop': server.url });
    const error = await errorOf(call(dispatcherOf({ resolver, agent: { headersTimeout: 50 } })));
    expect(error).toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
    expect(resolutionOf(error)).toMatchObject({ service: 'my-rest', port: server.port });
    expect(server.connections()).toBe(1);
  });
});

describe('a failure', () => {
  const failures: Record<string, Reaction> = {
    'a reset': reset,
    'a connection that is closed': (socket) => void socket.end(),
    'half a head': (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-le'),
    'half a body': (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok'),
    'what is no HTTP': (socket) => void socket.end('hello\r\n\r\n'),
  };

  test.each(Object.entries(failures))('is the caller’s to see, and nothing is sent twice: %s', async (_, reaction) => {
    const server = await startRawServer(reaction);
    const elsewhere = await startServer();
    const data = { 'my-rest.develop': elsewhere.url, 'my-rest.feature-x': server.url };
    const dispatcher = dispatcherOf({ resolver: open(data, 'feature-x') });
    for (const method of ['GET', 'PUT']) {
      const before = server.connections();
      const answer = request('http://my-rest/', { dispatcher, method }).then(async ({ body }) => body.text());
      await expect(answer).rejects.toHaveProperty('resolution.namespace', 'feature-x');
      expect(server.connections()).toBe(before + 1);
    }
    expect(server.received().match(/ HTTP\/1\.1\r\n/g)).toHaveLength(2);
    expect(elsewhere.asked).toEqual([]);
  });

  test('that is an answer is one: 503 is not asked again', async () => {
    const server = await startRawServer(reply('HTTP/1.1 503 Busy\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n'));
    const dispatcher = dispatcherOf({ resolver: open({ 'my-rest.develop': server.url }) });
    const { statusCode, body } = await request('http://my-rest/', { dispatcher });
    await body.dump();
    expect(statusCode).toBe(503);
    expect(server.received().match(/^GET /gm)).toHaveLength(1);
  });
});

describe('the options of the agent', () => {
  test('stand beside ours', async () => {
    const { headersTimeout, bodyTimeout, connections, connect } = await optionsOfPools({
      bodyTimeout: 7,
      connections: 3,
    });
    expect({ headersTimeout, bodyTimeout, connections }).toEqual({
      headersTimeout: 30_000,
      bodyTimeout: 7,
      connections: 3,
    });
    expect(connect).toEqual({ timeout: 2000, lookup: expect.any(Function) });
  });

  test('stand in the place of ours', async () => {
    const lookup = (): void => undefined;
    expect(
      await optionsOfPools({ headersTimeout: 5000, connect: { timeout: 1000, lookup, rejectUnauthorized: false } }),
    ).toMatchObject({
      headersTimeout: 5000,
      connect: { timeout: 1000, lookup, rejectUnauthorized: false },
    });
  });

  test('may be a function that connects: then ours have no say', async () => {
    const server = await startServer();
    const connectTo = buildConnector({});
    const connect = vi.fn<buildConnector.connector>((options, done) =>
      connectTo({ ...options, hostname: '127.0.0.1', port: String(server.port) }, done),
    );
    expect(await call(dispatcherOf({ resolver: open({ 'my-rest.develop': '8080' }), agent: { connect } }))).toBe('ok');
    expect(connect).toHaveBeenCalledOnce();
    expect(connect.mock.lastCall?.[0]).toMatchObject({ hostname: 'my-rest.develop.svc', port: '8080' });
    expect(server.only().headers.host).toBe('my-rest.develop.svc:8080');
  });

  test('are not changed', () => {
    const agent = Object.freeze({ connect: Object.freeze({ timeout: 1000 }), connections: 3 });
    dispatcherOf({ agent });
    expect(agent).toEqual({ connect: { timeout: 1000 }, connections: 3 });
  });

  test.each([
    [{ maxOrigins: -1 }, /maxOrigins/],
    [{ connect: 5 }, /connect/],
    [{ connect: 'x' }, /connect/],
    [{ factory: 5 }, /factory/],
  ])('that make no sense are undici’s error, at once: %j', (agent, message) => {
    expect(() => dispatcherOf({ agent: agent as never })).toThrow(message);
  });
});

test.each([
  [null, 'an object of options'],
  [{ dispatcher: {} }, 'no option "dispatcher"'],
  [{ timeout: 1 }, 'no option "timeout"'],
  [{ agent: null }, 'agent is null'],
  [{ agent: [] }, 'agent is a list'],
  [{ agent: 'x' }, 'agent is "x"'],
  [{ canonical: 1 }, 'canonical is 1'],
  [{ resolver: {} }, 'resolver'],
])('options that make no sense are an error at once: %j', (options, message) => {
  expect(() => createDispatcher(options as never)).toThrow(
    expect.objectContaining({
      name: 'TypeError',
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining(message),
    }),
  );
});

describe('the process', () => {
  const child = (name: string, args: string[], env: Record<string, string | undefined> = {}) =>
    startChild(new URL(`children/${name}.ts`, import.meta.url), { cwd: temporaryFolder(), args, env });
  /** Of the machine that runs the tests. */
  const noProxy = { NODE_USE_ENV_PROXY: undefined, HTTP_PROXY: undefined, http_proxy: undefined };

  test('loads undici at the first dispatcher, and Node’s own fetch stays as it is', async () => {
    const server = await startServer();
    const [ours, plain] = [
      child('loading', ['createDispatcher', server.url], noProxy),
      child('loading', ['nothing', server.url], noProxy),
    ];
    const { fetched, loaded, dispatchers } = await plain.said('fetched');
    expect({ fetched, loaded }).toEqual({ fetched: 'ok', loaded: false });
    expect((await ours.said('imported'))['imported']).toEqual({ loaded: false, dispatchers: [null, null] });
    expect(await ours.said('fetched')).toEqual({ fetched: 'ok', loaded: true, dispatchers, same: [true, true] });
    expect(await ours.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  test('goes on using the proxy that NODE_USE_ENV_PROXY asks for, where Node knows it', async () => {
    const server = await startServer();
    const proxy = await startRawServer((socket, head) => {
      if (head.startsWith('CONNECT')) socket.write('HTTP/1.1 200 Established\r\n\r\n');
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nproxy');
    });
    const proxied = { HTTP_PROXY: proxy.url, http_proxy: undefined, NO_PROXY: undefined, no_proxy: undefined };
    const env = { ...proxied, NODE_USE_ENV_PROXY: '1' };
    const { fetched } = await child('loading', ['nothing', server.url], env).said('fetched');
    const ours = await child('loading', ['createDispatcher', server.url], env).said('fetched');
    expect(ours).toMatchObject({ fetched, loaded: true, same: [true, true] });
    const [major = 0] = process.versions.node.split('.').map(Number);
    if (major >= 24) expect(fetched).toBe('proxy');
  });

  test('may have it as its dispatcher; closed, it leaves no handle, and the process ends', async () => {
    const server = await startServer(({ path, headers }, response) =>
      response.end(`${path} ${String(headers['baggage'])}`),
    );
    const { said, exited } = child('global-dispatcher', [`${server.url}/base`, `${server.url}/foreign`], noProxy);
    const { answers, open: held, closed } = await said('answers');
    expect(answers).toEqual([
      '/base/fetch branchline=feature-x',
      '/base/request branchline=feature-x',
      '/foreign undefined',
    ]);
    expect(held).toContain('TCPSocketWrap');
    expect(closed).toEqual([]);
    expect(await exited()).toMatchObject({ code: 0, stderr: '' });
  });

  test('waits for what is on its way when it is closed, and takes nothing more', async () => {
    const waiting: { end(text: string): unknown }[] = [];
    const server = await startServer((_, response) => void waiting.push(response));
    const dispatcher = createDispatcher({ resolver: open({ 'my-rest.develop': server.url }) });
    const answer = call(dispatcher);
    await until(() => waiting.length === 1, 'the request to arrive');
    const closed = dispatcher.close();
    await expect(call(dispatcher)).rejects.toMatchObject({ code: 'UND_ERR_CLOSED' });
    waiting[0]?.end('late');
    expect(await answer).toBe('late');
    await closed;
  });
});
