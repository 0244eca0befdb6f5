// A process that follows a mount, in one of several ways, and tells each new answer and when it was live.

import { watch, watchFile } from 'node:fs';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';

import { createResolver, mountSource } from 'branchline';
import chokidar from 'chokidar';

import { monotonic } from '../parts/clock.ts';

/** The answer, and when it was there, in milliseconds of `monotonic`. */
export interface Seen {
  readonly url: string;
  readonly at: number;
}

export type Follower = keyof typeof FOLLOWERS;

const [follower, mount] = process.argv.slice(2) as [Follower, string];

function tell(url: string): void {
  process.send?.({ url, at: monotonic() } satisfies Seen);
}

const FOLLOWERS = {
  async branchline() {
    const resolver = createResolver({ sources: [mountSource({ path: mount })], namespace: 'develop' });
    resolver.on('change', () => {
      tell(resolver.resolve('svc-00'));
    });
    await resolver.ready();
  },
  /** Told of the folder itself, and not of what its links lead to: fewer events, and none of them late. */
  async chokidar() {
    const watcher = chokidar.watch(mount, { ignoreInitial: true, depth: 0, followSymlinks: false });
    watcher.on('all', look);
    await new Promise((resolve) => {
      watcher.once('ready', () => {
        resolve(null);
      });
    });
  },
  'fs.watch'() {
    watch(mount, (_event, name) => {
      if (name === '..data') look();
    });
  },
  polling() {
    watchFile(join(mount, '..data'), { interval: 1000 }, look);
  },
} as const satisfies Record<string, () => void | Promise<void>>;

/** What is written by hand where there is no library: the table is read whole, and swapped. */
let table: ReadonlyMap<string, string> = new Map();
let looking = false;
let again = false;

/** One look at a time; what happens meanwhile makes one more. */
function look(): void {
  again = true;
  if (looking) return;
  looking = true;
  void (async () => {
    while (again) {
      again = false;
      const before = table.get('svc-00.develop');
      table = await readWhole();
      const url = table.get('svc-00.develop');
      if (url !== undefined && url !== before) tell(url);
    }
    looking = false;
  })();
}

async function readWhole(): Promise<Map<string, string>> {
  for (;;) {
    try {
      const folder = await fs.realpath(join(mount, '..data'));
      const names = await fs.readdir(folder);
      return new Map(
        await Promise.all(
          names.map(async (name) => [name, (await fs.readFile(join(folder, name), 'utf8')).trim()] as const),
        ),
      );
    } catch (error) {
      // It was swapped away while it was read.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

await FOLLOWERS[follower]();
process.on('message', () => undefined);
process.send?.('ready');
