// The recipes, each with its own framework or client, on real sockets.

import { once } from 'node:events';
import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setImmediate as later } from 'node:timers/promises';

import { Client, Metadata, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import { getRequestListener } from '@hono/node-server';
import { context, type RoutingContext } from 'branchline';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { WebSocket } from 'ws';

import { fetching, http as axios } from '../../examples/recipes/axios.ts';
import { createApp as createFastify } from '../../examples/recipes/fastify.ts';
import { http as got } from '../../examples/recipes/got.ts';
import { clients, metadata, routed } from '../../examples/recipes/grpc.ts';
import { createApp as createHono } from '../../examples/recipes/hono.ts';
import { createApp as createKoa } from '../../examples/recipes/koa.ts';
import { http as ky } from '../../examples/recipes/ky.ts';
import { createApp as createNodeHttp, takeOrder } from '../../examples/recipes/node-http.ts';
import { myRest } from '../../examples/recipes/openapi-fetch.ts';
import { connect } from '../../examples/recipes/ws.ts';
import { startServer } from '../doubles/http-server.ts';
import { deployed, listening } from './stand-ins.ts';

const WISH: RoutingContext = { namespaces: ['feature-x'] };

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  /** On the socket of the request before. */
  readonly reused: boolean;
}

/** Posts an order, or looks at a page; on one socket, kept alive. */
function caller(url: string): (path: string, headers?: Record<string, string>) => Promise<Answer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => {
    agent.destroy();
  });
  return async (path, headers = {}) => {
    const isOrder = path === '/orders';
    const method = isOrder ? 'POST' : 'GET';
    const sent = request(`${url}${path}`, {
      agent,
      method,
      headers: { 'content-type': 'application/json', ...headers },
    });
    sent.end(isOrder ? '{"article":"chair"}' : undefined);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const body = JSON.parse(await text(response)) as unknown;
    await later();
    return { status: response.statusCode, headers: response.headers, body, reused: sent.reusedSocket };
  };
}

/** Who comes through the edge may not choose. */
const isInside = (headers: IncomingHttpHeaders): boolean => headers['x-edge'] === undefined;

/** Each with a page that shows the `baggage` which its handlers see. */
const servers: Readonly<Record<string, () => Promise<string>>> = {
  fastify() {
    const app = createFastify(({ headers }) => isInside(headers));
    app.get('/baggage', ({ headers }) => ({ baggage: headers['baggage'] ?? null }));
    onTestFinished(() => app.close());
    return app.listen({ port: 0, host: '127.0.0.1' });
  },
  koa() {
    const app = createKoa(({ headers }) => isInside(headers));
    app.use((ctx) => {
      ctx.body = { baggage: ctx.headers['baggage'] ?? null };
    });
    const handle = app.callback();
    return listening(createServer((asked, response) => void handle(asked, response)));
  },
  hono() {
    const app = createHono((c) => c.req.header('x-edge') === undefined);
    app.get('/baggage', (c) => c.json({ baggage: c.req.header('baggage') ?? null }));
    const handle = getRequestListener(app.fetch);
    return listening(createServer((asked, response) => void handle(asked, response)));
  },
  'node:http'() {
    const app = createNodeHttp(
      ({ headers }) => isInside(headers),
      (asked, response) => {
        if (asked.url === '/orders') takeOrder(asked, response);
        else response.end(JSON.stringify({ baggage: asked.headers['baggage'] ?? null }));
      },
    );
    return listening(app);
  },
};

describe.each(Object.entries(servers))('the server of %s', (_, start) => {
  test('honours a wish that the table knows, with all that it calls, and confirms it', async () => {
    const { asked } = await deployed(['billing.develop', 'billing.feature-x']);
    const call = caller(await start());
    const { status: code, headers, body } = await call('/orders', { baggage: 'branchline=feature-x' });
    expect(code).toBe(200);
    expect(headers['branchline-accepted']).toBe('feature-x');
    expect(body).toEqual({ by: 'billing.feature-x' });
    expect(asked).toMatchObject([{ method: 'POST', headers: { baggage: 'branchline=feature-x' } }]);
    expect(String(asked[0]?.body)).toBe('{"article":"chair"}');
  });

  test('refuses a wish that the table does not know, and calls nobody', async () => {
    const { asked } = await deployed(['billing.develop']);
    const call = caller(await start());
    const { status: code, headers, body } = await call('/orders', { baggage: 'branchline=feature-z' });
    expect(code).toBe(412);
    expect(headers).toMatchObject({ 'branchline-refused': 'feature-z' });
    expect(headers['branchline-accepted']).toBeUndefined();
    expect(body).toMatchObject({ error: { code: 'ERR_OVERRIDE_REFUSED' } });
    expect(asked).toEqual([]);
  });

  test('takes the member out of a request that is not trusted, and no other', async () => {
    const { asked } = await deployed(['billing.develop', 'billing.feature-x']);
    const call = caller(await start());
    const untrusted = { 'x-edge': '1', baggage: 'branchline=feature-x,tenant=blue;p=1' };
    const { headers, body } = await call('/orders', untrusted);
    expect(headers['branchline-accepted']).toBeUndefined();
    expect(body).toEqual({ by: 'billing.develop' });
    expect(asked[0]?.headers['baggage']).toBeUndefined();
    expect((await call('/baggage', untrusted)).body).toEqual({ baggage: 'tenant=blue;p=1' });
    expect((await call('/baggage', { 'x-edge': '1', baggage: 'branchline=a' })).body).toEqual({ baggage: null });
    expect((await call('/baggage', { baggage: 'branchline=feature-x,a=b' })).body).toEqual({
      baggage: 'branchline=feature-x,a=b',
    });
  });

  test('has no wish in the next request on the same socket', async () => {
    await deployed(['billing.develop', 'billing.feature-x']);
    const call = caller(await start());
    expect((await call('/orders', { baggage: 'branchline=feature-x' })).body).toEqual({ by: 'billing.feature-x' });
    const next = await call('/orders');
    expect(next).toMatchObject({ reused: true, body: { by: 'billing.develop' } });
    expect(next.headers['branchline-accepted']).toBeUndefined();
  });

  test('keeps the wishes of requests apart that run at the same time', async () => {
    await deployed(['billing.develop', 'billing.feature-x', 'billing.feature-y']);
    const url = await start();
    const wishes = Array.from({ length: 60 }, (_unused, index) => ['develop', 'feature-x', 'feature-y'][index % 3]);
    const answers = wishes.map((wish) =>
      caller(url)('/orders', wish === 'develop' ? {} : { baggage: `branchline=${wish}` }),
    );
    const by = (await Promise.all(answers)).map(({ body }) => (body as { by: string }).by);
    expect(by).toEqual(wishes.map((wish) => `billing.${wish}`));
  });
});

type Get = (url: string, headers?: Record<string, string>) => Promise<unknown>;

const redirectingClients: Readonly<Record<string, Get>> = {
  "axios' fetch adapter": async (url, headers = {}) => (await fetching.get<unknown>(url, { headers })).data,
  got: (url, headers = {}) => got(url, { headers }).json(),
  ky: (url, headers = {}) => ky(url, { headers }).json(),
  async 'openapi-fetch'(url, headers = {}) {
    const { origin, pathname, search } = new URL(url);
    const path = `${pathname}${search}` as '/get-customer-permissions';
    return (await myRest.GET(path, { baseUrl: origin, headers })).data;
  },
};
const httpClients: Readonly<Record<string, Get>> = {
  ...redirectingClients,
  async axios(url, headers = {}) {
    const { origin, pathname, searchParams } = new URL(url);
    return (await axios.get<unknown>(`${origin}${pathname}`, { headers, params: Object.fromEntries(searchParams) }))
      .data;
  },
};

const names = ['my-rest.develop', 'my-rest.feature-x', 'orders.develop', 'orders.feature-x', 'foreign'];

const redirected = (get: Get, to: string): Promise<unknown> =>
  context.run(WISH, () => get(`http://my-rest/?to=${encodeURIComponent(to)}`, { baggage: 'tenant=blue' }));

describe.each(Object.entries(httpClients))('the client of %s', (_, get) => {
  test('reaches the copy of the branch for a wish, and the shared one without', async () => {
    const { asked } = await deployed(names);
    const path = '/get-customer-permissions?customer=4711';
    expect(await context.run(WISH, () => get(`http://my-rest${path}`))).toEqual({ by: 'my-rest.feature-x' });
    expect(await get(`http://my-rest${path}`)).toEqual({ by: 'my-rest.develop' });
    expect(asked.map((one) => one.path)).toEqual([path, path]);
    expect(asked.map(({ headers }) => headers['baggage'])).toEqual(['branchline=feature-x', undefined]);
  });

  test('puts the member beside the baggage of others', async () => {
    const { asked } = await deployed(names);
    const baggage = 'tenant=blue;p=1,user=%C3%A4';
    await context.run(WISH, () => get('http://my-rest/', { baggage, accept: 'application/json' }));
    await get('http://my-rest/', { baggage });
    expect(asked.map(({ headers }) => headers['baggage'])).toEqual([`branchline=feature-x,${baggage}`, baggage]);
    expect(asked[0]?.headers.accept).toBe('application/json');
  });

  test('says nothing to a host that is none of ours', async () => {
    const { asked, urls } = await deployed(names);
    const call = (headers?: Record<string, string>): Promise<unknown> => get(`${urls['foreign']}/x`, headers);
    expect(await context.run(WISH, () => call({ baggage: 'tenant=blue' }))).toEqual({ by: 'foreign' });
    await context.run(WISH, () => call());
    expect(asked.map(({ headers }) => headers['baggage'])).toEqual(['tenant=blue', undefined]);
  });

  test('fails at once where the table says so, and asks nobody', async () => {
    const { asked } = await deployed(names, { 'my-rest.feature-y': 'disabled' });
    await expect(context.run({ namespaces: ['feature-y'] }, () => get('http://my-rest/'))).rejects.toMatchObject({
      code: 'ERR_SERVICE_DISABLED',
    });
    expect(asked).toEqual([]);
  });
});

describe('a redirect', () => {
  test.for(Object.entries(redirectingClients))(
    'is followed by %s: to a service, to another host and on the same one',
    async ([, get]) => {
      const { asked, urls } = await deployed(names);
      expect(await redirected(get, 'http://orders/x')).toEqual({ by: 'orders.feature-x' });
      expect(await redirected(get, `${urls['foreign']}/x`)).toEqual({ by: 'foreign' });
      expect(await redirected(get, '/x')).toEqual({ by: 'my-rest.feature-x' });
      expect(asked.filter(({ path }) => path === '/x').map(({ headers }) => headers['baggage'])).toEqual([
        'branchline=feature-x,tenant=blue',
        'tenant=blue',
        'branchline=feature-x,tenant=blue',
      ]);
    },
  );

  test('is an error of axios', async () => {
    const { asked, urls } = await deployed(names);
    const get = httpClients['axios'] as Get;
    await expect(redirected(get, `${urls['foreign']}/x`)).rejects.toMatchObject({ response: { status: 302 } });
    expect(asked.map(({ by }) => by)).toEqual(['my-rest.feature-x']);
  });
});

test('ky sends what failed once more, but does not ask the table again', async () => {
  let busy = true;
  const { url } = await startServer((_, response) => {
    response.statusCode = busy ? 503 : 200;
    busy = false;
    response.end('[]');
  });
  await deployed([], { 'my-rest.develop': url, 'my-rest.feature-x': 'disabled' });
  const retried = vi.fn<() => void>();
  const http = ky.extend({ hooks: { beforeRetry: [retried] }, retry: { delay: () => 1 } });
  await expect(context.run(WISH, () => http('http://my-rest/'))).rejects.toMatchObject({
    code: 'ERR_SERVICE_DISABLED',
  });
  expect(retried).not.toHaveBeenCalled();
  expect(await http('http://my-rest/').json()).toEqual([]);
  expect(retried).toHaveBeenCalledOnce();
});

describe('ws, and upgrades', () => {
  /** The service `updates`: it answers each message with the invoice of billing. */
  async function start(): Promise<void> {
    const url = await listening(createNodeHttp(({ headers }) => isInside(headers)));
    await deployed(['billing.develop', 'billing.feature-x'], { 'updates.develop': `${url}/live` });
  }

  const connected = async (headers?: Record<string, string>): Promise<[WebSocket, IncomingMessage]> => {
    const socket = connect('ws://updates/orders?since=7', headers);
    onTestFinished(() => {
      socket.terminate();
    });
    const [response] = (await once(socket, 'upgrade')) as [IncomingMessage];
    return [socket, response];
  };

  const order = async (socket: WebSocket): Promise<unknown> => {
    if (socket.readyState === socket.CONNECTING) await once(socket, 'open');
    socket.send('{"article":"chair"}');
    const [message] = (await once(socket, 'message')) as [Buffer];
    return JSON.parse(String(message));
  };

  test('a connection keeps the wish that it was opened with, for all its messages', async () => {
    await start();
    const [wishing, response] = await context.run(WISH, () => connected());
    const [other] = await connected();
    expect(response.headers['branchline-accepted']).toBe('feature-x');
    expect(wishing.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/live\/orders\?since=7$/);
    const answers = [await order(wishing), await order(other), await order(wishing), await order(other)];
    expect(answers).toEqual(
      ['feature-x', 'develop', 'feature-x', 'develop'].map((namespace) => ({ by: `billing.${namespace}` })),
    );
  });

  test('an upgrade with a wish that the table does not know is refused with 412', async () => {
    await start();
    const socket = connect('ws://updates/', { baggage: 'branchline=feature-z' });
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(response.statusCode).toBe(412);
    expect(response.headers['branchline-refused']).toBe('feature-z');
    socket.on('error', () => undefined).terminate();
  });

  test('an upgrade that is not trusted has no wish', async () => {
    await start();
    const [socket, response] = await context.run(WISH, () => connected({ 'x-edge': '1' }));
    expect(response.headers['branchline-accepted']).toBeUndefined();
    expect(await order(socket)).toEqual({ by: 'billing.develop' });
  });
});

describe('gRPC', () => {
  const codec = {
    write: (value: unknown) => Buffer.from(JSON.stringify(value)),
    read: (bytes: Buffer) => JSON.parse(String(bytes)) as unknown,
  };
  const path = '/shop.Service/Take';

  /** What a generator makes of a description. */
  class Service extends Client {
    take(order: object, carried: Metadata, told: { head?: Metadata } = {}): Promise<unknown> {
      return new Promise((resolve, reject) => {
        const call = this.makeUnaryRequest(path, codec.write, codec.read, order, carried, (error, answer) => {
          if (error === null) resolve(answer);
          else reject(error);
        });
        call.on('metadata', (head) => {
          Object.assign(told, { head });
        });
      });
    }
  }

  /** A server, and what the table says of it. */
  async function serve(trust: boolean, answer: (order: unknown, given: Metadata) => unknown): Promise<string> {
    const server = new Server();
    const take = routed<unknown, unknown>(trust, (call, reply) => {
      Promise.resolve(answer(call.request, call.metadata)).then((value) => reply(null, value), reply);
    });
    const method = { path, requestStream: false as const, responseStream: false as const };
    const codecs = {
      requestSerialize: codec.write,
      requestDeserialize: codec.read,
      responseSerialize: codec.write,
      responseDeserialize: codec.read,
    };
    server.addService({ take: { ...method, ...codecs } }, { take });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    onTestFinished(() => {
      server.forceShutdown();
    });
    return `grpc://127.0.0.1:${port}`;
  }

  function clientsOf(service: string): () => Service {
    const made = new Set<Service>();
    onTestFinished(() => {
      for (const client of made) client.close();
    });
    const client = clients(service, Service);
    return () => {
      made.add(client());
      return client();
    };
  }

  /** `orders`, which asks `billing`; and what reached the two. */
  async function start(trust = true): Promise<{ orders: () => Service; seen: unknown[] }> {
    const seen: unknown[] = [];
    const billing = clientsOf('billing');
    const bill = (by: string) => (order: unknown, given: Metadata) => {
      seen.push(...given.get('baggage'));
      return { by, order };
    };
    const entries = {
      '_grpc.orders.develop': await serve(trust, async (order) => {
        await later();
        return billing().take(order as object, metadata());
      }),
      '_grpc.billing.develop': await serve(true, bill('billing.develop')),
      '_grpc.billing.feature-x': await serve(true, bill('billing.feature-x')),
    };
    await deployed([], { 'orders.develop': '', 'billing.develop': '', 'billing.feature-x': '', ...entries });
    return { orders: clientsOf('orders'), seen };
  }

  const order = { article: 'chair' };

  test('a call finds the copy of the branch behind a shared service, and the next one the shared copy', async () => {
    const { orders, seen } = await start();
    const told: { head?: Metadata } = {};
    const wishing = await context.run(WISH, () => orders().take(order, metadata(), told));
    expect(wishing).toEqual({ by: 'billing.feature-x', order });
    expect(told.head?.get('branchline-accepted')).toEqual(['feature-x']);
    expect(await orders().take(order, metadata())).toEqual({ by: 'billing.develop', order });
    expect(seen).toEqual(['branchline=feature-x']);
  });

  test('there is one channel for each address', async () => {
    await start();
    const billing = clientsOf('billing');
    const shared = billing();
    expect(context.run(WISH, billing)).not.toBe(shared);
    expect(context.run(WISH, billing)).toBe(context.run(WISH, billing));
    expect(billing()).toBe(shared);
  });

  test('the member goes beside the baggage of others', async () => {
    await start();
    const given = new Metadata();
    given.set('baggage', 'tenant=blue');
    expect(context.run(WISH, () => metadata(given)).get('baggage')).toEqual(['branchline=feature-x,tenant=blue']);
  });

  test('a wish that the table does not know is a failed precondition', async () => {
    const { orders, seen } = await start();
    const given = new Metadata();
    given.set('baggage', 'branchline=feature-z');
    const error = (await orders()
      .take(order, given)
      .catch((reason: unknown) => reason)) as ServiceError;
    expect(error.code).toBe(status.FAILED_PRECONDITION);
    expect(error.details).toContain('ERR_OVERRIDE_REFUSED');
    expect(seen).toEqual([]);
  });

  test('a call that is not trusted has no wish', async () => {
    const { orders, seen } = await start(false);
    expect(await context.run(WISH, () => orders().take(order, metadata()))).toEqual({ by: 'billing.develop', order });
    expect(seen).toEqual([]);
  });
});
