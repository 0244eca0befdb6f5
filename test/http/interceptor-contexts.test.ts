// One request's context is never visible to another. Undici calls its handlers in the asynchronous context of whoever
// opened the socket, and so come retries and redirects: each must go where its own request belongs.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';

import { context, createFetch, createResolver, type Data, memorySource, type Resolver } from 'branchline';
import { routing } from 'branchline/undici';
import { Agent, type Dispatcher, fetch as undiciFetch, interceptors, request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';

import { type Asked, type HttpServer, startServer } from '../doubles/http-server.ts';

const BRANCHES = Array.from({ length: 19 }, (_, index) => `feature-${index}`);
const REQUESTS = 2000;
/** They cost more. */
const FETCHES = 500;
const AT_ONCE = 50;

type Interceptor = Dispatcher.DispatcherComposeInterceptor;
const retry = (): Interceptor => interceptors.retry({ minTimeout: 1, maxTimeout: 5, maxRetries: 10 });
const redirect = (): Interceptor => interceptors.redirect({ maxRedirections: 3 });
const dump = (): Interceptor => interceptors.dump({ maxSize: 1024 });

/** A service that is busy, or hangs up, at the first try of two in three; `/moved` sends on to itself. */
async function startFlaky(): Promise<HttpServer> {
  const tried = new Set<string>();
  return startServer(({ path }, response) => {
    const { pathname, searchParams } = new URL(path, 'http://x');
    const number = Number(searchParams.get('number'));
    if (!tried.has(path) && number % 3 !== 0) {
      tried.add(path);
      if (number % 3 === 1) response.writeHead(503).end();
      else response.socket?.resetAndDestroy();
    } else if (pathname.endsWith('/moved')) {
      response.writeHead(307, { location: `http://my-rest/here?${searchParams.toString()}` }).end();
    } else response.end(pathname);
  });
}

/** Every branch has a copy of its own: a base path of the same server. */
function tableOf({ url }: HttpServer, others: Data = {}): Resolver {
  const namespaces = ['develop', ...BRANCHES];
  const copies = Object.fromEntries(namespaces.map((namespace) => [`my-rest.${namespace}`, `${url}/${namespace}`]));
  return createResolver({ sources: [memorySource({ ...copies, ...others })], namespace: 'develop' });
}

/** Calls for many requests at once, each for a branch or for none. */
async function callForAll(call: (url: string) => Promise<unknown>, path: string, requests = REQUESTS): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < requests) {
      const number = next++;
      const branch = BRANCHES[number % (BRANCHES.length + 1)];
      const wish = branch === undefined ? undefined : { namespaces: [branch] };
      await context.run(wish, () => call(`http://my-rest/${path}?number=${number}&for=${branch ?? 'develop'}`));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Of the requests that came: those that came to another's place, and those with another's wish. */
function wrong({ asked }: HttpServer): { all: number; place: number; wish: number } {
  const each = asked.map(({ path, headers }) => {
    const { pathname, searchParams } = new URL(path, 'http://x');
    const wanted = searchParams.get('for') ?? '';
    return {
      place: pathname.split('/')[1] !== wanted,
      wish: headers['baggage'] !== (wanted === 'develop' ? undefined : `branchline=${wanted}`),
    };
  });
  return {
    all: each.length,
    place: each.filter(({ place }) => place).length,
    wish: each.filter(({ wish }) => wish).length,
  };
}

/** Few connections, kept alive: each is used by requests of all branches. */
function agentOf(...composed: Interceptor[]): Dispatcher {
  const agent = new Agent({ connections: 4 });
  onTestFinished(async () => agent.destroy());
  return agent.compose(...composed);
}

const requestWith =
  (dispatcher: Dispatcher) =>
  async (url: string): Promise<void> => {
    const { body, statusCode } = await request(url, { dispatcher });
    expect(statusCode).toBe(200);
    await body.dump();
  };

describe('2,000 requests (500 of fetch) of twenty contexts, over four connections, with 503s and resets', () => {
  test.each<[string, 'here' | 'moved', number, (resolver: Resolver) => Interceptor[]]>([
    ['retried above', 'here', 3333, (resolver) => [routing({ resolver }), retry()]],
    ['retried below', 'here', 3333, (resolver) => [retry(), routing({ resolver })]],
    ['retried above another interceptor', 'here', 3333, (resolver) => [routing({ resolver }), dump(), retry()]],
    // A second hop that fails is retried from the first one.
    ['redirected above, then retried', 'moved', 7999, (resolver) => [routing({ resolver }), redirect(), retry()]],
    ['retried above, then redirected', 'moved', 6666, (resolver) => [routing({ resolver }), retry(), redirect()]],
    ['redirected above, retried below', 'moved', 6666, (resolver) => [retry(), routing({ resolver }), redirect()]],
  ])('each go to their own place, with their own wish: %s', async (_, path, all, compose) => {
    const server = await startFlaky();
    await callForAll(requestWith(agentOf(...compose(tableOf(server)))), path);
    expect(wrong(server)).toEqual({ all, place: 0, wish: 0 });
  });

  test.each<
    [string, (dispatcher: Dispatcher, resolver: Resolver) => (url: string) => Promise<{ text(): Promise<string> }>]
  >([
    ['the built-in fetch', (dispatcher) => async (url) => fetch(url, { dispatcher: dispatcher as never })],
    ['fetch of undici', (dispatcher) => async (url) => undiciFetch(url, { dispatcher })],
    ['the wrapped fetch', (dispatcher, resolver) => createFetch({ resolver, dispatcher })],
  ])('each go to their own place, with their own wish: redirected by %s, retried by undici', async (_, make) => {
    const server = await startFlaky();
    const resolver = tableOf(server);
    const send = make(agentOf(routing({ resolver }), retry()), resolver);
    await callForAll(async (url) => (await send(url)).text(), 'moved', FETCHES);
    expect(wrong(server)).toEqual({ all: 1666, place: 0, wish: 0 });
  });

  test('would show an interceptor that asks for the context when it is called', async () => {
    const server = await startFlaky();
    const wishes = new AsyncLocalStorage<string>();
    const naive: Interceptor = (dispatch) => (options, handler) => {
      const wish = wishes.getStore();
      const path = `/${wish}${options.path}`;
      const headers = wish === 'develop' ? {} : { baggage: `branchline=${wish}` };
      return dispatch({ ...options, origin: server.url, path, headers }, handler);
    };
    const call = requestWith(agentOf(naive, retry()));
    await callForAll((url) => wishes.run(new URL(url).searchParams.get('for') ?? '', () => call(url)), 'here');
    expect(wrong(server).wish).toBeGreaterThan(REQUESTS / 20);
    expect(wrong(server).place).toBeGreaterThan(REQUESTS / 20);
  });
});

test('a redirect that comes back from somebody else goes on in its own context', async () => {
  const server = await startServer(({ path }, response) => response.end(path));
  const back = ({ path }: Asked, response: ServerResponse): void =>
    void response.writeHead(302, { location: `http://my-rest/back${new URL(path, 'http://x').search}` }).end();
  const stranger = await startServer(back);
  const start = await startServer(({ path }, response) => {
    response.writeHead(302, { location: `${stranger.url}${path}` }).end();
  });
  const call = requestWith(agentOf(routing({ resolver: tableOf(server, { 'start.develop': start.url }) }), redirect()));
  await callForAll((url) => call(url.replace('//my-rest/', '//start/')), 'x');
  expect(wrong(server)).toEqual({ all: REQUESTS, place: 0, wish: 0 });
  expect(stranger.asked.filter(({ headers }) => 'baggage' in headers)).toEqual([]);
});
