// A server on loopback that remembers what it was asked, and answers as it is told.

import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';

import { onTestFinished, vi } from 'vitest';

/** A request as it came. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** In order. */
  readonly asked: readonly Asked[];
  /** The only one; an error if there were more, or none. */
  only(): Asked;
}

export type Answer = (asked: Asked, response: ServerResponse) => void;

/** Answers 200 `ok` unless it is told otherwise. It is closed with the test. */
export async function startServer(answer: Answer = (_, response) => response.end('ok')): Promise<HttpServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const one: Asked = { method, path, headers, body: Buffer.concat(chunks) };
      asked.push(one);
      answer(one, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    only() {
      const [one, ...more] = asked;
      if (one === undefined || more.length > 0) throw new Error(`there were ${asked.length} requests`);
      return one;
    },
  };
}

/** What to answer where: a path to a status and a Location. Every other path is answered 200 with itself. */
export function redirecting(routes: Readonly<Record<string, readonly [status: number, location: string]>>): Answer {
  return ({ path }, response) => {
    const [status, location] = routes[path] ?? [];
    if (status === undefined || location === undefined) response.end(path);
    // Node would refuse what is not Latin-1; on the wire it is bytes.
    else response.writeHead(status, { location: Buffer.from(location).toString('latin1') }).end('moved');
  };
}

/** Makes every name one of this machine: the names of a cluster, and those of strangers. Returns the names asked for. */
export function nameEverythingLoopback(): readonly string[] {
  const names: string[] = [];
  type Done = (error: null, addresses: unknown, family?: number) => void;
  vi.spyOn(dns, 'lookup').mockImplementation(((name: string, ...rest: [...unknown[], Done]) => {
    const done = rest.at(-1) as Done;
    const { all } = rest[0] as { all?: boolean };
    // A server that listens asks, too.
    if (!isIP(name)) names.push(name);
    if (all === true) done(null, [{ address: '127.0.0.1', family: 4 }]);
    else done(null, '127.0.0.1', 4);
  }) as never);
  return names;
}
