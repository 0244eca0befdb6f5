// `branchline-via`: the route of a request, told at the last moment, when everything that was called has answered.

import type { Request, Response } from 'express';

import { type Hop, type Hops, VIA_HEADER } from '../context/hops.ts';
import { routingOf } from '../default.ts';
import type { Resolver } from '../resolver/resolver.ts';

/** Sets the header when the response's head is written. `service` is this Pod's own, if it is said. */
export function tellRoute(req: Request, res: Response, hops: Hops, resolver: Resolver, service: string | null): void {
  const { writeHead } = res;
  res.writeHead = function told(this: Response, ...args: Parameters<Response['writeHead']>) {
    res.writeHead = writeHead;
    const route = hops.told(selfOf(req.headers.host ?? '', resolver, service));
    if (route !== '' && !res.headersSent) res.setHeader(VIA_HEADER, route);
    return Reflect.apply(writeHead, this, args);
  } as Response['writeHead'];
}

function selfOf(host: string, resolver: Resolver, said: string | null): Hop | null {
  const { namespace } = resolver;
  const service = said ?? routingOf(resolver).view().selfAt(host);
  return namespace === null || service === null ? null : { service, namespace };
}
