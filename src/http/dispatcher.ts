// A dispatcher for calls within a cluster: routed, with one DNS question a name, and with timeouts that notice a Pod
// that has gone.

import { createRequire } from 'node:module';

import type { Agent, Dispatcher } from 'undici';

import { InvalidOptionError } from '../core/errors.ts';
import { ownOptions } from '../core/own-options.ts';
import { describe } from '../core/quote.ts';
import { clusterLookup } from './cluster-lookup.ts';
import { routing } from './interceptor.ts';
import { ROUTE_OPTIONS, type RouteOptions } from './route.ts';

export interface DispatcherOptions extends RouteOptions {
  /**
   * Of undici's Agent, beside ours or in their place: `connections`, `connect: { ca }` …
   * @default { connect: { timeout: 2000, lookup: clusterLookup() }, headersTimeout: 30000 }
   */
  agent?: Agent.Options | undefined;
}

/** Until a connection stands, in milliseconds; a Pod that has gone does not answer. */
const CONNECT_TIMEOUT = 2000;
/** Until the head of a response, in milliseconds. */
const HEADERS_TIMEOUT = 30_000;

/**
 * An Agent of undici that finds its way: for `dispatcher` in undici's `request`, in fetch, or for `setGlobalDispatcher`.
 * It retries nothing. Close it when you are done.
 * @throws {TypeError} `ERR_INVALID_OPTION`, and what undici throws for wrong options of the Agent
 */
export function createDispatcher(options: DispatcherOptions = {}): Dispatcher {
  const { agent = {}, ...route } = ownOptions('createDispatcher', options, [...ROUTE_OPTIONS, 'agent']);
  if (typeof agent !== 'object' || agent === null || Array.isArray(agent))
    throw new InvalidOptionError(`createDispatcher's agent is ${describe(agent)}; want options of undici's Agent.`);
  const { connect } = agent;
  return new (routedAgent(routing(route)))({
    headersTimeout: HEADERS_TIMEOUT,
    ...agent,
    // What is neither is undici's to refuse.
    connect:
      connect === undefined || (typeof connect === 'object' && connect !== null)
        ? { timeout: CONNECT_TIMEOUT, lookup: clusterLookup(), ...connect }
        : connect,
  });
}

/**
 * Not `compose`: between its interceptors undici 7 translates each handler from one generation to the other and back,
 * which is dearer than all the routing.
 */
function routedAgent(routed: ReturnType<typeof routing>): typeof Agent {
  return class RoutedAgent extends loadUndici().Agent {
    readonly #routed = routed((options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler) =>
      super.dispatch(options, handler),
    );

    override dispatch(options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
      return this.#routed(options, handler);
    }
  };
}

function loadUndici(): typeof import('undici') {
  // Node's own undici comes first: whichever is loaded first makes the dispatcher of the whole process.
  Reflect.get(globalThis, 'Response');
  return createRequire(import.meta.url)('undici') as typeof import('undici');
}
