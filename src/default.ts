// The composition: the only place that knows every source. What `createResolver` makes when nothing is said, and the
// one resolver of a process that the functions without a resolver use.

import { createHash } from 'node:crypto';

import { InvalidOptionError } from './core/errors.ts';
import { mapBranch, type NamespaceOptions } from './core/namespace-of.ts';
import { describe } from './core/quote.ts';
import type { Explanation, LookupOptions, Resolution, ServiceName } from './core/types.ts';
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
  return openResolver(checked, (offers) => findOwnNamespace(offers));
}

/** What all copies of the package in a process share. */
interface Slot {
  /** Made from the environment. */
  own?: Resolver | undefined;
  /** Set by somebody, the newest last. */
  set?: readonly { readonly resolver: Resolver }[];
  /** A creation that failed, and when it may be tried again. */
  failure?: { readonly error: unknown; readonly until: number } | undefined;
}

const SLOT: unique symbol = Symbol.for('branchline.default.v1') as never;

function slot(): Slot {
  return ((globalThis as { [SLOT]?: Slot })[SLOT] ??= {});
}

/**
 * The resolver of `resolve`, `lookup` and `explain`: made from the environment on first use, one a process. A failed
 * creation is thrown, and tried again at most once per poll interval.
 * @throws what `createResolver` throws
 */
export function defaultResolver(): Resolver {
  const shared = slot();
  const resolver = shared.set?.at(-1)?.resolver ?? shared.own;
  if (resolver !== undefined) return resolver;
  if (shared.failure !== undefined && performance.now() < shared.failure.until) throw shared.failure.error;
  try {
    shared.own = createResolver();
    shared.failure = undefined;
    return shared.own;
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
  return () => {
    shared.set = (shared.set ?? []).filter((other) => other !== layer);
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

/**
 * The namespace of a branch: `feature/JIRA-12_Login` → `feature-jira-12-login-` and 8 hex digits. The same in CI and at
 * run time; a branch that is a label already is its own namespace.
 * @throws {BranchlineError} `ERR_BRANCH_UNMAPPABLE`
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function namespaceOf(branch: string, options: NamespaceOptions = {}): string {
  return mapBranch(branch, options, (text) => createHash('sha256').update(text, 'utf8').digest('hex'));
}
