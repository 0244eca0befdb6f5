import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { expect, test } from '@jest/globals';
import { createFetch, createResolver, memorySource, resolutionOf } from 'branchline';
import { branchline } from 'branchline/express';
import { createDispatcher } from 'branchline/undici';
import express from 'express';

test('the middleware, the wrapped fetch and the dispatcher', async () => {
  const source = memorySource();
  const resolver = createResolver({ sources: [source], namespace: null });
  const app = express();
  app.use(branchline({ trust: true, resolver }));
  app.get('/', (req, res) => {
    res.json([req.routing.trusted, req.resolve('orders')]);
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  source.set({ 'orders.develop': url });

  const dispatcher = createDispatcher();
  const response = await createFetch({ resolver, dispatcher })('http://orders/');
  expect(await response.json()).toEqual([true, url]);
  expect(resolutionOf(response)).toMatchObject({ service: 'orders', via: 'baseline' });

  await dispatcher.close();
  await new Promise((done) => void server.close(done));
  await resolver.close();
});
