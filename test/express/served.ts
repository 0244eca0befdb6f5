// Applications of both versions of Express, on loopback, and what they answer.

import { once } from 'node:events';
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { createResolver, memorySource, type Resolver, type ResolverOptions } from 'branchline';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import express4 from 'express4';
import { onTestFinished } from 'vitest';

export const versions = [
  ['Express 5', express],
  ['Express 4', express4],
] as const;

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body, read as JSON. */
  readonly json: unknown;
}

export interface Served {
  readonly port: number;
  readonly url: string;
  ask(path: string, headers?: Readonly<Record<string, string | readonly string[]>>, body?: string): Promise<Answer>;
}

/** It is closed with the test. */
export async function serve(make: typeof express, setUp: (app: Express) => void): Promise<Served> {
  const app = make();
  setUp(app);
  const failed: ErrorRequestHandler = (error: Error & { code?: string }, _req, res, _next) => {
    res.status(500).json({ name: error.name, code: error.code, message: error.message });
  };
  app.use(failed);
  const server: Server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async ask(path, headers, body) {
      const method = body === undefined ? 'GET' : 'POST';
      const sent = request({
        host: '127.0.0.1',
        port,
        path,
        method,
        agent: false,
        headers: { ...headers } as OutgoingHttpHeaders,
      });
      sent.end(body);
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const answered = await text(response);
      return {
        status: response.statusCode,
        headers: response.headers,
        body: answered,
        get json(): unknown {
          return JSON.parse(answered);
        },
      };
    },
  };
}

export function open(data: Record<string, string>, options: ResolverOptions = {}): Resolver {
  const resolver = createResolver({ namespace: 'develop', sources: [memorySource(data)], ...options });
  resolver.on('problem', () => undefined);
  return resolver;
}

/** A handler that waits, and may fail: Express 4 does not look at promises. */
export function awaiting(handler: (...args: Parameters<RequestHandler>) => Promise<unknown>): RequestHandler {
  return (req, res, next) => {
    handler(req, res, next).then(undefined, next);
  };
}
