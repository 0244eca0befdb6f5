import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

import { context, resolutionOf, route } from 'branchline';
import { type Dispatcher, interceptors, request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';

import { openFetch } from '../../examples/undici-dispatcher/fetch.ts';
import { httpAgent, openAgent } from '../../examples/undici-dispatcher/own-agent.ts';
import { getPermissions, openDispatcher } from '../../examples/undici-dispatcher/request.ts';
import { startServer } from '../doubles/http-server.ts';
import { deployed, type StandIns } from './stand-ins.ts';

const WISH = { namespaces: ['feature-x'] };

const closing = <T extends { close(): Promise<void> }>(opened: T): T => {
  onTestFinished(() => opened.close());
  return opened;
};

const world = (): Promise<StandIns> =>
  deployed(['my-rest.develop', 'my-rest.feature-x', 'orders.develop', 'orders.feature-x', 'foreign']);

const baggageIn = ({ asked }: StandIns): unknown[] => asked.map(({ headers }) => headers['baggage']);

const dispatchers: Readonly<Record<string, () => Dispatcher>> = {
  'the ready-made dispatcher': openDispatcher,
  "an Agent of one's own": () => openAgent(interceptors.redirect({ maxRedirections: 3 })),
};

describe.each(Object.entries(dispatchers))('%s', (_, open) => {
  const ask = async (dispatcher: Dispatcher, url: string, headers: Record<string, string> = {}): Promise<unknown> =>
    (await request(url, { dispatcher, headers })).body.json();

  test('reaches the copy of the branch for a wish, and the shared one without', async () => {
    const all = await world();
    const dispatcher = closing(open());
    expect(await context.run(WISH, () => getPermissions(dispatcher, '4712'))).toEqual({ by: 'my-rest.feature-x' });
    expect(await getPermissions(dispatcher, '4711')).toEqual({ by: 'my-rest.develop' });
    expect(all.asked.map(({ path }) => path)).toEqual([
      '/get-customer-permissions?customer=4712',
      '/get-customer-permissions?customer=4711',
    ]);
    expect(baggageIn(all)).toEqual(['branchline=feature-x', undefined]);
  });

  test('puts the member beside the baggage of others, and says nothing to other hosts', async () => {
    const all = await world();
    const dispatcher = closing(open());
    const headers = { baggage: 'tenant=blue' };
    await context.run(WISH, () => ask(dispatcher, 'http://my-rest/', headers));
    await context.run(WISH, () => ask(dispatcher, `${all.urls['foreign']}/`, headers));
    expect(baggageIn(all)).toEqual(['branchline=feature-x,tenant=blue', 'tenant=blue']);
  });

  test('follows a redirect to a service, to another host and on the same one', async () => {
    const all = await world();
    const dispatcher = closing(open());
    for (const to of ['http://orders/x', `${all.urls['foreign']}/x`, '/x'])
      await context.run(WISH, () => ask(dispatcher, `http://my-rest/?to=${encodeURIComponent(to)}`));
    const arrived = all.asked.filter(({ path }) => path === '/x');
    expect(arrived.map(({ by, headers }) => [by, headers['baggage']])).toEqual([
      ['orders.feature-x', 'branchline=feature-x'],
      ['foreign', undefined],
      ['my-rest.feature-x', 'branchline=feature-x'],
    ]);
  });
});

describe('a retry', () => {
  test('goes to the branch of the first try', async () => {
    const busy = await startServer((_, response) => {
      if (busy.asked.length === 1) response.writeHead(503).end();
      else response.end('["read"]');
    });
    const { asked } = await deployed(['my-rest.develop'], { 'my-rest.feature-x': busy.url });
    const dispatcher = closing(openDispatcher());
    expect(await context.run(WISH, () => getPermissions(dispatcher, '4711'))).toEqual(['read']);
    expect(busy.asked.map(({ headers }) => headers['baggage'])).toEqual([
      'branchline=feature-x',
      'branchline=feature-x',
    ]);
    expect(asked).toEqual([]);
  });
});

describe('the wrapped fetch with the dispatcher', () => {
  test('tells who answered, and sends one member', async () => {
    const all = await world();
    const { fetch } = closing(openFetch());
    const response = await context.run(WISH, () => fetch('http://my-rest/', { headers: { baggage: 'tenant=blue' } }));
    expect(await response.json()).toEqual({ by: 'my-rest.feature-x' });
    expect(resolutionOf(response)).toMatchObject({ namespace: 'feature-x', via: 'override' });
    expect(baggageIn(all)).toEqual(['branchline=feature-x,tenant=blue']);
  });
});

describe('an agent of node:http with the lookup', () => {
  test('calls where route says, each time', async () => {
    const all = await world();
    onTestFinished(() => {
      httpAgent.destroy();
    });
    const ask = async (): Promise<unknown> => {
      const { url, headers } = route('http://my-rest/');
      const [response] = (await once(get(url, { headers, agent: httpAgent }), 'response')) as [IncomingMessage];
      return json(response);
    };
    expect(await context.run(WISH, ask)).toEqual({ by: 'my-rest.feature-x' });
    expect(await ask()).toEqual({ by: 'my-rest.develop' });
    expect(baggageIn(all)).toEqual(['branchline=feature-x', undefined]);
  });
});
