import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';

import { onTestFinished } from 'vitest';

/** Listens with the shortest queue there is, and never accepts. */
const NEVER_ACCEPTS = `
  const { createServer } = require('node:net');
  const { parentPort } = require('node:worker_threads');
  const server = createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/**
 * A port of this machine that neither takes a connection nor refuses it, as the address of a Pod that has gone: its queue
 * is full. Linux only: others refuse then. It is closed with the test.
 */
export async function startBlackHole(): Promise<number> {
  const worker = new Worker(NEVER_ACCEPTS, { eval: true });
  onTestFinished(async () => void (await worker.terminate()));
  const [port] = (await once(worker, 'message')) as [number];
  // One that waits, and one more: https://man7.org/linux/man-pages/man2/listen.2.html
  for (let waiting = 0; waiting < 2; waiting += 1) {
    const socket = connect({ host: '127.0.0.1', port });
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
  }
  return port;
}
