// Entries given in code: for tests, and for applications that have a table of their own.

import { InvalidOptionError } from '../core/errors.ts';
import { isPlain } from '../core/own.ts';
import { describe, quote } from '../core/quote.ts';
import type { Reading } from '../core/reading.ts';
import type { Sink, Source } from '../core/source.ts';
import { idle } from './idle.ts';

/** Keys as in a mounted folder: `my-rest.develop`, `_admin.my-rest.develop`, or a setting. No documents. */
export type Data = Readonly<Record<string, string | number | boolean>>;

export interface MemorySource extends Source {
  /** Replaces everything; live in every resolver when it returns. `{}` empties. @throws {TypeError} `ERR_INVALID_OPTION` */
  set(data: Data): void;
}

/**
 * Entries given in code, and changed with `set`.
 * @throws {TypeError} `ERR_INVALID_OPTION` for data that is no plain object, and a value that is no string, finite number or
 * boolean
 */
export function memorySource(data: Data = {}): MemorySource {
  let said = read(data);
  const sinks = new Set<Sink>();
  return {
    name: 'memory',
    open(sink) {
      sinks.add(sink);
      sink.pushNow(readingOf(said));
      sink.watching('none');
      return {
        ...idle(),
        close() {
          sinks.delete(sink);
          return Promise.resolve();
        },
      };
    },
    set(next) {
      said = read(next);
      const reading = readingOf(said);
      for (const sink of [...sinks]) sink.pushNow(reading);
    },
  };
}

/** Keys and values by turns: kept for resolvers to come, and smaller than a map. */
function read(data: Data): string[] {
  if (!isPlain(data)) {
    throw new InvalidOptionError(
      `the data of memorySource is ${describe(data)}; want a plain object of keys and values; was a promise not awaited?`,
    );
  }
  const said: string[] = [];
  for (const key of Object.keys(data)) {
    const value: unknown = data[key];
    const legal =
      typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
    if (!legal)
      throw new InvalidOptionError(
        `${quote(key)} in memorySource is ${describe(value)}; want a string, a finite number or a boolean.`,
      );
    said.push(key, String(value));
  }
  return said;
}

function readingOf(said: readonly string[]): Reading {
  const keys = new Map<string, string>();
  for (let index = 0; index < said.length; index += 2) keys.set(said[index] as string, said[index + 1] as string);
  return { keys, locate: (name) => `memory, ${name}` };
}
