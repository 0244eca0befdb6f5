// Redirects are followed as the Fetch standard says. What Node's own fetch does is asked, not remembered: each call is made
// twice on the same servers, by fetch to the address and by ours to the name.

import { context, createFetch, createResolver, type FetchLike, memorySource, resolutionOf } from 'branchline';
import { describe, expect, test } from 'vitest';

import { locate } from '../../src/http/redirects.ts';
import { within } from '../doubles/await.ts';
import {
  type Answer,
  type Asked,
  type HttpServer,
  nameEverythingLoopback,
  redirecting,
  startServer,
} from '../doubles/http-server.ts';

function fetchTo(data: Record<string, string>): FetchLike {
  return createFetch({ resolver: createResolver({ sources: [memorySource(data)], namespace: null }) });
}

interface Outcome {
  readonly response: object;
  readonly asked: readonly object[];
}

const shown = ({ method, path, headers, body }: Asked): object => ({ method, path, headers, body: body.toString() });

/** What comes of a call, and what the servers were asked. */
async function outcome(servers: readonly HttpServer[], call: () => Promise<Response>): Promise<Outcome> {
  const before = servers.map(({ asked }) => asked.length);
  let response: object;
  try {
    const answer = await call();
    const { status, url, redirected, ok, headers } = answer;
    response = { status, url, redirected, ok, location: headers.get('location'), text: await answer.text() };
  } catch (error) {
    response = { error: (error as Error).constructor.name, message: (error as Error).message };
  }
  const asked = servers.flatMap((server, index) =>
    server.asked.slice(before[index]).map((one) => ({ index, ...shown(one) })),
  );
  return { response, asked };
}

/** Makes the call with both, and holds that they agree. Returns what came of it. */
async function bothAgree(servers: readonly HttpServer[], path: string, init?: () => RequestInit): Promise<Outcome> {
  const [first] = servers as [HttpServer];
  const ours = fetchTo({ 'my-rest.develop': first.url });
  const native = await outcome(servers, () => fetch(`${first.url}${path}`, init?.()));
  const wrapped = await outcome(servers, () => ours(`http://my-rest${path}`, init?.()));
  expect(wrapped).toEqual(native);
  return wrapped;
}

const HEADERS = {
  authorization: 'Bearer t',
  cookie: 'a=b',
  'proxy-authorization': 'Basic x',
  'x-own': 'kept',
  baggage: 'a=1;p',
  'content-type': 'application/json',
  'content-language': 'en',
  'content-encoding': 'identity',
  'content-location': '/x',
  accept: 'text/x',
};

describe.each([301, 302, 303, 307, 308])('a redirect with %i', (status) => {
  test.each(['GET', 'HEAD', 'POST', 'post', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PURGE'])(
    'of %s changes the method, the body and the headers as fetch does, within an origin and across',
    async (method) => {
      const other = await startServer(({ path }, response) => response.end(path));
      const routes = { '/same': [status, '/end'], '/across': [status, `${other.url}/end`] } as const;
      const own = await startServer(redirecting(routes));
      const hasBody = method !== 'GET' && method !== 'HEAD';
      const init = (): RequestInit => ({ method, headers: HEADERS, ...(hasBody ? { body: '{}' } : {}) });

      const same = await bothAgree([own, other], '/same', init);
      expect(same).toMatchObject({ response: { status: 200, url: `${own.url}/end`, redirected: true } });
      expect(same.asked.at(-1)).toMatchObject({ index: 0, headers: { authorization: 'Bearer t', 'x-own': 'kept' } });

      const across = await bothAgree([own, other], '/across', init);
      expect(across).toMatchObject({ response: { status: 200, url: `${other.url}/end`, redirected: true } });
      expect(across.asked.at(-1)).toMatchObject({ index: 1, headers: { baggage: 'a=1;p', 'x-own': 'kept' } });
      const { headers } = across.asked.at(-1) as Asked;
      expect(Object.keys(headers)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(?:cookie|(?:proxy-)?authorization)$/)]),
      );
    },
  );
});

describe('credentials', () => {
  test('leave at the first hop to another origin, and do not come back', async () => {
    const routes: Record<string, readonly [number, string]> = {};
    const [own, other] = [await startServer(redirecting(routes)), await startServer(redirecting(routes))];
    routes['/1'] = [302, `${other.url}/2`];
    routes['/2'] = [302, `${own.url}/3`];
    const { asked } = await bothAgree([own, other], '/1', () => ({ headers: HEADERS }));
    expect(asked).toMatchObject([
      { index: 0, path: '/1', headers: { authorization: 'Bearer t', cookie: 'a=b' } },
      { index: 0, path: '/3', headers: expect.not.objectContaining({ authorization: 'Bearer t' }) },
      { index: 1, path: '/2' },
    ]);
  });

  test('leave where one service sends on to another, and stay where it is the same address', async () => {
    const server = await startServer(
      redirecting({ '/other': [302, 'http://orders/end'], '/same': [302, 'http://my-rest/end'] }),
    );
    const orders = await startServer();
    const fetch = fetchTo({ 'my-rest.develop': server.url, 'orders.develop': orders.url });
    await fetch('http://my-rest/other', { headers: HEADERS });
    await fetch('http://my-rest/same', { headers: HEADERS });
    expect(orders.only().headers['authorization']).toBeUndefined();
    expect(orders.only().headers['cookie']).toBeUndefined();
    expect(server.asked.at(-1)?.headers['authorization']).toBe('Bearer t');
  });
});

describe('a Location', () => {
  test.each([
    '/end',
    'end',
    './end',
    '../../end',
    '?x=y',
    '',
    '#part',
    '/end#part',
    '/ä/é?ü',
    '/%C3%A4',
    '/a b',
    '/%zz',
    '\\end',
    '//{host}/end',
    '///{host}/end',
    'http:/end',
    'HTTP://{host}/end',
    'http://{host}',
    'http://localhost:{port}/end',
    'http://[',
    'http://',
    'http://a b/',
    'http://{host}:1/',
    'http://127.0.0.1:99999/',
    'http://127.0.0.1:6000/',
    'https:',
    'data:text/plain,x',
    'ftp://{host}/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'about:blank',
    'blob:http://{host}/x',
    'ws://{host}/',
    'mailto:a@b.example.com',
    'http://user:pw@{host}/end',
    'http://user@{host}/end',
    '//user:pw@{host}/end',
    'http://@{host}/end',
  ])('that is %j is taken as fetch takes it, with and without a fragment in the call', async (location) => {
    // Where it leads nowhere else it leads to itself: so only once.
    const answer: Answer = ({ path, method }, response) => {
      const where = location.replaceAll('{host}', `127.0.0.1:${port()}`).replaceAll('{port}', String(port()));
      if (method === 'GET' || path !== '/a/b/start') response.end(path);
      else response.writeHead(303, { location: Buffer.from(where).toString('latin1') }).end();
    };
    const server = await startServer(answer);
    const port = (): number => server.port;
    for (const path of ['/a/b/start', '/a/b/start#top']) {
      const { asked } = await bothAgree([server], path, () => ({ method: 'POST' }));
      expect(asked[0]).toMatchObject({ method: 'POST', path: '/a/b/start' });
    }
  });

  test('that is missing, or stands with a status that is no redirect, is not followed', async () => {
    const server = await startServer(({ path }, response) => {
      const status = Number(path.slice(1));
      response.writeHead(status, path.endsWith('0') || status === 304 ? { location: '/end' } : {}).end();
    });
    for (const path of ['/301', '/302', '/303', '/307', '/308', '/300', '/304', '/200', '/400', '/500']) {
      const { asked, response } = await bothAgree([server], path);
      expect(asked).toHaveLength(1);
      expect(response).toMatchObject({ status: Number(path.slice(1)), redirected: false });
    }
  });
});

describe('the number of hops', () => {
  const counting: Answer = ({ path }, response) => {
    const left = Number(path.slice(1));
    if (left === 0) response.end('done');
    else response.writeHead(302, { location: `/${left - 1}` }).end();
  };

  test('may be 20, and 21 are an error', async () => {
    const server = await startServer(counting);
    const twenty = await bothAgree([server], '/20');
    expect(twenty.response).toMatchObject({ status: 200, text: 'done', redirected: true, url: `${server.url}/0` });
    const more = await bothAgree([server], '/21');
    expect(more.response).toMatchObject({ error: 'TypeError', message: 'fetch failed' });
    expect(more.asked).toHaveLength(21);
  });
});

describe('redirect', () => {
  test.each<[NonNullable<RequestInit['redirect']>, number]>([
    ['manual', 1],
    ['error', 1],
    ['follow', 2],
  ])("that is %s stays the caller's, in an init and in a Request", async (redirect, requests) => {
    const server = await startServer(redirecting({ '/start': [302, '/end'] }));
    const ours = fetchTo({ 'my-rest.develop': server.url });
    const { asked } = await bothAgree([server], '/start', () => ({ redirect }));
    expect(asked).toHaveLength(requests);

    const native = await outcome([server], () => fetch(new Request(`${server.url}/start`, { redirect })));
    const wrapped = await outcome([server], () => ours(new Request('http://my-rest/start', { redirect })));
    expect(wrapped).toEqual(native);
    const over = await outcome([server], () => ours(new Request('http://my-rest/start'), { redirect }));
    expect(over).toEqual(native);
    const nothing: object = { redirect: undefined };
    const kept = await outcome([server], () => ours(new Request('http://my-rest/start', { redirect }), nothing));
    expect(kept).toEqual(native);
  });

  test('that is manual shows where, and who would have been asked is not asked', async () => {
    const orders = await startServer();
    const server = await startServer(redirecting({ '/start': [307, 'http://orders/end'] }));
    const response = await fetchTo({ 'my-rest.develop': server.url, 'orders.develop': orders.url })(
      'http://my-rest/start',
      {
        redirect: 'manual',
      },
    );
    expect([response.status, response.headers.get('location')]).toEqual([307, 'http://orders/end']);
    expect(resolutionOf(response)).toMatchObject({ service: 'my-rest' });
    expect(orders.asked).toEqual([]);
  });
});

describe('a response after a redirect', () => {
  test('tells the truth, and so does its clone, and the clone of that', async () => {
    const server = await startServer(redirecting({ '/start': [302, '/end'] }));
    const response = await fetchTo({ 'my-rest.develop': server.url })('http://my-rest/start');
    const clone = response.clone();
    const second = clone.clone();
    for (const one of [response, clone, second]) {
      expect(one).toMatchObject({ redirected: true, url: `${server.url}/end`, status: 200 });
      expect(resolutionOf(one)).toMatchObject({ service: 'my-rest' });
      expect(await one.text()).toBe('/end');
    }
    expect(Object.keys(response)).toEqual([]);
    expect(response).toBeInstanceOf(Response);
  });

  test('without one says so', async () => {
    const server = await startServer();
    const response = await fetchTo({ 'my-rest.develop': server.url })('http://my-rest/x#part');
    expect(response).toMatchObject({ redirected: false, url: `${server.url}/x` });
    expect(response.clone().redirected).toBe(false);
  });

  test('with an integrity is refused, because each hop is checked by it: none passes unchecked', async () => {
    const server = await startServer(({ path }, response) => {
      if (path === '/start') response.writeHead(302, { location: '/end' }).end('moved');
      else response.end('ok');
    });
    // Of "ok".
    const integrity = 'sha256-JonEB/+CxP9bYINOMYaVn9xmJhWVNc64TzLizZg3zhM=';
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode('ok'));
    const fitting = `sha256-${Buffer.from(hash).toString('base64')}`;
    const call = fetchTo({ 'my-rest.develop': server.url });
    await expect(call('http://my-rest/end', { integrity: fitting })).resolves.toMatchObject({ status: 200 });
    for (const one of [fitting, integrity])
      await expect(call('http://my-rest/start', { integrity: one })).rejects.toThrow(TypeError);
  });
});

test('the body of a redirect is not waited for, and its connection is given up', async () => {
  let closed: Promise<void> = Promise.resolve();
  const server = await startServer(({ path }, response) => {
    if (path !== '/start') {
      response.end('end');
      return;
    }
    closed = new Promise((resolve) => {
      response.on('close', () => resolve());
    });
    response.writeHead(302, { location: '/end', 'content-length': 1000 }).write('never all of it');
  });
  const response = await fetchTo({ 'my-rest.develop': server.url })('http://my-rest/start');
  expect(await response.text()).toBe('end');
  await within(closed, 'the connection to be closed');
});

describe('a Location that names a service', () => {
  const inBranch = { namespaces: ['feature-x'] };

  test('is resolved again, in the context of the call', async () => {
    const [develop, branch] = [await startServer(), await startServer(({ path }, response) => response.end(path))];
    const server = await startServer(redirecting({ '/start': [307, 'http://billing:8080/end?x=y'] }));
    const fetch = fetchTo({
      'my-rest.develop': server.url,
      'billing.develop': develop.url,
      'billing.feature-x': `${branch.url}/base`,
    });
    const response = await context.run(inBranch, () =>
      fetch('http://my-rest/start', { method: 'POST', body: 'hello' }),
    );
    expect(await response.text()).toBe('/base/end?x=y');
    expect(resolutionOf(response)).toMatchObject({ service: 'billing', namespace: 'feature-x', via: 'override' });
    expect(response).toMatchObject({ redirected: true, url: `${branch.url}/base/end?x=y` });
    expect(branch.only()).toMatchObject({ method: 'POST', headers: { baggage: 'branchline=feature-x' } });
    expect(branch.only().body.toString()).toBe('hello');
    expect(develop.asked).toEqual([]);
  });

  test('may name an endpoint', async () => {
    const [main, admin] = [
      await startServer(redirecting({ '/start': [302, 'http://_admin.my-rest/end'] })),
      await startServer(),
    ];
    const fetch = fetchTo({ 'my-rest.develop': main.url, '_admin.my-rest.develop': admin.url });
    expect(resolutionOf(await fetch('http://my-rest/start'))).toMatchObject({ service: 'my-rest', endpoint: 'admin' });
    expect(admin.only().path).toBe('/end');
  });

  test('by its canonical name is resolved where that is asked for', async () => {
    const [main, billing] = [
      await startServer(redirecting({ '/start': [302, 'http://billing.develop.svc.cluster.local/end'] })),
      await startServer(),
    ];
    const data = { 'my-rest.develop': main.url, 'billing.develop': billing.url };
    const resolver = createResolver({ sources: [memorySource(data)], namespace: null });
    await createFetch({ resolver, canonical: true })('http://my-rest/start');
    expect(billing.only().path).toBe('/end');
  });

  test.each([
    ['http://off/', 'ERR_SERVICE_DISABLED'],
    ['http://nobody/', 'ERR_SERVICE_NOT_FOUND'],
    ['http://no_body/', 'ERR_INVALID_NAME'],
    ['https://my-rest/', 'ERR_SCHEME_MISMATCH'],
    ['http://db/', 'ERR_SCHEME_UNSUPPORTED'],
  ])('that cannot be called rejects: %s', async (location, code) => {
    const server = await startServer(redirecting({ '/start': [302, location] }));
    const data = {
      strict: 'on',
      'my-rest.develop': server.url,
      'off.develop': 'disabled',
      'db.develop': 'postgres://db.example.com',
    };
    await expect(fetchTo(data)('http://my-rest/start')).rejects.toMatchObject({ code });
    expect(server.asked).toHaveLength(1);
  });

  test('with credentials is a TypeError, as of fetch', async () => {
    const server = await startServer(redirecting({ '/start': [302, 'http://user:SECRET@my-rest/end'] }));
    const error: unknown = await fetchTo({ 'my-rest.develop': server.url })('http://my-rest/start').catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error) + String((error as Error).cause)).not.toContain('SECRET');
    expect(server.asked).toHaveLength(1);
  });
});

describe('a Location that is no URL', () => {
  test.each([
    ['http://u:SECRET@[/y', 'the Location "http://***@[/y" is no URL'],
    ['http://[/y?token=SECRET', 'the Location "http://[/y?***" is no URL'],
    ['http://[\u00e2\u0080\u00ae', String.raw`the Location "http://[\u{202e}" is no URL`],
    ['http://[\u00c2\u009b', String.raw`the Location "http://[\u{9b}" is no URL`],
  ])('is shown without a secret, and escaped: %j', (location, reason) => {
    expect(() => locate(location, new URL('http://h.example.com/'))).toThrow(
      expect.objectContaining({ message: 'fetch failed', cause: expect.objectContaining({ message: reason }) }),
    );
  });
});

describe('an address whose host has one label, and is no name of a service', () => {
  test.each([
    ['relative', '/home'],
    ['absolute, to the same origin', 'http://backend:{port}/home'],
  ])('is stayed at where the Location is %s', async (_, location) => {
    const names = nameEverythingLoopback();
    const server = await startServer(({ path }, response) => {
      const to = location.replace('{port}', String(server.port));
      if (path === '/login') response.writeHead(302, { location: to }).end();
      else response.end(path);
    });
    const elsewhere = await startServer();
    const fetch = fetchTo({
      'my-rest.develop': elsewhere.url,
      'my-rest.feature-x': `http://backend:${server.port}`,
      'backend.feature-x': elsewhere.url,
    });
    const response = await context.run({ namespaces: ['feature-x'] }, () => fetch('http://my-rest/login'));
    expect(await response.text()).toBe('/home');
    expect(resolutionOf(response)).toMatchObject({ service: 'my-rest', namespace: 'feature-x', via: 'override' });
    expect(server.asked.map(({ path, headers }) => [path, headers.host, headers['baggage']])).toEqual([
      ['/login', `backend:${server.port}`, 'branchline=feature-x'],
      ['/home', `backend:${server.port}`, 'branchline=feature-x'],
    ]);
    expect(new Set(names)).toEqual(new Set(['backend']));
    expect(elsewhere.asked).toEqual([]);
  });
});

describe('a redirect that cannot be followed', () => {
  const stream = { method: 'POST', body: new Blob(['x']).stream(), duplex: 'half' } as RequestInit;

  test.each<[string, readonly [number, string], RequestInit]>([
    ['a loop', [302, '/start'], {}],
    ['a Location that is no URL', [302, 'http://['], {}],
    ['a Location of another protocol', [302, 'ftp://127.0.0.1/'], {}],
    ['a Location with credentials', [302, 'http://user:pw@127.0.0.1/'], {}],
    ['a stream that was sent', [307, '/end'], stream],
  ])('is an error of the call, with its resolution: %s', async (_, route, init) => {
    const server = await startServer(redirecting({ '/start': route }));
    const error: unknown = await fetchTo({ 'my-rest.develop': server.url })('http://my-rest/start', init).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(resolutionOf(error as Error)).toMatchObject({ service: 'my-rest', namespace: 'develop', port: server.port });
    expect(Object.keys(error as Error)).not.toContain('resolution');
  });
});

describe('our member', () => {
  test('goes with each hop that we resolved, and with no other; foreign members go with all', async () => {
    const routes: Record<string, readonly [number, string]> = {};
    const [own, stranger, billing] = [
      await startServer(redirecting(routes)),
      await startServer(redirecting(routes)),
      await startServer(redirecting(routes)),
    ];
    Object.assign(routes, {
      '/1': [302, '/2'],
      '/2': [302, `${stranger.url}/3`],
      '/3': [302, '/4'],
      '/4': [302, 'http://billing/5'],
      '/5': [302, 'http://billing/6'],
      '/6': [302, `${stranger.url}/7`],
    });
    const fetch = fetchTo({ 'my-rest.develop': own.url, 'billing.develop': billing.url, 'x.feature-x': '1' });
    const call = () => fetch('http://my-rest/1', { headers: { baggage: 'a=1,branchline=develop' } });
    const response = await context.run({ namespaces: ['feature-x'] }, call);
    const members = (server: HttpServer) =>
      server.asked.map(({ path, headers }) => `${path} ${String(headers['baggage'])}`);
    expect(members(own)).toEqual(['/1 branchline=feature-x,a=1', '/2 branchline=feature-x,a=1']);
    expect(members(stranger)).toEqual(['/3 a=1', '/4 a=1', '/7 a=1']);
    expect(members(billing)).toEqual(['/5 branchline=feature-x,a=1', '/6 branchline=feature-x,a=1']);
    expect(resolutionOf(response)).toBeUndefined();
    expect(response).toMatchObject({ redirected: true, url: `${stranger.url}/7` });
  });

  test('of the caller itself goes no further either', async () => {
    const stranger = await startServer();
    const own = await startServer(redirecting({ '/1': [302, `${stranger.url}/2`] }));
    const data = { 'my-rest.develop': own.url, 'x.feature-x': '1' };
    await fetchTo(data)('http://my-rest/1', { headers: { baggage: 'branchline=feature-x' } });
    expect(own.only().headers['baggage']).toBe('branchline=feature-x');
    expect(stranger.only().headers['baggage']).toBeUndefined();
  });
});

test('each hop is answered by the table of its moment', async () => {
  const [one, two] = [await startServer(), await startServer()];
  const source = memorySource();
  const server = await startServer((_, response) => {
    source.set({ ...data, 'billing.develop': two.url });
    response.writeHead(302, { location: 'http://billing/' }).end();
  });
  const data = { 'my-rest.develop': server.url, 'billing.develop': one.url };
  source.set(data);
  await createFetch({ resolver: createResolver({ sources: [source], namespace: null }) })('http://my-rest/');
  expect([one.asked.length, two.asked.length]).toEqual([0, 1]);
});
