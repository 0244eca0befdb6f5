// Own properties only: what somebody else put on `Object.prototype` decides nothing here.

/** Whether this is the variant with that property. */
export function isVariant<T extends object, K extends PropertyKey>(
  value: T,
  key: K,
): value is Extract<T, Readonly<Record<K, unknown>>> {
  return Object.hasOwn(value, key);
}

/** The same options without a prototype: what is not given is undefined. */
export function ownOf<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options) as T;
}

/** A plain object of any realm. A promise, a Map or an instance of a class would say nothing here, in silence. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Symbol.iterator in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A promise of any realm, or what is like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}
