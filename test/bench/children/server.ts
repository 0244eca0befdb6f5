// A service that answers at once: what it costs is not the client's.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';

const BODY = JSON.stringify({ permissions: ['read', 'write'] });

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': BODY.length });
  response.end(BODY);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
