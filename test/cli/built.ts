// The command as npm installs it: built from the sources as they are, once for all test files, and kept for the next run
// as long as nothing changes.

import { createHash, randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { Options } from 'tsup';

export const project = fileURLToPath(new URL('../../', import.meta.url));
/** Below node_modules, so that what the command imports is found from there. */
const cache = join(project, 'node_modules/.cache/branchline');
/** A build takes some seconds: who holds the lock for longer has been killed. */
const LONGEST_BUILD = 60_000;
const KEPT = 3_600_000;

let built: Promise<string> | undefined;

/** The path of the built `cli.js`. */
export function builtCommand(): Promise<string> {
  return (built ??= findOrBuild());
}

async function findOrBuild(): Promise<string> {
  const home = join(cache, fingerprint());
  const lock = `${home}.lock`;
  const command = join(home, 'dist/cli.js');
  mkdirSync(cache, { recursive: true });
  while (!existsSync(home)) {
    if (!taken(lock)) {
      await pause(50);
      continue;
    }
    try {
      if (!existsSync(home)) await buildInto(home);
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return command;
}

/** Whether the lock is ours now. */
function taken(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    if (ageOf(lock) > LONGEST_BUILD) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

/** Everything that the build depends on. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const sources = readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .toSorted();
  for (const path of ['package.json', 'package-lock.json', 'tsup.config.ts', ...sources.map((name) => `src/${name}`)])
    hash.update(`${path}\0${readFileSync(join(project, path), 'utf8')}\0`);
  return hash.digest('hex').slice(0, 16);
}

/** The parts of the package's own build that the command consists of; whole, or not at all. */
async function buildInto(home: string): Promise<void> {
  for (const name of readdirSync(cache)) {
    if (ageOf(join(cache, name)) > KEPT) rmSync(join(cache, name), { recursive: true, force: true });
  }
  const unfinished = join(cache, randomUUID());
  mkdirSync(unfinished);
  copyFileSync(join(project, 'package.json'), join(unfinished, 'package.json'));
  // Loaded by the one that builds, and by no other.
  const [{ build }, { default: configs }] = await Promise.all([import('tsup'), import('../../tsup.config.ts')]);
  const parts = (configs as Options[]).filter(({ entry }) => entry !== undefined && ('cli' in entry || 'zod' in entry));
  // What follows a build is about the package's own dist.
  for (const { onSuccess: _, ...options } of parts)
    await build({ ...options, config: false, outDir: join(unfinished, 'dist') });
  renameSync(unfinished, home);
}

/** In milliseconds; 0 when it is not there. */
function ageOf(path: string): number {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}
