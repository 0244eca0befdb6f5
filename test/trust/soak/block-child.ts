// Reloads the largest configurations of every kind while it watches its own event loop. Prints the longest standstill.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createResolver, fileSource, mountSource } from 'branchline';

import { createKubelet } from '../../doubles/kubelet.ts';
import type { Block } from './block.ts';
import { type Kind, KINDS } from './full.ts';
import { heapNow } from './held.ts';

const [folder = '', rounds = '1'] = process.argv.slice(2);

/** Of this thread, in milliseconds: what others do on the machine does not count. Without Linux, the time that passed. */
function busy(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return performance.now();
  }
}

/** The longest time between two turns of the event loop while something is done, and all of it, in milliseconds. */
async function blockOf(work: () => Promise<unknown>): Promise<Block> {
  let longest = 0;
  let last = busy();
  const start = last;
  let isOver = false;
  const turn = (): void => {
    const now = busy();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(turn);
  };
  await new Promise<void>((begun) => {
    setImmediate(() => {
      last = busy();
      setImmediate(turn);
      begun();
    });
  });
  await work();
  isOver = true;
  turn();
  return { longest, all: busy() - start };
}

async function measure({ name, file, text, keys, atOnce = false }: Kind, number: number): Promise<object> {
  const path = join(folder, String(number));
  mkdirSync(path);
  const kubelet = file === null ? createKubelet(path) : null;
  const write = (version: number): void => {
    if (kubelet !== null) {
      kubelet.write(keys?.(version) ?? {});
      return;
    }
    const target = join(path, file ?? '');
    writeFileSync(`${target}.new`, text?.(version) ?? '');
    renameSync(`${target}.new`, target);
  };
  write(0);
  const source = file === null ? mountSource({ path }) : fileSource({ path: join(path, file) });
  const resolver = createResolver({ sources: [source], namespace: null, watch: false, pollInterval: 3_600_000 });
  resolver.on('problem', () => {});
  await resolver.ready();
  const blocks: Block[] = [];
  for (let version = 1; version <= Number(rounds); version += 1) {
    write(version);
    // What writing it left behind is not collected while it is read.
    heapNow();
    blocks.push(await blockOf(() => resolver.reload()));
    const { port } = resolver.lookup('marker', { namespace: 'develop' });
    if (port !== 1000 + version) throw new Error(`${name}: the marker is ${port} in version ${version}`);
  }
  const { entries } = resolver.status();
  await resolver.close();
  return { name, atOnce, entries, blocks };
}

const seen: object[] = [];
for (const [number, kind] of KINDS.entries()) seen.push(await measure(kind, number));
process.stdout.write(`${JSON.stringify({ seen })}\n`);
