// What is ours goes to ours: a stranger never sees our member, nor what shows the route, nor what was meant for another
// origin. What was really sent is read from the socket.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { context, createFetch, createResolver, type FetchLike, memorySource, type Resolver, route } from 'branchline';
import { branchline } from 'branchline/express';
import express from 'express';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';

import { anyText } from '../doubles/arbitraries.ts';
import { type Evil, startEvil } from '../doubles/evil.ts';
import { nameEverythingLoopback, startServer } from '../doubles/http-server.ts';
import { reply, startRawServer } from '../doubles/raw-server.ts';

const SECRETS = { authorization: 'Bearer s3cret', cookie: 'session=s3cret', 'proxy-authorization': 'Basic s3cret' };
const FOREIGN = 'userId=al%20ice;p=1 ,okteto-divert=x,serverNode=DF%2028';
const inBranch = { namespaces: ['feature-x'], services: { billing: 'feature-y' } };

function open(data: Record<string, string>, namespace: string | null = 'feature-own'): Resolver {
  const all = { 'x.feature-x': '1', 'billing.feature-y': '1', 'x.develop': '1', ...data };
  return createResolver({ sources: [memorySource(all)], namespace });
}

/** Everything that could go along does: a context, a branch of our own, secrets, and members of others. */
function call(fetch: FetchLike, input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const headers = { ...SECRETS, baggage: FOREIGN, ...(init.headers as Record<string, string> | undefined) };
  return context.run(inBranch, () => fetch(input, { ...init, headers }));
}

/** A server of ours that sends whoever asks on to a stranger. */
async function sendingTo(location: string, status = 307): Promise<string> {
  const server = await startRawServer(
    reply(`HTTP/1.1 ${status} Moved\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`),
  );
  return server.url;
}

/** The baggage lines that came, as bytes. */
const baggageOf = (server: Evil | { received(): string }): string[] =>
  [...server.received().matchAll(/^baggage: (.*)$/gim)].map(([, value = '']) => value.trim());

describe('a stranger', () => {
  test.each<[string, (evil: Evil) => string | URL | Request]>([
    ['by its address', (evil) => evil.url],
    ['by a URL', (evil) => new URL(evil.url)],
    ['by a Request', (evil) => new Request(evil.url)],
    ['by localhost', (evil) => `http://localhost:${evil.port}/`],
    ['by a dotted host', (evil) => `http://evil.example.com:${evil.port}/`],
    ['by a host that looks like ours', (evil) => `http://my-rest.develop.example.com:${evil.port}/`],
    ['by a name with a final dot', (evil) => `http://my-rest.:${evil.port}/`],
    ['by a namespace that is none of ours', (evil) => `http://my-rest.evil.svc:${evil.port}/`],
  ])('that is called %s sees nothing of ours, and the foreign members as they are', async (_, urlOf) => {
    nameEverythingLoopback();
    const evil = await startEvil();
    const resolver = open({ 'my-rest.develop': '8080' });
    for (const canonical of [false, true]) {
      const response = await call(createFetch({ resolver, canonical }), urlOf(evil));
      expect(response.status).toBe(200);
    }
    evil.expectNothingOfOurs();
    // The caller means this origin itself: what it sends there is its own to say.
    expect(evil.received().match(/s3cret/g)).toHaveLength(6);
    expect(baggageOf(evil)).toEqual([FOREIGN, FOREIGN]);
  });

  test.each([301, 302, 303, 307, 308])('that is reached by a redirect with %i sees nothing of ours', async (status) => {
    nameEverythingLoopback();
    const evil = await startEvil();
    const locations = [
      evil.url,
      `//127.0.0.1:${evil.port}/x`,
      `http://localhost:${evil.port}/x`,
      `http://evil.example.com:${evil.port}/x`,
      `http://my-rest.evil.svc:${evil.port}/x`,
    ];
    for (const location of locations) {
      const fetch = createFetch({ resolver: open({ 'my-rest.develop': await sendingTo(location, status) }) });
      expect((await call(fetch, 'http://my-rest/')).status).toBe(200);
      expect((await call(fetch, 'http://my-rest/', { method: 'POST', body: 'hello' })).status).toBe(200);
      expect((await call(fetch, new Request('http://my-rest/', { method: 'PUT', body: 'hello' }))).status).toBe(200);
    }
    evil.expectNothingOfOurs('s3cret', 'authorization', 'cookie');
    expect(baggageOf(evil)).toEqual(Array.from({ length: 3 * locations.length }, () => FOREIGN));
  });

  test('that sends back to us sees nothing, and we are told our wish, but not the secrets again', async () => {
    const ours = await startServer();
    const evil = await startEvil('http://billing/done');
    const fetch = createFetch({
      resolver: open({ 'my-rest.develop': await sendingTo(evil.url), 'billing.feature-y': ours.url }),
    });
    expect((await call(fetch, 'http://my-rest/')).status).toBe(200);
    evil.expectNothingOfOurs('s3cret');
    expect(ours.only().headers).toMatchObject({
      baggage: `branchline=feature-x~feature-own~billing.feature-y,${FOREIGN}`,
    });
    expect(ours.only().headers).not.toHaveProperty('authorization');
  });

  test("sees not even the caller's own member, where we sent the call on", async () => {
    const evil = await startEvil();
    const fetch = createFetch({ resolver: open({ 'my-rest.develop': await sendingTo(evil.url) }, null) });
    for (const baggage of ['branchline=feature-x', `a=1,branchline=feature-x;p,${FOREIGN}`, 'branchline=no%20wish'])
      await fetch('http://my-rest/', { headers: { baggage } });
    evil.expectNothingOfOurs();
    expect(baggageOf(evil)).toEqual([`a=1,${FOREIGN}`]);
  });

  test('reached by redirect from a handler that gathers the route is not asked for one', async () => {
    const evil = await startEvil();
    const resolver = open({ 'my-rest.develop': await sendingTo(evil.url), 'web.feature-own': '1' });
    const fetch = createFetch({ resolver });
    const app = express();
    app.use(branchline({ trust: true, via: 'web', resolver }));
    app.get('/', async (_, response) => {
      await fetch('http://my-rest/');
      await fetch(evil.url);
      response.end('done');
    });
    const server = createServer(app).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const answer = await globalThis.fetch(`http://127.0.0.1:${port}/`, {
      headers: { 'branchline-via': '1', baggage: 'branchline=feature-x,a=1' },
    });
    expect(answer.headers.get('branchline-via')).toBe('web=feature-own, my-rest=develop, ...');
    evil.expectNothingOfOurs();
    server.closeAllConnections();
  });
});

describe('one of ours', () => {
  test('is sent one baggage line, our member first, and every foreign member byte for byte', async () => {
    const server = await startRawServer();
    const fetch = createFetch({ resolver: open({ 'my-rest.develop': server.url }) });
    await call(fetch, 'http://my-rest/');
    await call(fetch, new Request('http://my-rest/'));
    const expected = `branchline=feature-x~feature-own~billing.feature-y,${FOREIGN}`;
    expect(baggageOf(server)).toEqual([expected, expected]);
  });

  test.each([
    ['a=1,,b=2', 'a=1,,b=2'],
    ['no-value', 'no-value'],
    ['=', '='],
    ['a=%', 'a=%'],
    ['a="b, branchline=develop"', 'a="b'],
    ['Branchline=develop', 'Branchline=develop'],
    ['x-branchline=develop', 'x-branchline=develop'],
    [' a=1 ; p ;q=2,\tb = 2 ', 'a=1 ; p ;q=2,\tb = 2'],
    [`a=${'x'.repeat(5000)}`, `a=${'x'.repeat(5000)}`],
    [
      Array.from({ length: 64 }, (_, index) => `k${index}=v`).join(','),
      Array.from({ length: 64 }, (_, index) => `k${index}=v`).join(','),
    ],
  ])('is sent what is malformed or large as it is: %j', async (baggage, arrives) => {
    const server = await startRawServer();
    const fetch = createFetch({ resolver: open({ 'my-rest.develop': server.url }) });
    await call(fetch, 'http://my-rest/', { headers: { baggage } });
    expect(baggageOf(server)).toEqual([`branchline=feature-x~feature-own~billing.feature-y,${arrives}`]);
  });

  test('that has nothing to be told is sent the line as it is', async () => {
    const server = await startRawServer();
    const fetch = createFetch({ resolver: open({ 'my-rest.develop': server.url }, null) });
    await fetch('http://my-rest/', { headers: { baggage: FOREIGN } });
    await fetch('http://my-rest/');
    expect(baggageOf(server)).toEqual([FOREIGN]);
  });

  test('is reached whatever a header says, and nobody else is', async () => {
    const names = nameEverythingLoopback();
    const server = await startRawServer();
    const resolver = open({ 'my-rest.develop': server.url, 'my-rest.feature-x': server.url });
    const hosts: string[] = [];
    const fetch = createFetch({
      resolver,
      fetch: (input) => {
        hosts.push(new URL(input instanceof Request ? input.url : input).host);
        return Promise.resolve(new Response('ok'));
      },
    });
    const hostile = fc.oneof(
      anyText().map((text) => `branchline=${text}`),
      anyText(),
      fc.constantFrom(
        'branchline=x@evil.example.com%23',
        'branchline=evil.example.com%2F',
        'branchline=169.254.169.254',
        'branchline=feature-x%0d%0ahost:evil.example.com',
        'branchline=kube-system',
        'branchline=feature-x,branchline=kube-system',
        'branchline=my-rest.kube-system',
        'branchline=../../evil',
      ),
    );
    const printable = hostile.map((text) => text.replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, ''));
    await fc.assert(
      fc.asyncProperty(printable, async (baggage) => {
        await fetch('http://my-rest/', { headers: { baggage } });
        const { url } = route('http://my-rest/', { baggage }, { resolver });
        hosts.push(new URL(url).host);
      }),
      { numRuns: 1000 },
    );
    expect([...new Set(hosts)]).toEqual([new URL(server.url).host]);
    expect(names).toEqual([]);
  });
});
