// The service `orders`. It runs in the baseline, serves every branch, and calls the `billing` that a request wishes for.

import { fetch, isBranchlineError, resolutionOf } from 'branchline';
import { branchline, inspect } from 'branchline/express';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';

export function createApp(): Express {
  const app = express();
  // First: what comes before it runs without the wish.
  app.use(branchline({ trust: isFromInside, select: branchOfCookie, via: 'orders' }));
  app.use(express.json());

  // Rejections go to `next`: Express 4 would not see them.
  app.post('/orders', (req, res, next) => {
    bill(req.body).then((invoice) => res.status(201).json(invoice), next);
  });
  app.use(tellWhere);
  return app;
}

/** What a Pod knows, for operators. It shows every address: keep it off the port that others reach. */
export function createAdmin(): Express {
  const app = express();
  app.get('/branchline', inspect());
  return app;
}

async function bill(order: unknown): Promise<unknown> {
  const response = await fetch('http://billing/invoices', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
    signal: AbortSignal.timeout(5000),
  });
  if (!response.ok) throw new Error(`billing answered ${response.status}`);
  return response.json();
}

/** The ingress of the public sets this header. Whoever comes without it is the team, or a service of theirs. */
function isFromInside(req: Request): boolean {
  return req.get('x-from-outside') === undefined;
}

/** People with a browser choose with a cookie: `branch=feature-x`. */
function branchOfCookie(req: Request): string | undefined {
  return /(?:^|; )branch=([^;]+)/.exec(req.get('cookie') ?? '')?.[1];
}

/** An error says which deployment was asked. */
const tellWhere: ErrorRequestHandler = (error: Error, _req, res, _next) => {
  const { url = null, namespace = null } = resolutionOf(error) ?? {};
  res.status(502).json({ error: { code: isBranchlineError(error) ? error.code : null, url, namespace } });
};
