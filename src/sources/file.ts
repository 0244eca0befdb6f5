// One file that is a document: JSON, YAML, a ConfigMap manifest, or a `.env`.

import { resolve as absolute, basename } from 'node:path';

import { formatOf, readDocument } from '../core/documents/document.ts';
import { parseDotenv } from '../core/documents/dotenv.ts';
import { ConfigInvalidError, InvalidOptionError } from '../core/errors.ts';
import { quote } from '../core/quote.ts';
import type { Document, Raw, Reading, Report, Unreadable, Work } from '../core/reading.ts';
import type { OpenSource, Source } from '../core/source.ts';
import { openTarget } from './files/open-target.ts';
import type { CreateTrigger } from './files/trigger.ts';
import { checkPathOptions, type PathOptions } from './path-options.ts';
import { parsers } from './parsers.ts';
import { readVariables } from './variables.ts';

/** Whether a path names a document by its ending. */
export function isFileName(path: string): boolean {
  return formatOf(path) !== null || isDotenv(path);
}

function isDotenv(path: string): boolean {
  return basename(path).endsWith('.env');
}

/**
 * One document, followed while it is open. Its ending tells what it is: `.json`, `.yaml`, `.yml`, `.env`.
 * @throws {BranchlineError} `ERR_CONFIG_INVALID` for another ending
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function fileSource(options: PathOptions & { path: string }): Source {
  checkPathOptions('fileSource', options);
  if (options.path === undefined) throw new InvalidOptionError('fileSource has no path; want the path of a file.');
  const path = absolute(options.path);
  if (!isFileName(path)) {
    throw new ConfigInvalidError(
      `the path of fileSource is ${quote(options.path)}; want a file that ends with .json, .yaml, .yml or .env.`,
    );
  }
  return documentSource(`file:${path}`, path, options.optional ?? false);
}

/** A followed document; `createTrigger` for tests of a watch that fails. */
export function documentSource(name: string, path: string, optional: boolean, createTrigger?: CreateTrigger): Source {
  return {
    name,
    open(sink, options) {
      /** What a `.env` says of the own namespace, at the first look. */
      const offered: { namespace?: NonNullable<OpenSource['namespace']> } = {};
      const read = (files: ReadonlyMap<string, Raw>): Work | Report => {
        const text = files.get('') as Raw;
        // Too large, or no text: a document that does not parse.
        if (typeof text !== 'string') return readBroken(path, text);
        return isDotenv(path) ? readDotenv(path, text, offered) : readTable(path, text);
      };
      const open = openTarget(
        { target: { kind: 'file', path }, optional, remedy: '', read },
        sink,
        options,
        createTrigger,
      );
      return { ...open, namespace: offered.namespace };
    },
  };
}

function readBroken(path: string, { found }: Unreadable): Reading {
  const document: Document = { broken: { reason: `it is ${found}`, line: null } };
  return { keys: new Map(), documents: new Map([['', document]]), locate: () => path };
}

function* readTable(path: string, text: string): Work {
  const format = formatOf(path) ?? 'json';
  const documents = yield* readDocument('', text, format, parsers);
  const isEmpty = [...documents.values()].every((document) => 'leaves' in document && document.leaves.length === 0);
  if (isEmpty) return { vanished: 'it has no key left' };
  return { keys: new Map(), documents, locate: (name) => `${path}${name}` };
}

/** The variables as keys of one document: a `.env` is taken or left as a whole. */
function readDotenv(path: string, text: string, offered: { namespace?: NonNullable<OpenSource['namespace']> }): Report {
  const parsed = parseDotenv(text, parsers.dotenv());
  const locate = (): string => path;
  if ('broken' in parsed) return dotenvReading(parsed, locate);
  const { variables, lines } = parsed;
  if (variables.size === 0) return { vanished: 'it has no variable left' };
  const own = variables.get('BRANCHLINE_NAMESPACE');
  if (own !== undefined && own !== '') offered.namespace = { value: own, at: path };
  const leaves = [...readVariables(variables, locate).keys].map(([key, value]) => ({
    key,
    value,
    line: lines.get(key) ?? null,
  }));
  return dotenvReading({ leaves }, locate);
}

function dotenvReading(document: Document, locate: () => string): Reading {
  return { ...readVariables([], locate), documents: new Map([['', document]]) };
}
