// Fastify: a hook that runs what comes after it in the routing context of the request.

import { context, fetch, receive } from 'branchline';
import Fastify, { type FastifyInstance, type FastifyRequest, type onRequestHookHandler } from 'fastify';

type Trust = (request: FastifyRequest) => boolean;

const branchline =
  (trust: Trust): onRequestHookHandler =>
  (request, reply, done) => {
    const received = receive(request.headers, { trust: trust(request) });
    reply.headers(received.responseHeaders);
    if (received.reject) {
      reply.code(412).send({ error: received.refusal });
      return;
    }
    if (received.baggage === null) delete request.headers['baggage'];
    else request.headers['baggage'] = received.baggage;
    context.run(received.context, done);
  };

export function createApp(trust: Trust): FastifyInstance {
  const app = Fastify();
  app.addHook('onRequest', branchline(trust));
  app.post('/orders', async ({ body }) => {
    const response = await fetch('http://billing/invoices', { method: 'POST', body: JSON.stringify(body) });
    return response.json();
  });
  return app;
}
