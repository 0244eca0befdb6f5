// One service of the fleet, in every namespace that has it: an application each, with a resolver of its own, on a port of
// its own. It answers who served it and what was behind it, and remembers who asked.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

import { createFetch, createResolver, memorySource, resolutionOf, type Resolver } from 'branchline';
import { branchline } from 'branchline/express';
import express, { type Request, type Response } from 'express';

import { say } from '../../mount/children/say.ts';
import { type Kind, namespacesOf, type Service, SERVICES, type Stop } from '../fleet.ts';

interface Answer {
  readonly status: number;
  readonly stops: readonly Stop[];
}
type Client = (url: string) => Promise<Answer>;

const [service, kind] = process.argv.slice(2) as [Service, Kind];
const next = SERVICES[SERVICES.indexOf(service) + 1];
/** The numbers of the requests that came, by namespace. */
const asked: Record<string, number[]> = {};

async function clientOf(resolver: Resolver): Promise<Client> {
  if (kind === 'fetch') {
    const fetch = createFetch({ resolver });
    return async (url) => {
      const response = await fetch(url);
      return { status: response.status, stops: (await response.json()) as Stop[] };
    };
  }
  const { interceptors, request } = await import('undici');
  const { createDispatcher } = await import('branchline/undici');
  const routed = createDispatcher({ resolver });
  const dispatcher =
    kind === 'dispatcher'
      ? routed
      : routed.compose(interceptors.retry({ maxRetries: 3, minTimeout: 5, maxTimeout: 50 }));
  return async (url) => {
    const { statusCode, body } = await request(url, { dispatcher });
    return { status: statusCode, stops: (await body.json()) as Stop[] };
  };
}

/** What is behind this service. A failure is a stop, too: the error says who should have answered. */
async function behind(client: Client, url: string): Promise<readonly Stop[]> {
  if (next === undefined) return [];
  try {
    return (await client(url)).stops;
  } catch (error) {
    return [{ service: next, namespace: resolutionOf(error as Error)?.namespace ?? null, accepted: 'failed' }];
  }
}

async function startPod(namespace: string): Promise<{ port: number; table: ReturnType<typeof memorySource> }> {
  const table = memorySource();
  const resolver = createResolver({ sources: [table], namespace });
  const client = await clientOf(resolver);
  const seen: number[] = [];
  asked[namespace] = seen;

  const app = express().disable('etag').disable('x-powered-by');
  app.use(branchline({ trust: true, via: service, resolver }));
  const answer = async (req: Request, res: Response): Promise<void> => {
    const id = Number(req.params['id']);
    const isFirst = !seen.includes(id, -200);
    seen.push(id);
    // A fault happens once: what is sent again succeeds.
    const fault = isFirst ? req.query[service] : undefined;
    const accepted = res.getHeader('branchline-accepted') as string | undefined;
    const self: Stop = { service, namespace, accepted: accepted ?? null };
    if (fault === 'reset') {
      req.socket.resetAndDestroy();
      return;
    }
    if (fault === 'busy') {
      res.status(503).json([self]);
      return;
    }
    if (fault === 'slow') await pause(1 + (id % 40));
    const stops = next === undefined ? [] : await behind(client, `http://${next}:8080${req.url}`);
    res.json([self, ...stops]);
  };
  app.get('/call/:id', (req, res, fail) => void answer(req, res).catch(fail));
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, table };
}

const pods = new Map(
  await Promise.all(namespacesOf(service).map(async (namespace) => [namespace, await startPod(namespace)] as const)),
);
createInterface({ input: process.stdin }).on('line', (line) => {
  const [number, command, text = ''] = line.split(' ');
  if (command === 'table') for (const { table } of pods.values()) table.set(JSON.parse(text) as Record<string, string>);
  say({ [`answer ${number}`]: true, ...(command === 'asked' ? { asked } : {}) });
});
say({ ports: Object.fromEntries([...pods].map(([namespace, { port }]) => [namespace, port])) });
