// The options of a source that is somewhere on a disk.

import { InvalidOptionError } from '../core/errors.ts';
import { describe, quote } from '../core/quote.ts';

export interface PathOptions {
  /** Absolute, or from the working folder. */
  path?: string | undefined;
  /** May be missing at start. */
  optional?: boolean | undefined;
}

export function checkPathOptions(what: string, options: PathOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new InvalidOptionError(`${what} takes an object of options, not ${describe(options)}.`);
  const { path, optional, ...rest } = options;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined)
    throw new InvalidOptionError(`${what} has no option ${quote(unknown)}; it has path, optional.`);
  if (path !== undefined && (typeof path !== 'string' || path === '' || path.includes('\0'))) {
    throw new InvalidOptionError(`path of ${what} is ${describe(path)}; want the path of a file or folder.`);
  }
  if (optional !== undefined && typeof optional !== 'boolean')
    throw new InvalidOptionError(`optional of ${what} is ${describe(optional)}; want true or false.`);
}
