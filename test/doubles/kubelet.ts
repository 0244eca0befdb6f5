// A double of the kubelet's AtomicWriter (pkg/volume/util/atomic_writer.go): the same steps in the same order, so that what
// a reader can see between two system calls is what it can see in a Pod.
//
//   1 check the payload                          7 group and modes of an fsGroup
//   2 read the link ..data                       8 link ..data_tmp to the new folder
//   3 list the paths to remove                   9 rename ..data_tmp onto ..data: the commit
//   4 compare the bytes: equal, no write        10 make the visible links that are missing
//   5 make the folder ..<UTC time>.<random>     11 remove the visible links of dropped keys
//   6 write the files                           12 remove the old folder

import { randomInt } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Keys, or paths as in `items[].path`, and their content. */
export type Payload = Readonly<Record<string, string | Uint8Array>>;

export type Step = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12;

export interface KubeletOptions {
  /** `defaultMode`. @default 0o644 */
  mode?: number;
  /** `items[].mode`, by path. */
  modes?: Readonly<Record<string, number>>;
  /** The group of the volume: step 7 chowns every new file and adds 0440. */
  fsGroup?: number;
  /** `remove-and-link` is how Windows does step 9: `..data` is absent for a moment. @default 'rename' */
  commit?: 'rename' | 'remove-and-link';
  /** `before-commit` is how old kubelets did step 10: the new links dangle for a moment. @default 'after-commit' */
  links?: 'after-commit' | 'before-commit';
}

export interface Writing {
  /** The writer is killed when it is done with this step. */
  stopAfter?: Step;
}

export interface Kubelet {
  readonly mount: string;
  /** Swaps at once. Returns the name of the new folder, `null` when nothing was written. */
  write(payload: Payload, writing?: Writing): string | null;
  /** The same, with a pause before each system call: by default one turn of the event loop. */
  writeSlowly(payload: Payload, pause?: (next: Step) => Promise<unknown>, writing?: Writing): Promise<string | null>;
}

/** A kubelet for one volume. The folder is made if it is missing, as an emptyDir is. */
export function createKubelet(mount: string, options: KubeletOptions = {}): Kubelet {
  mkdirSync(mount, { recursive: true });
  return {
    mount,
    write(payload, { stopAfter = 12 } = {}) {
      const steps = swap(mount, payload, options);
      for (;;) {
        const { done, value } = steps.next();
        if (done === true) return value;
        if (value > stopAfter) return null;
      }
    },
    async writeSlowly(payload, pause = () => nextTurn(), { stopAfter = 12 } = {}) {
      const steps = swap(mount, payload, options);
      for (;;) {
        const { done, value } = steps.next();
        if (done === true) return value;
        if (value > stopAfter) return null;
        await pause(value);
      }
    },
  };
}

/** Yields the number of a step before each of its system calls that a reader could notice. */
function* swap(mount: string, payload: Payload, options: KubeletOptions): Generator<Step, string | null, void> {
  const at = (...path: string[]): string => join(mount, ...path);
  const paths = Object.keys(payload);

  yield 1;
  for (const path of paths) assertPath(path);
  yield 2;
  const old = readlinkIfThere(at('..data'));
  yield 3;
  const kept = withParents(paths);
  const dropped = old === null ? [] : [...withParents(filesBelow(at(old)))].filter((path) => !kept.has(path));
  yield 4;
  const same =
    old !== null &&
    dropped.length === 0 &&
    Object.entries(payload).every(([path, content]) => hasContent(at(old, path), content));

  let made: string | null = null;
  if (!same) {
    yield 5;
    made = makeTimestampFolder(mount);
    chmodSync(at(made), 0o755);
    for (const [path, content] of Object.entries(payload)) {
      const file = at(made, path);
      const mode = options.modes?.[path] ?? options.mode ?? 0o644;
      yield 6;
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content, { mode });
      chmodSync(file, mode);
    }
    if (options.fsGroup !== undefined) {
      for (const path of paths) {
        yield 7;
        chownSync(at(made, path), -1, options.fsGroup);
        chmodSync(at(made, path), (options.modes?.[path] ?? options.mode ?? 0o644) | 0o440);
      }
    }
    if (options.links === 'before-commit') yield* makeVisibleLinks(mount, paths);
    yield 8;
    symlinkSync(made, at('..data_tmp'));
    yield 9;
    if (options.commit === 'remove-and-link') {
      if (old !== null) unlinkSync(at('..data'));
      yield 9;
      symlinkSync(made, at('..data'));
      yield 9;
      unlinkSync(at('..data_tmp'));
    } else {
      renameSync(at('..data_tmp'), at('..data'));
    }
  }
  // Also when nothing was written: since 1.30 this heals the links that a killed kubelet did not make.
  yield* makeVisibleLinks(mount, paths);
  for (const path of dropped) {
    if (path.includes('/')) continue;
    yield 11;
    unlinkIfThere(at(path));
  }
  if (made !== null && old !== null) yield* removeAll(at(old));
  return made;
}

function assertPath(path: string): void {
  const elements = path.split('/');
  if (path === '' || path.startsWith('/') || path.length > 4096) throw new Error(`not a path of a volume: ${path}`);
  if (elements[0]?.startsWith('..') === true) throw new Error(`a path must not start with "..": ${path}`);
  for (const element of elements) {
    if (element === '..' || element.length > 255) throw new Error(`not a path of a volume: ${path}`);
  }
}

/** Only the first element of a path gets a visible link. */
function* makeVisibleLinks(mount: string, paths: readonly string[]): Generator<Step, void, void> {
  for (const path of paths) {
    const [name = path] = path.split('/');
    if (readlinkIfThere(join(mount, name)) !== null) continue;
    yield 10;
    symlinkSync(`..data/${name}`, join(mount, name));
  }
}

/** One entry after the other, as os.RemoveAll does it: a slow reader sees a part of the folder. */
function* removeAll(folder: string): Generator<Step, void, void> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      yield* removeAll(join(folder, entry.name));
    } else {
      yield 12;
      unlinkSync(join(folder, entry.name));
    }
  }
  yield 12;
  rmdirSync(folder);
}

function makeTimestampFolder(mount: string): string {
  const [year, month, day, hour, minute, second] = new Date().toISOString().split(/[-T:.]/);
  for (;;) {
    const name = `..${year}_${month}_${day}_${hour}_${minute}_${second}.${randomInt(2 ** 32)}`;
    try {
      mkdirSync(join(mount, name), { mode: 0o700 });
      return name;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

function filesBelow(folder: string, prefix = ''): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name), `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`],
  );
}

/** The paths and the folders they are in. */
function withParents(paths: readonly string[]): Set<string> {
  const all = new Set<string>();
  for (const path of paths) for (let part = path; part !== '.'; part = dirname(part)) all.add(part);
  return all;
}

function hasContent(file: string, content: string | Uint8Array): boolean {
  try {
    return readFileSync(file).equals(Buffer.from(content));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function readlinkIfThere(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
