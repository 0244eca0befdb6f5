// The service in one namespace: it says whose it is, at once, so that a call that went to the wrong one is seen.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';

const body = JSON.stringify({ namespace: process.argv[2] });

// It closes no connection by itself: a client whose turn comes late finds its own as it left it.
const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
