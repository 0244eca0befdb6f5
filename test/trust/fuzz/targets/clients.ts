// The three clients that route a call: `route`, the wrapped fetch and undici's interceptor, each with something below it
// that only notes what would have been sent.

import { createFetch, type Resolver, route } from 'branchline';
import { routing } from 'branchline/undici';

export interface Sent {
  readonly url: string;
  readonly baggage: string;
}

export function sentByRoute(url: string, resolver: Resolver, headers: Record<string, string> = {}): Sent {
  const routed = route(url, headers, { resolver });
  return { url: routed.url, baggage: routed.headers['baggage'] ?? '' };
}

/** The requests that a call of fetch makes, when they are answered like this, one after the other. */
export async function sentByFetch(
  url: string,
  resolver: Resolver,
  answers: readonly Response[] = [],
  init: RequestInit = {},
): Promise<(Sent & { readonly headers: Headers })[]> {
  const sent: (Sent & { readonly headers: Headers })[] = [];
  const fetch = createFetch({
    resolver,
    fetch(input, { headers } = {}) {
      const own = new Headers(headers);
      sent.push({
        url: input instanceof Request ? input.url : String(input),
        baggage: own.get('baggage') ?? '',
        headers: own,
      });
      return Promise.resolve(answers[sent.length - 1] ?? new Response('ok'));
    },
  });
  await (await fetch(url, init)).text();
  return sent;
}

/** What undici would send; throws what its handler is told. */
export function sentByUndici(origin: string, path: string, resolver: Resolver): Sent {
  let sent: Sent | undefined;
  let failure: Error | undefined;
  const dispatch = routing({ resolver })((request: {
    origin: string;
    path: string;
    headers?: Record<string, string>;
  }) => {
    sent = { url: `${request.origin}${request.path}`, baggage: request.headers?.['baggage'] ?? '' };
    return true;
  });
  const told = (error: Error): void => {
    failure = error;
  };
  const handler = {
    onRequestStart() {},
    onResponseError: (_: unknown, error: Error) => told(error),
  };
  dispatch({ origin, path, method: 'GET', headers: {} }, handler);
  if (failure !== undefined) throw failure;
  if (sent === undefined) throw new Error('undici was told nothing');
  return sent;
}
