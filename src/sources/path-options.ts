// The options of a source that is somewhere on a disk.

import { resolve } from 'node:path';

import { ConfigInvalidError, InvalidOptionError } from '../core/errors.ts';
import { ownOptions } from '../core/own-options.ts';
import { describe, quote } from '../core/quote.ts';

export interface PathOptions {
  /** Absolute, or from the working folder. */
  path?: string | undefined;
  /** May be missing at start. */
  optional?: boolean | undefined;
}

/** @throws {BranchlineError} `ERR_CONFIG_INVALID` for a relative path while the working folder is gone */
export function absolutePath(what: string, path: string): string {
  try {
    return resolve(path);
  } catch (cause) {
    throw new ConfigInvalidError(
      `the path of ${what} is ${quote(path)}, and the working folder of this process is gone; want an absolute path.`,
      { cause },
    );
  }
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
