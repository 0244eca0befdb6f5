// The public shapes of the core: what is asked, what is answered, and what is told about it.

import type { Problem } from './errors.ts';

/**
 * Open for augmentation: the services you call, and their named endpoints.
 *
 * @example
 * ```ts
 * declare module 'branchline' {
 *   interface ServiceRegistry { 'my-rest': 'admin' | 'grpc'; orders: never }
 * }
 * ```
 */
export interface ServiceRegistry {}

/** A service's name: known ones complete in an editor, others stay allowed. */
export type ServiceName = keyof ServiceRegistry | (string & {});

/**
 * Why this namespace: the own branch has it, a baseline namespace has it, an override asked for it, nobody has an
 * entry and the convention names the last baseline namespace, or there is no table at all.
 */
export type Via = 'branch' | 'baseline' | 'override' | 'convention' | 'unconfigured';

/** The overrides that travel with a request. */
export interface RoutingContext {
  /** Namespaces to search first, in order. */
  readonly namespaces?: readonly string[] | undefined;
  /** Single services pinned to a namespace: service → namespace. */
  readonly services?: Readonly<Record<string, string>> | undefined;
}

/** What a call may ask for besides the service. */
export interface LookupOptions {
  /** A named port of the service. @default 'default' */
  endpoint?: string | undefined;
  /** Exactly this namespace, instead of the search path. */
  namespace?: string | undefined;
  /** A search path of the call's own, in front of the usual one; `null` for none. */
  context?: RoutingContext | null | undefined;
}

/** Where a call goes, and why. Frozen. */
export interface Resolution {
  readonly service: string;
  readonly endpoint: string;
  /** `null` when nothing is configured. */
  readonly namespace: string | null;
  /** `scheme://host[:port][/base]`, default ports left out, no trailing slash. */
  readonly url: string;
  /** As `URL.protocol`: `http:`. */
  readonly protocol: string;
  /** As `URL.hostname`. */
  readonly hostname: string;
  /** The port, or the scheme's default; `null` where neither is known. */
  readonly port: number | null;
  readonly via: Via;
  /** The source whose entry answered; `null` when none did. */
  readonly source: string | null;
  /** The revision of the table that answered. */
  readonly revision: number;
}

/** One place that was considered. */
export interface Step {
  namespace: string;
  /** Why it is on the path. */
  because: 'asked' | 'pin' | 'context' | 'own' | 'baseline' | 'convention';
  /**
   * No entry here; this one answers; deployed but not to be called; unreadable without a last good value; no port for
   * the endpoint; the template makes no legal host of these names. All but the first two end in an error.
   */
  outcome: 'absent' | 'taken' | 'disabled' | 'invalid' | 'no-endpoint' | 'bad-address';
  /** The key that decided, its value and its source; `null` where there is none. */
  key: string | null;
  value: string | null;
  source: string | null;
  /** The value is the last good one. */
  stale: boolean;
  /** The reason, in words. */
  note: string;
}

/** Every step considered, and why. Prints well; plain data for machines. */
export interface Explanation {
  service: string;
  endpoint: string;
  revision: number;
  configured: boolean;
  steps: Step[];
  resolution: Resolution | null;
  error: { code: string; message: string } | null;
  /** The problems that concern this answer. */
  problems: Problem[];
  toString(): string;
}
