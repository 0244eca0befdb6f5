// What needs the types of Express: consumer.ts is compiled where they are not installed.
import { createResolver } from 'branchline';
import { branchline } from 'branchline/express';
import type { Express, Request } from 'express';

declare const app: Express;
app.use(branchline({ trust: true }));
app.use(
  branchline({
    trust: (req: Request) => req.ip === '127.0.0.1',
    refused: 'ignore',
    select: (req) => req.header('x-branch'),
    via: true,
    resolver: createResolver(),
  }),
);
// @ts-expect-error whom to trust is to be said
app.use(branchline({}));
app.get('/', (req, res) => {
  const url: string = req.resolve('my-rest', { endpoint: 'admin' });
  const trusted: boolean = req.routing.trusted;
  // @ts-expect-error the declarations are found, and are not any
  const wrong: number = req.resolve('my-rest');
  res.json([url, trusted, wrong]);
});
