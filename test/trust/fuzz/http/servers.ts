// Two deployments of one service on loopback, an application in front of them, and somebody else who must never be called.

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createRawServer } from 'node:net';

import { createFetch, createResolver, isBranchlineError, memorySource, type Refused } from 'branchline';
import { branchline } from 'branchline/express';
import express from 'express';

export interface Stage {
  /** Of the application that rejects what is refused, and of the one that ignores it. */
  readonly ports: Readonly<Record<Refused, number>>;
  readonly evilPort: number;
  /** How often somebody else was connected to. */
  evilCalls(): number;
  close(): Promise<void>;
}

/** What a deployment answers: who it is, and what came. */
export interface Answer {
  readonly who: string;
  readonly url: string;
  readonly baggage: string;
}

export async function openStage(): Promise<Stage> {
  const develop = await listening(createServer(deployment('develop')));
  const branch = await listening(createServer(deployment('feature-x')));
  let evilCalls = 0;
  const evil = createRawServer((socket) => {
    evilCalls += 1;
    socket.destroy();
  });
  evil.listen(0, '127.0.0.1');
  await once(evil, 'listening');
  const table = memorySource({
    'my-rest.develop': `127.0.0.1:${develop.port}`,
    'my-rest.feature-x': `http://127.0.0.1:${branch.port}/v1`,
    'other.feature-y': '8080',
    'billing.feature-x': 'disabled',
  });
  const resolver = createResolver({ sources: [table], namespace: 'develop' });
  const apps = {
    reject: await listening(createServer(application(resolver, 'reject'))),
    ignore: await listening(createServer(application(resolver, 'ignore'))),
  };
  return {
    ports: { reject: apps.reject.port, ignore: apps.ignore.port },
    evilPort: (evil.address() as AddressInfo).port,
    evilCalls: () => evilCalls,
    async close() {
      for (const { server } of [develop, branch, apps.reject, apps.ignore]) {
        server.closeAllConnections();
        server.close();
      }
      evil.close();
      await resolver.close();
    },
  };
}

function deployment(who: string): RequestListener {
  return (request, response) => {
    request.resume();
    const baggage = request.headers['baggage'];
    const answer: Answer = { who, url: request.url ?? '', baggage: typeof baggage === 'string' ? baggage : '' };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  };
}

/** Calls `my-rest` with the path that it was called with, behind one slash. */
function application(resolver: ReturnType<typeof createResolver>, refused: Refused): RequestListener {
  const fetch = createFetch({ resolver });
  const app = express();
  app.disable('x-powered-by');
  app.use(branchline({ trust: (req) => req.headers['x-outside'] === undefined, refused, resolver, via: true }));
  app.use((req, res, next) => {
    const headers = req.headers['baggage'] === undefined ? {} : { baggage: String(req.headers['baggage']) };
    void passOn(fetch(`http://my-rest/${req.url.slice(1)}`, { headers, redirect: 'manual' }), res, next);
  });
  app.use((error: Error, _: express.Request, res: express.Response, next: express.NextFunction) => {
    if (res.headersSent) next(error);
    else res.status(500).json({ code: error.name, message: error.message });
  });
  return app;
}

async function passOn(called: Promise<Response>, res: express.Response, next: express.NextFunction): Promise<void> {
  try {
    res.json(await (await called).json());
  } catch (error) {
    if (isBranchlineError(error)) res.status(502).json({ code: error.code });
    else next(error);
  }
}

async function listening(server: Server): Promise<{ server: Server; port: number }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}
