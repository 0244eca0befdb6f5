// The `.env` file of the working folder: for development. Never written into `process.env`.

import { resolve as absolute } from 'node:path';

import type { Source } from '../core/source.ts';
import { isInCluster, processEnvironment } from './environment.ts';
import { documentSource } from './file.ts';
import { idle } from './idle.ts';
import { absolutePath, checkPathOptions, type PathOptions } from './path-options.ts';

/**
 * The names that `envSource` reads, from a `.env` file. Followed while it is open.
 *
 * @param options `path`: default `.env` in the working folder, which may be missing and is not read inside a cluster;
 * a named one must be there and is read anywhere.
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function dotenvSource(options: PathOptions = {}): Source {
  const own = checkPathOptions('dotenvSource', options);
  const named = own.path !== undefined;
  const path = named ? absolutePath('dotenvSource', own.path as string) : inWorkingFolder();
  const source = documentSource(`dotenv:${path}`, path, { optional: own.optional ?? !named, lenient: !named });
  const isRead = (): boolean => named || (path !== '.env' && !isInCluster(processEnvironment()));
  return { name: source.name, open: (sink, open) => (isRead() ? source : skipped(source.name)).open(sink, open) };
}

/** A working folder may have been deleted; then there is no `.env` in it. */
function inWorkingFolder(): string {
  try {
    return absolute('.env');
  } catch {
    return '.env';
  }
}

/** A `.env` that a container image brought along by accident must not steer a Pod. */
function skipped(name: string): Source {
  return {
    name,
    open(sink) {
      sink.pushNow({ vanished: 'it is not read here' });
      return idle();
    },
  };
}
