// One file that is a document: JSON, YAML, a ConfigMap manifest, or a `.env`.

import { basename } from 'node:path';

import { type Format, formatOf, readDocument } from '../core/documents/document.ts';
import { parseDotenv } from '../core/documents/dotenv.ts';
import { ConfigInvalidError, InvalidOptionError } from '../core/errors.ts';
import { isVariant, ownOf } from '../core/own.ts';
import { quote } from '../core/quote.ts';
import type { Document, Raw, Reading, Report, Unreadable, Work } from '../core/reading.ts';
import type { OpenSource, Source } from '../core/source.ts';
import { openTarget } from './files/open-target.ts';
import type { CreateTrigger } from './files/trigger.ts';
import { parsers } from './parsers.ts';
import { absolutePath, checkPathOptions, type PathOptions } from './path-options.ts';
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
  const own = checkPathOptions('fileSource', options);
  if (own.path === undefined) throw new InvalidOptionError('fileSource has no path; want the path of a file.');
  const path = absolutePath('fileSource', own.path);
  if (!isFileName(path)) {
    throw new ConfigInvalidError(
      `the path of fileSource is ${quote(own.path)}; want a file that ends with .json, .yaml, .yml or .env.`,
    );
  }
  return documentSource(`file:${path}`, path, { optional: own.optional ?? false });
}

export interface DocumentOptions {
  /** May be missing at start. */
  readonly optional: boolean;
  /** A folder or another special file of that name is none of ours: Python keeps one called `.env`. */
  readonly lenient?: boolean | undefined;
  /** For tests of a watch that fails. */
  readonly createTrigger?: CreateTrigger;
}

/** A followed document. */
export function documentSource(name: string, path: string, options: DocumentOptions): Source {
  const { optional, lenient, createTrigger } = ownOf(options);
  return {
    name,
    open(sink, openOptions) {
      /** What a `.env` says of the own namespace, at the first look. */
      const offered: Offered = {};
      const read = (files: ReadonlyMap<string, Raw>): Work | Report => {
        const text = files.get('') as Raw;
        // Too large, or no text: a document that does not parse.
        if (typeof text !== 'string') return readBroken(path, text);
        return isDotenv(path) ? readDotenv(path, text, offered) : readTable(path, text, formatOf(path) ?? 'json');
      };
      const source = {
        target: { kind: 'file', path },
        optional,
        lenient,
        remedy: 'check the path',
        read,
      } as const;
      const open = openTarget(source, sink, openOptions, createTrigger);
      return { ...open, namespace: offered.namespace };
    },
  };
}

interface Offered {
  namespace?: NonNullable<OpenSource['namespace']>;
}

function readBroken(path: string, { found }: Unreadable): Reading {
  const document: Document = { broken: { reason: `it is ${found}`, line: null } };
  // What it said before stays, and is read as it was then: as variables.
  if (isDotenv(path)) return dotenvReading(document, () => path);
  return { keys: new Map(), documents: new Map([['', document]]), locate: () => path };
}

/** A whole document; `place` is where it stands. */
export function* readTable(place: string, text: string, format: Format): Work {
  const documents = yield* readDocument('', text, format, parsers);
  const isEmpty = [...documents.values()].every(
    (document) => isVariant(document, 'leaves') && document.leaves.length === 0,
  );
  if (isEmpty) return { vanished: 'it has no key left' };
  return { keys: new Map(), documents, locate: (name) => `${place}${name}` };
}

/** The variables as keys of one document: a `.env` is taken or left as a whole. In a generator, for what it may throw. */
function* readDotenv(path: string, text: string, offered: Offered): Work {
  yield;
  const parsed = parseDotenv(text, parsers.dotenv());
  const locate = (): string => path;
  if (isVariant(parsed, 'broken')) return dotenvReading(parsed, locate);
  const { variables, lines } = parsed;
  const own = variables.get('BRANCHLINE_NAMESPACE')?.trim() ?? '';
  if (own !== '') offered.namespace = { value: own, at: path };
  const names = [...readVariables(variables, locate).keys.keys()];
  // It cannot name the table's place, since it is a part of the table; said, like any setting that is none.
  if (variables.has('BRANCHLINE_CONFIG')) names.push('BRANCHLINE_CONFIG');
  if (names.length === 0) return { vanished: 'it has no variable of ours' };
  const leaves = names.map((key) => ({ key, value: variables.get(key) ?? '', line: lines.get(key) ?? null }));
  return dotenvReading({ leaves }, locate);
}

function dotenvReading(document: Document, locate: () => string): Reading {
  return { ...readVariables([], locate), documents: new Map([['', document]]) };
}
