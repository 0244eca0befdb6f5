// Where headers are kept: `Headers`, a plain object of strings, lists and buffers, or anything with `get` and `set`.
// Names in a plain object are compared without case, as HTTP has it.

import { types } from 'node:util';

import { joinLines } from '../core/baggage.ts';
import { InvalidOptionError } from '../core/errors.ts';
import { isPlain } from '../core/own.ts';
import { describe } from '../core/quote.ts';

const { isAnyArrayBuffer, isMap } = types;

/** `Headers`, a plain object (values: strings, lists of them, buffers), or `{ get, set }`. */
export type Carrier = object;

interface Accessors {
  /** What stands there: a value for each spelling. */
  get(name: string): readonly unknown[];
  set(name: string, value: string): unknown;
  remove(name: string): unknown;
}

type Plain = Record<string, unknown>;
type Method = (...args: readonly string[]) => unknown;

export const BAGGAGE = 'baggage';

/**
 * What has no way to hold headers would look like headers without a wish.
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function checkCarrier(what: string, carrier: unknown): asserts carrier is Carrier {
  if (typeof carrier !== 'object' || carrier === null || Array.isArray(carrier))
    throw new InvalidOptionError(`${what} takes headers, not ${describe(carrier)}; want ${CARRIER_WANTED}.`);
  if (methodOf(carrier, 'then') !== null)
    throw new InvalidOptionError(`${what} takes headers, not a promise of them; await it.`);
  const headers = given(carrier, 'headers');
  if (typeof headers === 'object' && headers !== null && !isBytes(headers) && !Array.isArray(headers))
    throw new InvalidOptionError(`${what} takes headers, not what has them; pass its \`headers\`.`);
  if (accessorsOf(carrier) === null && !isPlain(carrier))
    throw new InvalidOptionError(
      `${what} takes headers, not an instance of a class that has no \`get\`; want ${CARRIER_WANTED}.`,
    );
}

const CARRIER_WANTED = 'Headers, a plain object, or { get, set }';

/**
 * The lines of a header, joined; `null` when it is not there.
 * @throws {TypeError} `ERR_INVALID_OPTION` for a value that is neither text nor bytes: unread, it would be no wish
 */
export function readHeader(carrier: Carrier, name: string): string | null {
  const values =
    accessorsOf(carrier)?.get(name) ?? spellings(carrier, name).map((spelling) => (carrier as Plain)[spelling]);
  const text = joinLines(values.flatMap((value) => linesOf(value, name)));
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
  const clone = methodOf(carrier, 'clone');
  if (clone !== null) return Reflect.apply(clone, carrier, []) as C;
  const { constructor: Made } = carrier as { constructor: unknown };
  return isCopying(Made) ? (Reflect.construct(Made, [carrier]) as C) : carrier;
}

/** Headers and Map, of every realm, and what is like them: made from one of their own. */
function isCopying(made: unknown): made is new (of: object) => object {
  return typeof made === 'function' && typeof made.prototype === 'object' && Symbol.iterator in made.prototype;
}

/** The methods of a carrier that has some: also those of Node's requests and responses. `null` for a plain object. */
function accessorsOf(carrier: Carrier): Accessors | null {
  if (isMap(carrier)) return accessorsOfMap(carrier);
  const isMessage = methodOf(carrier, 'getHeader') !== null;
  const get = methodOf(carrier, isMessage ? 'getHeader' : 'get');
  if (get === null) return null;
  const write = (wanted: string, ...args: string[]): unknown => {
    const method = methodOf(carrier, wanted);
    if (method !== null) return Reflect.apply(method, carrier, args);
    throw new InvalidOptionError(
      `the headers cannot be written: they have no method "${wanted}"; want ${CARRIER_WANTED}.`,
    );
  };
  const set = isMessage ? 'setHeader' : 'set';
  const remove = isMessage ? 'removeHeader' : ['delete', 'remove'].find((one) => methodOf(carrier, one) !== null);
  return {
    get: (name) => [Reflect.apply(get, carrier, [name])],
    set: (name, value) => write(set, name, value),
    remove: (name) => (remove === undefined ? write(set, name, '') : write(remove, name)),
  };
}

/** What a carrier has under a name, itself or by its class. What somebody put on `Object.prototype` decides nothing. */
function given(carrier: Carrier, name: string): unknown {
  const value = (carrier as Plain)[name];
  return name in Object.prototype && value === Reflect.get(Object.prototype, name) ? undefined : value;
}

function methodOf(carrier: Carrier, name: string): Method | null {
  const method = given(carrier, name);
  return typeof method === 'function' ? (method as Method) : null;
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

/** The lines of one value: some clients have a list of them. */
function linesOf(value: unknown, name: string): string[] {
  return (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap((line) => {
    if (line === null || line === undefined) return [];
    if (typeof line === 'string') return [line];
    if (isBytes(line)) return [new TextDecoder().decode(line)];
    if (isJsonBuffer(line)) return [Buffer.from(line.data).toString()];
    throw new InvalidOptionError(
      `the header "${name}" is ${describe(line)}; want text, bytes, or a list of them. Take it out of what wraps it.`,
    );
  });
}

/** Of every realm. */
function isBytes(value: unknown): value is NodeJS.ArrayBufferView | ArrayBuffer {
  return ArrayBuffer.isView(value) || isAnyArrayBuffer(value);
}

/** A buffer that went through JSON, in the data of a job. */
function isJsonBuffer(value: unknown): value is { readonly data: readonly number[] } {
  const { type, data } = value as { type?: unknown; data?: unknown };
  return type === 'Buffer' && Array.isArray(data);
}
