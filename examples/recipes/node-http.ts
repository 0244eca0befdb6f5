// node:http, with requests and with upgrades: what an upgrade brings holds for all messages of the connection.

import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { text } from 'node:stream/consumers';

import { context, fetch, type Received, receive } from 'branchline';
import { WebSocketServer } from 'ws';

type Trust = (request: IncomingMessage) => boolean;

export function createApp(trust: Trust, next: RequestListener = takeOrder): Server {
  const sockets = new WebSocketServer({ noServer: true });

  return createServer((request, response) => {
    const received = read(request, trust);
    response.setHeaders(new Map(Object.entries(received.responseHeaders)));
    if (received.reject) {
      response.writeHead(412).end(JSON.stringify({ error: received.refusal }));
      return;
    }
    context.run(received.context, () => next(request, response));
  }).on('upgrade', (request, socket, head) => {
    const received = read(request, trust);
    const lines = Object.entries(received.responseHeaders).map(([name, value]) => `${name}: ${value}`);
    if (received.reject) {
      socket.end(['HTTP/1.1 412 Precondition Failed', ...lines, 'connection: close', '', ''].join('\r\n'));
      return;
    }
    const confirm = (headers: string[]): unknown => headers.push(...lines);
    sockets.on('headers', confirm);
    context.run(received.context, () => {
      sockets.handleUpgrade(request, socket, head, (connection) => {
        const answer = (order: Buffer): void => {
          bill(String(order)).then(connection.send.bind(connection), () => connection.close(1011));
        };
        // A message comes from the socket, which knows nothing of the request that opened it: hence bind.
        connection.on('message', context.bind(answer));
      });
    });
    sockets.off('headers', confirm);
  });
}

function read(request: IncomingMessage, trust: Trust): Received {
  const received = receive(request.headers, { trust: trust(request) });
  if (received.baggage === null) delete request.headers['baggage'];
  else request.headers['baggage'] = received.baggage;
  return received;
}

export const takeOrder: RequestListener = (request, response) => {
  text(request)
    .then(bill)
    .then(
      (invoice) => response.end(invoice),
      () => response.writeHead(502).end(),
    );
};

async function bill(order: string): Promise<string> {
  const response = await fetch('http://billing/invoices', { method: 'POST', body: order });
  return response.text();
}
