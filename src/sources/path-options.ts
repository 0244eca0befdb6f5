// The options of a source that is somewhere on a disk.

import { InvalidOptionError } from '../core/errors.ts';
import { ownOptions } from '../core/own-options.ts';
import { describe } from '../core/quote.ts';

export interface PathOptions {
  /** Absolute, or from the working folder. */
  path?: string | undefined;
  /** May be missing at start. */
  optional?: boolean | undefined;
}

export function checkPathOptions(what: string, options: PathOptions): PathOptions {
  const own = ownOptions(what, options, ['path', 'optional'] satisfies (keyof PathOptions)[]);
  const { path, optional } = own;
  if (path !== undefined && (typeof path !== 'string' || path === '' || path.includes('\0'))) {
    throw new InvalidOptionError(`path of ${what} is ${describe(path)}; want the path of a file or folder.`);
  }
  if (optional !== undefined && typeof optional !== 'boolean') {
    throw new InvalidOptionError(`optional of ${what} is ${describe(optional)}; want true or false.`);
  }
  return own;
}
