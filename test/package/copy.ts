// A copy of what the check of the supply chain looks at, to be spoilt.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { temporaryFolder } from '../doubles/folder.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));

/** As much of a lock file's entry as is spoilt here. */
export interface Locked {
  version?: string;
  dev?: boolean;
  integrity?: string;
  license?: string;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
}

export interface Manifest {
  version?: string;
  scripts?: Record<string, string>;
  gypfile?: boolean;
}

export interface Copy {
  write(path: string, text: string): void;
  /** Replaces a text that has to be there. */
  replace(path: string, what: string | RegExp, by: string): void;
  /** Changes the lock file's entry of a package; an empty one is made where there is none. */
  lock(name: string, change: (entry: Locked) => void): void;
  /** Changes a package.json: the package's own, or that of an installed one. */
  manifest(name: string | null, change: (manifest: Manifest) => void): void;
  path(path: string): string;
  check(): { status: number | null; problems: string[]; figures: string[] };
}

export function copyOfProject(): Copy {
  const folder = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  const take = (name: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    cpSync(join(project, name), path(name), { recursive: true });
  };
  for (const name of ['package.json', 'package-lock.json', 'src', '.github/workflows']) take(name);
  const lock = JSON.parse(readFileSync(path('package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };
  for (const [name, { dev }] of Object.entries(lock.packages)) {
    if (name !== '' && dev !== true) take(`${name}/package.json`);
  }

  const write = (name: string, text: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  return {
    path,
    write,
    replace(name, what, by) {
      const text = readFileSync(path(name), 'utf8');
      const changed = text.replace(what, () => by);
      if (changed === text) throw new Error(`${name} has no ${String(what)}`);
      write(name, changed);
    },
    lock(name, change) {
      change((lock.packages[`node_modules/${name}`] ??= {}));
      write('package-lock.json', JSON.stringify(lock));
    },
    manifest(name, change) {
      const file = name === null ? 'package.json' : `node_modules/${name}/package.json`;
      const manifest = JSON.parse(readFileSync(path(file), 'utf8')) as Manifest;
      change(manifest);
      write(file, JSON.stringify(manifest));
    },
    check() {
      const script = join(project, '.ci/check-supply-chain');
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
      return { status, problems: linesOf(stderr), figures: linesOf(stdout) };
    },
  };
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');
