// A Pod that is made of several copies of the package: the middleware of one, and the clients of all. The copies are the
// folders that are its arguments. Each request answers what the others would do for it, and what was really sent.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type * as Branchline from 'branchline';
import type * as ForExpress from 'branchline/express';
import type * as ForUndici from 'branchline/undici';
import express, { type Request, type Response } from 'express';
import { request } from 'undici';

interface Copy {
  readonly root: typeof Branchline;
  readonly express: typeof ForExpress;
  readonly undici: typeof ForUndici;
}

const PARTS = ['index', 'express', 'undici'] as const;
const BRANCHES = ['feature-y', 'feature-z'];

async function load(folder: string, format: string): Promise<Copy> {
  const require = createRequire(join(folder, 'package.json'));
  const parts = PARTS.map(async (part): Promise<unknown> => {
    const file = join(folder, 'dist', `${part}.${format === 'cjs' ? 'cjs' : 'js'}`);
    return format === 'cjs' ? require(file) : import(pathToFileURL(file).href);
  });
  const [root, forExpress, undici] = await Promise.all(parts);
  return { root, express: forExpress, undici } as Copy;
}

const folders = process.argv.slice(2);
const copies = await Promise.all(
  folders.flatMap((folder) => ['esm', 'cjs'].map(async (format) => load(folder, format))),
);

const callee = createServer(({ headers }, response) => response.end(String(headers['baggage'] ?? ''))).listen(
  0,
  '127.0.0.1',
);
await once(callee, 'listening');
const url = `http://127.0.0.1:${(callee.address() as AddressInfo).port}`;
const data = { 'my-rest.develop': 'http://127.0.0.1:1', 'my-rest.feature-y': url, 'my-rest.feature-z': url };

/** What a copy does in the context of the moment, with a resolver of its own: each of its parts may fail. */
async function lineOf({ root, undici }: Copy): Promise<string> {
  const resolver = root.createResolver({ sources: [root.memorySource(data)], namespace: 'develop' });
  const dispatcher = undici.createDispatcher({ resolver });
  const parts: readonly Promise<unknown>[] = [
    Promise.resolve(root.context.current()?.namespaces?.join()),
    Promise.resolve(resolver.lookup('my-rest').namespace),
    root
      .createFetch({ resolver })('http://my-rest/')
      .then(async (response) => response.text()),
    request('http://my-rest/', { dispatcher }).then(async ({ body }) => body.text()),
  ];
  const settled = await Promise.allSettled(parts);
  await dispatcher.close();
  return settled.map((part) => (part.status === 'fulfilled' ? part.value : String(part.reason))).join(' ');
}

/** Opens when every request has come: they are on their way at the same time, and none must see what is another's. */
let waited = 0;
let open: () => void = () => {};
const allHaveCome = new Promise<void>((resolve) => {
  open = resolve;
});

async function behind(): Promise<string[]> {
  waited += 1;
  if (waited === copies.length * BRANCHES.length) open();
  await allHaveCome;
  return Promise.all(copies.map(lineOf));
}

/** The answers of all copies to requests that each of them received. */
async function asked(receiver: Copy, branch: string): Promise<string[]> {
  const resolver = receiver.root.createResolver({ sources: [receiver.root.memorySource(data)], namespace: 'develop' });
  const app = express().use(receiver.express.branchline({ trust: true, resolver }));
  app.get('/', (_: Request, response: Response, fail) => void behind().then((lines) => response.json(lines), fail));
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { baggage: `branchline=${branch}` } });
  const lines = (await response.json()) as string[];
  server.close();
  server.closeAllConnections();
  return lines;
}

const answers = await Promise.all(
  copies.flatMap((receiver) => BRANCHES.map(async (branch) => ({ branch, lines: await asked(receiver, branch) }))),
);
const stores = Reflect.ownKeys(globalThis).filter((key) => String(key).startsWith('Symbol(branchline.context'));
const different = new Set(copies.map(({ root }) => root.context)).size;
process.stdout.write(
  `${JSON.stringify({ over: { answers, different, copies: copies.length, stores: stores.map(String) } })}\n`,
);
callee.close();
callee.closeAllConnections();
