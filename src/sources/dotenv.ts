// The `.env` file of the working folder: for development. Never written into `process.env`.

import { resolve as absolute } from 'node:path';

import type { Source } from '../core/source.ts';
import { isInCluster, processEnvironment } from './environment.ts';
import { documentSource } from './file.ts';
import { checkPathOptions, type PathOptions } from './path-options.ts';

/**
 * The names that `envSource` reads, from a `.env` file. Followed while it is open.
 *
 * @param options `path`: default `.env` in the working folder, which may be missing and is not read inside a cluster;
 * a named one must be there and is read anywhere.
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function dotenvSource(options: PathOptions = {}): Source {
  checkPathOptions('dotenvSource', options);
  const path = absolute(options.path ?? '.env');
  const named = options.path !== undefined;
  const source = documentSource(`dotenv:${path}`, path, options.optional ?? !named);
  return {
    name: source.name,
    open: (sink, open) =>
      (named || !isInCluster(processEnvironment()) ? source : skipped(source.name)).open(sink, open),
  };
}

/** A `.env` that a container image brought along by accident must not steer a Pod. */
function skipped(name: string): Source {
  return {
    name,
    open(sink) {
      sink.pushNow({ vanished: 'it is not read inside a cluster' });
      return { ready: Promise.resolve(), reload: () => Promise.resolve(), close: () => Promise.resolve() };
    },
  };
}
