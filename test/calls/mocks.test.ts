// What people test with sees the calls: nothing of ours stands between them and the network but the rewrite of the URL.

import {
  context,
  createFetch,
  createResolver,
  fetch,
  memorySource,
  resolutionOf,
  setDefaultResolver,
} from 'branchline';
import { useEntries } from 'branchline/testing';
import nock from 'nock';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import { startChild } from '../doubles/child.ts';

const data = {
  'my-rest.develop': '8080',
  'my-rest.feature-x': '8080',
  'billing.develop': 'https://billing.example.com/base',
};

beforeEach(() => {
  onTestFinished(useEntries(data));
});

describe('nock', () => {
  beforeEach(() => {
    nock.disableNetConnect();
    onTestFinished(() => {
      nock.cleanAll();
      nock.restore();
    });
    if (!nock.isActive()) nock.activate();
  });

  test('answers for the address, with the member that a server would see', async () => {
    const branch = nock('http://my-rest.feature-x.svc:8080', { reqheaders: { baggage: 'branchline=feature-x,a=1' } })
      .get('/get-customer-permissions?id=1')
      .reply(200, { permissions: ['read'] });
    const call = () => fetch('http://my-rest/get-customer-permissions?id=1', { headers: { baggage: 'a=1' } });
    const response = await context.run({ namespaces: ['feature-x'] }, call);
    expect(await response.json()).toEqual({ permissions: ['read'] });
    expect(resolutionOf(response)).toMatchObject({ namespace: 'feature-x' });
    expect(branch.isDone()).toBe(true);
  });

  test('answers through redirects, and gets bodies', async () => {
    const scope = nock('http://my-rest.develop.svc:8080')
      .post('/start', { a: 1 })
      .reply(307, undefined, { location: 'http://billing/end' });
    const billing = nock('https://billing.example.com').post('/base/end', { a: 1 }).reply(201, 'made');
    const response = await fetch('http://my-rest/start', {
      method: 'POST',
      body: JSON.stringify({ a: 1 }),
      headers: { 'content-type': 'application/json' },
    });
    expect([response.status, await response.text(), response.redirected]).toEqual([201, 'made', true]);
    expect([scope.isDone(), billing.isDone()]).toEqual([true, true]);
  });

  test('answers a Request', async () => {
    nock('http://my-rest.develop.svc:8080').put('/x', 'hello').reply(200, 'ok');
    const response = await fetch(new Request('http://my-rest/x', { method: 'PUT', body: 'hello' }));
    expect(await response.text()).toBe('ok');
  });

  test('makes errors, and a call that it does not expect is one that says which', async () => {
    nock('http://my-rest.develop.svc:8080').get('/x').replyWithError(new Error('no such luck'));
    const error: unknown = await fetch('http://my-rest/x').catch((reason: unknown) => reason);
    expect(resolutionOf(error as Error)).toMatchObject({ service: 'my-rest' });
    await expect(fetch('http://my-rest/y')).rejects.toThrow('http://my-rest.develop.svc:8080/y');
  });
});

describe('a fetch that was put in the place of the global one', () => {
  test('after createFetch is called, with the address and the init', async () => {
    const resolver = createResolver({ sources: [memorySource(data)], namespace: 'feature-x' });
    const ours = createFetch({ resolver });
    const replaced = vi.fn(() => Promise.resolve(Response.json({ mocked: true })));
    vi.stubGlobal('fetch', replaced);
    const response = await ours('http://my-rest/x', { method: 'DELETE' });
    expect(await response.json()).toEqual({ mocked: true });
    expect(replaced).toHaveBeenCalledExactlyOnceWith(
      'http://my-rest.feature-x.svc:8080/x',
      expect.objectContaining({ method: 'DELETE' }),
    );
    const [[, init]] = replaced.mock.calls as unknown as [[string, RequestInit]];
    expect(new Headers(init.headers as Headers).get('baggage')).toBe('branchline=feature-x');
  });

  test('is called by the fetch of the root, and no more when it was put back', async () => {
    const replaced = vi.fn(() => Promise.resolve(new Response('mocked')));
    vi.stubGlobal('fetch', replaced);
    expect(await (await fetch('http://my-rest/x')).text()).toBe('mocked');
    vi.unstubAllGlobals();
    onTestFinished(
      setDefaultResolver(
        createResolver({ sources: [memorySource({ 'my-rest.develop': 'http://127.0.0.1:1' })], namespace: null }),
      ),
    );
    await expect(fetch('http://my-rest/x')).rejects.toThrow(TypeError);
    expect(replaced).toHaveBeenCalledTimes(1);
  });

  test('may be given to createFetch, and then the global one is not called', async () => {
    const replaced = vi.fn(() => Promise.resolve(new Response('global')));
    vi.stubGlobal('fetch', replaced);
    const given = vi.fn(() => Promise.resolve(new Response('given')));
    expect(await (await createFetch({ fetch: given })('http://my-rest/x')).text()).toBe('given');
    expect(given.mock.calls.map(([url]: unknown[]) => url)).toEqual(['http://my-rest.develop.svc:8080/x']);
    expect(replaced).not.toHaveBeenCalled();
  });

  test('that redirects is followed', async () => {
    const answers = [
      new Response(null, { status: 302, headers: { location: 'http://billing/end' } }),
      new Response('ok'),
    ];
    const replaced = vi.fn(() => Promise.resolve(answers.shift() as Response));
    vi.stubGlobal('fetch', replaced);
    expect(await (await fetch('http://my-rest/x')).text()).toBe('ok');
    expect(replaced.mock.calls.map(([url]: unknown[]) => url)).toEqual([
      'http://my-rest.develop.svc:8080/x',
      'https://billing.example.com/base/end',
    ]);
  });
});

describe("undici's MockAgent", () => {
  // In a process of its own: the import alone replaces the dispatcher of the whole process.
  test.each(['global', 'init', 'createFetch'])('answers for the address, given as %s', async (how) => {
    const child = startChild(new URL('children/mock-agent.ts', import.meta.url), { args: [how] });
    expect(await child.said('answer')).toEqual({
      answer: { permissions: ['read'] },
      baggage: 'branchline=feature-x',
      namespace: 'feature-x',
      unexpected: 'TypeError',
    });
    expect(await child.exited()).toMatchObject({ code: 0 });
  });
});
