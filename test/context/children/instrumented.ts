// An Express service under the OpenTelemetry SDK, with its instrumentations of http and of fetch. It calls what it is
// asked to call, in the way that it is asked to.

import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

import { propagation } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import {
  context,
  createFetch,
  createResolver,
  memorySource,
  type ResolverOptions,
  route,
  setDefaultResolver,
} from 'branchline';
import { branchline, type MiddlewareOptions } from 'branchline/express';
import type { Request, Response } from 'express';
import type express from 'express';

export interface Order {
  entries: Record<string, string>;
  resolver: ResolverOptions;
  middleware: Pick<MiddlewareOptions, 'trust' | 'refused'>;
  /** Whether the resolver is the default one, too. */
  asDefault?: boolean;
}

new NodeTracerProvider().register({
  propagator: new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
});
registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()] });
// Modules are patched when they are required.
const require = createRequire(import.meta.url);
const http = require('node:http') as typeof import('node:http');
const makeApp = require('express') as typeof express;

const { entries, resolver: options, middleware, asDefault = false } = JSON.parse(process.argv[2] ?? '{}') as Order;
const resolver = createResolver({ ...options, sources: [memorySource(entries)] });
if (asDefault) setDefaultResolver(resolver);
const fetchRouted = createFetch({ resolver });

type Headers = Record<string, string>;
const fetching = async (fetch: typeof globalThis.fetch, url: string, headers: Headers): Promise<void> => {
  await (await fetch(url, { headers })).text();
};
const getting = (url: string, headers: Headers): Promise<void> =>
  new Promise((resolve, reject) => {
    http.get(url, { headers }, (response) => response.resume().once('end', () => resolve())).once('error', reject);
  });
const ways: Record<string, (url: string, headers: Headers) => Promise<void>> = {
  fetch: (url, headers) => fetching(fetchRouted, url, headers),
  http: getting,
  'routed http'(url, given) {
    const { url: address, headers } = route(url, given, { resolver });
    return getting(address, headers);
  },
  'global fetch': (url, headers) => fetching(globalThis.fetch, url, headers),
  'routed global fetch'(url, given) {
    const { url: address, headers } = route(url, given, { resolver });
    return fetching(globalThis.fetch, address, headers);
  },
};

const app = makeApp();
app.use(branchline({ ...middleware, resolver, select: ({ query }) => query['branch'] as string | undefined }));
async function answer(req: Request, res: Response): Promise<void> {
  const { way = '', url = '', forward, run } = req.query as Record<string, string | undefined>;
  // What some applications do by themselves.
  const baggage = forward === undefined ? undefined : req.headers['baggage'];
  const call = ways[way];
  if (call === undefined) throw new Error(`no such way: ${way}`);
  const calling = (): Promise<void> => call(url, typeof baggage === 'string' ? { baggage } : {});
  await (run === undefined ? calling() : context.run({ namespaces: [run] }, calling));
  const active = propagation.getActiveBaggage()?.getAllEntries() ?? [];
  res.json(Object.fromEntries(active.map(([key, { value }]) => [key, value])));
}
app.get('/', (req, res, next) => {
  answer(req, res).then(undefined, next);
});
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`);
});
process.stdin.once('end', () => server.close()).resume();
