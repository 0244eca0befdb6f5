// The frame of the code that runs now: its routing context, and who gathers the hops of its request. One store a
// process, made when somebody first runs something in it, and found by every copy of the package.

import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

import type { Located, Routing } from '../core/routing.ts';
import type { RoutingContext } from '../core/types.ts';
import type { Hops } from './hops.ts';

/** Never changed: what is passed on by value stays what it was. */
export interface Frame {
  readonly context: RoutingContext | undefined;
  /** Given when a request asked for its route. */
  readonly hops: Hops | undefined;
  /** The resolver of the request, where it is known. */
  readonly routing?: Routing | undefined;
  /** The URL that the wrapped fetch sends just now: whatever it looks like, it is an address. */
  readonly sent?: string | undefined;
  /** What a handler of undici was dispatched to: a redirect to there is the same call. */
  readonly called?: Called | undefined;
}

/** An origin that a call was routed to. */
export interface Called {
  readonly origin: string;
  /** The path that its address has; empty for none. */
  readonly base: string;
  readonly located: Located;
}

interface Slot {
  store?: AsyncLocalStorage<Frame>;
  /** Somebody in this process routes canonical names, `service.namespace.svc`. */
  canonical?: boolean;
}

const SLOT: unique symbol = Symbol.for('branchline.context.v1') as never;

let known: Slot | undefined;

function slot(): Slot {
  if (known !== undefined) return known;
  const shared = globalThis as { [SLOT]?: Slot };
  shared[SLOT] ??= {};
  known = shared[SLOT];
  return known;
}

/** Asked on every call: while nobody ever ran anything in a frame it costs next to nothing. */
export function currentFrame(): Frame | undefined {
  return slot().store?.getStore();
}

/** Runs `fn` in a frame. Never entered without an end: what runs later on the same socket must not find it. */
export function runIn<T>(frame: Frame, fn: () => T): T {
  const shared = slot();
  shared.store ??= new AsyncLocalStorage<Frame>();
  return shared.store.run(frame, fn);
}

/** Where this module was loaded: outside of every request, whoever's store tells them apart. */
const OUTSIDE = new AsyncResource('branchline');

/** Runs what belongs to the process: what a request starts must not carry its context for as long as that lives. */
export function outside<T>(fn: () => T): T {
  return OUTSIDE.runInAsyncScope(fn);
}

/** Whether anybody in this process ever ran anything in a frame. */
export function contextsAreKept(): boolean {
  return slot().store !== undefined;
}

/** Outside every request. */
export const NO_FRAME: Frame = { context: undefined, hops: undefined };

/** Whether an address of the form `service.namespace.svc` may be taken for a name, by whoever sends what we routed. */
export function canonicalNamesAreRouted(): boolean {
  return slot().canonical === true;
}

export function routeCanonicalNames(): void {
  slot().canonical = true;
}

/** The function in the frame, and in every other asynchronous context, of the moment. */
export function bound<F extends (...args: never[]) => unknown>(fn: F): F {
  return Reflect.apply(AsyncResource.bind, AsyncResource, [fn]) as F;
}
