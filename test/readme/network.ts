// A network without a cluster: whatever host is called, by whatever client, one server on loopback takes the call, and the
// Pods of the README's ConfigMap answer in its place.

import { once } from 'node:events';
import { createServer } from 'node:http';
import net, { type AddressInfo, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import tls from 'node:tls';

import { createFetch, createResolver, memorySource } from 'branchline';
import { branchline } from 'branchline/express';
import express, { type Express } from 'express';
import { onTestFinished, vi } from 'vitest';

export interface Asked {
  readonly host: string;
  readonly path: string;
  readonly baggage: string | undefined;
}

/**
 * Until the end of the test. Addresses, like 127.0.0.1, are what they are; and encryption is left out. Returns what is
 * asked, in order.
 */
export async function openNetwork(data: Readonly<Record<string, string>>): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const pods = new Map(['develop', 'feature-x', 'feature-y'].map((namespace) => [namespace, podIn(namespace, data)]));
  const server = createServer((request, response) => {
    const { host = '', baggage } = request.headers as { host?: string; baggage?: string };
    asked.push({ host, path: request.url ?? '', baggage });
    const [, namespace = ''] = /\.([\w-]+)\.svc\b/.exec(host) ?? [];
    const pod = (pods.get(namespace) ?? pods.get('develop')) as Express;
    pod(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  leadEverythingTo((server.address() as AddressInfo).port);
  return asked;
}

/** Every service of a namespace: it says who was asked; at `/list` it asks `my-rest` first, with the wrapped fetch. */
function podIn(namespace: string, data: Readonly<Record<string, string>>): Express {
  const resolver = createResolver({ sources: [memorySource(data)], namespace });
  const fetch = createFetch({ resolver });
  const app = express();
  app.use(branchline({ trust: true, via: true, resolver }));
  app.use(async ({ headers, path }, response) => {
    const asked = path.endsWith('/list') ? await (await fetch('http://my-rest/')).json() : null;
    response.json({ host: headers.host, path, asked });
  });
  return app;
}

type Connect = (options: TcpNetConnectOpts, connected?: () => void) => Socket;

function leadEverythingTo(port: number): void {
  const { connect } = net.Socket.prototype as { connect: Connect };
  function connectThere(this: Socket, ...args: Parameters<Connect> | [Parameters<Connect>]): Socket {
    const [options, connected] = Array.isArray(args[0]) ? args[0] : (args as Parameters<Connect>);
    const to = isIP(options.host ?? '') === 0 ? { ...options, host: '127.0.0.1', port } : options;
    return Reflect.apply(connect, this, [to, connected]);
  }
  vi.spyOn(net.Socket.prototype, 'connect').mockImplementation(connectThere as never);

  vi.spyOn(tls, 'connect').mockImplementation(((options: TcpNetConnectOpts) => {
    const socket = net.connect(options);
    return socket.once('connect', () => socket.emit('secureConnect'));
  }) as never);
}
