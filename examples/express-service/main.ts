// BRANCHLINE_NAMESPACE=develop BRANCHLINE_BILLING__DEVELOP=http://127.0.0.1:8081 npx tsx examples/express-service/main.ts

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { createAdmin, createApp } from './app.ts';

const service = createApp().listen(Number(process.env['PORT'] ?? 8080));
// On loopback: `kubectl port-forward` reaches it, nobody else does.
const admin = createAdmin().listen(Number(process.env['ADMIN_PORT'] ?? 9090), '127.0.0.1');
const servers = [service, admin];

process.once('SIGTERM', () => {
  for (const server of servers) server.close();
});

await Promise.all(servers.map((server) => once(server, 'listening')));
const [port, adminPort] = servers.map((server) => (server.address() as AddressInfo).port);
console.log(JSON.stringify({ listening: port, admin: adminPort }));
