// A client of bytes: what it sends no HTTP client would, one request after the other on a connection that is kept.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  /** In lower case, as they came. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface Line {
  /** The bytes of a request, as a text of one character each; `null` when the connection ended without an answer. */
  ask(request: string): Promise<Reply | null>;
  close(): void;
}

export function openLine(port: number): Line {
  let socket: Socket | null = null;
  return {
    async ask(request) {
      if (socket === null || socket.destroyed || !socket.writable) {
        socket = connect(port, '127.0.0.1');
        socket.on('error', () => {});
        await once(socket, 'connect');
      }
      socket.write(Buffer.from(request, 'latin1'));
      const reply = await replyOn(socket);
      // What was malformed may have left something behind.
      if (reply === null || reply.status !== 200 || reply.headers.get('connection') === 'close') {
        socket.destroy();
        socket = null;
      }
      return reply;
    },
    close() {
      socket?.destroy();
    },
  };
}

async function replyOn(socket: Socket): Promise<Reply | null> {
  let text = '';
  return new Promise((resolve) => {
    const done = (reply: Reply | null): void => {
      socket.off('data', read);
      socket.off('close', end);
      resolve(reply);
    };
    const read = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const reply = parse(text);
      if (reply !== null) done(reply);
    };
    const end = (): void => done(null);
    socket.on('data', read);
    socket.on('close', end);
  });
}

/** `null` as long as it is not whole. */
function parse(text: string): Reply | null {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  const body = text.slice(end + 4);
  const length = Number(headers.get('content-length') ?? 0);
  if (body.length < length) return null;
  return { status: Number(first.split(' ')[1]), headers, body: body.slice(0, length) };
}
