// A call arrives as fetch itself would have sent it, however it was written. Each is sent twice: by fetch to the address,
// by ours to the name.

import { context, createFetch, createResolver, type FetchLike, memorySource } from 'branchline';
import { MockAgent } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';

import { type Asked, startServer } from '../doubles/http-server.ts';

type Call = [input: string | URL | Request, init?: RequestInit | undefined];

function fetchTo(url: string): FetchLike {
  const data = { 'my-rest.develop': url, 'my-rest.feature-x': url };
  return createFetch({ resolver: createResolver({ sources: [memorySource(data)], namespace: null }) });
}

/** What says how a body comes, not what it is, may differ: a Request's body can only be read as a stream. */
const FRAMING = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);

function essence({ method, path, headers, body }: Asked): object {
  const kept = Object.entries(headers).filter(([name]) => !FRAMING.has(name));
  return { method, path, headers: Object.fromEntries(kept), body: body.toString() };
}

const streamOf = (...parts: string[]): ReadableStream =>
  new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });

class Init {
  readonly #secret = 'POST';
  get method(): string {
    return this.#secret;
  }
  get headers(): Record<string, string> {
    return { 'x-a': '1' };
  }
  get body(): string {
    return 'of a getter';
  }
}

class OwnRequest extends Request {}

const calls: Readonly<Record<string, (base: string) => Call>> = {
  'a text': (base) => [`${base}/x?y=1`],
  'a text with spaces and other letters': (base) => [`${base}/ä b?c=d e`],
  'a URL': (base) => [new URL(`${base}/x`)],
  'an object that becomes a text': (base) => [{ toString: () => `${base}/x` } as never],
  'an init that is undefined': (base) => [`${base}/x`, undefined],
  'an init that is null': (base) => [`${base}/x`, null as never],
  'an init without anything': (base) => [`${base}/x`, {}],
  'an init of undefined fields': (base) => [
    `${base}/x`,
    { method: undefined, headers: undefined, body: undefined, signal: undefined, redirect: undefined } as never,
  ],
  'a frozen init': (base) => [
    `${base}/x`,
    Object.freeze({ method: 'PUT', headers: Object.freeze({ a: 'b' }), body: 'x' }),
  ],
  'an init without a prototype': (base) => [
    `${base}/x`,
    Object.assign(Object.create(null), { method: 'PUT', body: 'x' }),
  ],
  'an init that inherits': (base) => [`${base}/x`, Object.create({ method: 'DELETE', headers: { a: 'b' } })],
  'an init that is an object of a class, with getters': (base) => [`${base}/x`, new Init()],
  'a Request for an init': (base) => [
    `${base}/x`,
    new Request('http://elsewhere.example.com/', { method: 'POST', body: 'of the init', headers: { a: 'b' } }),
  ],
  'a method in lower case': (base) => [`${base}/x`, { method: 'post', body: 'x' }],
  'a method of its own': (base) => [`${base}/x`, { method: 'PURGE' }],
  'headers as an object': (base) => [
    `${base}/x`,
    { headers: { 'X-A': '1', authorization: 'Bearer t', cookie: 'a=b' } },
  ],
  'headers as a list': (base) => [
    `${base}/x`,
    {
      headers: [
        ['x-a', '1'],
        ['x-a', '2'],
        ['baggage', 'a=1'],
        ['baggage', 'b=2'],
      ],
    },
  ],
  'headers as Headers': (base) => [`${base}/x`, { headers: new Headers({ 'x-a': '1', baggage: 'a=1;p , b=%20' }) }],
  'headers as a Map': (base) => [`${base}/x`, { headers: new Map([['x-a', '1']]) as never }],
  'a body that is null': (base) => [`${base}/x`, { method: 'POST', body: null }],
  'a body that is empty': (base) => [`${base}/x`, { method: 'POST', body: '' }],
  'a Request': (base) => [new Request(`${base}/x?y=1`, { headers: { a: 'b', baggage: 'a=1' } })],
  'a Request with a body': (base) => [new Request(`${base}/x`, { method: 'POST', body: 'hello' })],
  'a Request with a body and a type': (base) => [
    new Request(`${base}/x`, { method: 'PATCH', body: '{}', headers: { 'content-type': 'application/json' } }),
  ],
  'a Request with an empty body': (base) => [new Request(`${base}/x`, { method: 'POST', body: '' })],
  'a Request with a stream': (base) => [
    new Request(`${base}/x`, { method: 'POST', body: streamOf('hel', 'lo'), duplex: 'half' }),
  ],
  'a Request of a class of its own': (base) => [new OwnRequest(`${base}/x`, { method: 'POST', body: 'hello' })],
  'a Request made of a Request': (base) => [
    new Request(new Request(`${base}/x`, { method: 'POST', body: 'hello', headers: { a: 'b' } }), {
      headers: { c: 'd' },
    }),
  ],
  'a Request that is sent again as its clone': (base) => [
    new Request(`${base}/x`, { method: 'POST', body: 'hello' }).clone(),
  ],
  'a Request and an init without anything': (base) => [
    new Request(`${base}/x`, { method: 'POST', body: 'hello', headers: { a: 'b' } }),
    {},
  ],
  'a Request and an init of undefined fields': (base) => [
    new Request(`${base}/x`, { method: 'POST', body: 'hello', headers: { authorization: 'Bearer t' } }),
    { method: undefined, headers: undefined, body: undefined, signal: undefined, redirect: undefined } as never,
  ],
  'a Request and another method': (base) => [
    new Request(`${base}/x`, { method: 'POST', body: 'hello' }),
    { method: 'PUT' },
  ],
  'a Request and other headers': (base) => [
    new Request(`${base}/x`, { method: 'POST', body: 'hello', headers: { a: 'b', baggage: 'a=1' } }),
    { headers: { c: 'd', baggage: 'b=2' } },
  ],
  'a Request and another body': (base) => [
    new Request(`${base}/x`, { method: 'POST', body: 'hello', headers: { a: 'b' } }),
    { body: new URLSearchParams({ other: '1' }) },
  ],
  'a Request without a body and an init with one': (base) => [
    new Request(`${base}/x`, { headers: { a: 'b' } }),
    { method: 'POST', body: 'hello' },
  ],
  'a Request and a body that is null': (base) => [
    new Request(`${base}/x`, { method: 'POST', body: 'hello' }),
    { body: null },
  ],
  'a Request and a Request': (base) => [
    new Request(`${base}/x`, { method: 'POST', body: 'hello', headers: { a: 'b' } }),
    new Request('http://elsewhere.example.com/', { method: 'PUT', body: 'of the init', headers: { c: 'd' } }),
  ],
};

describe('a call arrives as fetch sends it', () => {
  test.each(Object.entries(calls))('%s', async (_, call) => {
    const server = await startServer();
    await fetch(...call(server.url));
    await fetchTo(server.url)(...call('http://my-rest'));
    const [native, ours] = server.asked.map(essence);
    expect(ours).toEqual(native);
    expect(server.asked).toHaveLength(2);
  });
});

describe('a call that fetch refuses is refused', () => {
  test.each<[string, (base: string) => Call]>([
    ['a GET with a body', (base) => [`${base}/x`, { body: 'x' }]],
    [
      'a Request whose body becomes that of a GET',
      (base) => [new Request(base, { method: 'POST', body: 'x' }), { method: 'GET' }],
    ],
    ['a method that is none', (base) => [base, { method: 'A B' }]],
    ['a method that is forbidden', (base) => [base, { method: 'TRACE' }]],
    ['a header name that is none', (base) => [base, { headers: { 'a b': 'c' } }]],
    ['a header value that is none', (base) => [base, { headers: { a: 'b\nc' } }]],
    ['a redirect that is none', (base) => [base, { redirect: 'sometimes' as never }]],
    ['a stream without duplex', (base) => [base, { method: 'POST', body: streamOf('x') }]],
    ['an init that is no object', (base) => [base, 'POST' as never]],
  ])('%s', async (_, call) => {
    const server = await startServer();
    await expect(fetch(...call(server.url))).rejects.toThrow(TypeError);
    await expect(fetchTo(server.url)(...call('http://my-rest'))).rejects.toThrow(TypeError);
    expect(server.asked).toEqual([]);
  });

  test.each<NonNullable<RequestInit['redirect']>>(['follow', 'manual', 'error'])(
    'a Request whose body was read, with redirect %s',
    async (redirect) => {
      const server = await startServer();
      const request = new Request('http://my-rest/', { method: 'POST', body: 'x', redirect });
      await request.text();
      await expect(fetchTo(server.url)(request)).rejects.toThrow(TypeError);
      expect(server.asked).toEqual([]);
    },
  );
});

describe("what the caller gave stays the caller's", () => {
  const inBranch = { namespaces: ['feature-x'] };

  test('an init and its headers are not changed, of whatever kind', async () => {
    const server = await startServer();
    const fetch = fetchTo(server.url);
    const signal = new AbortController().signal;
    const kinds = [{ baggage: 'a=1' }, [['baggage', 'a=1']] as [string, string][], new Headers({ baggage: 'a=1' })];
    for (const headers of kinds) {
      const before = JSON.stringify([...new Headers(headers)]);
      const init = { method: 'POST', headers, body: 'x', signal };
      await context.run(inBranch, () => fetch('http://my-rest/', init));
      expect(init).toEqual({ method: 'POST', headers, body: 'x', signal });
      expect(Object.keys(init)).toEqual(['method', 'headers', 'body', 'signal']);
      expect(JSON.stringify([...new Headers(headers)])).toBe(before);
    }
    expect(server.asked.map(({ headers }) => headers['baggage'])).toEqual(kinds.map(() => 'branchline=feature-x,a=1'));
  });

  test('a Request keeps its URL and headers, and is used up as fetch uses it up', async () => {
    const server = await startServer();
    const fetch = fetchTo(server.url);
    const request = new Request('http://my-rest/x', { method: 'POST', body: 'hello', headers: { baggage: 'a=1' } });
    await context.run(inBranch, () => fetch(request));
    expect(request.url).toBe('http://my-rest/x');
    expect(request.headers.get('baggage')).toBe('a=1');
    expect(request.bodyUsed).toBe(true);
    await expect(fetch(request)).rejects.toThrow(TypeError);

    const again = new Request('http://my-rest/x');
    await fetch(again);
    await fetch(again);
    expect(again.bodyUsed).toBe(false);
    expect(server.asked).toHaveLength(3);
  });

  test('a URL is not changed, and may change after the call', async () => {
    const server = await startServer();
    const url = new URL('http://my-rest/x');
    const answer = fetchTo(server.url)(url);
    url.pathname = '/y';
    await answer;
    expect(server.only().path).toBe('/x');
    expect(url.href).toBe('http://my-rest/y');
  });

  test('headers that change after the call was made are not sent', async () => {
    const server = await startServer();
    const headers = new Headers({ a: '1' });
    const answer = fetchTo(server.url)('http://my-rest/', { headers });
    headers.set('a', '2');
    await answer;
    expect(server.only().headers['a']).toBe('1');
  });
});

test("a Request's own dispatcher is kept where Node lets it be seen, up to Node 22", async () => {
  const server = await startServer((_, response) => response.end('network'));
  const mock = new MockAgent();
  onTestFinished(async () => mock.close());
  mock.disableNetConnect();
  mock.get(server.url).intercept({ path: '/x' }).reply(200, 'mocked').times(2);
  const requestTo = (base: string): Request => new Request(`${base}/x`, { dispatcher: mock } as object);
  const isSeen = Object.getOwnPropertySymbols(requestTo(server.url)).some(
    ({ description }) => description === 'dispatcher',
  );
  const [major = 0] = process.versions.node.split('.').map(Number);
  expect(isSeen).toBe(major < 24);
  expect(await (await fetch(requestTo(server.url))).text()).toBe('mocked');
  // Later ones hide it: then it has to stand in the init.
  const ours = fetchTo(server.url);
  expect(await (await ours(requestTo('http://my-rest'))).text()).toBe(isSeen ? 'mocked' : 'network');
  mock.get(server.url).intercept({ path: '/x' }).reply(200, 'mocked');
  expect(await (await ours('http://my-rest/x', { dispatcher: mock } as object)).text()).toBe('mocked');
});

describe('a signal', () => {
  const aborted = (): AbortController => {
    const controller = new AbortController();
    controller.abort(new Error('not needed any more'));
    return controller;
  };

  test.each<[string, () => Call]>([
    ['of an init', () => ['http://my-rest/', { signal: aborted().signal }]],
    ['of a Request', () => [new Request('http://my-rest/', { signal: aborted().signal })]],
    ['of an init beside a Request', () => [new Request('http://my-rest/'), { signal: aborted().signal }]],
    [
      'of a Request beside an init without one',
      () => [new Request('http://my-rest/', { signal: aborted().signal }), { signal: undefined } as never],
    ],
  ])('%s that has fired rejects with its reason, and nothing is sent', async (_, call) => {
    const server = await startServer();
    await expect(fetchTo(server.url)(...call())).rejects.toThrow('not needed any more');
    expect(server.asked).toEqual([]);
  });

  test('of an init counts, not that of the Request', async () => {
    const server = await startServer();
    const request = new Request('http://my-rest/', { signal: aborted().signal });
    const { status } = await fetchTo(server.url)(request, { signal: new AbortController().signal });
    expect(status).toBe(200);
    expect((await fetchTo(server.url)(request, { signal: null })).status).toBe(200);
  });

  test.each([true, false])('ends a call that is under way; of a Request: %s', async (ofRequest) => {
    const controller = new AbortController();
    const { signal } = controller;
    const server = await startServer(() => controller.abort(new Error('enough')));
    const fetch = fetchTo(server.url);
    const call = ofRequest ? fetch(new Request('http://my-rest/', { signal })) : fetch('http://my-rest/', { signal });
    await expect(call).rejects.toThrow('enough');
  });

  test('ends a body that is being read', async () => {
    const controller = new AbortController();
    const server = await startServer((_, response) => response.write('first'));
    const response = await fetchTo(server.url)('http://my-rest/', { signal: controller.signal });
    const reading = response.text();
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});
