// Where it is deployed: real HTTP servers on loopback, one a service and namespace.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Resolver } from 'branchline';

import { createApp, type Deployment, type Namespace } from './deployment.ts';

export interface Cluster {
  /** Starts a service in a namespace; the result is its address. */
  deploy(service: Deployment['service'], namespace: Namespace): Promise<string>;
  /** How many calls it has answered. */
  answered(service: Deployment['service'], namespace: Namespace): number;
  remove(service: Deployment['service'], namespace: Namespace): void;
  close(): void;
}

export function createCluster(resolvers: Readonly<Record<Namespace, Resolver>>): Cluster {
  const running = new Map<string, Server>();
  const counts = new Map<string, number>();

  return {
    async deploy(service, namespace) {
      const name = `${service}.${namespace}`;
      const count = (): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
      const server = createServer(createApp({ service, namespace }, resolvers[namespace], count));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      running.set(name, server);
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    answered: (service, namespace) => counts.get(`${service}.${namespace}`) ?? 0,
    remove(service, namespace) {
      stop(running.get(`${service}.${namespace}`));
    },
    close() {
      for (const server of running.values()) stop(server);
    },
  };
}

function stop(server: Server | undefined): void {
  server?.close();
  server?.closeAllConnections();
}
