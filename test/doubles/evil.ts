// Somebody else's server, which would like to know what we say to our own.

import { expect } from 'vitest';

import { OK, type RawServer, type Reaction, reply, startRawServer } from './raw-server.ts';

export interface Evil extends RawServer {
  /** It was asked, and told nothing that is ours: no member, no route, none of these secrets. */
  expectNothingOfOurs(...secrets: readonly string[]): void;
}

/** Answers 200, or sends whoever asks on to a Location. */
export async function startEvil(location?: string): Promise<Evil> {
  const sendOn: Reaction = (socket, head) => {
    // Once: a request that comes back is answered.
    const moved = `HTTP/1.1 307 Moved\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`;
    socket.write(head.includes('/done') || location === undefined ? OK : moved);
  };
  const server = await startRawServer(location === undefined ? reply(OK) : sendOn);
  return {
    ...server,
    expectNothingOfOurs(...secrets) {
      expect(server.connections()).toBeGreaterThan(0);
      const received = server.received().toLowerCase();
      for (const secret of ['branchline', 'feature-', ...secrets]) expect(received).not.toContain(secret.toLowerCase());
    },
  };
}
