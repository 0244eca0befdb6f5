// ws: a connection goes where its name leads when it is opened, and stays there.

import { route } from 'branchline';
import { WebSocket } from 'ws';

export function connect(name: string, given: Record<string, string> = {}): WebSocket {
  const { url, headers } = route(name, given);
  return new WebSocket(url, { headers });
}
