// Routing below everything that speaks to a dispatcher of undici: what the dispatcher is given, what goes onto the wire,
// and what the handler is told.

import { PassThrough } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';

import {
  context,
  createResolver,
  type Data,
  isBranchlineError,
  memorySource,
  type Resolution,
  resolutionOf,
  type Resolver,
  type RoutingContext,
} from 'branchline';
import { routing } from 'branchline/undici';
import {
  Agent,
  type Dispatcher,
  fetch as undiciFetch,
  interceptors,
  MockAgent,
  pipeline,
  request,
  stream,
} from 'undici';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { createHops } from '../../src/context/hops.ts';
import { runIn } from '../../src/context/store.ts';
import { startEvil } from '../doubles/evil.ts';
import { redirecting, startServer } from '../doubles/http-server.ts';
import { closedPort, OK, reply, reset, startRawServer } from '../doubles/raw-server.ts';

const table: Data = {
  'my-rest.develop': '8080',
  'my-rest.feature-x': '',
  'my-rest.feature-y': '',
  '_admin.my-rest.develop': '9090',
  'orders.develop': 'https://orders.example.com',
  'ledger.develop': 'http://10.0.0.7:9000/base',
  'off.develop': 'disabled',
  'poisoned.develop': 'x y',
  'grpc.develop': 'grpc://grpc.example.com:443',
};

function open(data: Data, namespace: string | null = 'develop'): Resolver {
  const resolver = createResolver({ sources: [memorySource(data)], namespace });
  resolver.on('problem', () => undefined);
  return resolver;
}

interface Options {
  readonly [name: string]: unknown;
}

const listener = (): Record<string, () => void> =>
  Object.fromEntries(['onConnect', 'onHeaders', 'onData', 'onComplete', 'onError'].map((name) => [name, vi.fn()]));

/** What the dispatcher below is given. */
function given(options: Options, resolver: Resolver = open(table), handler: object = listener(), canonical = false) {
  const below = vi.fn((_options: Options, _handler: object) => true);
  expect(routing({ resolver, canonical })(below)(options, handler)).toBe(true);
  expect(below).toHaveBeenCalledOnce();
  const [sent, watching] = below.mock.lastCall as [Options, object];
  return { options: sent, handler: watching };
}

/** The error that the handler is told, when nothing is sent. */
function refused(options: Options, resolver: Resolver = open(table)): unknown {
  const below = vi.fn(() => true);
  const handlers = [{ onError: vi.fn() }, { onRequestStart: vi.fn(), onResponseError: vi.fn() }] as const;
  const [old, recent] = handlers;
  for (const handler of handlers) expect(routing({ resolver })(below)(options, handler)).toBe(false);
  expect(below).not.toHaveBeenCalled();
  expect(recent.onRequestStart).not.toHaveBeenCalled();
  const error: unknown = old.onError.mock.lastCall?.[0];
  expect(recent.onResponseError.mock.lastCall?.[1]).toEqual(error);
  return error;
}

/** An agent that finds its way, with other interceptors around it. It ends with the test. */
function dispatcherTo(resolver: Resolver, ...above: Dispatcher.DispatcherComposeInterceptor[]): Dispatcher {
  const agent = new Agent();
  onTestFinished(async () => agent.destroy());
  return agent.compose(routing({ resolver }), ...above);
}

/** For the built-in fetch: its types are of another version of undici. */
const through = (dispatcher: Dispatcher, init: object = {}): RequestInit => ({
  ...init,
  dispatcher: dispatcher as never,
});

async function errorOf(promise: Promise<unknown>): Promise<Error & { code?: string; resolution?: Resolution }> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

const x: RoutingContext = { namespaces: ['feature-x'] };

describe('a request that names a service', () => {
  test.each([
    ['http://my-rest', '/x?y=1', 'http://my-rest.develop.svc:8080', '/x?y=1'],
    ['http://MY-REST/', '/', 'http://my-rest.develop.svc:8080', '/'],
    ['http://my-rest:3000', '/x', 'http://my-rest.develop.svc:3000', '/x'],
    ['http://_admin.my-rest', '/x', 'http://my-rest.develop.svc:9090', '/x'],
    ['http://orders:81', '/x', 'https://orders.example.com', '/x'],
    ['https://orders', '/x', 'https://orders.example.com', '/x'],
    ['http://ledger', '/x?y=/z', 'http://10.0.0.7:9000', '/base/x?y=/z'],
    ['http://ledger:81', '/', 'http://10.0.0.7:9000', '/base/'],
    ['http://nobody', '/x', 'http://nobody.develop.svc', '/x'],
  ])('goes to the address of its entry: %s%s', (origin, path, sentTo, sentPath) => {
    for (const form of [origin, new URL(origin)]) {
      const { options } = given({ origin: form, path, method: 'GET' });
      expect(options).toMatchObject({ origin: sentTo, path: sentPath });
    }
  });

  test('in its canonical form goes there too, where that is asked for', () => {
    const options = { origin: 'http://my-rest.develop.svc.cluster.local', path: '/', method: 'GET' };
    const resolver = open(table, 'feature-x');
    expect(given(options, resolver, listener(), true).options['origin']).toBe('http://my-rest.feature-x.svc:8080');
    expect(given(options, resolver).options).toBe(options);
  });

  test('keeps everything else that it says, and what the caller has is not changed', () => {
    const options = Object.freeze({
      origin: 'http://my-rest',
      path: '/x',
      method: 'POST',
      body: Buffer.from('body'),
      headers: Object.freeze({ 'x-a': '1', baggage: 'k=v' }),
      query: Object.freeze({ a: 1 }),
      headersTimeout: 5,
      reset: true,
      signal: new AbortController().signal,
      upgrade: null,
      [Symbol.for('theirs')]: 1,
    });
    const { options: sent } = context.run(x, () => given(options));
    expect(sent).toEqual({
      ...options,
      origin: 'http://my-rest.feature-x.svc:8080',
      headers: { 'x-a': '1', baggage: 'branchline=feature-x,k=v' },
    });
    expect(sent['body']).toBe(options.body);
  });

  test('is answered by the table of the moment', () => {
    const source = memorySource({ 'my-rest.develop': '8080' });
    const resolver = createResolver({ sources: [source], namespace: 'feature-x' });
    const origin = (): unknown =>
      given({ origin: 'http://my-rest', path: '/', method: 'GET' }, resolver).options['origin'];
    expect(origin()).toBe('http://my-rest.develop.svc:8080');
    source.set({ 'my-rest.develop': '8080', 'my-rest.feature-x': '8081' });
    expect(origin()).toBe('http://my-rest.feature-x.svc:8081');
  });

  test('counts as an answer', () => {
    const resolver = open(table);
    given({ origin: 'http://my-rest', path: '/', method: 'GET' }, resolver);
    expect(resolver.coverage().counts).toEqual([
      { service: 'my-rest', namespace: 'develop', via: 'baseline', count: 1 },
    ]);
  });
});

describe('what cannot be sent', () => {
  test.each([
    ['http://off', 'ERR_SERVICE_DISABLED', 'off'],
    ['http://poisoned', 'ERR_ENTRY_INVALID', 'poisoned'],
    ['http://_grpc.my-rest', 'ERR_ENDPOINT_NOT_FOUND', 'my-rest'],
    ['https://my-rest', 'ERR_SCHEME_MISMATCH', 'my-rest'],
    ['http://grpc', 'ERR_SCHEME_UNSUPPORTED', 'grpc'],
    ['http://my_rest', 'ERR_INVALID_NAME', 'my_rest'],
    ['http://_x_.my-rest', 'ERR_INVALID_NAME', 'my-rest'],
  ])('is told to the handler, of either generation, and nothing is sent: %s', (origin, code, service) => {
    expect(refused({ origin, path: '/', method: 'GET' })).toMatchObject({ code, service });
  });

  test('is a wish of more than eight items: it is never cut', () => {
    const services = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`s${index}`, 'feature-y']));
    const error = context.run({ services }, () =>
      refused({ origin: 'http://my-rest', path: '/', method: 'GET' }, open(table, 'feature-x')),
    );
    expect(error).toMatchObject({ code: 'ERR_OVERRIDE_REFUSED' });
  });

  test('is a service without an entry, in strict mode, with and without a table', () => {
    for (const data of [{ ...table, strict: 'on' }, { strict: 'on' }]) {
      const error = refused({ origin: 'http://nobody', path: '/', method: 'GET' }, open(data));
      expect(error).toMatchObject({ code: 'ERR_SERVICE_NOT_FOUND', service: 'nobody' });
    }
  });

  test('is a path that is no text: the caller is told, as by undici', () => {
    for (const path of [undefined, null, 5, {}]) {
      const handler = { onError: vi.fn() };
      dispatcherTo(open(table)).dispatch({ origin: 'http://my-rest', path, method: 'GET' } as never, handler);
      expect(handler.onError).toHaveBeenCalledExactlyOnceWith(expect.any(Error));
    }
  });

  test('rejects what undici returns', async () => {
    const dispatcher = dispatcherTo(open(table));
    const disabled = { code: 'ERR_SERVICE_DISABLED', service: 'off' };
    const body = { method: 'POST', body: 'body' } as const;
    await expect(request('http://off/', { dispatcher })).rejects.toMatchObject(disabled);
    await expect(request('http://off/', { dispatcher, ...body })).rejects.toMatchObject(disabled);
    await expect(undiciFetch('http://off/', { dispatcher })).rejects.toMatchObject({ cause: disabled });
    await expect(fetch('http://off/', through(dispatcher))).rejects.toMatchObject({ cause: disabled });
    const nowhere = (): never => {
      throw new Error('there is no response');
    };
    await expect(stream('http://off/', { dispatcher, method: 'GET' }, nowhere)).rejects.toMatchObject(disabled);
    await expect(text(pipeline('http://off/', { dispatcher, method: 'GET' }, nowhere).end())).rejects.toMatchObject(
      disabled,
    );
  });
});

describe('what is no call of ours', () => {
  const origins = [
    'http://my-rest.develop.svc:8080',
    'http://my-rest.develop',
    'https://example.com',
    'http://127.0.0.1:8080',
    'http://[::1]:8080',
    'http://localhost:8080',
    'http://my-rest.',
    'no address',
    '',
    undefined,
    null,
  ];

  test.each(origins)('is passed on as it is, and carries nothing of ours: %s', (origin) => {
    const options = { origin, path: '/x', method: 'GET', headers: new Headers({ baggage: 'k=v' }) };
    const { options: sent } = context.run(x, () => given(options, open(table, 'feature-y')));
    expect(sent).toBe(options);
    expect([...options.headers]).toEqual([['baggage', 'k=v']]);
  });

  test('is a tunnel', () => {
    const options = { origin: 'http://my-rest', path: 'my-rest:443', method: 'CONNECT' };
    expect(context.run(x, () => given(options)).options).toBe(options);
  });

  test('is everything while there is no table: the library is not there', () => {
    const handler = listener();
    for (const origin of [...origins, 'http://my-rest', 'http://_x_.my-rest', 'http://my_rest']) {
      const options = { origin, path: '//x', method: 'GET', headers: { baggage: 'k=v' } };
      expect(context.run(x, () => given(options, open({}, 'feature-x'), handler))).toEqual({ options, handler });
      expect(context.run(x, () => given(options, open({}, 'feature-x'), handler)).options).toBe(options);
    }
  });
});

describe('our member', () => {
  const headers = (
    resolver: Resolver,
    wish: RoutingContext | undefined,
    baggage?: string | string[],
  ): Record<string, unknown> =>
    context.run(wish, () =>
      given({ origin: 'http://my-rest', path: '/', method: 'GET', headers: { 'x-a': '1', baggage } }, resolver),
    ).options['headers'] as Record<string, unknown>;

  test('goes with a request of a context, before what else is in the baggage', () => {
    expect(headers(open(table), x)).toEqual({ 'x-a': '1', baggage: 'branchline=feature-x' });
    expect(headers(open(table), x, 'k=v;p=1, l = w')['baggage']).toBe('branchline=feature-x,k=v;p=1, l = w');
    expect(headers(open(table), x, ['k=v', 'l=w'])['baggage']).toBe('branchline=feature-x,k=v,l=w');
    expect(headers(open(table), { services: { billing: 'feature-y' } })['baggage']).toBe(
      'branchline=billing.feature-y',
    );
  });

  test('goes with every request of a branch Pod', () => {
    const resolver = open(table, 'feature-x');
    expect(headers(resolver, undefined)['baggage']).toBe('branchline=feature-x');
    expect(headers(resolver, { namespaces: ['feature-y'] })['baggage']).toBe('branchline=feature-y~feature-x');
  });

  test('replaces what the caller wrote, in a context; without one the caller’s stays', () => {
    expect(headers(open(table), x, 'k=v,branchline=feature-y')['baggage']).toBe('branchline=feature-x,k=v');
    expect(headers(open(table), undefined, 'k=v,branchline=feature-y')['baggage']).toBe('k=v,branchline=feature-y');
  });

  test('does not go with a request of none', () => {
    expect(headers(open(table), undefined)).toEqual({ 'x-a': '1', baggage: undefined });
    expect(headers(open(table), undefined, 'k=v')['baggage']).toBe('k=v');
  });

  test('does not go where overrides are off, and the context is not asked', () => {
    const options = { origin: 'http://my-rest', path: '/', method: 'GET', headers: { baggage: 'k=v' } };
    const { options: sent } = context.run(x, () => given(options, open({ ...table, overrides: 'off' })));
    expect(sent).toMatchObject({ origin: 'http://my-rest.develop.svc:8080', headers: { baggage: 'k=v' } });
  });

  test('goes to a service that the convention names, too', () => {
    const options = { origin: 'http://nobody', path: '/', method: 'GET' };
    expect(context.run(x, () => given(options)).options['headers']).toEqual({ baggage: 'branchline=feature-x' });
  });

  test('is the one of the call, whatever handler is told of it', () => {
    // One that is made once, for all calls.
    const handler = { onRequestStart: () => undefined, onResponseError: () => undefined };
    const options = { origin: 'http://my-rest', path: '/', method: 'GET' };
    const below = vi.fn<(options: Options) => boolean>(() => true);
    const dispatch = routing({ resolver: open(table) })(below);
    for (const namespace of ['feature-x', 'feature-y'])
      context.run({ namespaces: [namespace] }, () => dispatch(options, handler));
    dispatch(options, handler);
    expect(below.mock.calls.map(([{ origin, headers: sent }]) => [origin, sent])).toEqual([
      ['http://my-rest.feature-x.svc:8080', { baggage: 'branchline=feature-x' }],
      ['http://my-rest.feature-y.svc:8080', { baggage: 'branchline=feature-y' }],
      ['http://my-rest.develop.svc:8080', undefined],
    ]);
  });
});

test('a request that tells its route asks for it, and hears it', async () => {
  const route = 'my-rest=develop, billing=feature-x';
  const server = await startServer((_, response) => response.setHeader('branchline-via', route).end('ok'));
  const dispatcher = dispatcherTo(open({ 'my-rest.develop': server.url }));
  const hops = createHops();
  const { body } = await runIn({ context: undefined, hops }, () => request('http://my-rest/', { dispatcher }));
  await body.dump();
  expect(server.only().headers['branchline-via']).toBe('1');
  expect(hops.told(null)).toBe(route);
});

describe('headers of every shape', () => {
  const lines = [
    ['x-a', '1'],
    ['x-b', '2'],
    ['x-b', '3'],
    ['baggage', 'k=v'],
  ] as const;
  function* once(): Generator<[string, string]> {
    for (const [name, value] of lines) yield [name, value];
  }
  const shapes: [string, () => unknown, asList?: boolean][] = [
    ['an object', () => ({ 'x-a': '1', 'x-b': ['2', '3'], 'x-c': undefined, baggage: 'k=v' })],
    ['a flat list', () => lines.flat()],
    ['a flat list with lists', () => ['x-a', '1', 'x-b', ['2', '3'], 'baggage', ['k=v']]],
    ['Headers', () => new Headers(lines.map(([name, value]): [string, string] => [name, value]))],
    ['a Map', () => new Map<string, unknown>([['x-a', '1'], ['x-b', ['2', '3']], ['baggage', 'k=v']])], // prettier-ignore
    ['a generator', once],
    ['an iterable', () => ({ [Symbol.iterator]: once })],
  ];
  // Undici takes no list of them itself; what comes through here it takes.
  const pairs: (typeof shapes)[number] = ['a list of pairs', () => lines.map((pair) => [...pair])];

  /** The lines that arrive, without undici's own. */
  async function arrived(namespace: string, headers: unknown): Promise<string[]> {
    const server = await startRawServer();
    const resolver = open({ 'my-rest.develop': server.url }, namespace);
    const { body } = await request('http://my-rest/', {
      dispatcher: dispatcherTo(resolver),
      headers: headers as never,
    });
    expect(await body.text()).toBe('ok');
    const [, ...sent] = server.received().split('\r\n');
    return sent.filter((line) => /^(x-|baggage)/i.test(line)).toSorted();
  }
  const others = ['x-a: 1', 'x-b: 2', 'x-b: 3'];
  /** Two lines of a name may come as one. */
  const apart = (sent: string[]): string[] =>
    sent.flatMap((line) => (line === 'x-b: 2, 3' ? ['x-b: 2', 'x-b: 3'] : line));

  test.each([...shapes, pairs])('arrive, with our member: %s', async (_, make) => {
    expect(apart(await arrived('feature-x', make()))).toEqual(['baggage: branchline=feature-x,k=v', ...others]);
  });

  test.each(shapes)('arrive as they are, where there is nothing to put in: %s', async (_, make) => {
    expect(apart(await arrived('develop', make()))).toEqual(['baggage: k=v', ...others]);
  });

  test.each([undefined, null, {}, [], new Headers()])('may be none: %s', async (none) => {
    expect(await arrived('feature-x', none)).toEqual(['baggage: branchline=feature-x']);
    expect(await arrived('develop', none)).toEqual([]);
  });

  test.each([...shapes, pairs].filter(([name]) => name !== 'a generator'))(
    'are not changed in what the caller has: %s',
    (_, make) => {
      const headers = make();
      context.run(x, () => given({ origin: 'http://my-rest', path: '/', method: 'GET', headers }));
      expect(headers).toEqual(make());
    },
  );
});

describe('a handler', () => {
  /** Old and new, for a real agent: each keeps what it is told. */
  function handlers() {
    const told: string[] = [];
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const keep =
      (name: string, last = false) =>
      (...args: unknown[]): boolean => {
        const bytes = args.find((arg) => arg instanceof Uint8Array);
        told.push(bytes === undefined ? name : `${name} ${Buffer.from(bytes).toString()}`);
        if (last) end();
        return true;
      };
    const old = {
      onConnect: keep('onConnect'),
      onHeaders: keep('onHeaders'),
      onData: keep('onData'),
      onComplete: keep('onComplete', true),
      onError: keep('onError', true),
    };
    const recent = {
      onRequestStart: keep('onRequestStart'),
      onResponseStart: keep('onResponseStart'),
      onResponseData: keep('onResponseData'),
      onResponseEnd: keep('onResponseEnd', true),
      onResponseError: keep('onResponseError', true),
    };
    return { told, ended, old, recent };
  }
  const stories = {
    old: ['onConnect', 'onHeaders', 'onData ok', 'onComplete'],
    recent: ['onRequestStart', 'onResponseStart', 'onResponseData ok', 'onResponseEnd'],
  };

  test.each(['old', 'recent'] as const)('of a generation is told in its own words: %s', async (generation) => {
    const server = await startServer();
    const resolver = open({ 'my-rest.develop': server.url }, 'feature-x');
    const agent = new Agent();
    onTestFinished(async () => agent.destroy());
    // With undici's own wrapping of what is composed, and without.
    for (const dispatch of [
      agent.compose(routing({ resolver })).dispatch,
      routing({ resolver })(agent.dispatch.bind(agent)),
    ]) {
      const { told, ended, [generation]: handler } = handlers();
      dispatch({ origin: 'http://my-rest', path: '/x', method: 'GET' }, handler);
      await ended;
      expect(told).toEqual(stories[generation]);
    }
    expect(server.asked.map(({ path, headers }) => [path, headers['baggage']])).toEqual(
      Array.from({ length: 2 }, () => ['/x', 'branchline=feature-x']),
    );
  });

  test('of a dispatcher that knows only the old generation, as undici 6, is told by it', () => {
    const { told, old } = handlers();
    const abort = vi.fn();
    const below = vi.fn((_: Options, handler: Record<string, (...args: unknown[]) => unknown>) => {
      for (const name of Object.keys(old)) expect(handler[name]).toBeTypeOf('function');
      expect(handler['onRequestStart']).toBeUndefined();
      handler['onConnect']?.(abort, {});
      handler['onHeaders']?.(200, [Buffer.from('x-a'), Buffer.from('1')], () => undefined, 'OK');
      expect(handler['onData']?.(Buffer.from('ok'))).toBe(true);
      handler['onComplete']?.([]);
      return false;
    });
    expect(routing({ resolver: open(table) })(below)({ origin: 'http://my-rest', path: '/', method: 'GET' }, old)).toBe(
      false,
    );
    expect(told).toEqual(['onConnect', 'onHeaders', 'onData ok', 'onComplete']);
  });

  test('may hold the response back, and abort the request', async () => {
    const server = await startServer((_, response) => response.end('x'.repeat(200_000)));
    const dispatcher = dispatcherTo(open({ 'my-rest.develop': server.url }));
    const { body } = await request('http://my-rest/', { dispatcher, highWaterMark: 1 });
    expect(await text(body)).toHaveLength(200_000);

    const controller = new AbortController();
    const answer = await request('http://my-rest/', { dispatcher, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(answer.body.text()).rejects.toThrow('enough');
  });

  test('of an upgrade gets the socket', async () => {
    const server = await startRawServer((socket, head) => {
      socket.write(`HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n${head.split('\r\n')[0]}`);
    });
    const dispatcher = dispatcherTo(open({ 'my-rest.develop': `${server.url}/base` }, 'feature-x'));
    const { socket, headers } = await dispatcher.upgrade({
      origin: 'http://my-rest',
      path: '/x',
      protocol: 'echo',
    } as never);
    onTestFinished(() => void socket.destroy());
    expect(headers['upgrade']).toBe('echo');
    const [first] = await new Promise<[Buffer]>(
      (resolve) => void socket.once('data', (...data: [Buffer]) => resolve(data)),
    );
    expect(String(first)).toBe('GET /base/x HTTP/1.1');
    expect(server.received()).toContain('baggage: branchline=feature-x\r\n');
  });
});

describe('a failure', () => {
  test('is the caller’s own error, with the resolution', async () => {
    const port = await closedPort();
    const dispatcher = dispatcherTo(open({ 'my-rest.develop': `http://127.0.0.1:${port}` }));
    const error = await errorOf(request('http://my-rest/', { dispatcher }));
    expect(error.code).toBe('ECONNREFUSED');
    expect(isBranchlineError(error)).toBe(false);
    expect(resolutionOf(error)).toMatchObject({ service: 'my-rest', namespace: 'develop', port });
    expect(error.resolution).toBe(resolutionOf(error));
    expect(Object.keys(error)).not.toContain('resolution');
  });

  test('of fetch has it with the cause', async () => {
    const port = await closedPort();
    const dispatcher = dispatcherTo(open({ 'my-rest.develop': `http://127.0.0.1:${port}` }));
    for (const call of [
      fetch('http://my-rest/', through(dispatcher)),
      undiciFetch('http://my-rest/', { dispatcher }),
    ]) {
      const error = await errorOf(call);
      expect(error).toBeInstanceOf(TypeError);
      expect(resolutionOf(error.cause as Error)).toMatchObject({ service: 'my-rest', port });
    }
  });

  test('before the response, and within its body, is told with it; nothing is asked again', async () => {
    const before = await startRawServer(reset);
    const within = await startRawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok', () => socket.resetAndDestroy());
    });
    const dispatcher = dispatcherTo(open({ 'before.develop': before.url, 'within.develop': within.url }));
    expect(resolutionOf(await errorOf(request('http://before/', { dispatcher })))).toMatchObject({ service: 'before' });
    const { body } = await request('http://within/', { dispatcher });
    expect(resolutionOf(await errorOf(body.text()))).toMatchObject({ service: 'within' });
    expect([before.connections(), within.connections()]).toEqual([1, 1]);
  });

  test('of a connection for which two wait is told each with its own resolution', async () => {
    const gateway = `http://127.0.0.1:${await closedPort()}`;
    const resolver = open({ 'a.develop': `${gateway}/a`, 'b.develop': `${gateway}/b` });
    const agent = new Agent({ connections: 1 });
    onTestFinished(async () => agent.destroy());
    const dispatcher = agent.compose(routing({ resolver }));
    const errors = await Promise.all(
      ['a', 'b'].map(async (name) => errorOf(request(`http://${name}/`, { dispatcher }))),
    );
    expect(errors.map(({ code }) => code)).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
    expect(errors.map((error) => resolutionOf(error)?.service)).toEqual(['a', 'b']);
  });

  test('of somebody else’s host is told as it is', async () => {
    const port = await closedPort();
    const error = await errorOf(request(`http://127.0.0.1:${port}/`, { dispatcher: dispatcherTo(open(table)) }));
    expect(resolutionOf(error)).toBeUndefined();
  });
});

describe('a hostile path', () => {
  const hostile = (port: number): string[] => {
    const evil = `127.0.0.1:${port}`;
    return [
      `//${evil}/x`,
      `///${evil}/x`,
      `/\\${evil}/x`,
      `\\\\${evil}/x`,
      `\t//${evil}/x`,
      `/\t/${evil}/x`,
      `\n//${evil}/x`,
      `@${evil}/`,
      `:@${evil}/`,
      `.evil.example.com/`,
      `0/`,
      `:${port}/`,
      `http://${evil}/`,
      `https://${evil}/`,
      `http:${evil}`,
      `?@${evil}`,
      `#@${evil}`,
      '/../x',
      '/..%2fx',
      '/%2e%2e/x',
      '/x/../../y',
      '/.\t./x',
      '/\\..\\..\\x',
      '/base/../x',
      ' /x',
      '',
      '*',
      '/x HTTP/1.1\r\nbaggage: branchline=feature-y\r\n\r\nGET /y',
    ];
  };

  test.each(['', '/base'])('never leaves the address of its service (%j)', async (base) => {
    const evil = await startRawServer();
    const ours = await startRawServer();
    const dispatcher = dispatcherTo(open({ 'my-rest.develop': `${ours.url}${base}` }, 'feature-x'));
    const outcomes: Record<string, string> = {};
    for (const path of hostile(evil.port)) {
      const before = ours.received().length;
      // The message of `request` itself is stricter: here the path comes as it is.
      const outcome = await new Promise<string>((resolve) => {
        dispatcher.dispatch({ origin: 'http://my-rest', path, method: 'GET' }, {
          onRequestStart: () => undefined,
          onResponseStart: () => undefined,
          onResponseData: () => undefined,
          onResponseEnd: () => resolve('answered'),
          onResponseError: (_: unknown, { code }: { code: string }) => resolve(code),
        } as never);
      });
      const [line = ''] = ours.received().slice(before).split('\r\n');
      expect(['answered', 'ERR_CROSS_ORIGIN_PATH', 'UND_ERR_INVALID_ARG']).toContain(outcome);
      expect(line).toMatch(outcome === 'answered' ? /^GET \S+ HTTP\/1\.1$/ : /^$/);
      const [, sent = ''] = line.split(' ');
      if (outcome === 'answered') expect(`${new URL(`http://h${sent}`).pathname}/`.startsWith(`${base}/`)).toBe(true);
      outcomes[path] = outcome;
    }
    expect(evil.connections()).toBe(0);
    expect(ours.received()).not.toContain('feature-y');
    // What would be another host, port or user is refused by us, whatever undici says of it.
    for (const path of [
      `@127.0.0.1:${evil.port}/`,
      '.evil.example.com/',
      `:${evil.port}/`,
      `http://127.0.0.1:${evil.port}/`,
    ])
      expect(outcomes[path]).toBe(base === '' ? 'ERR_CROSS_ORIGIN_PATH' : 'answered');
    for (const path of ['/%2e%2e/x', '/x/../../y', '/\\..\\..\\x'])
      expect(outcomes[path]).toBe(base === '' ? 'answered' : 'ERR_CROSS_ORIGIN_PATH');
  });
});

describe('the clients of a dispatcher', () => {
  const clients: Record<string, (dispatcher: Dispatcher) => Promise<unknown>> = {
    'the built-in fetch': async (dispatcher) =>
      (await fetch('http://my-rest/x?y=1', through(dispatcher, { method: 'POST', body: 'body' }))).text(),
    'the built-in fetch with a stream': async (dispatcher) => {
      const init = { method: 'POST', body: new Blob(['body']).stream(), duplex: 'half' };
      return (await fetch('http://my-rest/x?y=1', through(dispatcher, init))).text();
    },
    'fetch of undici': async (dispatcher) =>
      (await undiciFetch('http://my-rest/x?y=1', { method: 'POST', body: 'body', dispatcher })).text(),
    request: async (dispatcher) =>
      (await request('http://my-rest/x', { query: { y: 1 }, method: 'POST', body: 'body', dispatcher })).body.text(),
    stream: async (dispatcher) => {
      const answer = new PassThrough();
      const options = { method: 'POST', body: 'body', dispatcher } as const;
      await stream('http://my-rest/x?y=1', options, () => answer);
      return text(answer);
    },
    pipeline: async (dispatcher) => {
      const answer = pipeline('http://my-rest/x?y=1', { method: 'POST', dispatcher }, ({ body }) => body);
      return String(await buffer(answer.end('body')));
    },
  };

  test.each(Object.entries(clients))('find their way: %s', async (_, call) => {
    const server = await startServer(({ path, headers, body }, response) =>
      response.end(`${path} ${String(headers['baggage'])} ${String(body)}`),
    );
    const data = { 'my-rest.develop': 'http://127.0.0.1:1', 'my-rest.feature-x': `${server.url}/base` };
    const dispatcher = dispatcherTo(open(data));
    expect(await context.run(x, async () => call(dispatcher))).toBe('/base/x?y=1 branchline=feature-x body');
  });

  test('may be mocked: MockAgent sees the address, and our member', async () => {
    const mock = new MockAgent();
    onTestFinished(async () => mock.close());
    mock.disableNetConnect();
    const dispatcher = mock.compose(routing({ resolver: open(table) }));
    mock
      .get('http://my-rest.feature-x.svc:8080')
      .intercept({ path: '/x', headers: { baggage: 'branchline=feature-x' } })
      .reply(200, 'mocked')
      .times(3);
    await context.run(x, async () => {
      expect(await (await request('http://my-rest/x', { dispatcher })).body.text()).toBe('mocked');
      expect(await (await undiciFetch('http://my-rest/x', { dispatcher })).text()).toBe('mocked');
      expect(await (await fetch('http://my-rest/x', through(dispatcher))).text()).toBe('mocked');
    });
    await expect(request('http://my-rest/x', { dispatcher })).rejects.toMatchObject({
      code: 'UND_MOCK_ERR_MOCK_NOT_MATCHED',
    });
    mock.assertNoPendingInterceptors();
  });
});

describe('a redirect', () => {
  const redirect = (): Dispatcher.DispatcherComposeInterceptor => interceptors.redirect({ maxRedirections: 5 });
  const followers: [string, (url: string, resolver: Resolver) => Promise<string>][] = [
    [
      'undici’s interceptor',
      async (url, resolver) => (await request(url, { dispatcher: dispatcherTo(resolver, redirect()) })).body.text(),
    ],
    ['the built-in fetch', async (url, resolver) => (await fetch(url, through(dispatcherTo(resolver)))).text()],
    [
      'fetch of undici',
      async (url, resolver) => (await undiciFetch(url, { dispatcher: dispatcherTo(resolver) })).text(),
    ],
  ];

  test('out of the base is the same call to undici’s interceptor: it stays at the address, and carries the wish', async () => {
    const server = await startServer(redirecting({ '/base/x': [307, '/login'], '/login': [302, '/base'] }));
    const dispatcher = new Agent().compose(
      routing({ resolver: open({ 'my-rest.feature-x': `${server.url}/base` }) }),
      interceptors.redirect({ maxRedirections: 5 }),
    );
    onTestFinished(() => dispatcher.close());
    await context.run(x, async () => (await request('http://my-rest/x', { dispatcher })).body.dump());
    expect(server.asked.map(({ path, headers }) => [path, headers['baggage']])).toEqual([
      ['/base/x', 'branchline=feature-x'],
      ['/login', 'branchline=feature-x'],
      ['/base', 'branchline=feature-x'],
    ]);
  });

  test.each(followers)('to somebody else does not carry our member, followed by %s', async (_, follow) => {
    const evil = await startEvil();
    const server = await startServer(redirecting({ '/x': [307, `${evil.url}/x`] }));
    expect(await context.run(x, () => follow('http://my-rest/x', open({ 'my-rest.develop': server.url })))).toBe('ok');
    expect(server.only().headers['baggage']).toBe('branchline=feature-x');
    evil.expectNothingOfOurs();
  });

  test.each(followers)('that comes back from there carries it again, followed by %s', async (_, follow) => {
    const evil = await startEvil('http://orders/y');
    const orders = await startServer();
    const server = await startServer(redirecting({ '/x': [302, `${evil.url}/x`] }));
    const data = { 'my-rest.develop': server.url, 'orders.develop': '1', 'orders.feature-x': `${orders.url}/base` };
    expect(await context.run(x, () => follow('http://my-rest/x', open(data)))).toBe('ok');
    evil.expectNothingOfOurs();
    expect(orders.only()).toMatchObject({ path: '/base/y', headers: { baggage: 'branchline=feature-x' } });
  });

  test.each(followers)(
    'out of the services, or beside the base, leaves a route that is not whole, followed by %s',
    async (_, follow) => {
      const [stranger, other] = [await startServer(), await startServer()];
      const server = await startServer(
        redirecting({
          '/b/x': [302, `${stranger.url}/x`],
          '/b/y': [302, '/outside?a=/b/'],
          '/b/z': [302, '/b/z2?x'],
          '/b/n': [302, 'http://other/'],
        }),
      );
      const resolver = open({ 'my-rest.develop': `${server.url}/b`, 'other.develop': other.url });
      const routeAfter = async (path: string): Promise<string> => {
        const hops = createHops();
        await runIn({ context: undefined, hops }, () => follow(`http://my-rest${path}`, resolver));
        return hops.told(null);
      };
      expect(await routeAfter('/x')).toBe('my-rest=develop, ...');
      expect(await routeAfter('/y')).toBe('my-rest=develop, ...');
      expect(await routeAfter('/z')).toBe('my-rest=develop');
      expect(await routeAfter('/n')).toBe('my-rest=develop, other=develop');
    },
  );

  test.each(followers)(
    'that a stranger sends to the address that was called is a stranger’s, followed by %s',
    async (_, follow) => {
      const routes: Record<string, [number, string]> = {};
      const server = await startServer(redirecting(routes));
      const evil = await startEvil(`${server.url}/back`);
      routes['/x'] = [302, '/y'];
      routes['/y'] = [302, `${evil.url}/x`];
      routes['/back'] = [302, '/end'];
      expect(await context.run(x, () => follow('http://my-rest/x', open({ 'my-rest.develop': server.url })))).toBe(
        '/end',
      );
      evil.expectNothingOfOurs();
      expect(server.asked.map(({ path, headers }) => [path, headers['baggage']])).toEqual([
        ['/x', 'branchline=feature-x'],
        ['/y', 'branchline=feature-x'],
        ['/back', undefined],
        ['/end', undefined],
      ]);
    },
  );

  test.each(followers)('within the service stays with its copy, followed by %s', async (_, follow) => {
    const server = await startServer(redirecting({ '/x': [303, 'y/../z'], '/z': [301, 'http://my-rest:81/w'] }));
    const data = { 'my-rest.develop': 'http://127.0.0.1:1', 'my-rest.feature-x': server.url };
    expect(await context.run(x, () => follow('http://my-rest/x', open(data)))).toBe('/w');
    expect(server.asked.map(({ path, headers }) => [path, headers['baggage']])).toEqual([
      ['/x', 'branchline=feature-x'],
      ['/z', 'branchline=feature-x'],
      ['/w', 'branchline=feature-x'],
    ]);
  });

  test.each(followers)(
    'within the address that was called stays with the service, followed by %s',
    async (_, follow) => {
      const moved: Record<string, string> = {};
      const server = await startServer(({ path }, response) => {
        const location = moved[path];
        if (location === undefined) response.end(path);
        else response.writeHead(302, { location }).end();
      });
      const resolver = open({ 'my-rest.develop': 'http://127.0.0.1:1', 'my-rest.feature-x': `${server.url}/base` });
      moved['/base/absolute'] = `${server.url}/base/no-scheme`;
      moved['/base/no-scheme'] = `//127.0.0.1:${server.port}/base/rooted`;
      moved['/base/rooted'] = 'relative?a=b';
      moved['/base/relative?a=b'] = '/base/';
      moved['/base/'] = '/base/end?x=/y';
      moved['/base/out'] = '/outside';
      expect(await context.run(x, () => follow('http://my-rest/absolute', resolver))).toBe('/base/end?x=/y');
      expect(server.asked.map(({ path, headers }) => [path, headers['baggage']])).toEqual(
        [...Object.keys(moved).slice(0, -1), '/base/end?x=/y'].map((path) => [path, 'branchline=feature-x']),
      );
      // What is not within the base is not under it either; nor is the base itself, which is another path than below it.
      moved['/base/slash'] = '/base';
      expect(await context.run(x, () => follow('http://my-rest/out', resolver))).toBe('/outside');
      expect(await context.run(x, () => follow('http://my-rest/slash', resolver))).toBe('/base');
    },
  );

  test.each(followers)('to a service that must not be called is an error, followed by %s', async (_, follow) => {
    const server = await startServer(redirecting({ '/x': [302, 'http://off/'] }));
    const error = await errorOf(
      follow('http://my-rest/x', open({ 'my-rest.develop': server.url, 'off.develop': 'disabled' })),
    );
    expect([error, error.cause].map((one) => (one as { code?: string } | undefined)?.code)).toContain(
      'ERR_SERVICE_DISABLED',
    );
  });
});

describe('what caches or joins requests, below', () => {
  const wishes = ['feature-x', undefined, 'feature-y', 'feature-x', 'feature-y', undefined] as const;
  const ask = (dispatcher: Dispatcher) => async (namespace: string | undefined) =>
    context.run(namespace === undefined ? undefined : { namespaces: [namespace] }, async () =>
      (await request('http://my-rest/x', { dispatcher })).body.text(),
    );

  /** Branches with copies of their own, and branches that share the one of the baseline. */
  async function branches() {
    const cached = { 'cache-control': 'public, max-age=60', vary: 'baggage' };
    const servers = await Promise.all(
      ['develop', 'feature-x', 'feature-y'].map((name) =>
        startServer(({ headers }, response) => {
          response.writeHead(200, cached).end(`${name} ${String(headers['baggage'])}`);
        }),
      ),
    );
    const [develop, inX, inY] = servers.map(({ url }) => url) as [string, string, string];
    const own = { 'my-rest.develop': develop, 'my-rest.feature-x': inX, 'my-rest.feature-y': inY };
    const shared = { 'my-rest.develop': develop, 'other.feature-x': '1', 'other.feature-y': '1' };
    return { servers, own, shared };
  }

  const answers = (own: boolean): string[] =>
    wishes.map((wish) => `${(own ? wish : null) ?? 'develop'} ${wish === undefined ? wish : `branchline=${wish}`}`);

  test.each(['own', 'shared'] as const)('never mixes branches: a cache, %s copies', async (kind) => {
    const { servers, [kind]: data } = await branches();
    const agent = new Agent();
    onTestFinished(async () => agent.destroy());
    const call = ask(agent.compose(interceptors.cache(), routing({ resolver: open(data) })));
    const seen: string[] = [];
    for (const wish of wishes) seen.push(await call(wish));
    expect(seen).toEqual(answers(kind === 'own'));
    expect(servers.flatMap(({ asked }) => asked)).toHaveLength(3);
  });

  test.each(['own', 'shared'] as const)('never mixes branches: requests that are joined, %s copies', async (kind) => {
    const { servers, [kind]: data } = await branches();
    const agent = new Agent();
    onTestFinished(async () => agent.destroy());
    const call = ask(agent.compose(interceptors.deduplicate(), routing({ resolver: open(data) })));
    expect(await Promise.all(wishes.map(call))).toEqual(answers(kind === 'own'));
    expect(servers.flatMap(({ asked }) => asked)).toHaveLength(3);
  });
});

test('a retry goes where the first try went, with the same headers, and once for every failure', async () => {
  let tries = 0;
  const server = await startRawServer((socket, head) => {
    tries += 1;
    if (tries === 1) reply('HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n')(socket, head);
    else if (tries === 2) reset(socket, head);
    else reply(OK)(socket, head);
  });
  const resolver = open({ 'my-rest.develop': 'http://127.0.0.1:1', 'my-rest.feature-x': `${server.url}/base` });
  const dispatcher = dispatcherTo(resolver, interceptors.retry({ minTimeout: 1 }));
  const { body } = await context.run(x, () => request('http://my-rest/x', { dispatcher, headers: { baggage: 'k=v' } }));
  expect(await body.text()).toBe('ok');
  expect(server.received().match(/^GET .*$/gm)).toEqual(Array.from({ length: 3 }, () => 'GET /base/x HTTP/1.1'));
  expect(server.received().match(/^baggage: .*$/gm)).toEqual(
    Array.from({ length: 3 }, () => 'baggage: branchline=feature-x,k=v'),
  );
});

describe('options', () => {
  test.each([
    [null, 'an object of options'],
    [[], 'an object of options'],
    [{ resolvers: 1 }, 'no option "resolvers"'],
    [{ canonical: 'yes' }, 'canonical is "yes"'],
    [{ resolver: {} }, 'resolver'],
  ])('that make no sense are an error at once: %j', (options, message) => {
    expect(() => routing(options as never)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_INVALID_OPTION',
        message: expect.stringContaining(message),
      }),
    );
  });

  test('may be none: the resolver is the one of the process, asked for at the first call', () => {
    const dispatch = routing()(() => true);
    expect(dispatch({ origin: 'http://example.com', path: '/', method: 'GET' }, listener())).toBe(true);
  });
});
