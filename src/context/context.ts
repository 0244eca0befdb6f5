// The overrides that travel with a request, or with a message: run in them, read them from a carrier, write them into one.

import { outgoingHeader } from '../core/choice.ts';
import { carriedBy, checkContext, checkNames, contextOf, DEFAULT_KEYS } from '../core/context.ts';
import { InvalidOptionError, isBranchlineError } from '../core/errors.ts';
import { ownOptions } from '../core/own-options.ts';
import { describe } from '../core/quote.ts';
import type { Routing } from '../core/routing.ts';
import type { RoutingContext } from '../core/types.ts';
import { formatWish, wishOf } from '../core/wish.ts';
import { BAGGAGE, type Carrier, checkCarrier, readHeader, writeHeader } from './carrier.ts';
import { checkRefused, decide, type Refused } from './receive.ts';
import { bound, currentFrame, runIn } from './store.ts';
import { withMemberInStep } from './telemetry.ts';

/** The routing context of the code that runs now, and how it gets into messages and out of them. `R` is the resolver. */
export interface ContextFunctions<R> {
  /**
   * Runs a function, and all that it starts, in a context; `undefined` for none. Its value is the function's.
   * @throws {BranchlineError} `ERR_INVALID_NAME`
   * @throws {TypeError} `ERR_INVALID_OPTION`
   */
  run<T>(context: RoutingContext | undefined, fn: () => T): T;
  /** The context of the code that runs now; frozen. */
  current(): RoutingContext | undefined;
  /** The function in the context of the moment: for callbacks that somebody else keeps, like those of a pool. */
  bind<F extends (...args: never[]) => unknown>(fn: F): F;
  /**
   * Reads the context from the headers of a request or a message. The result also carries what is to be forwarded. Per
   * message, never around a batch.
   * @param options.refused what becomes of a wish that the table does not know. @default 'reject', which throws
   * @throws {BranchlineError} `ERR_OVERRIDE_REFUSED`
   * @throws {TypeError} `ERR_INVALID_OPTION`
   */
  extract(
    carrier: Carrier,
    options?: { resolver?: R | undefined; refused?: Refused | undefined },
  ): RoutingContext | undefined;
  /**
   * Writes what a call would carry into headers, and returns them. Foreign members stay as they are.
   * @throws {BranchlineError} `ERR_OVERRIDE_REFUSED` for more than eight items
   * @throws {TypeError} `ERR_INVALID_OPTION`
   */
  inject<C extends Carrier>(carrier: C, options?: { resolver?: R | undefined }): C;
}

export interface Composition<R> {
  /** The inner face of a resolver, or of the default one. */
  routing(resolver: R | undefined): Routing;
  /** The default one's, if there is one: nothing is made for a `run`. */
  made(): Routing | undefined;
}

export function createContext<R>({ routing, made }: Composition<R>): ContextFunctions<R> {
  return {
    run(context, fn) {
      isFunction('context.run', fn);
      const entered = context === undefined ? undefined : entering(context);
      const outer = currentFrame();
      const { keys, member } = inStep(entered, outer?.routing ?? made(), outer?.context);
      return runIn({ context: entered, hops: outer?.hops, routing: outer?.routing }, () =>
        withMemberInStep(keys, member, fn),
      );
    },
    current: () => currentFrame()?.context,
    bind(fn) {
      isFunction('context.bind', fn);
      return bound(fn);
    },
    extract(carrier, options = {}) {
      checkCarrier('context.extract', carrier);
      const { resolver, refused = 'reject' } = ownOptions('context.extract', options, ['resolver', 'refused']);
      checkRefused(refused);
      const header = readHeader(carrier, BAGGAGE);
      const received = decide(routing(resolver), { header, trust: true, refused, select: undefined });
      if (received.reject) throw received.refusal as Error;
      return received.context;
    },
    inject(carrier, options = {}) {
      checkCarrier('context.inject', carrier);
      const { resolver } = ownOptions('context.inject', options, ['resolver']);
      const { keys, view } = routing(resolver);
      const before = readHeader(carrier, BAGGAGE);
      const after = outgoingHeader(keys, view(), currentFrame()?.context, before);
      if (after !== before) writeHeader(carrier, BAGGAGE, after);
      return carrier;
    },
  };
}

/** Contexts that code gave, by what they wish: equal ones share their answers. */
const given = new Map<string, RoutingContext>();
const MOST_GIVEN = 1000;

/** The context itself if it is one of ours, else a frozen copy. */
function entering(context: RoutingContext): RoutingContext {
  if (typeof context === 'object' && context !== null && carriedBy(context) !== undefined) return context;
  const checked = checkContext(context);
  checkNames(checked);
  const wish = wishOf(checked);
  const text = formatWish(wish);
  const known = given.get(text);
  if (known !== undefined) return known;
  if (given.size >= MOST_GIVEN) given.clear();
  const frozen = contextOf(wish);
  given.set(text, frozen);
  return frozen;
}

/**
 * Our members in OpenTelemetry's baggage, and the value that they are to have: what a call would carry. None of them
 * while wishes are not listened to.
 */
export function inStep(
  context: RoutingContext | undefined,
  routing: Routing | undefined,
  outer: RoutingContext | undefined,
): { readonly keys: readonly string[]; readonly member: string | null } {
  const carried = context === undefined ? undefined : carriedBy(context);
  if (carried !== undefined) return carried;
  const text = context === undefined ? '' : formatWish(wishOf(context));
  const wished = text === '' ? null : text;
  const view = routing?.view();
  // Whoever runs it has a resolver that is not known here: the keys are those of the request, or the usual ones.
  if (routing === undefined || view === undefined)
    return { keys: (outer === undefined ? undefined : carriedBy(outer)?.keys) ?? DEFAULT_KEYS, member: wished };
  if (!view.active) return { keys: [], member: null };
  if (context === undefined) return { keys: routing.keys, member: null };
  try {
    return { keys: routing.keys, member: view.outgoing(context, null) };
  } catch (error) {
    // With the own namespace it is too much: the call that would carry it says so.
    if (!isBranchlineError(error)) throw error;
    return { keys: routing.keys, member: wished };
  }
}

function isFunction(what: string, fn: unknown): void {
  if (typeof fn !== 'function') throw new InvalidOptionError(`${what} takes a function, not ${describe(fn)}.`);
}
