// What is deployed: real HTTP services on loopback, one a service and namespace.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Reply, Service } from './some-service.ts';

export type Namespace = 'develop' | 'feature-x';

const PATHS: Readonly<Record<Service, string>> = {
  'my-rest': '/get-customer-permissions',
  orders: '/list-open-orders',
  billing: '/create-invoice',
};

export interface Cluster {
  /** Starts a service in a namespace; the result is its address. */
  deploy(service: Service, namespace: Namespace): Promise<string>;
  /** How many calls it has answered. */
  answered(service: Service, namespace: Namespace): number;
  remove(namespace: Namespace): void;
}

export function createCluster(): Cluster {
  const deployments: { name: string; namespace: Namespace; stop: () => void }[] = [];
  const counts = new Map<string, number>();

  return {
    async deploy(service, namespace) {
      const name = `${service}.${namespace}`;
      const reply: Reply = { service, namespace };
      const server = createServer((request, response) => {
        if (request.url !== PATHS[service]) {
          response.writeHead(404).end();
          return;
        }
        counts.set(name, (counts.get(name) ?? 0) + 1);
        response.setHeader('content-type', 'application/json').end(JSON.stringify(reply));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const stop = (): void => {
        server.close();
        server.closeAllConnections();
      };
      deployments.push({ name, namespace, stop });
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    answered: (service, namespace) => counts.get(`${service}.${namespace}`) ?? 0,
    remove(namespace) {
      for (const deployment of deployments) if (deployment.namespace === namespace) deployment.stop();
    },
  };
}
