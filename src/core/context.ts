// A routing context: what it may hold, and what travels on with it unseen.

import { InvalidNameError, InvalidOptionError } from './errors.ts';
import { isNamespace, isServiceName, NAMESPACE_WANTED, SERVICE_WANTED } from './names.ts';
import { ownOptions } from './own-options.ts';
import { isPlain, ownOf } from './own.ts';
import { describe, quote } from './quote.ts';
import type { RoutingContext } from './types.ts';
import type { Wish } from './wish.ts';

const FIELDS: readonly string[] = ['namespaces', 'services'] satisfies (keyof RoutingContext)[];

/** What a caller gave as a context, without a prototype. @throws {TypeError} `ERR_INVALID_OPTION` */
export function checkContext(context: RoutingContext): RoutingContext {
  if (!isPlain(context)) throw new InvalidOptionError(`the context is ${describe(context)}; ${CONTEXT_WANTED}.`);
  const own = ownOptions('context', context, FIELDS);
  const { namespaces, services } = own;
  if (
    namespaces !== undefined &&
    !(Array.isArray(namespaces) && [...(namespaces as unknown[])].every((name) => typeof name === 'string'))
  ) {
    throw new InvalidOptionError(`context.namespaces is ${describe(namespaces)}; want a list of strings.`);
  }
  const pinned = isPlain(services) && Object.values(services).every((name) => typeof name === 'string');
  if (services !== undefined && !pinned) {
    throw new InvalidOptionError(
      `context.services is ${describe(services)}; want an object of strings, service → namespace.`,
    );
  }
  return own;
}

const CONTEXT_WANTED = 'want a plain object, { namespaces: […], services: { … } }; was a promise not awaited?';

/** Legal names only: they will be written into a header. @throws `ERR_INVALID_NAME` */
export function checkNames({ namespaces = [], services = {} }: RoutingContext): void {
  for (const service of Object.keys(services)) {
    if (!isServiceName(service))
      throw new InvalidNameError(`context.services has ${quote(service)}: ${SERVICE_WANTED}.`, { service });
  }
  for (const namespace of [...namespaces, ...Object.values(services)]) {
    if (!isNamespace(namespace))
      throw new InvalidNameError(`the context has ${quote(namespace)}: ${NAMESPACE_WANTED}.`, { namespace });
  }
}

/** A wish as a context, frozen. */
export function contextOf({ namespaces, services }: Wish): RoutingContext {
  return Object.freeze(
    ownOf({
      ...(namespaces.length > 0 ? { namespaces: Object.freeze([...namespaces]) } : {}),
      ...(services.size > 0 ? { services: Object.freeze(Object.fromEntries(services)) } : {}),
    }),
  );
}

/** The baggage keys that are ours, where nothing else is said. */
export const DEFAULT_KEYS: readonly string[] = ['branchline'];

/** What a request brought and what goes on with its calls, where that is not the context itself. */
export interface Carried {
  /** The baggage keys that are ours, the first one written. */
  readonly keys: readonly string[];
  /** The member's value to send on. */
  readonly member: string;
}

const CARRIED: unique symbol = Symbol.for('branchline.carried.v1') as never;

/** The context with what it carries on, which nobody sees; frozen. */
export function carrying(context: RoutingContext, carried: Carried): RoutingContext {
  const copy = ownOf(context);
  Object.defineProperty(copy, CARRIED, ownOf({ value: Object.freeze(carried) }));
  return Object.freeze(copy);
}

export function carriedBy(context: RoutingContext): Carried | undefined {
  return Object.hasOwn(context, CARRIED) ? (context as { [CARRIED]?: Carried })[CARRIED] : undefined;
}
