// The servers of the network's faults: one of the branch, which fails as it is told until it is mended, and one of the
// baseline, which would answer.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export const KINDS = ['NXDOMAIN', 'SERVFAIL', 'silence', 'refused', 'black hole', 'reset', 'half-open'] as const;
export type Kind = (typeof KINDS)[number];

export const PORT = 8080;

/** It answers with the number of requests that have come so far. */
export interface Callee {
  /** What answered does so no longer, and holds its connections. */
  stop(): void;
  mend(): Promise<void>;
}

const answerOf = (count: number): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${String(count).length}\r\n\r\n${count}`;

async function listen(server: Server, host: string): Promise<void> {
  server.listen(PORT, host);
  await once(server, 'listening');
}

export async function startBaseline(host: string): Promise<{ connections(): number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {}).on('data', () => socket.write(answerOf(0)));
  });
  await listen(server, host);
  return { connections: () => connections };
}

export async function startCallee(kind: Kind, host: string): Promise<Callee> {
  if (kind === 'black hole' || kind === 'half-open') return startStoppable(host, kind === 'black hole');
  let received = 0;
  let isMended = false;
  const server = createServer((socket) => {
    socket
      .on('error', () => {})
      .on('data', () => {
        received += 1;
        if (isMended) socket.write(answerOf(received));
        else socket.resetAndDestroy();
      });
  });
  if (kind !== 'refused') await listen(server, host);
  return {
    stop: () => {},
    async mend() {
      isMended = true;
      if (kind === 'refused') await listen(server, host);
    },
  };
}

/** In a process that can be stopped. */
const ANSWERS = `
  const [host, port, backlog] = process.argv.slice(1);
  let received = 0;
  require('node:net').createServer((socket) => {
    socket.on('error', () => {}).on('data', () => {
      const text = String(++received);
      socket.write('HTTP/1.1 200 OK\\r\\ncontent-length: ' + text.length + '\\r\\n\\r\\n' + text);
    });
  }).listen({ host, port: Number(port), backlog: Number(backlog) }, () => process.stdout.write('.'));
`;

/** Stopped from the start with a full queue it is a black hole; later the connections that stand are half-open. */
async function startStoppable(host: string, isStopped: boolean): Promise<Callee> {
  const args = ['-e', ANSWERS, host, String(PORT), isStopped ? '1' : '100'];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(server.stdout, 'data');
  const stop = (): void => void server.kill('SIGSTOP');
  const waiting: Socket[] = [];
  if (isStopped) {
    stop();
    // One that waits, and one more: https://man7.org/linux/man-pages/man2/listen.2.html
    for (let count = 0; count < 2; count += 1) {
      const socket = connect({ host, port: PORT });
      waiting.push(socket);
      await once(socket, 'connect');
    }
  }
  return {
    stop,
    async mend() {
      for (const socket of waiting) socket.destroy();
      server.kill('SIGCONT');
    },
  };
}
