// A process that holds a table of 20,000 entries, and tells what that takes of its heap. Run with --expose-gc.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

import { createResolver, memorySource, mountSource, type Resolver, type Source } from 'branchline';

import { fullTable } from '../parts/full.ts';

export type Holder = keyof typeof HOLDERS;

/** From a mount, or of so many entries. */
const HOLDERS = {
  mount: (mount: string) => open(mountSource({ path: mount })),
  memory: (_mount: string, entries: number) => open(memorySource(parsed(fullTable(1, 'keys', entries)))),
  /** No more than the keys and values, as they are read. */
  map: (mount: string) => {
    const folder = join(mount, '..data');
    return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const));
  },
} as const satisfies Record<string, (mount: string, entries: number) => unknown>;

/** Texts as they are when somebody read them, and not as they are when somebody put them together. */
function parsed(table: Record<string, string>): Record<string, string> {
  return JSON.parse(JSON.stringify(table)) as Record<string, string>;
}

function open(source: Source): Resolver {
  return createResolver({ sources: [source], namespace: 'develop' });
}

/** What is left of the heap when everything is collected that can be. */
async function heap(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc?.();
    await sleep(50);
  }
  return process.memoryUsage().heapUsed;
}

const [holder, few, many, entries] = process.argv.slice(2) as [Holder, string, string, string];
const hold = HOLDERS[holder];

// A small one first: code and parsers are loaded, and are not counted.
const first = hold(few, 1);
if ('ready' in first) await first.ready();
const before = await heap();
const held = hold(many, Number(entries));
if ('ready' in held) await held.ready();
const after = await heap();
process.send?.({
  bytes: (after - before) / Number(entries),
  entries: 'status' in held ? held.status().entries : held.size - 1,
});
process.disconnect();
if ('close' in held) await held.close();
if ('close' in first) await first.close();
