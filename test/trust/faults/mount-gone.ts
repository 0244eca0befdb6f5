// A mount, or a file, that goes away: what it said stays, one event says so, and whatever comes back under its name is
// found within a poll.

import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { fileSource, mountSource } from 'branchline';

import { createKubelet } from '../../doubles/kubelet.ts';
import { type Opened, open, POLL, SOON, tableWith } from './mount-opened.ts';
import type { Row, Tools } from './service-row.ts';

interface Going {
  readonly name: string;
  readonly how: string;
  /** Takes it away. */
  readonly away: (path: string) => void;
  /** Makes what is there from then on. */
  readonly back: (path: string, port: number) => void;
  /** A file instead of a folder. */
  readonly isFile?: true;
}

const write = (path: string, port: number): void => void createKubelet(path).write(tableWith(port));
const writeFile = (path: string, port: number): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(tableWith(port)));
};
const remove = (path: string): void => {
  rmSync(path, { recursive: true });
};

const GOING: readonly Going[] = [
  { name: 'a mount is deleted', how: 'rm -r, and a new folder later', away: remove, back: write },
  {
    name: 'the folder that a mount is in is deleted',
    how: 'rm -r of the parent, and new folders later',
    away: (path) => remove(dirname(path)),
    back: write,
  },
  {
    name: 'every key of a mount is gone',
    how: 'a swap to an empty ConfigMap, and a full one later',
    away: (path) => void createKubelet(path).write({}),
    back: write,
  },
  {
    name: 'a mount gives way to a file',
    how: 'rm -r, and a file of its name',
    away(path) {
      remove(path);
      writeFileSync(path, '');
    },
    back(path, port) {
      remove(path);
      write(path, port);
    },
  },
  {
    name: 'a mount gives way to a link to nowhere',
    how: 'rm -r, a dangling link; what it names is made later',
    away(path) {
      remove(path);
      rmSync(`${path}-real`, { recursive: true, force: true });
      symlinkSync(`${path}-real`, path);
    },
    back: (path, port) => write(`${path}-real`, port),
  },
  { name: 'a document is deleted', how: 'rm, and a new file later', away: remove, back: writeFile, isFile: true },
];

/** For a moment nothing is there, but nobody need ever see that. */
const SWAPPED: readonly Omit<Going, 'away'>[] = [
  {
    name: 'a mount is deleted and created again',
    how: 'rm -r and a new folder, in one moment',
    back(path, port) {
      remove(path);
      write(path, port);
    },
  },
  {
    name: 'a mount is swapped for a link',
    how: 'rm -r and a link to another folder, in one moment',
    back(path, port) {
      write(`${path}-${port}`, port);
      remove(path);
      symlinkSync(`${path}-${port}`, path);
    },
  },
  {
    name: 'another folder is renamed over a mount',
    how: 'two renames, in one moment',
    back(path, port) {
      write(`${path}-${port}`, port);
      renameSync(path, `${path}-before-${port}`);
      renameSync(`${path}-${port}`, path);
    },
  },
];

export const gone: readonly Row[] = GOING.map((going) => ({
  name: going.name,
  how: going.how,
  required: 'the answers stay, one stale event; what comes back is found within a poll, and recovered says so',
  async run(tools, { times }) {
    const opened = await begin(tools, going);
    let slowest = 0;
    let found = 0;
    for (let round = 1; round <= times(2, 10); round += 1) {
      const before = opened.answers();
      const { told, after } = await opened.whenTold('stale', () => going.away(opened.path));
      slowest = Math.max(slowest, after);
      tools.same(told.keys, null, `round ${round}: the stale keys`);
      tools.same(told.problem.code, 'ERR_SOURCE_UNREADABLE', `round ${round}: the problem`);
      await opened.resolver.reload();
      tools.same(opened.answers(), before, `round ${round}: the answers`);
      tools.same(opened.resolver.status().sources[0]?.state, 'stale', `round ${round}: the state`);
      found = Math.max(found, await comesBack(tools, opened, going, round));
    }
    const { stale, recovered } = opened.events;
    tools.same([stale.length, recovered.length], [times(2, 10), times(2, 10)], 'stale and recovered events');
    return { noticed: `stale; back in ${Math.round(found)} ms`, milliseconds: slowest };
  },
}));

export const swapped: readonly Row[] = SWAPPED.map((going) => ({
  name: going.name,
  how: going.how,
  required: 'what is there now answers within a poll, and so does what it is swapped to',
  async run(tools, { times }) {
    const opened = await begin(tools, going);
    let slowest = 0;
    for (let round = 1; round <= times(3, 20); round += 1)
      slowest = Math.max(slowest, await comesBack(tools, opened, going, round));
    return { noticed: 'change', milliseconds: slowest };
  },
}));

interface There extends Opened {
  readonly path: string;
}

async function begin(tools: Tools, { isFile }: Pick<Going, 'isFile'>): Promise<There> {
  const path = join(tools.folder(), 'etc', isFile ? 'routes.json' : 'config');
  if (isFile) writeFile(path, 9000);
  else write(path, 9000);
  return { ...(await open(tools, isFile ? fileSource({ path }) : mountSource({ path }))), path };
}

/** How long it took until it was found; after it a swap is found as well. */
async function comesBack(
  tools: Tools,
  { path, ...opened }: There,
  going: Omit<Going, 'away'>,
  round: number,
): Promise<number> {
  const port = 9000 + 2 * round;
  going.back(path, port);
  const after = await opened.reached(port);
  tools.must(after < POLL + SOON, `round ${round}: found after ${Math.round(after)} ms, with a poll every ${POLL} ms`);
  (going.isFile ? writeFile : write)(path, port + 1);
  await opened.reached(port + 1);
  await opened.resolver.reload();
  const { stale, sources } = opened.resolver.status();
  tools.same([stale, sources[0]?.state], [[], 'live'], `round ${round}: what is stale, and the state, afterwards`);
  return after;
}
