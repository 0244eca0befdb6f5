// `branchline-via`: the route of a request, told at the last moment, when everything that was called has answered.

import type { Request, Response } from 'express';

import { linesOf, withHeader } from '../context/headers-of.ts';
import { type Hop, type Hops, VIA_HEADER } from '../context/hops.ts';
import { routingOf } from '../default.ts';
import type { Resolver } from '../resolver/resolver.ts';

/** Sets the header when the response's head is written. `service` is this Pod's own, if it is said. */
export function tellRoute(req: Request, res: Response, hops: Hops, resolver: Resolver, service: string | null): void {
  const { writeHead } = res;
  res.writeHead = function told(this: Response, ...args: unknown[]) {
    if (res.headersSent) return Reflect.apply(writeHead, this, args as never);
    // What a proxy passes on is a part of this route, in whatever way it is set.
    for (const said of [res.getHeaders(), ...args]) hops.heard(linesOf(said, VIA_HEADER).join(','));
    const route = hops.told(selfOf(req.headers.host ?? '', resolver, service));
    if (route !== '') res.setHeader(VIA_HEADER, route);
    return Reflect.apply(writeHead, this, args.map(withoutRoute) as never);
  } as Response['writeHead'];
}

/** An argument of `writeHead`: headers, or something else. */
function withoutRoute(argument: unknown): unknown {
  return linesOf(argument, VIA_HEADER).length === 0 ? argument : withHeader(argument, VIA_HEADER, null);
}

function selfOf(host: string, resolver: Resolver, said: string | null): Hop | null {
  const { namespace } = resolver;
  const service = said ?? routingOf(resolver).view().selfAt(host);
  return namespace === null || service === null ? null : { service, namespace };
}
