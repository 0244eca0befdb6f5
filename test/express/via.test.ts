import { context, createFetch, createResolver, type FetchLike, memorySource } from 'branchline';
import { branchline, type MiddlewareOptions } from 'branchline/express';
import type { RequestHandler } from 'express';
import { describe, expect, test, vi } from 'vitest';

import { startServer } from '../doubles/http-server.ts';
import { awaiting, open, serve, type Served, versions } from './served.ts';

const VIA = { 'branchline-via': '1' };

describe.each(versions)('with %s', (_, make) => {
  /** A Pod of a service in a namespace, and what its handlers do with its own fetch. */
  async function pod(
    namespace: string,
    handler: (fetch: FetchLike) => RequestHandler,
    options: Partial<MiddlewareOptions> = {},
  ) {
    const source = memorySource();
    const resolver = createResolver({ sources: [source], namespace, baseline: 'develop' });
    const fetch = createFetch({ resolver });
    const served = await serve(make, (app) => {
      app.use(branchline({ trust: true, via: true, resolver, ...options }));
      app.use(handler(fetch));
    });
    return { ...served, source, resolver };
  }
  const told = async ({ ask }: Pick<Served, 'ask'>, headers: Record<string, string> = {}, path = '/') =>
    (await ask(path, { ...VIA, ...headers })).headers['branchline-via'] as string | undefined;
  const calling =
    (...services: string[]) =>
    (fetch: FetchLike): RequestHandler =>
      awaiting(async (_req, res) => {
        for (const service of services) await (await fetch(`http://${service}/`)).text();
        res.end('ok');
      });

  /** `web` calls `orders`, which calls `billing`; the branch has its own `billing`. */
  async function chain() {
    const web = await pod('feature-x', calling('orders'));
    const orders = await pod('develop', calling('billing'));
    const [shared, own] = await Promise.all([pod('develop', calling()), pod('feature-x', calling())]);
    const table = {
      'web.feature-x': web.url,
      'orders.develop': orders.url,
      'billing.develop': shared.url,
      'billing.feature-x': own.url,
    };
    for (const { source } of [web, orders, shared, own]) source.set(table);
    return { web, orders };
  }

  test('a request that asks is told its whole route, hop by hop, and finds its way back into the branch', async () => {
    const { web, orders } = await chain();
    expect(await told(web)).toBe('web=feature-x, orders=develop, billing=feature-x');
    expect(await told(orders)).toBe('orders=develop, billing=develop');
    expect(await told(orders, { baggage: 'branchline=feature-x' })).toBe('orders=develop, billing=feature-x');
    expect(await told(orders, { baggage: 'branchline=billing.feature-x' })).toBe('orders=develop, billing=feature-x');
  });

  test.each<[string, Record<string, string>, Partial<MiddlewareOptions>]>([
    ['does not ask', {}, {}],
    ['asks in another way', { 'branchline-via': 'true' }, {}],
    ['asks for more', { 'branchline-via': '1, 1' }, {}],
    ['is not trusted', VIA, { trust: false }],
    ['asks where nobody tells', VIA, { via: false }],
    ['is refused', { ...VIA, baggage: 'branchline=feature-z' }, {}],
  ])('a request that %s is not told', async (_name, headers, options) => {
    const other = await startServer();
    const web = await pod('develop', calling('other'), options);
    web.source.set({ 'web.develop': web.url, 'other.develop': other.url });
    const answer = await web.ask('/', headers);
    expect(answer.headers['branchline-via']).toBeUndefined();
    for (const asked of other.asked) expect(asked.headers['branchline-via']).toBeUndefined();
  });

  test('the question goes to services, and to nobody else', async () => {
    const [service, stranger] = await Promise.all([startServer(), startServer()]);
    const web = await pod('develop', (fetch) =>
      awaiting(async (_req, res) => {
        await fetch('http://service/');
        await fetch(stranger.url);
        res.end();
      }),
    );
    web.source.set({ 'web.develop': web.url, 'service.develop': service.url });
    expect(await told(web)).toBe('web=develop, service=develop');
    expect(service.only().headers['branchline-via']).toBe('1');
    expect(stranger.only().headers['branchline-via']).toBeUndefined();
  });

  test('calls at the same time, in other contexts and in callbacks are told, those of other requests are not', async () => {
    const service = await startServer();
    const web = await pod('develop', (fetch) =>
      awaiting(async ({ path }, res) => {
        const name = path.slice(1);
        await Promise.all([
          fetch(`http://${name}-1/`),
          context.run({ namespaces: ['feature-x'] }, async () => fetch(`http://${name}-2/`)),
          context.run(undefined, async () => fetch(`http://${name}-3/`)),
        ]);
        res.end();
      }),
    );
    const names = Array.from('abcdefgh');
    const entries = names.flatMap((name) => [1, 2, 3].map((n) => [`${name}-${n}.develop`, service.url]));
    web.source.set({ ...Object.fromEntries(entries), 'web.develop': web.url, 'a-2.feature-x': service.url });
    const routes = await Promise.all(names.map((name) => told(web, {}, `/${name}`)));
    for (const [index, name] of names.entries()) {
      const second = name === 'a' ? 'a-2=feature-x' : `${name}-2=develop`;
      const [first, ...calls] = routes[index]?.split(', ') ?? [];
      expect([first, ...calls.toSorted()]).toEqual(['web=develop', `${name}-1=develop`, second, `${name}-3=develop`]);
    }
  });

  test.each<[string, RequestHandler]>([
    ['end', (_req, res) => void res.end('ok')],
    ['send', (_req, res) => void res.send('ok')],
    ['json', (_req, res) => void res.json({})],
    ['status', (_req, res) => void res.status(503).json({})],
    ['a redirect', (_req, res) => res.redirect('/elsewhere')],
    ['nothing', (_req, res) => void res.status(204).end()],
    ['write', (_req, res) => void (res.write('a'), res.end('b'))],
    ['flushHeaders', (_req, res) => void (res.flushHeaders(), res.end('b'))],
    ['writeHead', (_req, res) => void res.writeHead(201, { 'x-own': '1' }).end()],
    ['writeHead with a reason', (_req, res) => void res.writeHead(201, 'Made', { 'x-own': '1' }).end()],
    ['writeHead with a list', (_req, res) => void res.writeHead(201, ['x-own', '1']).end()],
    [
      'an error',
      () => {
        throw new Error('mine');
      },
    ],
    ['nobody', (_req, _res, next) => next()],
  ])('a response by %s tells it', async (_name, handler) => {
    const web = await pod('develop', () => handler);
    web.source.set({ 'web.develop': web.url });
    expect(await told(web)).toBe('web=develop');
  });

  test('a call that has no answer yet is told by where it went', async () => {
    let arrived = (): void => undefined;
    const called = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const slow = await startServer(() => arrived());
    const web = await pod('develop', (fetch) =>
      awaiting(async (_req, res) => {
        void fetch('http://audit/', { method: 'POST' }).catch(() => undefined);
        await called;
        res.end('ok');
      }),
    );
    web.source.set({ 'web.develop': web.url, 'audit.develop': slow.url });
    expect(await told(web)).toBe('web=develop, audit=develop');
  });

  test.each([
    ['a service by its name', 'http://other/', 'web=develop, moved=develop, other=develop'],
    ['another path of the address', '/x/elsewhere', 'web=develop, moved=develop'],
    ['a fixed URL', 'FIXED/there', 'web=develop, moved=develop, ...'],
    ['a path beside the address', '/y', 'web=develop, moved=develop, ...'],
  ])('after a redirect to %s the route is whole, or says that it is not', async (_name, target, route) => {
    const other = await startServer();
    const moved = await startServer(({ path }, response) => {
      if (path !== '/x/') response.end();
      else response.writeHead(307, { location: target.replace('FIXED', other.url) }).end();
    });
    const web = await pod('develop', calling('moved'));
    web.source.set({ 'web.develop': web.url, 'moved.develop': `${moved.url}/x`, 'other.develop': other.url });
    expect(await told(web)).toBe(route);
  });

  describe('a route that is on the response already', () => {
    const upstream = { 'branchline-via': 'orders=develop, auth=develop', 'x-own': '1' };

    test.each<[string, (res: Parameters<RequestHandler>[1]) => void]>([
      ['setHeader', (res) => void res.setHeaders(new Headers(upstream)).end()],
      [
        'a list of setHeader',
        (res) => void res.setHeader('Branchline-Via', Object.values(upstream).slice(0, 1)).set('x-own', '1').end(),
      ],
      ['writeHead', (res) => void res.writeHead(200, upstream).end()],
      ['writeHead with a reason', (res) => void res.writeHead(200, 'Fine', upstream).end()],
      ['writeHead with a list', (res) => void res.writeHead(200, Object.entries(upstream).flat()).end()],
    ])('by %s is a part of what is told', async (_how, pass) => {
      const auth = await startServer();
      const web = await pod('develop', (fetch) =>
        awaiting(async (_req, res) => {
          await (await fetch('http://auth/')).text();
          pass(res);
        }),
      );
      web.source.set({ 'web.develop': web.url, 'auth.develop': '1', 'auth.feature-x': auth.url });
      const { status, headers } = await web.ask('/', { ...VIA, baggage: 'branchline=feature-x' });
      expect([status, headers['branchline-via'], headers['x-own']]).toEqual([
        200,
        'web=develop, auth=feature-x, orders=develop, auth=develop',
        '1',
      ]);
    });
  });

  test('a head that could not be written is told anew, with what was called since', async () => {
    const service = await startServer();
    const web = await pod('develop', (fetch) =>
      awaiting(async (_req, res) => {
        await fetch('http://before/');
        expect(() => res.writeHead(200, { 'x-illegal': 'a\nb' })).toThrow('Invalid character');
        await fetch('http://after/');
        res.writeHead(200).end();
      }),
    );
    web.source.set({ 'web.develop': web.url, 'before.develop': service.url, 'after.develop': service.url });
    expect(await told(web)).toBe('web=develop, before=develop, after=develop');
  });

  test('two copies of the package tell one route', async () => {
    vi.resetModules();
    const copy = await import('branchline/express');
    expect(copy.branchline).not.toBe(branchline);
    const service = await startServer();
    const web = await pod('develop', (fetch) =>
      awaiting(async (req, res) => {
        await fetch('http://before/');
        await new Promise<void>((next) => {
          copy.branchline({ trust: true, via: true, resolver: web.resolver })(req, res, () => {
            void fetch('http://after/').finally(next);
          });
        });
        res.end();
      }),
    );
    web.source.set({ 'web.develop': web.url, 'before.develop': service.url, 'after.develop': service.url });
    expect(await told(web)).toBe('web=develop, before=develop, after=develop');
  });

  test('what is called after the head was written is not told, and disturbs nothing', async () => {
    const service = await startServer();
    const web = await pod('develop', (fetch) =>
      awaiting(async (_req, res) => {
        await fetch('http://before/');
        res.write('a');
        await fetch('http://after/');
        res.end('b');
      }),
    );
    web.source.set({ 'web.develop': web.url, 'before.develop': service.url, 'after.develop': service.url });
    const { headers, body } = await web.ask('/', VIA);
    expect([headers['branchline-via'], body]).toEqual(['web=develop, before=develop', 'ab']);
  });

  test('a service that fails was called, one that cannot be reached was not', async () => {
    const service = await startServer((_asked, response) => response.writeHead(500).end());
    const web = await pod('develop', (fetch) =>
      awaiting(async (_req, res) => {
        await fetch('http://fails/');
        await fetch('http://gone/').catch(() => undefined);
        await fetch('http://off/').catch(() => undefined);
        res.end();
      }),
    );
    web.source.set({
      'web.develop': web.url,
      'fails.develop': service.url,
      'gone.develop': 'http://127.0.0.1:1',
      'off.develop': 'disabled',
    });
    expect(await told(web)).toBe('web=develop, fails=develop');
  });

  test('a service that does not tell is told by whoever calls it', async () => {
    const silent = await startServer();
    const liar = await startServer((_asked, response) =>
      response.writeHead(200, { 'branchline-via': '<script>, x=y=z, other=feature-y' }).end(),
    );
    const web = await pod('develop', calling('silent', 'liar'));
    web.source.set({ 'web.develop': web.url, 'silent.develop': silent.url, 'liar.develop': liar.url });
    expect(await told(web)).toBe('web=develop, silent=develop, liar=develop, other=feature-y, ...');
  });

  test('a Pod whose host does not tell its service says its name, or leaves itself out', async () => {
    const service = await startServer();
    const nameless = await pod('develop', calling('service'));
    const named = await pod('develop', calling('service'), { via: 'web' });
    for (const { source } of [nameless, named]) source.set({ 'service.develop': service.url });
    expect(await told(nameless)).toBe('service=develop');
    expect(await told(named)).toBe('web=develop, service=develop');
    expect(await told(nameless, { host: 'web.develop.svc' })).toBe('web=develop, service=develop');
    expect(await told(nameless, { host: 'evil.example.com' })).toBe('service=develop');
  });

  test('a Pod without a namespace leaves itself out, and says nothing where there is nothing to say', async () => {
    const resolver = open({ 'web.develop': 'http://127.0.0.1:1' }, { namespace: null });
    const { ask } = await serve(make, (app) => app.use(branchline({ trust: true, via: 'web', resolver })));
    const { status, headers } = await ask('/', VIA);
    expect([status, headers['branchline-via']]).toEqual([404, undefined]);
  });

  test('a route is cut at 2 KiB, says so, and that is passed on', async () => {
    const service = await startServer();
    const names = Array.from({ length: 200 }, (_name, index) => `service-${index}`);
    const orders = await pod('develop', calling(...names));
    const web = await pod('develop', calling('orders'));
    const table = {
      ...Object.fromEntries(names.map((name) => [`${name}.develop`, service.url])),
      'orders.develop': orders.url,
      'web.develop': web.url,
    };
    for (const { source } of [orders, web]) source.set(table);
    for (const [from, first] of [
      [orders, 'orders=develop'],
      [web, 'web=develop'],
    ] as const) {
      const route = (await told(from)) ?? '';
      expect(route.length).toBeGreaterThan(1900);
      expect(route.length).toBeLessThanOrEqual(2048);
      const hops = route.split(', ');
      expect([hops[0], hops.at(-1)]).toEqual([first, '...']);
      expect(hops.slice(1, -1).every((hop) => /^(?:orders|service-\d+)=develop$/.test(hop))).toBe(true);
    }
  });
});
