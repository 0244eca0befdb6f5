import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';

import { context, resolve, type RoutingContext, setDefaultResolver } from 'branchline';
import { branchline, type MiddlewareOptions } from 'branchline/express';
import express, { type ErrorRequestHandler, type Request, Router } from 'express';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { until } from '../doubles/await.ts';
import { record } from '../doubles/recorder.ts';
import { awaiting, open, serve, versions } from './served.ts';

const DATA = { 'my-rest.develop': '8080', 'my-rest.feature-x': '8081', 'billing.feature-y': '8082' };
const shared = open(DATA);
const trusting = { trust: true, resolver: shared } as const;
const WISH = { baggage: 't=7, branchline=feature-x ;p' };
const inX: RoutingContext = { namespaces: ['feature-x'] };

describe.each(versions)('with %s', (_, make) => {
  /** An application that says what its handler sees. */
  const start = (options: MiddlewareOptions, seen: (req: Request) => object = () => ({})) =>
    serve(make, (app) => {
      app.use(branchline(options));
      app.get('/', (req, res) => {
        const { refusal, ...routing } = req.routing;
        res.json({
          baggage: 'baggage' in req.headers ? String(req.headers['baggage']) : null,
          current: context.current() ?? null,
          resolved: req.resolve('my-rest'),
          routing: { ...routing, refusal: refusal?.code ?? null },
          ...seen(req),
        });
      });
    });

  describe('a trusted request', () => {
    test('is honoured and told so, and its handler runs in its context', async () => {
      const { ask } = await start(trusting, () => ({ ambient: shared.resolve('my-rest') }));
      const { status, headers, json } = await ask('/', WISH);
      expect([status, headers['branchline-accepted'], headers['branchline-refused']]).toEqual([
        200,
        'feature-x',
        undefined,
      ]);
      expect(json).toEqual({
        baggage: WISH.baggage,
        current: inX,
        resolved: 'http://my-rest.feature-x.svc:8081',
        ambient: 'http://my-rest.feature-x.svc:8081',
        routing: {
          context: inX,
          trusted: true,
          refusal: null,
          reject: false,
          baggage: WISH.baggage,
          responseHeaders: { 'branchline-accepted': 'feature-x' },
        },
      });
    });

    test('without a wish has no context, and nothing is said', async () => {
      const { ask } = await start(trusting);
      const { headers, json } = await ask('/', { baggage: 't=7;p' });
      expect(Object.keys(headers).filter((name) => name.startsWith('branchline'))).toEqual([]);
      expect(json).toMatchObject({ baggage: 't=7;p', current: null, resolved: 'http://my-rest.develop.svc:8080' });
      expect((await ask('/')).json).toMatchObject({ baggage: null, current: null });
    });

    test('may bring its baggage in several lines, under a name in any case', async () => {
      const { ask } = await start(trusting);
      const { headers, json } = await ask('/', { BAGGAGE: ['t=7', 'branchline=billing.feature-y~feature-x', 'x;y'] });
      expect(headers['branchline-accepted']).toBe('feature-x~billing.feature-y');
      expect(json).toMatchObject({ current: { ...inX, services: { billing: 'feature-y' } } });
    });

    test('is told what was accepted when it is not found, or fails, too', async () => {
      const { ask } = await serve(make, (app) => {
        app.use(branchline(trusting));
        app.get('/fails', () => {
          throw new Error('mine');
        });
      });
      for (const [path, status] of [
        ['/nowhere', 404],
        ['/fails', 500],
      ] as const)
        expect(await ask(path, WISH)).toMatchObject({ status, headers: { 'branchline-accepted': 'feature-x' } });
    });
  });

  describe('a request that is not trusted', () => {
    test('has no wish: it is taken out of the headers, and nothing is said', async () => {
      const resolver = open(DATA);
      const { ask } = await start({ trust: false, resolver, select: () => 'feature-x' });
      for (const [baggage, left] of [
        ['t=7, branchline=feature-x ,x=%', 't=7,x=%'],
        ['branchline=feature-z', null],
        ['branchline=A,branchline=b', null],
      ]) {
        const { status, headers, json } = await ask('/', { baggage: baggage as string });
        expect([status, Object.keys(headers).filter((name) => name.startsWith('branchline'))]).toEqual([200, []]);
        expect(json).toMatchObject({
          baggage: left,
          current: null,
          resolved: 'http://my-rest.develop.svc:8080',
          routing: { trusted: false, refusal: null, reject: false },
        });
      }
      expect(resolver.status().refused).toBe(0);
    });

    test('is told by a function of the request', async () => {
      const { ask } = await start({ trust: (req) => req.headers['x-team'] === 'ours', resolver: shared });
      expect((await ask('/', { ...WISH, 'x-team': 'ours' })).json).toMatchObject({ current: inX });
      expect((await ask('/', WISH)).json).toMatchObject({ current: null, baggage: 't=7' });
    });

    test.each<[string, unknown, object]>([
      [
        'throws',
        () => {
          throw new Error('mine');
        },
        { name: 'Error', message: 'mine' },
      ],
      ...[null, undefined, 'route', 'router', false].map((thrown): [string, unknown, object] => [
        `throws ${thrown}, which Express takes for leave to go on`,
        () => {
          // oxlint-disable-next-line typescript/only-throw-error -- that is what it is about
          throw thrown;
        },
        { name: 'TypeError', code: 'ERR_INVALID_OPTION', message: expect.stringContaining("branchline's trust threw") },
      ]),
      [
        'returns a promise',
        () => Promise.resolve(true),
        {
          name: 'TypeError',
          code: 'ERR_INVALID_OPTION',
          message: expect.stringContaining('returned a promise for "/"'),
        },
      ],
      [
        'returns nothing',
        () => undefined,
        { name: 'TypeError', code: 'ERR_INVALID_OPTION', message: expect.stringContaining('returned nothing for "/"') },
      ],
      ['returns what is only truthy', () => 'yes', { name: 'TypeError', code: 'ERR_INVALID_OPTION' }],
    ])('is not served when the function %s', async (_name, trust, error) => {
      let served = 0;
      const { ask } = await start({ trust: trust as () => boolean, resolver: shared }, () => ({
        served: (served += 1),
      }));
      const { status, headers, json } = await ask('/', WISH);
      expect([status, headers['branchline-accepted'], served]).toEqual([500, undefined, 0]);
      expect(json).toMatchObject(error);
    });

    test.each<[string, object]>([
      ['trust', { trust: () => Promise.reject(new Error('mine')) }],
      ['select', { select: () => Promise.reject(new Error('mine')) }],
    ])('is answered 500 when %s returns a promise that rejects, and the process goes on', async (name, options) => {
      const unhandled: unknown[] = [];
      const keep = (reason: unknown): void => void unhandled.push(reason);
      process.on('unhandledRejection', keep);
      onTestFinished(() => void process.off('unhandledRejection', keep));
      let served = 0;
      const { ask } = await start({ ...trusting, ...options }, () => ({ served: (served += 1) }));
      const { status, json } = await ask('/');
      expect([status, served]).toEqual([500, 0]);
      expect(json).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(`${name} returned`) });
      await turn();
      await turn();
      expect(unhandled).toEqual([]);
    });

    test('and whose function is wrong shows nothing of its query in the error', async () => {
      const trust = (() => Promise.resolve(true)) as unknown as () => boolean;
      const { ask } = await start({ trust, resolver: shared });
      expect((await ask('/?token=secret')).body).not.toContain('secret');
    });
  });

  describe('a wish that is refused', () => {
    test('is answered 412, with what was refused, and by which table; no handler runs', async () => {
      const resolver = open(DATA);
      const { refused } = record(resolver);
      let served = 0;
      const { ask } = await start({ trust: true, resolver }, () => ({ served: (served += 1) }));
      const { status, headers, json } = await ask('/', { baggage: 'branchline=feature-x~feature-z' });
      const { revision, digest } = resolver.status();
      expect([status, headers['branchline-refused'], headers['branchline-accepted']]).toEqual([
        412,
        'feature-z',
        undefined,
      ]);
      expect(headers['content-type']).toMatch(/^application\/json/);
      const message = expect.stringMatching(/^ERR_OVERRIDE_REFUSED: .*feature-z/) as string;
      const error = { code: 'ERR_OVERRIDE_REFUSED', message, items: ['feature-z'], revision, digest };
      expect(json).toEqual({ error });
      expect(served).toBe(0);
      expect(resolver.status().refused).toBe(1);
      expect(refused).toEqual([{ items: ['feature-z'], revision }]);
    });

    test.each(['branchline=A', 'branchline=a~b~c~d~e~f~g~h~i', 'branchline=a.b~a.c', 'branchline=x@evil.com#'])(
      'is one that is none, too: %s',
      async (baggage) => {
        const { ask } = await start(trusting);
        const { status, headers, json } = await ask('/', { baggage });
        expect([status, headers['branchline-refused']]).toEqual([412, '(malformed)']);
        expect(json).toMatchObject({ error: { items: [baggage.slice('branchline='.length)] } });
      },
    );

    test('is two different ones, also in two lines', async () => {
      const { ask } = await start(trusting);
      expect(await ask('/', { baggage: ['branchline=feature-x', 'branchline=develop'] })).toMatchObject({
        status: 412,
      });
      expect(await ask('/', { baggage: ['branchline=feature-x', 'branchline=feature-x'] })).toMatchObject({
        status: 200,
      });
    });

    test('under "ignore" is served from the baseline, and said so', async () => {
      const resolver = open(DATA);
      const { ask } = await start({ trust: true, resolver, refused: 'ignore' }, () => ({
        sent: context.inject({}, { resolver }),
      }));
      for (const [member, refused, left, sent] of [
        [
          'branchline=feature-x~feature-z;p',
          'feature-z',
          't=7,branchline=feature-x~feature-z;p',
          'feature-x~feature-z',
        ],
        ['branchline=A', '(malformed)', 't=7', null],
      ]) {
        const { status, headers, json } = await ask('/', { baggage: `t=7,${member as string}` });
        expect([status, headers['branchline-refused'], headers['branchline-accepted']]).toEqual([
          200,
          refused,
          undefined,
        ]);
        expect(json).toMatchObject({
          baggage: left,
          resolved: 'http://my-rest.develop.svc:8080',
          routing: { refusal: 'ERR_OVERRIDE_REFUSED', reject: false },
          sent: sent === null ? {} : { baggage: `branchline=${sent}` },
        });
      }
      expect(resolver.status().refused).toBe(2);
    });
  });

  describe('a wish that is selected', () => {
    const cookie = (req: Request): string | undefined => /(?:^|; )branch=([^;]*)/.exec(req.headers.cookie ?? '')?.[1];

    test.each<[string, MiddlewareOptions['select'], string, Record<string, string>]>([
      ['a cookie', cookie, '/', { cookie: 'a=1; branch=feature-x' }],
      ['the query', (req) => req.query['branch'] as string | undefined, '/?branch=feature-x', {}],
      ['the host', (req) => req.hostname.split('.')[0], '/', { host: 'feature-x.preview.example.com' }],
    ])('by %s is a wish like any other', async (_name, select, path, headers) => {
      const { ask } = await start({ ...trusting, select });
      const answer = await ask(path, { ...headers, baggage: 't=7' });
      expect(answer.headers['branchline-accepted']).toBe('feature-x');
      expect(answer.json).toMatchObject({ current: inX, baggage: 'branchline=feature-x,t=7' });
    });

    test('is refused by the same rules, and gives way to the member', async () => {
      const { ask } = await start({ ...trusting, select: cookie });
      expect(await ask('/', { cookie: 'branch=feature-z' })).toMatchObject({ status: 412 });
      expect(await ask('/', { cookie: 'branch=x@evil.com#' })).toMatchObject({ status: 412 });
      expect(await ask('/', { cookie: 'branch=' })).toMatchObject({ status: 200, headers: {} });
      const { headers } = await ask('/', { cookie: 'branch=feature-z', baggage: 'branchline=feature-x' });
      expect(headers['branchline-accepted']).toBe('feature-x');
    });

    test('that is a list, as of a query with a name twice, is none: 412', async () => {
      const { ask } = await start({ ...trusting, select: (req) => req.query['branch'] as string });
      for (const query of ['branch=feature-x&branch=feature-x', 'branch[]=feature-x', 'branch=feature-x&branch=b']) {
        const { status, headers } = await ask(`/?${query.replace('[]', '%5B%5D')}`);
        // Express 5 has no lists in brackets.
        if (query.includes('[]') && make === express) expect(status).toBe(200);
        else expect([status, headers['branchline-refused']]).toEqual([412, '(malformed)']);
      }
    });

    const circle: unknown[] = [];
    circle.push(circle);

    test.each<[string, unknown, number, string]>([
      ['a function', (req: Request) => req.path, 500, 'select returned a function'],
      ['a symbol', Symbol('feature-x'), 500, 'select returned a symbol'],
      ['a bigint', 1n, 500, 'select returned a bigint'],
      ['a number', 7, 412, '"7"'],
      ['false', false, 412, '"false"'],
      ['what has no JSON', { toJSON: () => undefined }, 412, '(an object)'],
      ['a list that holds itself', circle, 412, '(an object)'],
    ])('that is %s is no wish, and no want of one', async (_name, selected, status, message) => {
      const { ask } = await start({ ...trusting, select: () => selected as string });
      const answer = await ask('/');
      expect([answer.status, answer.body.replaceAll('\\', '')]).toEqual([status, expect.stringContaining(message)]);
    });

    test('by a function that throws what Express takes for leave to go on is an error', async () => {
      for (const thrown of [null, undefined, 'route']) {
        const select = (): string => {
          throw thrown as unknown as Error;
        };
        expect(await (await start({ ...trusting, select })).ask('/')).toMatchObject({
          status: 500,
          json: { message: expect.stringContaining("branchline's select threw") },
        });
      }
    });

    test('is not asked for where the request is not trusted, and may fail', async () => {
      const select = (): string => {
        throw new Error('mine');
      };
      expect((await (await start({ ...trusting, trust: false, select })).ask('/')).status).toBe(200);
      expect(await (await start({ ...trusting, select })).ask('/')).toMatchObject({
        status: 500,
        json: { message: 'mine' },
      });
    });
  });

  test.each([
    ['overrides are off', { ...DATA, overrides: 'off' }],
    ['nothing is configured', {}],
  ])('a trusted request is not touched where %s', async (_name, data: Record<string, string>) => {
    const { ask } = await start({ trust: true, resolver: open(data, { namespace: 'feature-x' }), select: () => 'a' });
    const { status, headers, json } = await ask('/', { baggage: 'branchline=feature-z' });
    expect([status, Object.keys(headers).filter((name) => name.startsWith('branchline'))]).toEqual([200, []]);
    expect(json).toMatchObject({ baggage: 'branchline=feature-z', current: null, routing: { refusal: null } });
  });

  describe('a response that has begun', () => {
    const begun = async (options: Partial<MiddlewareOptions>) =>
      serve(make, (app) => {
        app.use((_req, res, next) => {
          res.flushHeaders();
          next();
        });
        app.use(branchline({ ...trusting, ...options }));
        app.use((_req, res) => void res.end(shared.resolve('my-rest')));
        app.use(
          ((error: { code?: string }, _req, res, _next) => void res.end(`told: ${error.code}`)) as ErrorRequestHandler,
        );
      });

    test('is left as it is', async () => {
      for (const options of [{ trust: false }, { resolver: open({}) }, {}]) {
        const { status, body, headers } = await (await begun(options)).ask('/');
        expect([status, body, headers.vary]).toEqual([200, 'http://my-rest.develop.svc:8080', undefined]);
      }
      expect((await (await begun({ via: true })).ask('/', { ...WISH, 'branchline-via': '1' })).body).toBe(
        'http://my-rest.feature-x.svc:8081',
      );
    });

    test('hands on an error for a wish that is refused', async () => {
      expect((await (await begun({})).ask('/', { baggage: 'branchline=feature-z' })).body).toBe(
        'told: ERR_OVERRIDE_REFUSED',
      );
    });
  });

  test('two copies of the package remember one refusal', async () => {
    vi.resetModules();
    const copy = await import('branchline/express');
    expect(copy.branchline).not.toBe(branchline);
    for (const [first, second] of [
      [branchline, copy.branchline],
      [copy.branchline, branchline],
    ] as const) {
      const { ask } = await serve(make, (app) => {
        app.use(first({ ...trusting, refused: 'ignore' }));
        app.use(second({ ...trusting, refused: 'ignore' }));
        app.use((req, res) => void res.json(req.routing.refusal));
      });
      const { headers, json } = await ask('/', { baggage: 'branchline=a,branchline=b' });
      expect([headers['branchline-refused'], json]).toEqual([
        '(malformed)',
        expect.objectContaining({ code: 'ERR_OVERRIDE_REFUSED' }),
      ]);
    }
  });

  describe('a cache in front', () => {
    test('is told that an answer may have been asked for its route', async () => {
      const { ask } = await serve(make, (app) => app.use(branchline({ ...trusting, via: true })));
      expect((await ask('/')).headers.vary).toBe('baggage, branchline-via');
    });

    test('is told that the answer of a trusted request depends on its baggage', async () => {
      const { ask } = await serve(make, (app) => {
        app.use(branchline({ ...trusting, refused: 'ignore' }));
        app.get('/', (_req, res) => void res.end());
        app.get('/more', (_req, res) => void res.vary('Origin').vary('Baggage').end());
      });
      for (const headers of [{}, { baggage: 't=7' }, WISH, { baggage: 'branchline=feature-z' }])
        expect((await ask('/', headers)).headers.vary).toBe('baggage');
      expect((await ask('/more', WISH)).headers.vary).toBe('baggage, Origin');
    });

    test.each<[string, MiddlewareOptions]>([
      ['the request is not trusted', { ...trusting, trust: false }],
      ['overrides are off', { trust: true, resolver: open({ ...DATA, overrides: 'off' }) }],
      ['nothing is configured', { trust: true, resolver: open({}) }],
    ])('is told nothing where %s', async (_name, options) => {
      const { ask } = await start(options);
      expect((await ask('/', WISH)).headers.vary).toBeUndefined();
    });
  });

  describe('a second middleware', () => {
    const twice = (outer: Partial<MiddlewareOptions>, inner: Partial<MiddlewareOptions>) =>
      serve(make, (app) => {
        app.use(branchline({ ...trusting, ...outer }));
        app.use('/inner', branchline({ ...trusting, ...inner }));
        app.use((req, res) => {
          res.json({ resolved: req.resolve('my-rest'), baggage: req.headers['baggage'] ?? null });
        });
      });

    test('that does not trust takes back what the first one has confirmed', async () => {
      const { ask } = await twice({}, { trust: false });
      expect((await ask('/', WISH)).headers).toMatchObject({ 'branchline-accepted': 'feature-x' });
      const { headers, json } = await ask('/inner', WISH);
      expect(Object.keys(headers).filter((name) => name.startsWith('branchline'))).toEqual([]);
      expect(json).toEqual({ resolved: 'http://my-rest.develop.svc:8080', baggage: 't=7' });
    });

    test('that decides otherwise says so, and nothing of the first one stays', async () => {
      const unknowing = { refused: 'ignore', resolver: open({ 'my-rest.develop': '1' }) } as const;
      for (const [outer, inner, said] of [
        [unknowing, {}, 'branchline-accepted'],
        [{}, unknowing, 'branchline-refused'],
      ] as const) {
        const { headers } = await (await twice(outer, inner)).ask('/inner', WISH);
        expect(Object.keys(headers).filter((name) => name.startsWith('branchline'))).toEqual([said]);
        expect(headers[said]).toBe('feature-x');
      }
    });

    test('that has nothing to decide leaves a refusal as it is', async () => {
      const { ask } = await twice({ refused: 'ignore' }, { refused: 'ignore' });
      const { headers } = await ask('/inner', { baggage: 'branchline=A_B' });
      expect(headers['branchline-refused']).toBe('(malformed)');
    });

    test('where more than the header decides, no shared cache may keep the answer', async () => {
      for (const options of [{ trust: () => true }, { select: () => undefined }]) {
        const { ask } = await twice(options, {});
        expect((await ask('/', {})).headers.vary).toContain('*');
      }
    });

    test('that refuses answers 412, and confirms nothing', async () => {
      const { ask } = await twice({}, { resolver: open({ 'my-rest.develop': '1' }) });
      const { status, headers } = await ask('/inner', WISH);
      expect([status, headers['branchline-accepted'], headers['branchline-refused']]).toEqual([
        412,
        undefined,
        'feature-x',
      ]);
    });
  });

  test('the default resolver is asked where none is named, at each request', async () => {
    const { ask } = await start({ trust: true }, () => ({ byDefault: resolve('my-rest') }));
    onTestFinished(setDefaultResolver(shared));
    expect((await ask('/', WISH)).json).toMatchObject({ byDefault: 'http://my-rest.feature-x.svc:8081' });
    const restore = setDefaultResolver(open({ 'my-rest.develop': '1' }));
    expect((await ask('/', WISH)).status).toBe(412);
    restore();
    expect((await ask('/', WISH)).status).toBe(200);
  });

  test('req.resolve answers within the context of its request, wherever it is called', async () => {
    const seen: string[] = [];
    const { ask } = await serve(make, (app) => {
      app.use(branchline(trusting));
      app.get('/', (req, res) => {
        context.run(undefined, () => {
          seen.push(
            req.resolve('my-rest'),
            req.resolve('my-rest', {}),
            req.resolve('my-rest', { context: undefined }),
            req.resolve('my-rest', { context: null }),
            req.resolve('my-rest', { context: { services: { 'my-rest': 'develop' } } }),
            req.resolve('my-rest', { namespace: 'develop' }),
          );
        });
        context.run(inX, () => seen.push(req.resolve('billing')));
        res.end();
      });
    });
    await ask('/', WISH);
    const x = 'http://my-rest.feature-x.svc:8081';
    const develop = 'http://my-rest.develop.svc:8080';
    expect(seen).toEqual([x, x, x, develop, develop, develop, 'http://billing.develop.svc']);
    seen.length = 0;
    await ask('/');
    expect(seen).toEqual([develop, develop, develop, develop, develop, develop, 'http://billing.develop.svc']);
  });

  test('handlers that wait stay in their context, however many there are at once', async () => {
    const namespaces = Array.from({ length: 20 }, (_name, index) => `branch-${index}`);
    const resolver = open(Object.fromEntries(namespaces.map((namespace) => [`my-rest.${namespace}`, '1'])));
    const seen = async (req: Request): Promise<unknown[]> => {
      const first = context.current()?.namespaces?.[0];
      await pause(Number(req.query['n']) % 5);
      await turn();
      return [first, context.current()?.namespaces?.[0], new URL(resolver.resolve('my-rest')).host.split('.')[1]];
    };
    const { ask } = await serve(make, (app) => {
      app.use(branchline({ trust: true, resolver }));
      app.use(express.json());
      app.use('/sub', Router().use(awaiting(async (req, res) => res.json(await seen(req)))));
    });
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_name, n) => {
        const namespace = n % 3 === 0 ? undefined : namespaces[n % namespaces.length];
        const baggage = namespace === undefined ? {} : { baggage: `branchline=${namespace}` };
        const headers = { ...baggage, 'content-type': 'application/json' };
        const { json } = await ask(`/sub/x?n=${n}`, headers, n % 2 === 0 ? '{"a":1}' : undefined);
        return { namespace, json };
      }),
    );
    for (const { namespace, json } of answers)
      expect(json).toEqual([namespace ?? null, namespace ?? null, namespace ?? 'develop']);
  });

  describe('on a kept connection', () => {
    /** Who saw a context, and when: `path moment`. The first request is slow. */
    async function keep() {
      const seen: string[] = [];
      const { port } = await serve(make, (app) => {
        const look = (url: string, moment: string): void => {
          if (context.current() !== undefined) seen.push(`${url} ${moment}`);
        };
        app.use(({ url }, res, next) => {
          look(url, 'before');
          res.on('finish', () => look(url, 'finish'));
          next();
        });
        app.use(branchline(trusting));
        app.use((req, _res, next) => {
          req.on('data', () => look(req.url, 'data')).on('end', () => look(req.url, 'end'));
          next();
        });
        app.use(
          awaiting(async ({ url }, res) => {
            look(url, 'handler');
            await turn();
            look(url, 'turn');
            await pause(url === '/1' ? 20 : 1);
            look(url, 'later');
            res.end(`${url} done`);
          }),
        );
      });
      const socket = connect(port, '127.0.0.1');
      onTestFinished(() => {
        socket.destroy();
      });
      let received = '';
      socket.setEncoding('latin1').on('data', (text: string) => (received += text));
      await once(socket, 'connect');
      return {
        seen,
        send: (url: string, baggage: string) =>
          void socket.write(`POST ${url} HTTP/1.1\r\nhost: x\r\n${baggage}content-length: 4\r\n\r\nbody`),
        done: (url: string) => until(() => received.includes(`${url} done`), `the answer to ${url}`),
      };
    }
    const handled = (url: string): string[] => ['handler', 'turn', 'later'].map((moment) => `${url} ${moment}`);

    test('a second request without a header has no context, at any moment', async () => {
      const { seen, send, done } = await keep();
      for (const [url, baggage] of [
        ['/1', 'baggage: branchline=feature-x\r\n'],
        ['/2', ''],
        ['/3', 'baggage: t=7\r\n'],
        ['/4', 'baggage: t=7,branchline=billing.feature-y\r\n'],
        ['/5', ''],
      ] as const) {
        send(url, baggage);
        await done(url);
      }
      expect(seen).toEqual(expect.arrayContaining([...handled('/1'), ...handled('/4')]));
      expect(seen.filter((one) => !one.startsWith('/1 ') && !one.startsWith('/4 '))).toEqual([]);
    });

    test('a handler has no context of a request that is not answered yet', async () => {
      const { seen, send, done } = await keep();
      send('/1', 'baggage: branchline=feature-x\r\n');
      send('/2', '');
      send('/3', '');
      await done('/3');
      expect(seen).toEqual(expect.arrayContaining(handled('/1')));
      for (const one of [...handled('/2'), ...handled('/3')]) expect(seen).not.toContain(one);
    });
  });
});

describe('options that make no sense are a TypeError at creation', () => {
  test.each([
    ['none', undefined, 'branchline takes an object of options, not of type undefined'],
    ['no trust', {}, "branchline's trust is of type undefined; want true, false, or (req) => boolean"],
    ['a text for trust', { trust: 'true' }, 'branchline\'s trust is "true"'],
    ['a promise for trust', { trust: Promise.resolve(true) }, "branchline's trust is an object"],
    ['another word for refused', { trust: true, refused: 'drop' }, "refused is \"drop\"; want 'reject' or 'ignore'"],
    ['a text for select', { trust: true, select: 'cookie' }, 'branchline\'s select is "cookie"'],
    ['null for select', { trust: true, select: null }, "branchline's select is null"],
    ['a number for via', { trust: true, via: 1 }, "branchline's via is 1; want true, false, or the name"],
    ['no name for via', { trust: true, via: 'My_Service' }, 'branchline\'s via is "My_Service"'],
    ['a resolver that is none', { trust: true, resolver: { resolve: () => '' } }, 'the resolver is an object'],
    ['null for the resolver', { trust: true, resolver: null }, 'the resolver is null'],
    ['an option that there is not', { trust: true, keys: ['x'] }, 'branchline has no option "keys"'],
  ])('%s', (_, options, message) => {
    const wrong = (): unknown => branchline(options as MiddlewareOptions);
    expect(wrong).toThrow(TypeError);
    expect(wrong).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
    expect(wrong).toThrow(message);
  });

  test('undefined is not given', () => {
    const options = { trust: true, refused: undefined, select: undefined, via: undefined, resolver: undefined };
    expect(branchline(options)).toBeTypeOf('function');
  });
});
