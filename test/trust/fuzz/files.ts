// A folder for the files of one process, and resolvers that read one of them.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { createResolver, type Resolver, type Source } from 'branchline';

/** Files in memory, where the system has such a folder: a disk would take most of the time. */
const PLACE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

let folder: string | undefined;

/** Writes a file, of bytes given as a text of one character each; returns its path. */
export function writeBytes(name: string, bytes: string): string {
  if (folder === undefined) {
    folder = mkdtempSync(join(PLACE, 'branchline-fuzz-'));
    process.once('exit', removeFiles);
  }
  const path = join(folder, name);
  writeFileSync(path, Buffer.from(bytes, 'latin1'));
  return path;
}

/** Takes the folder away: at the exit of the process, or earlier where there may be none. */
export function removeFiles(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
}

/** A resolver of this source alone, which looks only when it is told to. Somebody listens to its problems. */
export function resolverOf(source: Source): Resolver {
  const resolver = createResolver({ sources: [source], namespace: null, watch: false, pollInterval: 3_600_000 });
  resolver.on('problem', () => {});
  return resolver;
}

/** The text of bytes, without a byte order mark; `null` where they are no UTF-8, or hold a NUL. */
export function textOf(bytes: string): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(bytes, 'latin1'));
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}
