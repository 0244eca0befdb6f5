// The wish of a request in Express: listened to if the request is trusted, refused or honoured, confirmed in the
// response, and carried by everything that the handlers call.

import type { NextFunction, Request, RequestHandler, Response } from 'express';

import { inStep } from '../context/context.ts';
import { createHops, type Hops, VIA_HEADER } from '../context/hops.ts';
import {
  ACCEPTED_HEADER,
  checkRefused,
  type Received,
  REFUSED_HEADER,
  type Refused,
  REJECTED,
} from '../context/receive.ts';
import { runIn } from '../context/store.ts';
import { withMemberInStep } from '../context/telemetry.ts';
import { InvalidOptionError } from '../core/errors.ts';
import { isServiceName } from '../core/names.ts';
import { ownOptions } from '../core/own-options.ts';
import { isThenable } from '../core/own.ts';
import { describe } from '../core/quote.ts';
import type { LookupOptions } from '../core/types.ts';
import { defaultResolver, receive, routingOf } from '../default.ts';
import type { Resolver } from '../resolver/resolver.ts';
import { tellRoute } from './via.ts';

export interface MiddlewareOptions {
  /**
   * Whether whoever sends a request may choose: `true` where only the team reaches this Pod, else decide by the request.
   * An untrusted wish is taken out of `req.headers`, and not listened to. Required.
   */
  trust: boolean | ((req: Request) => boolean);
  /**
   * What becomes of a request whose wish this table does not have: `'reject'` answers 412, `'ignore'` serves it from the
   * baseline, with the header `branchline-refused`. @default 'reject'
   */
  refused?: Refused | undefined;
  /** The wish of a trusted request that brings none, from a cookie, a query or a host: `feature-x~billing.feature-y`. */
  select?: ((req: Request) => string | undefined) | undefined;
  /**
   * True: a trusted request with `branchline-via: 1` is answered with the whole route in that header. The name of this
   * service, where the host that is called does not tell it: behind an ingress. @default false
   */
  via?: boolean | string | undefined;
  /** @default defaultResolver() */
  resolver?: Resolver | undefined;
}

declare global {
  namespace Express {
    interface Request {
      /** `Resolver.resolve` within the routing context of this request. */
      resolve: Resolver['resolve'];
      /** What became of the wish of this request. */
      routing: Received;
    }
  }
}

const MIDDLEWARE_OPTIONS: readonly string[] = [
  'trust',
  'refused',
  'select',
  'via',
  'resolver',
] satisfies (keyof MiddlewareOptions)[];

/**
 * Express middleware, for Express 4 and 5: mount it before whatever calls other services.
 *
 * @example
 * ```ts
 * app.use(branchline({ trust: true }));
 * app.get('/orders', async (req, res) => res.json(await (await fetch('http://billing/open')).json()));
 * ```
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function branchline(options: MiddlewareOptions): RequestHandler {
  const checked = ownOptions('branchline', options, MIDDLEWARE_OPTIONS);
  const { trust, refused = 'reject', select, via = false, resolver } = checked;
  if (typeof trust !== 'boolean' && typeof trust !== 'function') {
    throw new InvalidOptionError(
      `branchline's trust is ${describe(trust)}; want true, false, or (req) => boolean: who may choose is your decision.`,
    );
  }
  checkRefused(refused);
  if (select !== undefined && typeof select !== 'function')
    throw new InvalidOptionError(`branchline's select is ${describe(select)}; want (req) => string | undefined.`);
  if (typeof via !== 'boolean' && !(typeof via === 'string' && isServiceName(via)))
    throw new InvalidOptionError(
      `branchline's via is ${describe(via)}; want true, false, or the name of this service.`,
    );
  const said = typeof via === 'string' ? via : null;
  if (resolver !== undefined) routingOf(resolver);

  return function branchlineMiddleware(req: Request, res: Response, next: NextFunction): void {
    const used = resolver ?? defaultResolver();
    const trusted = decideTrust(trust, req);
    const selected = trusted && select !== undefined ? textOf(ask('select', select, req)) : undefined;
    const received = receive(req.headers, { trust: trusted, refused, select: selected, resolver: used });
    const { context, responseHeaders, baggage } = received;
    const routing = routingOf(used);
    const { active } = routing.view();
    // A shared cache must not give the answer of one wish to another; what else decides it cannot know.
    const decisive = select === undefined && trust === true ? `baggage${via === false ? '' : `, ${VIA_HEADER}`}` : '*';
    // Whoever has begun the response has said what it says.
    const { headersSent } = res;
    if (trust !== false && active && !headersSent) res.vary(decisive);
    const { refusals, routes } = slot();
    // What another middleware has said of another decision does not hold any more; but a refusal stays a refusal.
    const earlier = refusals.get(req);
    const isKept = earlier !== undefined && trusted && Object.keys(responseHeaders).length === 0;
    if (received.refusal !== null) refusals.set(req, received);
    if (!headersSent) {
      for (const name of isKept ? [ACCEPTED_HEADER] : [ACCEPTED_HEADER, REFUSED_HEADER]) res.removeHeader(name);
      for (const [name, value] of Object.entries(responseHeaders)) res.setHeader(name, value);
    }
    if (received.reject) {
      if (headersSent) next(received.refusal);
      else reject(res, received);
      return;
    }
    if (baggage === null) delete req.headers['baggage'];
    else req.headers['baggage'] = baggage;
    req.routing = isKept ? { ...received, refusal: earlier.refusal } : received;
    req.resolve = (service, lookup?: LookupOptions) =>
      used.resolve(service, { ...lookup, context: lookup?.context === undefined ? (context ?? null) : lookup.context });

    const asks = via !== false && trusted && active && req.headers[VIA_HEADER] === '1';
    const hops = routes.get(req) ?? (asks ? createHops() : undefined);
    // Mounted twice, it is told once.
    if (hops !== undefined && !routes.has(req)) tellRoute(req, res, hops, used, said);
    if (hops !== undefined) routes.set(req, hops);
    const { keys, member } = trusted ? inStep(context, routing, undefined) : { keys: routing.keys, member: null };
    runIn({ context, hops, routing }, () => {
      withMemberInStep(keys, member, next);
    });
  };
}

/** What all copies of the package in a process know of a request. */
interface Slot {
  /** Of each whose wish was refused. */
  readonly refusals: WeakMap<Request, Received>;
  /** Of each that asked for its route. */
  readonly routes: WeakMap<Request, Hops>;
}

const SLOT: unique symbol = Symbol.for('branchline.express.v1') as never;

function slot(): Slot {
  const shared = globalThis as { [SLOT]?: Slot };
  return (shared[SLOT] ??= { refusals: new WeakMap(), routes: new WeakMap() });
}

/** What has no JSON, like a list that holds itself. */
const NO_TEXT = '(an object)';

/** A query may have a name twice: that is no wish, and refused as one. */
function textOf(selected: unknown): string | undefined {
  if (selected === undefined || selected === null) return undefined;
  if (isThenable(selected)) {
    Promise.resolve(selected).catch(() => undefined);
    throw new InvalidOptionError("branchline's select returned a promise; want a text or undefined, at once.");
  }
  if (typeof selected === 'string') return selected;
  if (!['object', 'number', 'boolean'].includes(typeof selected))
    throw new InvalidOptionError(`branchline's select returned a ${typeof selected}; want a text or undefined.`);
  try {
    return JSON.stringify(selected) ?? NO_TEXT;
  } catch {
    return NO_TEXT;
  }
}

/** Express takes some of what a function may throw for its own signals, and would pass over this middleware. */
function ask(what: string, decide: (req: Request) => unknown, req: Request): unknown {
  try {
    return decide(req);
  } catch (error) {
    if (typeof error === 'object' && error !== null) throw error;
    throw new InvalidOptionError(`branchline's ${what} threw ${describe(error)}; want an Error, or a value.`);
  }
}

/** Only `true` is trust: a promise, which would be truthy, is a mistake. */
function decideTrust(trust: MiddlewareOptions['trust'], req: Request): boolean {
  const decided: unknown = typeof trust === 'function' ? ask('trust', trust, req) : trust;
  if (typeof decided === 'boolean') return decided;
  // Its rejection is said by this error already.
  Promise.resolve(decided).catch(() => undefined);
  let what = decided === undefined ? 'nothing' : describe(decided);
  if (isThenable(decided)) what = 'a promise';
  throw new InvalidOptionError(
    `branchline's trust returned ${what} for ${describe(req.path)}; want true or false, at once.`,
  );
}

function reject(res: Response, { refusal }: Received): void {
  res.status(REJECTED).json({ error: refusal });
}
