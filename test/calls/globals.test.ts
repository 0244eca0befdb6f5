// The process belongs to somebody else: the package leaves its dispatcher and its proxy alone.

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

import { describe, expect, onTestFinished, test } from 'vitest';

import { startChild } from '../doubles/child.ts';
import { startServer } from '../doubles/http-server.ts';

const file = new URL('children/dispatchers.ts', import.meta.url);

describe('the dispatchers of the process', () => {
  test('are not touched by the import of the root, nor by what it makes', async () => {
    const server = await startServer();
    const child = startChild(file, { args: ['watch', server.url] });
    const { touched, used } = await child.said('touched');
    expect(touched).toEqual([]);
    // The built-in fetch makes its own on first use: so the watch does see.
    expect(used).not.toEqual([]);
    expect(await child.exited()).toMatchObject({ code: 0, stderr: '' });
    expect(server.only().path).toBe('/x');
  });

  test('that somebody has set are used, and stay', async () => {
    const server = await startServer();
    const child = startChild(file, { args: ['set', server.url] });
    expect(await child.said('dispatched')).toEqual({ dispatched: [server.url], same: true });
    expect(await child.exited()).toMatchObject({ code: 0 });
  });
});

const [major = 0] = process.versions.node.split('.').map(Number);

// Before 24 there is no such variable.
test.skipIf(major < 24)(
  'NODE_USE_ENV_PROXY sends the wrapped fetch through the proxy, by the name of the table',
  async () => {
    const heads: string[] = [];
    const sockets: Socket[] = [];
    const proxy = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        const head = chunk.toString('latin1');
        heads.push(head);
        // A tunnel, or the whole URL: whichever this Node asks for. We are the server behind it, too.
        if (head.startsWith('CONNECT ')) socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nproxied');
      });
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    onTestFinished(() => {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    });

    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const child = startChild(file, {
      args: ['proxy'],
      env: { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, http_proxy: url, NO_PROXY: '', no_proxy: '' },
    });
    expect(await child.said('body')).toEqual({ body: 'proxied', namespace: 'feature-x' });
    expect(heads[0]).toMatch(
      /^(?:CONNECT my-rest\.feature-x\.svc:8080 |GET http:\/\/my-rest\.feature-x\.svc:8080\/x )/,
    );
    expect(heads.join('')).toContain('baggage: branchline=feature-x');
  },
);
