// Koa: a middleware that runs what comes after it in the routing context of the request.

import { json } from 'node:stream/consumers';

import { context, fetch, receive } from 'branchline';
import Koa from 'koa';

type Trust = (ctx: Koa.Context) => boolean;

const branchline =
  (trust: Trust): Koa.Middleware =>
  async (ctx, next) => {
    const received = receive(ctx.headers, { trust: trust(ctx) });
    ctx.set(received.responseHeaders);
    if (received.reject) {
      ctx.status = 412;
      ctx.body = { error: received.refusal };
      return;
    }
    if (received.baggage === null) delete ctx.headers['baggage'];
    else ctx.headers['baggage'] = received.baggage;
    await context.run(received.context, next);
  };

export function createApp(trust: Trust): Koa {
  const app = new Koa();
  app.use(branchline(trust));
  app.use(async (ctx, next) => {
    if (ctx.method !== 'POST' || ctx.path !== '/orders') {
      await next();
      return;
    }
    const order = await json(ctx.req);
    const response = await fetch('http://billing/invoices', { method: 'POST', body: JSON.stringify(order) });
    ctx.body = await response.json();
  });
  return app;
}
