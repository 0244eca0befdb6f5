// What is deployed: services in Express. Each takes the wish of its requests, and calls others by name.

import { createFetch, type Resolver } from 'branchline';
import { branchline } from 'branchline/express';
import express, { type Express, type Response } from 'express';

import { readReply, type Reply } from './reply.ts';

export type Namespace = 'develop' | 'feature-x';

export interface Deployment {
  readonly service: 'web' | 'my-rest' | 'orders' | 'billing';
  readonly namespace: Namespace;
}

export function createApp({ service, namespace }: Deployment, resolver: Resolver, answered: () => void): Express {
  // A Pod has one resolver, the default one: import { fetch } from 'branchline'. Here two namespaces are in one process.
  const fetch = createFetch({ resolver });
  const answer = (response: Response, called?: Reply): void => {
    answered();
    response.json({ service, namespace, called });
  };

  const app = express();
  app.use(branchline({ trust: true, via: true, resolver }));
  switch (service) {
    case 'web':
      app.get('/buy', async (_, response) => {
        answer(response, await readReply(await fetch('http://orders/place-order')));
      });
      break;
    case 'orders':
      app.get('/list-open-orders', (_, response) => answer(response));
      app.get('/place-order', async (_, response) => {
        answer(response, await readReply(await fetch('http://billing/create-invoice')));
      });
      break;
    case 'billing':
      app.get('/create-invoice', (_, response) => answer(response));
      break;
    case 'my-rest':
      app.get('/get-customer-permissions', (_, response) => answer(response));
      break;
  }
  return app;
}
