// A server of bytes: it shows what was really sent, and can do to a connection what no HTTP server does.

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

import { onTestFinished } from 'vitest';

export interface RawServer {
  readonly url: string;
  readonly port: number;
  /** Everything that came, of all connections. */
  received(): string;
  connections(): number;
}

/** What to do when the head of a request has come. */
export type Reaction = (socket: Socket, head: string) => void;

export const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

export const reply =
  (text: string): Reaction =>
  (socket) => {
    socket.write(text);
  };

/** The connection is reset, without a word. */
export const reset: Reaction = (socket) => {
  socket.resetAndDestroy();
};

/** The connection stays open, and nothing comes. */
export const silence: Reaction = () => {};

/** It is closed with the test. */
export async function startRawServer(reaction: Reaction = reply(OK)): Promise<RawServer> {
  const sockets: Socket[] = [];
  let received = '';
  const server = createServer((socket) => {
    sockets.push(socket);
    let unanswered = '';
    socket.setEncoding('latin1');
    socket.on('error', () => {}); // a reset is what some tests are about
    socket.on('data', (text: string) => {
      received += text;
      unanswered += text;
      const end = unanswered.indexOf('\r\n\r\n');
      if (end === -1) return;
      const head = unanswered.slice(0, end);
      unanswered = '';
      reaction(socket, head);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, received: () => received, connections: () => sockets.length };
}

/** A port where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
