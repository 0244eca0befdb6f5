// Options are an object, and have the names that they have.

import { InvalidOptionError } from './errors.ts';
import { ownOf } from './own.ts';
import { describe, quote } from './quote.ts';

/** The options, without a prototype. @throws {TypeError} `ERR_INVALID_OPTION` for no object, and for an unknown option */
export function ownOptions<T extends object>(what: string, options: T, names: readonly string[]): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError(`${what} takes an object of options, not ${describe(options)}.`);
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new InvalidOptionError(`${what} has no option ${quote(unknown)}; it has ${names.join(', ')}.`);
  return ownOf(options);
}
