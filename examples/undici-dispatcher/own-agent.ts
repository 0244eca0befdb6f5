// An Agent of one's own: `routing()` is the interceptor, `clusterLookup()` the DNS lookup. Both also serve without the other.

import { Agent as HttpAgent } from 'node:http';

import { clusterLookup, routing } from 'branchline/undici';
import { Agent, type Dispatcher } from 'undici';

const lookup = clusterLookup();

/** Nearest to the Agent comes `routing`: an interceptor above it sees the name of the service, one below its address. */
export function openAgent(...above: Dispatcher.DispatcherComposeInterceptor[]): Dispatcher {
  return new Agent({ connect: { lookup, timeout: 1000 }, headersTimeout: 10_000 }).compose(routing(), ...above);
}

/** For node:http, with the URL and the headers of `route()`. */
export const httpAgent = new HttpAgent({ keepAlive: true, lookup });
