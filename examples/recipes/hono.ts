// Hono: a middleware that runs what comes after it in the routing context of the request.

import { context, fetch, receive } from 'branchline';
import { type Context, Hono } from 'hono';
import { createMiddleware } from 'hono/factory';

type Trust = (c: Context) => boolean;

const branchline = (trust: Trust) =>
  createMiddleware(async (c, next) => {
    const { headers } = c.req.raw;
    const received = receive(headers, { trust: trust(c) });
    for (const [name, value] of Object.entries(received.responseHeaders)) c.header(name, value);
    if (received.reject) {
      return c.json({ error: received.refusal }, 412);
    }
    if (received.baggage === null) headers.delete('baggage');
    else headers.set('baggage', received.baggage);
    return context.run(received.context, next);
  });

export function createApp(trust: Trust): Hono {
  const app = new Hono();
  app.use(branchline(trust));
  app.post('/orders', async (c) => {
    const order: unknown = await c.req.json();
    const response = await fetch('http://billing/invoices', { method: 'POST', body: JSON.stringify(order) });
    return c.json((await response.json()) as object);
  });
  return app;
}
