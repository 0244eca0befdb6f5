// Where headers are kept: `Headers`, a plain object of strings, lists and buffers, or anything with `get` and `set`.
// Names in a plain object are compared without case, as HTTP has it.

import { joinLines } from '../core/baggage.ts';
import { InvalidOptionError } from '../core/errors.ts';
import { describe } from '../core/quote.ts';

/** `Headers`, a plain object (values: strings, lists of them, buffers), or `{ get, set }`. */
export type Carrier = object;

interface Accessors {
  get(name: string): unknown;
  set(name: string, value: string): unknown;
  remove(name: string): unknown;
}

type Plain = Record<string, unknown>;

export const BAGGAGE = 'baggage';

/** @throws {TypeError} `ERR_INVALID_OPTION` */
export function checkCarrier(what: string, carrier: unknown): asserts carrier is Carrier {
  if (typeof carrier === 'object' && carrier !== null && !Array.isArray(carrier)) {
    const { headers } = carrier as { headers?: unknown };
    if (typeof (carrier as { then?: unknown }).then === 'function')
      throw new InvalidOptionError(`${what} takes headers, not a promise of them; await it.`);
    if (typeof headers !== 'object' || headers instanceof Uint8Array || Array.isArray(headers)) return;
    throw new InvalidOptionError(`${what} takes headers, not what has them; pass its \`headers\`.`);
  }
  throw new InvalidOptionError(
    `${what} takes headers, not ${describe(carrier)}; want Headers, a plain object, or { get, set }.`,
  );
}

/** The lines of a header, joined; `null` when it is not there. */
export function readHeader(carrier: Carrier, name: string): string | null {
  const accessors = accessorsOf(carrier);
  const values =
    accessors === null ? spellings(carrier, name).map((spelling) => (carrier as Plain)[spelling]) : accessors.get(name);
  const text = joinLines(linesOf(values));
  return text === '' ? null : text;
}

/**
 * Writes a header in the place of all its spellings, or takes it away.
 * @throws {TypeError} `ERR_INVALID_OPTION` for a carrier that can only be read: nothing written would be a lost wish
 */
export function writeHeader(carrier: Carrier, name: string, value: string | null): void {
  const accessors = accessorsOf(carrier);
  if (accessors !== null) {
    if (value === null) accessors.remove(name);
    else accessors.set(name, value);
    return;
  }
  const plain = carrier as Plain;
  const [spelling = name, ...others] = spellings(carrier, name);
  for (const other of others) Reflect.deleteProperty(plain, other);
  if (value === null) Reflect.deleteProperty(plain, spelling);
  else plain[spelling] = value;
}

/** A copy, where there is a way to make one: what has only `get` and `set` is itself. */
export function copyCarrier<C extends Carrier>(carrier: C): C {
  if (accessorsOf(carrier) === null) return { ...carrier };
  const { clone, constructor: Made } = carrier as { clone?: unknown; constructor: unknown };
  if (typeof clone === 'function') return Reflect.apply(clone, carrier, []) as C;
  return isCopying(Made) ? (Reflect.construct(Made, [carrier]) as C) : carrier;
}

/** Headers and Map, of every realm, and what is like them: made from one of their own. */
function isCopying(made: unknown): made is new (of: object) => object {
  return typeof made === 'function' && typeof made.prototype === 'object' && Symbol.iterator in made.prototype;
}

/** The methods of a carrier that has some: also those of Node's requests and responses. `null` for a plain object. */
function accessorsOf(carrier: Carrier): Accessors | null {
  const {
    get,
    set,
    delete: take,
    remove,
    getHeader,
    setHeader,
    removeHeader,
  } = carrier as Partial<Record<string, (...args: readonly string[]) => unknown>>;
  const call = (method: typeof get, ...args: string[]): unknown => method?.apply(carrier, args);
  const write = (method: typeof get, wanted: string, ...args: string[]): unknown => {
    if (typeof method === 'function') return call(method, ...args);
    throw new InvalidOptionError(
      `the headers cannot be written: they have no method "${wanted}"; want Headers, a plain object, or { get, set }.`,
    );
  };
  if (typeof getHeader === 'function') {
    return {
      get: (name) => call(getHeader, name),
      set: (name, value) => write(setHeader, 'setHeader', name, value),
      remove: (name) => write(removeHeader, 'removeHeader', name),
    };
  }
  if (carrier instanceof Map) return accessorsOfMap(carrier);
  if (typeof get !== 'function') return null;
  return {
    get: (name) => call(get, name),
    set: (name, value) => write(set, 'set', name, value),
    remove(name) {
      if (typeof take === 'function') call(take, name);
      else if (typeof remove === 'function') call(remove, name);
      else write(set, 'set', name, '');
    },
  };
}

/** A Map tells cases apart, and headers do not. */
function accessorsOfMap(map: Map<unknown, unknown>): Accessors {
  const remove = (name: string): void => {
    for (const key of spelt([...map.keys()], name)) map.delete(key);
  };
  return {
    get: (name) => spelt([...map.keys()], name).map((key) => map.get(key)),
    set(name, value) {
      const [key = name] = spelt([...map.keys()], name);
      remove(name);
      map.set(key, value);
    },
    remove,
  };
}

function spellings(carrier: Carrier, name: string): string[] {
  return spelt(Object.keys(carrier), name);
}

/** Those of the keys that are this name in any case. */
function spelt(keys: readonly unknown[], name: string): string[] {
  return keys.filter(
    (key): key is string => typeof key === 'string' && key.length === name.length && key.toLowerCase() === name,
  );
}

function linesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) return [new TextDecoder().decode(value)];
  if (isJsonBuffer(value)) return [Buffer.from(value.data).toString()];
  return Array.isArray(value) ? value.flatMap((line: unknown) => linesOf(line)) : [];
}

/** A buffer that went through JSON, in the data of a job. */
function isJsonBuffer(value: unknown): value is { readonly data: readonly number[] } {
  const { type, data } = (typeof value === 'object' && value !== null ? value : {}) as {
    type?: unknown;
    data?: unknown;
  };
  return type === 'Buffer' && Array.isArray(data);
}
