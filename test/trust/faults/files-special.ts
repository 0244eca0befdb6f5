// What lies where a file should be and is none: the answers stay, one stale event says so, and nothing waits for it.

import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import type { BranchlineError } from 'branchline';

import type { Given } from '../trial.ts';
import { calm } from './files-calm.ts';
import { now, observe } from './files-observed.ts';
import { POLL } from './mount-opened.ts';
import type { Row, Seen, Tools } from './service-row.ts';

interface Special {
  readonly name: string;
  readonly put: (path: string, tools: Tools) => unknown;
  /** Of a folder a mount says that it is none of ours; so it is a key that is gone. */
  readonly isNoKey?: true;
}

const pipe = (path: string): void => {
  const { status, error, stderr } = spawnSync('mkfifo', [path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`not injected: mkfifo: ${error?.message ?? stderr}`);
};
const sparse = (path: string, size: number): void => {
  writeFileSync(path, '');
  truncateSync(path, size);
};
const MiB = 2 ** 20;

const KINDS: Readonly<Record<string, readonly Special[]>> = {
  'a FIFO where a file was': [
    { name: 'a FIFO', put: pipe },
    {
      name: 'a FIFO with a writer',
      put(path, { after }) {
        pipe(path);
        const writer = openSync(path, 'r+');
        after(() => closeSync(writer));
      },
    },
    {
      name: 'a socket',
      async put(path, { after }) {
        const server = createServer();
        after(() => server.close());
        await new Promise<void>((resolve) => server.listen(path, resolve));
      },
    },
  ],
  'a folder where a file was': [
    { name: 'a folder', put: (path) => mkdirSync(path), isNoKey: true },
    { name: 'a link to a folder', put: (path) => symlinkSync('/', path) },
    { name: 'a link to itself', put: (path) => symlinkSync(path, path) },
  ],
  'a device where a file was': [
    { name: 'a device', put: (path) => symlinkSync('/dev/zero', path) },
    { name: 'a terminal', put: (path) => symlinkSync('/dev/tty', path) },
  ],
  'a sparse file where a file was': [
    { name: 'a sparse file of 5 GiB', put: (path) => sparse(path, 5 * 1024 * MiB) },
    { name: 'a sparse file of 1 MiB', put: (path) => sparse(path, MiB) },
  ],
};
/** It never looks the same before and after it was read. */
const ENDLESS: Special = { name: 'a file of the system', put: (path) => symlinkSync('/proc/version', path) };
const ALL = [...Object.values(KINDS).flat(), ENDLESS];
/** Keys that are good. */
const MANY = 2_000;

const KEY = 'my-rest.feature-x';
const GOOD = { [KEY]: '8081', 'routes.json': '{"orders.feature-x":"8081"}' };
type Name = keyof typeof GOOD;
const NAMES: readonly Name[] = [KEY, 'routes.json'];

export const special: readonly Row[] = Object.entries(KINDS).map(([name, kinds]) => rowOf(name, kinds));

export const endless: Row = rowOf('a file that is longer than it says where a file was', [ENDLESS]);

function rowOf(name: string, kinds: readonly Special[]): Row {
  return {
    name,
    required: 'the answers stay, one stale event; the event loop is held up for less than 50 ms',
    how: `${kinds.map((kind) => kind.name).join(', ')}: as a key of a mount, and as a document`,
    run: async (tools) => replaced(tools, kinds),
  };
}

export const specialAtStart: Row = {
  name: 'no files from the start',
  required: 'an error of the document at once, and of the key when its service is asked for',
  how: `${ALL.length} kinds: each as a key of a mount of many, and as a document`,
  run: fromTheStart,
};

async function replaced(tools: Tools, kinds: readonly Special[]): Promise<Seen> {
  const [mount, folder] = [join(tools.folder(), 'config'), tools.folder()];
  mkdirSync(mount);
  const places: Readonly<Record<Name, string>> = {
    [KEY]: join(mount, KEY),
    'routes.json': join(folder, 'routes.json'),
  };
  writeFileSync(join(mount, 'my-rest.develop'), '8080');
  for (const key of NAMES) writeFileSync(places[key], GOOD[key]);
  const reader = await observe(tools, { sources: [{ mount }, { file: places['routes.json'] }], pollInterval: POLL });
  await reader.child.said('ready');
  const answers = async (): Promise<unknown> =>
    Promise.all([reader.ask('resolve my-rest'), reader.ask('resolve orders')]);
  const before = await answers();

  const codes = new Set<string>();
  const times: number[] = [];
  const held: number[] = [];
  for (const { name, put, isNoKey } of kinds) {
    for (const key of isNoKey ? NAMES.slice(1) : NAMES) {
      const path = places[key];
      const mend = async (): Promise<void> => {
        const since = now();
        rmSync(path, { recursive: true });
        writeFileSync(path, GOOD[key]);
        await reader.heard('recovered', since);
        tools.same(await answers(), before, `${name} for ${key}: the answers when it was good again`);
      };
      const inject = async (): Promise<typeof mend> => {
        const since = now();
        rmSync(path);
        await put(path, tools);
        const { told, at } = await reader.heard('stale', since);
        // The rest of a mount is not frozen by one of its keys.
        tools.same(told.keys, key === KEY ? [KEY] : null, `${name} for ${key}: what is stale`);
        times.push(at - since);
        codes.add(told.problem.code);
        tools.same(await answers(), before, `${name} for ${key}: the answers`);
        return mend;
      };
      held.push(await calm(tools, reader, `${name} for ${key}`, inject));
    }
  }
  tools.same(reader.all('change'), [], 'changes');
  const noticed = `stale (${[...codes].join(', ')}), held up ${Math.max(...held).toFixed(1)} ms`;
  return { noticed, milliseconds: Math.max(...times) };
}

async function fromTheStart(tools: Tools, { times }: Given): Promise<Seen> {
  const mount = join(tools.folder(), 'config');
  mkdirSync(mount);
  writeFileSync(join(mount, 'my-rest.develop'), '8080');
  const keys = ALL.filter(({ isNoKey }) => !isNoKey);
  for (const [index, { put }] of keys.entries()) await put(join(mount, `s${index}.feature-x`), tools);
  // A look takes its time, and the last one must not be missed.
  for (let index = 0; index < MANY; index += 1) writeFileSync(join(mount, `many-${index}.develop`), '8080');
  for (let round = 0; round < times(3, 6); round += 1) {
    const { child, ask } = await observe(tools, { sources: [{ mount }] });
    await child.said('ready');
    tools.same(await ask('resolve my-rest'), 'http://my-rest.develop.svc:8080', 'the answer of a key that is one');
    for (const [index, { name }] of keys.entries()) {
      const error = await ask(`resolve s${index}`).then(String, String);
      tools.must(error.includes('ERR_ENTRY_INVALID'), `${name} for a key: ${error}`);
    }
  }

  const folder = tools.folder();
  const places = ALL.map((_, index) => join(folder, `${index}.json`));
  for (const [index, { put }] of ALL.entries()) await put(places[index] as string, tools);
  const child = tools.start('files-child.ts', {
    args: [JSON.stringify({ namespace: null, sources: places.map((file) => ({ file })) })],
  });
  const [starting, { error, at }] = [await child.said('starting'), await child.said('error')];
  const problems = (error as Partial<BranchlineError>).problems ?? [];
  for (const [index, { name }] of ALL.entries()) {
    const isNamed = problems.some(({ message }) => message.includes(places[index] as string));
    tools.must(isNamed, `${name} for a document is not named: ${JSON.stringify(problems)}`);
  }
  const milliseconds = (at as number) - (starting['at'] as number);
  tools.must(milliseconds < 5_000, `the error took ${milliseconds} ms`);
  return { noticed: (error as BranchlineError).code, milliseconds };
}
