// What is asked of a disk, and who asks: at once for the first load, asynchronously for every other. The order of the
// questions is written once, as a generator; these two drive it.

import { isUtf8 } from 'node:buffer';
import fs from 'node:fs';
import timers from 'node:timers';
import { promisify } from 'node:util';

import type { Raw } from '../../core/reading.ts';

/** A question to the disk. None throws: an answer says what went wrong. */
export type Ask =
  /** Where a symbolic link points; `null` when there is none. */
  | { readonly ask: 'link'; readonly path: string }
  /** A stamp of each, which changes with what it is of; `null` when it is not there. Links are followed. */
  | { readonly ask: 'stamps'; readonly paths: readonly string[] }
  | { readonly ask: 'list'; readonly path: string }
  | ({ readonly ask: 'read'; readonly paths: readonly string[] } & Limits)
  /** Lets a writer go on. */
  | { readonly ask: 'pause'; readonly ms: number };

export interface Limits {
  readonly limit: number;
  readonly budget: number;
  /** Nobody writes these files once they are there: one look at each is enough. */
  readonly settled: boolean;
}

export interface Stamp {
  /** The same as long as it is the same file or folder. */
  readonly identity: string;
  /** The same as long as nothing was changed. */
  readonly version: string;
}

export interface Failed {
  /** `ENOENT`, `EACCES` … */
  readonly code: string;
}

/** What one file says, or why it says nothing. `special`: a FIFO, a device, a folder. `moving`: it was written while it was read. */
export type Content =
  | { readonly raw: Raw }
  | { readonly special: string }
  | Failed
  | { readonly moving: true }
  | { readonly overBudget: true };

export type Answer<A extends Ask['ask']> = {
  link: string | null;
  stamps: readonly (Stamp | null)[];
  list: readonly fs.Dirent[] | Failed;
  read: readonly Content[];
  pause: undefined;
}[A];

/** Questions in order. The driver answers each `yield` with the answer to it. */
export type Questions<T> = Generator<Ask, T, never>;

/** Asks one question; typed by what is asked. */
export function* ask<A extends Ask['ask']>(question: Extract<Ask, { ask: A }>): Generator<Ask, Answer<A>, never> {
  return yield question;
}

/** Opens what must not block: a FIFO without a writer answers at once. */
const FLAGS = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0);
/** How many files are asked for at the same time: as many as libuv has threads, and some to keep them busy. */
const PARALLEL = 16;

export function answerNow<T>(questions: Questions<T>): T {
  let step = questions.next();
  while (step.done !== true) step = questions.next(now(step.value) as never);
  return step.value;
}

export async function answerLater<T>(questions: Questions<T>): Promise<T> {
  let step = questions.next();
  while (step.done !== true) step = questions.next((await later(step.value)) as never);
  return step.value;
}

function now(question: Ask): unknown {
  switch (question.ask) {
    case 'link':
      return attempt(
        () => fs.readlinkSync(question.path),
        () => null,
      );
    case 'stamps':
      return question.paths.map((path) =>
        attempt(
          () => stampOf(fs.statSync(path, { bigint: true })),
          () => null,
        ),
      );
    case 'list':
      return attempt(() => fs.readdirSync(question.path, { withFileTypes: true }), failed);
    case 'read': {
      const spent = { bytes: 0 };
      return question.paths.map((path) => attempt(() => readNow(path, question, spent), failed));
    }
    case 'pause':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, question.ms);
      return undefined;
  }
}

function attempt<T, F>(work: () => T, instead: (error: unknown) => F): T | F {
  try {
    return work();
  } catch (error) {
    return instead(error);
  }
}

function later(question: Ask): Promise<unknown> {
  switch (question.ask) {
    case 'link':
      return fs.promises.readlink(question.path).catch(() => null);
    case 'stamps':
      return atATime(question.paths, (path) => fs.promises.stat(path, { bigint: true }).then(stampOf, () => null));
    case 'list':
      return fs.promises.readdir(question.path, { withFileTypes: true }).catch(failed);
    case 'read':
      return readAll(question);
    case 'pause':
      return new Promise<void>((resume) => {
        setTimeoutOriginal(resume, question.ms);
      });
  }
}

// Taken when the module is loaded: a test's fake timers must not stop a reload.
const { setTimeout: setTimeoutOriginal } = timers;

function failed(error: unknown): Failed {
  return { code: (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN' };
}

function stampOf(stat: fs.BigIntStats): Stamp {
  const identity = `${stat.dev}:${stat.ino}:${stat.birthtimeNs}`;
  return { identity, version: `${identity}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}` };
}

type Read = Extract<Ask, { ask: 'read' }>;

const open = promisify(fs.open);
const fstat = promisify(fs.fstat) as unknown as (fd: number, options: { bigint: true }) => Promise<fs.BigIntStats>;
const close = promisify(fs.close);

function readAll({ paths, ...limits }: Read): Promise<Content[]> {
  const spent = { bytes: 0 };
  return atATime(paths, (path) => readLater(path, limits, spent).catch(failed));
}

/** Some at a time, in order. */
async function atATime<T>(paths: readonly string[], work: (path: string) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < paths.length) {
      const index = next++;
      results[index] = await work(paths[index] as string);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, paths.length) }, worker));
  return results;
}

function readNow(path: string, limits: Limits, spent: { bytes: number }): Content {
  const fd = fs.openSync(path, FLAGS);
  try {
    const before = fs.fstatSync(fd, { bigint: true });
    const refused = refuse(before, limits, spent);
    if (refused !== null) return refused;
    const size = Number(before.size);
    const buffer = Buffer.allocUnsafe(size + 1);
    let filled = fs.readSync(fd, buffer, 0, buffer.length, null);
    for (let got = filled; got > 0 && filled !== size; filled += got)
      got = fs.readSync(fd, buffer, filled, buffer.length - filled, null);
    return finish(buffer, filled, before, limits.settled ? before : fs.fstatSync(fd, { bigint: true }));
  } finally {
    fs.closeSync(fd);
  }
}

async function readLater(path: string, limits: Limits, spent: { bytes: number }): Promise<Content> {
  const fd = await open(path, FLAGS);
  try {
    const before = await fstat(fd, { bigint: true });
    const refused = refuse(before, limits, spent);
    if (refused !== null) return refused;
    const size = Number(before.size);
    // One more than there should be: a file that grew fills it, and one that did not ends before.
    const buffer = Buffer.allocUnsafe(size + 1);
    let filled = await readSome(fd, buffer, 0);
    for (let got = filled; got > 0 && filled !== size; filled += got) got = await readSome(fd, buffer, filled);
    return finish(buffer, filled, before, limits.settled ? before : await fstat(fd, { bigint: true }));
  } finally {
    await close(fd);
  }
}

function readSome(fd: number, buffer: Buffer, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, buffer, offset, buffer.length - offset, null, (error, bytes) => {
      if (error === null) resolve(bytes);
      else reject(error);
    });
  });
}

/** What is not read at all: no regular file, too large, or beyond what the source may say together. */
function refuse(stat: fs.BigIntStats, { limit, budget }: Limits, spent: { bytes: number }): Content | null {
  if (!stat.isFile()) return { special: kindOf(stat) };
  if (stat.size > BigInt(limit)) return { raw: { found: `${stat.size} bytes, more than ${limit}` } };
  spent.bytes += Number(stat.size);
  return spent.bytes > budget ? { overBudget: true } : null;
}

/** Accepted only when the file is the same before and after, and as long as it said. */
function finish(buffer: Buffer, filled: number, before: fs.BigIntStats, after: fs.BigIntStats): Content {
  const same = before.size === after.size && before.mtimeNs === after.mtimeNs && before.ctimeNs === after.ctimeNs;
  // A file that is unlinked while it is read changes its ctime, and is whole all the same.
  const unlinked = before.nlink !== after.nlink && before.size === after.size && before.mtimeNs === after.mtimeNs;
  if (BigInt(filled) !== before.size || !(same || unlinked)) return { moving: true };
  return { raw: decode(buffer.subarray(0, filled)) };
}

/** Text in UTF-8; a byte order mark and the CR of a CR LF are ignored. */
function decode(bytes: Buffer): Raw {
  if (!isUtf8(bytes)) return { found: 'no UTF-8 text' };
  const text = bytes.toString('utf8');
  if (text.includes('\0')) return { found: 'text with NUL characters' };
  const unmarked = text.startsWith('\ufeff') ? text.slice(1) : text;
  return unmarked.includes('\r') ? unmarked.replaceAll('\r\n', '\n') : unmarked;
}

export function kindOf(entry: fs.BigIntStats | fs.Dirent): string {
  if (entry.isDirectory()) return 'a folder';
  if (entry.isFIFO()) return 'a FIFO';
  if (entry.isSocket()) return 'a socket';
  if (entry.isSymbolicLink()) return 'a symbolic link';
  return entry.isCharacterDevice() || entry.isBlockDevice() ? 'a device' : 'no regular file';
}
