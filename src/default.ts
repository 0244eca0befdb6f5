// The composition: the only place that knows every source. What `createResolver` makes when nothing is said, and the
// one resolver of a process that the functions without a resolver use.

import { BAGGAGE, type Carrier, checkCarrier, readHeader } from './context/carrier.ts';
import { type ContextFunctions, createContext } from './context/context.ts';
import { checkRefused, decide, type Received, type Refused } from './context/receive.ts';
import { currentFrame, outside } from './context/store.ts';
import { InvalidOptionError } from './core/errors.ts';
import { mapBranch, type NamespaceOptions } from './core/namespace-of.ts';
import { ownOptions } from './core/own-options.ts';
import { describe } from './core/quote.ts';
import { type Routed, type Routing, ROUTING } from './core/routing.ts';
import type { Explanation, LookupOptions, Resolution, RoutingContext, ServiceName } from './core/types.ts';
import { checkOptions, DEFAULT_POLL_INTERVAL, type ResolverOptions } from './resolver/options.ts';
import { openResolver, type Resolver } from './resolver/resolver.ts';
import { dotenvSource } from './sources/dotenv.ts';
import { envSource } from './sources/env.ts';
import { mountSource } from './sources/mount.ts';
import { findOwnNamespace } from './sources/own-namespace.ts';

/**
 * A resolver of its own. The first load is synchronous: the answers are right when it returns.
 *
 * @throws {BranchlineError} `ERR_SOURCE_UNREADABLE`, `ERR_INVALID_NAME`, or `ERR_CONFIG_INVALID` with all `problems`
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function createResolver(options: ResolverOptions = {}): Resolver {
  const checked = checkOptions(options, () => [mountSource(), dotenvSource(), envSource()]);
  return openResolver(checked, findOwnNamespace, { ambient, outside });
}

/** The routing context of the moment. */
const ambient = (): RoutingContext | undefined => currentFrame()?.context;

/** What all copies of the package in a process share. */
interface Slot {
  /** The one that answers: the newest of `set`, else `own`. */
  current?: Resolver | undefined;
  /** Made from the environment. */
  own?: Resolver | undefined;
  /** Set by somebody, the newest last. */
  set?: readonly { readonly resolver: Resolver }[];
  /** A creation that failed, and when it may be tried again. */
  failure?: { readonly error: unknown; readonly until: number } | undefined;
}

const SLOT: unique symbol = Symbol.for('branchline.default.v1') as never;

let known: Slot | undefined;

function slot(): Slot {
  const shared = globalThis as { [SLOT]?: Slot };
  shared[SLOT] ??= {};
  known ??= shared[SLOT];
  return known;
}

/** The default resolver, if there is one already. */
function madeResolver(): Resolver | undefined {
  return slot().current;
}

function settle(shared: Slot): void {
  shared.current = shared.set?.at(-1)?.resolver ?? shared.own;
}

/**
 * The resolver of `resolve`, `lookup` and `explain`: made from the environment on first use, one a process. A failed
 * creation is thrown, and tried again at most once per poll interval.
 * @throws what `createResolver` throws
 */
export function defaultResolver(): Resolver {
  return known?.current ?? makeResolver(slot());
}

function makeResolver(shared: Slot): Resolver {
  if (shared.current !== undefined) return shared.current;
  if (shared.failure !== undefined && performance.now() < shared.failure.until) throw shared.failure.error;
  try {
    const own = createResolver();
    shared.own = own;
    shared.failure = undefined;
    settle(shared);
    return own;
  } catch (error) {
    shared.failure = { error, until: performance.now() + DEFAULT_POLL_INTERVAL };
    throw error;
  }
}

/**
 * Makes another resolver the default one. Returns what takes it away again, in whatever order; it closes none.
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function setDefaultResolver(resolver: Resolver): () => void {
  if (typeof (resolver as Resolver | undefined)?.resolve !== 'function') {
    throw new InvalidOptionError(`the default resolver is ${describe(resolver)}; want what createResolver() returns.`);
  }
  const shared = slot();
  const layer = { resolver };
  shared.set = [...(shared.set ?? []), layer];
  settle(shared);
  return () => {
    shared.set = (shared.set ?? []).filter((other) => other !== layer);
    settle(shared);
  };
}

/** The address of a service, now; see `Resolver.resolve`. Call it at the call, do not keep the answer. */
export function resolve(service: ServiceName, options?: LookupOptions): string {
  return defaultResolver().resolve(service, options);
}

/** The address with everything that is known about it; see `Resolver.lookup`. */
export function lookup(service: ServiceName, options?: LookupOptions): Resolution {
  return defaultResolver().lookup(service, options);
}

/** Every step considered, and why; see `Resolver.explain`. */
export function explain(service: ServiceName, options?: LookupOptions): Explanation {
  return defaultResolver().explain(service, options);
}

/** The inner face of a resolver, or of the default one. @throws {TypeError} `ERR_INVALID_OPTION` */
export function routingOf(resolver: Resolver = defaultResolver()): Routing {
  const routing = (resolver as Partial<Routed> | null)?.[ROUTING];
  if (routing === undefined)
    throw new InvalidOptionError(`the resolver is ${describe(resolver)}; want what createResolver() returns.`);
  return routing;
}

/** The same, but nothing is made for it. */
export function madeRouting(resolver: Resolver | undefined = madeResolver()): Routing | undefined {
  return (resolver as Partial<Routed> | undefined)?.[ROUTING];
}

/** The routing context of the code that runs now, and how it gets into messages and out of them. */
export const context: ContextFunctions<Resolver> = createContext<Resolver>({
  routing: (resolver) => routingOf(resolver),
  made: () => madeRouting(),
});

const RECEIVE_OPTIONS: readonly string[] = [
  'trust',
  'refused',
  'select',
  'resolver',
] satisfies (keyof ReceiveOptions)[];

/** How to listen to the wish of a request. */
export interface ReceiveOptions {
  /** Whether whoever sends the request may choose. An untrusted wish is taken out of `baggage`, and not listened to. */
  trust: boolean;
  /** What becomes of a request whose wish this table does not have. @default 'reject' */
  refused?: Refused | undefined;
  /** The wish of a trusted request that brings none, from a cookie or a query: `feature-x~billing.feature-y`. */
  select?: string | undefined;
  /** @default defaultResolver() */
  resolver?: Resolver | undefined;
}

/**
 * What becomes of a request's wish: the same decision for every framework. Changes nothing; what it returns says what to
 * do: reject, or go on with `baggage` and run the request in `context.run(received.context, …)`.
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function receive(headers: Carrier, options: ReceiveOptions): Received {
  checkCarrier('receive', headers);
  const { trust, refused = 'reject', select, resolver } = ownOptions('receive', options, RECEIVE_OPTIONS);
  if (typeof trust !== 'boolean')
    throw new InvalidOptionError(`receive's trust is ${describe(trust)}; want true or false.`);
  checkRefused(refused);
  if (select !== undefined && typeof select !== 'string')
    throw new InvalidOptionError(`receive's select is ${describe(select)}; want a string.`);
  return decide(routingOf(resolver), { header: readHeader(headers, BAGGAGE), trust, refused, select });
}

/**
 * The namespace of a branch: `feature/JIRA-12_Login` → `feature-jira-12-login-` and 8 hex digits. The same in CI and at
 * run time; a branch that is a label already is its own namespace.
 * @throws {BranchlineError} `ERR_BRANCH_UNMAPPABLE`
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function namespaceOf(branch: string, options: NamespaceOptions = {}): string {
  return mapBranch(branch, options, sha256);
}

/** node:crypto takes longer to load than all of this package: not before the first hash. */
function sha256(text: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text, 'utf8').digest('hex');
}
