// The inner face of a resolver: what calls and requests need of it besides its answers. It is found by a registered
// symbol, so that a resolver of another copy of the package serves too.

import type { Entry } from './source-table.ts';
import type { Resolution, RoutingContext } from './types.ts';
import type { Wish } from './wish.ts';

export interface Routing {
  /** The baggage keys that are ours: read in order, the first one written. */
  readonly keys: readonly string[];
  /** What is true now. All that is asked of one view is answered from one snapshot. */
  view(): View;
}

export interface View {
  /** False without a table, and with overrides off: wishes are neither read nor sent. */
  readonly active: boolean;
  readonly configured: boolean;
  readonly strict: boolean;
  readonly baseline: readonly string[];
  readonly revision: number;
  readonly digest: string;
  readonly entries: ReadonlyMap<string, Entry>;
  /** Answers a call, and counts it. @throws what `Resolver.lookup` throws */
  find(service: string, endpoint: string, context: RoutingContext | undefined): Located;
  /** The service of the own namespace that is at a host; `null` when it cannot be told. */
  selfAt(host: string): string | null;
  /** The items of a wish that the table does not have. */
  unknown(wish: Wish): string[];
  /** A wish that is honoured, as a context; the same object for the same wish, while it is in use. */
  accept(wish: Wish): RoutingContext;
  /** A wish that is not honoured here and goes on all the same: another Pod may know it. */
  pass(wish: Wish): RoutingContext;
  /** The member's value to send with a call; `null` for none. @throws `ERR_OVERRIDE_REFUSED` */
  outgoing(context: RoutingContext | undefined, callers: Wish | null): string | null;
  /** Counts a wish that was refused, and tells it. */
  refuse(items: readonly string[]): void;
}

export interface Located {
  readonly resolution: Resolution;
  /** The entry spells the host: a port that the caller names has no say. */
  readonly spelt: boolean;
}

export const ROUTING: unique symbol = Symbol.for('branchline.routing.v1') as never;

export interface Routed {
  readonly [ROUTING]: Routing;
}
