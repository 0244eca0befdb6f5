// The README is true: what it says of calls, of the wishes that go with them, and of the ways to the wrong place.

import { once } from 'node:events';
import { type ClientRequest, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import type { Client, Metadata } from '@grpc/grpc-js';
import { getRequestListener } from '@hono/node-server';
import { context, createResolver, memorySource, receive, type RoutingContext } from 'branchline';
import type { Express } from 'express';
import type { FastifyInstance } from 'fastify';
import type { Hono } from 'hono';
import { load } from 'js-yaml';
import type Koa from 'koa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';

import { listening } from '../examples/stand-ins.ts';
import { calls } from './calls.ts';
import { type Block, blocksIn, codeIn, configMap, readme, tableUnder } from './markdown.ts';
import { expectToRun, type Left } from './playground.ts';
import { membersOf } from './typescript.ts';
import { type Outcome, rightPlace, ways } from './ways.ts';

describe('the middleware', () => {
  test('has a table of all its options, with their defaults', () => {
    const { rows } = tableUnder('Express', '`branchline(options)`');
    expect(rows.map(([name = '', value = '']) => [codeIn(name)[0], codeIn(value)[0] ?? null])).toEqual(
      membersOf('MiddlewareOptions').map(({ name, defaultValue }) => [name, defaultValue]),
    );
    for (const [, , means] of rows) expect(means).not.toBe('');
  });

  test('of the block serves whom it trusts, refuses what nobody has, and shows the Pod', async () => {
    const block = blocksIn('ts').find(({ heading }) => heading === 'Express');
    const asked: { status: number; accepted: string | null; body: unknown }[] = [];
    await expectToRun(block?.text ?? '', configMap(), async ({ app }) => {
      const url = await listening(createServer(app as Express));
      const ask = async (path: string, baggage = '', outside?: string): Promise<void> => {
        const headers = { baggage, ...(outside === undefined ? {} : { 'x-from-outside': outside }) };
        const response = await fetch(`${url}${path}`, { headers });
        const accepted = response.headers.get('branchline-accepted');
        asked.push({ status: response.status, accepted, body: await response.json() });
      };
      await ask('/open', 'branchline=feature-y');
      await ask('/open', 'branchline=feature-y', '1');
      await ask('/open', 'branchline=feature-z');
      await ask('/internal/branchline?service=my-rest&request=feature-y');
    });
    const host = 'my-rest.feature-y.svc:8081';
    const row: unknown = expect.objectContaining({ service: 'my-rest', namespace: 'feature-y', value: '8081' });
    expect(asked).toMatchObject([
      { status: 200, accepted: 'feature-y', body: { host } },
      { status: 200, accepted: null, body: { host: 'my-rest.feature-x.svc:8080' } },
      { status: 412, accepted: null, body: { error: { code: 'ERR_OVERRIDE_REFUSED', items: ['feature-z'] } } },
      {
        status: 200,
        body: {
          status: {},
          table: expect.arrayContaining([row]),
          explanation: { resolution: { url: `http://${host}` } },
        },
      },
    ]);
  });
});

describe('a call by name', () => {
  const { rows } = tableUnder('Calling by name', 'In the call');

  test('has a row for everything that is done here', () => {
    expect(rows.map(([part]) => part)).toEqual(Object.keys(calls));
  });

  test.for(rows)('%s', async ([part = '', becomes = '']) => {
    const codes = await (calls[part] as () => Promise<string[]>)();
    expect(codes).toEqual(codeIn(becomes).filter((code) => code.startsWith('ERR_')));
  });

  test('through the dispatcher waits as long as the text says', () => {
    const text = readme.section('undici');
    const { defaultValue = '' } = membersOf('DispatcherOptions').find(({ name }) => name === 'agent') ?? {};
    const [, connect, head] = /timeout: (\d+)000.+headersTimeout: (\d+)000/.exec(defaultValue ?? '') ?? [];
    expect(text).toContain(`Connecting takes ${connect} seconds at most, the head of a response ${head}.`);
    const [ttl] = membersOf('LookupCacheOptions');
    expect(text).toContain(`after ${Number(ttl?.defaultValue) / 1000} seconds`);
    expect(readme.section('API')).toContain(`option \`ttl\`, ${ttl?.defaultValue} milliseconds`);
  });
});

describe('ways to the wrong place', () => {
  const { rows } = tableUnder('Ways to the wrong place', 'What happens');
  const answers: Readonly<Record<string, RegExp>> = {
    develop: /baseline|namespace|somebody else/,
    'feature-y': /of that request|somebody else/,
    412: /`412`/,
    error: /nobody/,
  };
  const isTold = (word: string): boolean =>
    /^(?:no )?(?:ERR_\w+|TypeError|503|branchline-\w+|refused|problem|status\(\)\.refused|expectVia)$/.test(word);

  test('are not that of a request where everything is right', async () => {
    expect(await rightPlace()).toEqual({ answers: ['feature-x'], told: [] });
  });

  test('are all gone here, and all in the table', () => {
    expect(rows.map(([way]) => way)).toEqual(Object.keys(ways));
  });

  test.for(rows)('%s', async ([way = '', answer = '', told = '']) => {
    const gone = await (ways[way] as () => Promise<Outcome>)();
    for (const by of gone.answers) expect(answer).toMatch(answers[by] as RegExp);
    const words = [...told.matchAll(/(no )?`([^`]+)`/g)].map(([, no = '', word]) => `${no}${word}`);
    expect([...new Set(gone.told)].toSorted()).toEqual(words.filter((word) => isTold(word)).toSorted());
  });
});

describe('the edge', () => {
  const block = blocksIn('text').find(({ heading }) => heading === 'At the edge');
  const [remove, set] = (block?.text ?? '').split('\n').map((line) => load(line)) as [
    { headers: { request: { remove: string[] } } },
    { headers: { request: { set: Record<string, string> } } },
  ];
  const outside = { baggage: 'branchline=feature-y', 'branchline-via': '1', accept: '*/*' };
  const wishOf = (headers: Record<string, string>): unknown => {
    const resolver = createResolver({ sources: [memorySource(configMap())], namespace: 'develop' });
    return receive(headers, { trust: true, resolver }).context;
  };
  const without = (names: string[]): Record<string, string> =>
    Object.fromEntries(Object.entries(outside).filter(([name]) => !names.includes(name)));

  test('takes away what chooses', () => {
    expect(wishOf(outside)).toEqual({ namespaces: ['feature-y'] });
    expect(without(remove.headers.request.remove)).toEqual({ accept: '*/*' });
    expect(wishOf(without(remove.headers.request.remove))).toBeUndefined();
  });

  test('or chooses', () => {
    expect(wishOf({ ...outside, ...set.headers.request.set })).toEqual({ namespaces: ['feature-x'] });
  });

  test('lets scripts send and read every header of ours', () => {
    const section = readme.section('At the edge');
    const listed = (name: string): string[] => section.match(new RegExp(`${name}: ([^\`]+)`))?.[1]?.split(', ') ?? [];
    expect(listed('Allow-Headers')).toEqual(['baggage', 'branchline-via']);
    expect(listed('Expose-Headers')).toEqual(['branchline-accepted', 'branchline-refused', 'branchline-via']);
  });
});

describe('the recipes', () => {
  const WISH: RoutingContext = { namespaces: ['feature-y'] };
  const blockOf = (words: string): Block => {
    const [block, ...more] = blocksIn('ts').filter(
      ({ heading, text: code }) => heading === 'Recipes' && code.includes(words),
    );
    if (block === undefined || more.length > 0) throw new Error(`want one recipe with ${words}`);
    return block;
  };
  const run = (words: string, use: (left: Left) => unknown): Promise<string> =>
    expectToRun(blockOf(words).text, configMap(), use);

  type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;
  type ListenerOf = (left: Left) => Listener | Promise<Listener>;
  /** Each with a handler that shows in which context it runs; the last one has a handler of its own. */
  const servers: readonly [name: string, words: string, listenerOf: ListenerOf, answer: object][] = [
    [
      'Fastify',
      "from 'fastify'",
      async ({ app }) => {
        const fastify = app as FastifyInstance;
        fastify.get('/', () => Promise.resolve(context.current()));
        await fastify.ready();
        return fastify.routing;
      },
      WISH,
    ],
    [
      'Koa',
      "from 'koa'",
      ({ app }) => {
        const koa = app as Koa;
        koa.use((ctx) => {
          ctx.body = context.current();
        });
        return koa.callback();
      },
      WISH,
    ],
    [
      'Hono',
      "from 'hono'",
      ({ app }) => {
        const hono = app as Hono;
        hono.get('/', (c) => c.json(context.current()));
        return getRequestListener(hono.fetch);
      },
      WISH,
    ],
    [
      'node:http',
      'createServer((request',
      ({ server }) => (server as Server).listeners('request')[0] as Listener,
      { host: 'my-rest.feature-y.svc:8081' },
    ],
  ];

  test.for(servers)('for %s confirm a wish, and refuse another', async ([, words, listenerOf, answer]) => {
    await run(words, async (left) => {
      const listener = await listenerOf(left);
      const url = await listening(createServer((request, response) => void listener(request, response)));
      const ask = (baggage: string): Promise<Response> => fetch(url, { headers: { baggage } });
      const honoured = await ask('branchline=feature-y');
      expect(honoured.headers.get('branchline-accepted')).toBe('feature-y');
      expect(honoured.headers.has('branchline-refused')).toBe(false);
      expect(await honoured.json()).toMatchObject(answer);
      const refused = await ask('branchline=feature-z');
      expect(refused.status).toBe(412);
      expect(refused.headers.get('branchline-refused')).toBe('feature-z');
      const error = { code: 'ERR_OVERRIDE_REFUSED', items: ['feature-z'], revision: 1 };
      expect(await refused.json()).toMatchObject({ error });
    });
  });

  test.for(['ky', 'axios', 'got'])('for %s reach the branch, with the wish', async (name) => {
    await run(`from '${name}'`, ({ asked }) => {
      expect(asked.length).toBeGreaterThan(0);
      for (const { host, path, baggage } of asked) {
        expect([host, baggage]).toEqual(['my-rest.feature-x.svc:8080', 'branchline=feature-x']);
        expect(path).toMatch(/^\/get-customer-permissions(?:\?customer=7)?$/);
      }
    });
  });

  test('for upgrade requests keep the wish for every message, and refuse another', async () => {
    await run(".on('upgrade'", async ({ server }) => {
      const url = (await listening(server as Server)).replace('http', 'ws');
      const open = (baggage: string): WebSocket => {
        const socket = new WebSocket(url, { headers: { baggage } });
        onTestFinished(() => socket.terminate());
        return socket;
      };
      const socket = open('branchline=feature-y');
      await once(socket, 'open');
      socket.send('?');
      const [answer] = (await once(socket, 'message')) as [Buffer];
      expect(String(answer)).toBe('http://my-rest.feature-y.svc:8081');
      const [error] = (await once(open('branchline=feature-z'), 'error')) as [Error];
      expect(error.message).toContain('412');
    });
  });

  test('for ws open the address of the answer, with the wish', async () => {
    await run('connect(name', async ({ connect }) => {
      const socket = (connect as () => WebSocket)().on('error', () => undefined);
      onTestFinished(() => socket.terminate());
      expect(socket.url).toBe('ws://my-rest.feature-x.svc:8080/updates');
      // Nobody there speaks WebSocket.
      const [request] = (await once(socket, 'unexpected-response')) as [ClientRequest];
      expect(request.getHeader('baggage')).toBe('branchline=feature-x');
    });
  });

  test('for gRPC have a channel for each address, and the wish in the metadata', async () => {
    await run('grpc-js', ({ myRest }) => {
      const ask = myRest as () => { client: Client; metadata: Metadata };
      const { client, metadata } = ask();
      onTestFinished(() => client.close());
      expect(client.getChannel().getTarget()).toContain('my-rest.feature-x.svc:8080');
      expect(metadata.get('baggage')).toEqual(['branchline=feature-x']);
      expect(ask().client).toBe(client);
    });
  });
});
