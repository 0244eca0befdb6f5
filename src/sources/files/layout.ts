// How a folder or a file is read without mixing two versions. The kubelet swaps the link `..data`, then deletes the
// old folder (https://pkg.go.dev/k8s.io/kubernetes/pkg/volume/util#AtomicWriter): resolve the link once, read below
// it, and start over if it moved meanwhile. Elsewhere a file counts only if it did not change while it was read.

import type { Dirent } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { isVariant } from '../../core/own.ts';
import { ENTRY_LIMIT, KEY_LIMIT, type Raw, SOURCE_LIMIT } from '../../core/reading.ts';
import { ask, type Content, kindOf, type Questions } from './disk.ts';

/** What is followed: a folder of key files, or one file. */
export interface Target {
  readonly kind: 'folder' | 'file';
  readonly path: string;
}

/** The state of a target, as far as it can be told without reading it. */
export interface Fingerprint {
  /** The folder that a watch is armed on; `null` when it is not there. */
  readonly folder: string | null;
  /** The same as long as there is nothing new to read. */
  readonly version: string;
  /** Swapped as a whole, as the kubelet does it: there is nothing to wait for. */
  readonly atomic: boolean;
  /** What is behind the link; `null` where there is none, or nothing behind it. */
  readonly behind: string | null;
}

export type Look =
  /** By name; the file itself is called `''`. Not complete: the system refused one, which may pass. */
  | { readonly files: ReadonlyMap<string, Raw>; readonly complete: boolean }
  | { readonly missing: true }
  | { readonly unreadable: string }
  /** A FIFO, a device, a folder, where a file should be. */
  | { readonly special: string }
  /** It moved at every try. */
  | { readonly moving: true };

const SWAPPED = '..data';
const TRIES = 5;

function fewTimes(tries: number): boolean {
  return tries < TRIES;
}

/** At the first load there is nothing to keep, so it is worth more tries; but the process waits. `now` in milliseconds. */
export function patiently(now: () => number, patience = 500): (tries: number) => boolean {
  const end = now() + patience;
  return (tries) => tries < TRIES || now() < end;
}

/** Before another try, in milliseconds. */
const PAUSE = 10;
/** More files than entries and settings can make. */
const MOST_FILES = ENTRY_LIMIT + 100;

const LIMITS = { limit: KEY_LIMIT, budget: SOURCE_LIMIT } as const;

/** The folder to watch. */
export function folderOf(target: Target): string {
  return target.kind === 'folder' ? target.path : dirname(target.path);
}

/** Whether an event on a name in that folder can concern the target. */
export function concerns(target: Target, name: string | null): boolean {
  const folder = folderOf(target);
  if (name === null || name === SWAPPED || name === basename(folder)) return true;
  return target.kind === 'folder' ? !name.startsWith('.') : name === basename(target.path);
}

/**
 * Where `last` was of a link, and what is behind it is still the same, so are the link and the folder that it is in: to be
 * elsewhere it would have been moved, which shows. One question in the place of three.
 */
export function* fingerprint(target: Target, last: Fingerprint | null = null): Questions<Fingerprint> {
  const folder = folderOf(target);
  if (last !== null && last.behind !== null) {
    const behind = target.kind === 'file' ? target.path : join(folder, SWAPPED);
    const [content] = yield* ask<'stamps'>({ ask: 'stamps', paths: [behind] });
    if (content?.version === last.behind) return last;
  }
  const link = yield* ask<'link'>({ ask: 'link', path: join(folder, SWAPPED) });
  if (target.kind === 'folder' && link === null) return yield* printOfPlainFolder(folder);
  const inside = target.kind === 'file' ? target.path : resolve(folder, link as string);
  const [stamp, content] = yield* ask<'stamps'>({ ask: 'stamps', paths: [folder, inside] });
  const identity = stamp?.identity ?? null;
  const version = `${identity}|${link}|${content?.version}`;
  return {
    folder: identity,
    version,
    atomic: link !== null,
    behind: link === null ? null : (content?.version ?? null),
  };
}

function* printOfPlainFolder(folder: string): Questions<Fingerprint> {
  const list = yield* ask<'list'>({ ask: 'list', path: folder });
  const names = isVariant(list, 'code') ? [] : list.map((entry) => entry.name).filter((name) => !name.startsWith('.'));
  const paths = names.slice(0, MOST_FILES).map((name) => join(folder, name));
  const [stamp, ...files] = yield* ask<'stamps'>({ ask: 'stamps', paths: [folder, ...paths] });
  const parts = files.map((file, index) => `${names[index]}:${file?.version}`);
  const version = [isVariant(list, 'code') ? list.code : stamp?.version, ...parts].join('|');
  return { folder: stamp?.identity ?? null, version, atomic: false, behind: null };
}

export function* look(target: Target, wasAtomic: boolean, goesOn = fewTimes): Questions<Look> {
  for (let tries = 0; ; tries += 1) {
    if (tries > 0) yield* ask<'pause'>({ ask: 'pause', ms: PAUSE });
    const swapped = join(folderOf(target), SWAPPED);
    const link = yield* ask<'link'>({ ask: 'link', path: swapped });
    const isLast = !goesOn(tries + 1);
    // Windows' kubelet takes the link away for a moment; so what had one is given time to have it again.
    if (link === null && wasAtomic && !isLast) continue;
    const seen =
      target.kind === 'folder' ? yield* lookAtFolder(target.path, link, isLast) : yield* lookAtFile(target.path);
    const after = yield* ask<'link'>({ ask: 'link', path: swapped });
    if (after === link && !isVariant(seen, 'moving')) return seen;
    if (isLast) return { moving: true };
  }
}

function* lookAtFolder(path: string, link: string | null, isLast: boolean): Questions<Look> {
  const base = link === null ? path : resolve(path, link);
  const list = yield* ask<'list'>({ ask: 'list', path: base });
  if (isVariant(list, 'code'))
    return failure(list.code, 'it is no folder, and its name ends in none of .json, .yaml, .yml, .env');
  const entries = list.filter((entry) => !entry.name.startsWith('.') && !entry.isDirectory());
  if (entries.length > MOST_FILES)
    return { unreadable: `it has ${entries.length} files, and a table at most ${ENTRY_LIMIT} entries` };

  const files = new Map<string, Raw>();
  let complete = true;
  // The kubelet writes no links below `..data`: one that is there leads somewhere else.
  const isReadable = (entry: Dirent): boolean =>
    !isUnnamed(entry) && (entry.isFile() || (link === null && entry.isSymbolicLink()));
  const readable = entries.filter(isReadable);
  for (const entry of entries)
    if (!isReadable(entry)) files.set(entry.name, { found: isUnnamed(entry) ? UNNAMED : kindOf(entry) });
  const paths = readable.map((entry) => join(base, entry.name));
  const contents = yield* ask<'read'>({ ask: 'read', paths, ...LIMITS, settled: link !== null });
  for (const [index, content] of contents.entries()) {
    const entry = readable[index] as Dirent;
    if (isVariant(content, 'code') && EXHAUSTED.has(content.code)) return failure(content.code, '');
    if (isVariant(content, 'overBudget')) return { unreadable: `it holds more than ${SOURCE_LIMIT} bytes` };
    // One file that is never the same before and after must not keep the others from being read.
    const restless = isVariant(content, 'moving') && link === null && isLast;
    const raw = restless
      ? { found: 'a file that changes at every try to read it' }
      : rawOf(content, entry.isSymbolicLink());
    complete &&= isVariant(content, 'raw') || isVariant(content, 'special');
    if (raw === null) return { moving: true };
    files.set(entry.name, raw);
  }
  return { files, complete };
}

const UNNAMED = 'a file whose name is no UTF-8';

/** Under the name that is known of it there is no file. */
function isUnnamed({ name }: Dirent): boolean {
  return name.includes('\ufffd');
}

function* lookAtFile(path: string): Questions<Look> {
  const [content] = yield* ask<'read'>({ ask: 'read', paths: [path], ...LIMITS, settled: false });
  if (content === undefined) return { moving: true };
  if (isVariant(content, 'code')) return failure(content.code, 'a part of its path is no folder');
  if (isVariant(content, 'special')) return { special: content.special };
  const raw = rawOf(content, false);
  if (raw === null) return { moving: true };
  return { files: new Map([['', raw]]), complete: true };
}

function failure(code: string, notFolder: string): Look {
  if (code === 'ENOENT') return { missing: true };
  if (code === 'ENOTDIR') return { unreadable: notFolder };
  return { unreadable: `${code}, ${REASONS[code] ?? 'the system gave no reason'}` };
}

/** What one file says; a dangling link and a file that may not be read are invalid. `null`: it moved, or has gone. */
function rawOf(content: Content, isLink: boolean): Raw | null {
  if (isVariant(content, 'raw')) return content.raw;
  if (isVariant(content, 'special')) return { found: content.special };
  if (!isVariant(content, 'code')) return null;
  const { code } = content;
  if (code === 'ENOENT') return isLink ? { found: 'a link that points to nothing' } : null;
  return { found: `not readable (${code}${code in REASONS ? `, ${REASONS[code]}` : ''})` };
}

/** Not the file's fault. */
const EXHAUSTED: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EIO: 'the disk failed',
  EMFILE: 'this process has too many files open',
  ENFILE: 'the system has too many files open',
  ERR_ACCESS_DENIED: 'the permission model of Node forbids it; allow it with --allow-fs-read',
  ELOOP: 'links that lead in a circle',
  ENXIO: 'a socket, or a device without a driver',
};
