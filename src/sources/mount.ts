// A mounted ConfigMap: a folder with a file for each key, or one file that is a document.

import { join, sep } from 'node:path';

import { formatOf, readDocument } from '../core/documents/document.ts';
import type { Document, Raw, Report, Work } from '../core/reading.ts';
import type { Source } from '../core/source.ts';
import { configuredPath } from './environment.ts';
import { fileSource, isFileName } from './file.ts';
import { openTarget } from './files/open-target.ts';
import type { CreateTrigger } from './files/trigger.ts';
import { idle } from './idle.ts';
import { parsers } from './parsers.ts';
import { absolutePath, checkPathOptions, type PathOptions } from './path-options.ts';

/** Where a Pod finds its ConfigMap when nothing else is said. Not on Windows. */
const DEFAULT_MOUNT = '/etc/branchline';

/**
 * A mounted ConfigMap, as the kubelet writes it: `name.namespace` is an entry, `*.json`, `*.yaml` and `*.yml` a
 * document, a name without a dot a setting; names that start with `.`, and folders, are not ours. Followed while it is open.
 *
 * @param options `path`: a folder, or a file, which is read as `fileSource` does; default `BRANCHLINE_CONFIG`, else
 * `/etc/branchline`. `optional`: it may be missing at start; default true for `/etc/branchline` only.
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function mountSource(options: PathOptions = {}): Source {
  const own = checkPathOptions('mountSource', options);
  const named = own.path ?? configuredPath();
  if (named === undefined && process.platform === 'win32') return nowhere();
  const path = absolutePath('mountSource', named ?? DEFAULT_MOUNT);
  const optional = own.optional ?? named === undefined;
  return isFileName(path) ? fileSource({ path, optional }) : folderSource(path, optional);
}

/** A followed folder; `createTrigger` for tests of a watch that fails. */
export function folderSource(path: string, optional: boolean, createTrigger?: CreateTrigger): Source {
  return {
    name: `mount:${path}`,
    open(sink, options) {
      const cache: Cache = new Map();
      const remedy = 'mount the ConfigMap there, or name another folder or file in BRANCHLINE_CONFIG';
      const read = (files: ReadonlyMap<string, Raw>): Work | Report => {
        if (files.size === 0) return { vanished: 'it has no key left' };
        return readFolder(path, files, cache);
      };
      return openTarget({ target: { kind: 'folder', path }, optional, remedy, read }, sink, options, createTrigger);
    },
  };
}

/** Windows is for development: it has no default folder. */
function nowhere(): Source {
  return {
    name: 'mount',
    open(sink) {
      sink.pushNow({ vanished: 'there is no default folder on this system; name one in BRANCHLINE_CONFIG' });
      return idle();
    },
  };
}

/** node:crypto takes longer to load than all of this package: not before the first document needs it. */
function hashOf(text: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('base64');
}

/** The documents of each file, as long as its text stays the same: its hash is kept, and not the text. */
type Cache = Map<string, { readonly hash: string; readonly documents: ReadonlyMap<string, Document> }>;

function* readFolder(path: string, files: ReadonlyMap<string, Raw>, cache: Cache): Work {
  const keys = new Map<string, Raw>();
  const documents = new Map<string, Document>();
  for (const [name, raw] of files) {
    const format = formatOf(name);
    if (format === null) {
      keys.set(name, raw);
    } else if (typeof raw !== 'string') {
      documents.set(name, { broken: { reason: `it is ${raw.found}`, line: null } });
    } else {
      const known = cache.get(name);
      const hash = hashOf(raw);
      const parsed = known?.hash === hash ? known.documents : yield* readDocument(name, raw, format, parsers);
      cache.set(name, { hash, documents: parsed });
      for (const [id, document] of parsed) documents.set(id, document);
    }
  }
  for (const name of cache.keys()) if (!files.has(name)) cache.delete(name);
  const prefix = join(path, sep);
  return { keys, documents, locate: (name) => prefix + name };
}
