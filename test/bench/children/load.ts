// A process that loads a table again and again, in one of several ways, and tells how long each took: all of it, or the
// longest time in which nothing else ran.

import fs from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';

import { createResolver, memorySource, mountSource, type Resolver, type Source } from 'branchline';

import { type Form, fullTable, withOneChanged } from '../parts/full.ts';

const [mount, form, size] = process.argv.slice(3) as [string, Form, string];
const entries = Number(size);

const WAYS = {
  /** The new state of a mount, into a resolver that has the one before. */
  reload() {
    const resolver = open(mountSource({ path: mount }));
    return checked(resolver, () => resolver.reload());
  },
  /** The same bytes as texts, bare; a document parsed. */
  read: () => (form === 'keys' ? readKeys : readDocument),
  /** Everything from the beginning. */
  create: () => () => created(mountSource({ path: mount })),
  /** A table with one other entry, or with none but others, into a resolver that has the one before. */
  'set one': () => setting((table) => withOneChanged(table)),
  'set all': () => setting(() => fullTable(2, 'keys', entries)),
  'create from memory'() {
    const table = fullTable(1, 'keys', entries);
    return () => created(memorySource(table));
  },
  /** The values of the object that `set` takes, bare. */
  'read object'() {
    const table = fullTable(1, 'keys', entries);
    return () => Promise.resolve(Object.keys(table).map((key) => table[key]));
  },
} as const satisfies Record<string, () => () => Promise<unknown>>;

export type Way = keyof typeof WAYS;
export type Asked = 'time' | 'block';

function open(source: Source): Resolver {
  return createResolver({ sources: [source], namespace: 'develop', watch: false, pollInterval: 3_600_000 });
}

async function created(source: Source): Promise<void> {
  // Nothing is awaited: the answers are there.
  void open(source).close();
}

function setting(change: (table: Record<string, string>) => Record<string, string>): () => Promise<void> {
  const table = fullTable(1, 'keys', entries);
  const source = memorySource(table);
  const versions = [table, change(table)] as const;
  let turn = 0;
  return checked(open(source), () => {
    turn = 1 - turn;
    source.set(versions[turn] as Record<string, string>);
  });
}

/** Work after which the resolver must have another table. */
function checked(resolver: Resolver, work: () => void | Promise<void>): () => Promise<void> {
  const has = resolver.status().entries;
  if (has !== entries) throw new Error(`the table has ${has} entries`);
  let last = 1;
  return async () => {
    await work();
    const { revision } = resolver.lookup('anybody');
    if (revision !== last + 1) throw new Error(`revision ${revision} came after ${last}`);
    last = revision;
  };
}

/** As many files at a time as the library reads. */
const PARALLEL = 16;

async function readKeys(): Promise<Map<string, string>> {
  const folder = await fs.realpath(join(mount, '..data'));
  const texts = new Map<string, string>();
  const left = (await fs.readdir(folder)).values();
  const worker = async (): Promise<void> => {
    for (const name of left) texts.set(name, await fs.readFile(join(folder, name), 'utf8'));
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return texts;
}

async function readDocument(): Promise<unknown> {
  return JSON.parse(await fs.readFile(join(mount, '..data', 'routes.json'), 'utf8'));
}

/** In milliseconds. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

/** The longest time between two turns of the event loop, in milliseconds. */
async function blockOf(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  let going = true;
  const turn = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (going) setImmediate(turn);
  };
  turn();
  await work();
  going = false;
  // The turn that the last of the work was done in counts.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  return longest;
}

const work = WAYS[process.argv[2] as Way]();
process.on('message', (what: Asked) => {
  void (what === 'time' ? timeOf(work) : blockOf(work)).then((ms) => process.send?.(ms));
});
process.send?.('ready');
