// A disk that fails, and one that is slow: what was read before answers, the event loop goes on, and it is read again.

import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { calm, calmest } from './files-calm.ts';
import { now, observe, type Observed, traced } from './files-observed.ts';
import { POLL } from './mount-opened.ts';
import type { Row, Seen, Tools } from './service-row.ts';

/** What is asked of a disk for the content of a file, and of a folder. */
const CALLS = 'read,pread64,getdents64';
/** Of each thread the first calls fail. */
const FAILING = `${CALLS}:error=EIO:when=1..12`;
const SLOW = `${CALLS}:delay_enter=300000`;

export const disks: readonly Row[] = [
  {
    name: 'a disk fails (EIO), and heals',
    required:
      'the answers stay, a stale event each, the event loop goes on; when it heals it is read, though nothing changes',
    how: `strace -e inject=${FAILING}, on a key, a document, a folder`,
    run: fail,
  },
  {
    name: 'a disk is slow',
    required: 'the answers stay until it was read; the event loop is held up for less than 50 ms',
    how: `strace -e inject=${SLOW}, on a key, a document, a folder`,
    async run(tools) {
      const { reader, ports, turnTo } = await begin(tools, SLOW);
      const times: number[] = [];
      const held = await calm(tools, reader, 'a slow disk', async () => {
        const since = now();
        turnTo('bad');
        tools.same(await ports(), [8081, 8081, 8081], 'the ports while it is read');
        for (const name of SERVICES) {
          const { at } = await reader.heard('change', since, ({ changes }) =>
            changes.some(({ key, to }) => key.startsWith(name) && to === '8082'),
          );
          times.push(at - since);
        }
        return async () => {
          const later = now();
          turnTo('good');
          for (const name of SERVICES)
            await reader.heard('change', later, ({ changes }) => changes.some(({ key }) => key.startsWith(name)));
        };
      });
      tools.must(Math.min(...times) > 300, `it was not slow: ${Math.min(...times)} ms`);
      tools.same(reader.all('stale'), [], 'what is stale');
      return { noticed: `change, held up ${held.toFixed(1)} ms`, milliseconds: Math.max(...times) };
    },
  },
];

const SOURCES = ['keys', 'document.json', 'folder'] as const;
/** One in each of them. */
const SERVICES = ['a', 'b', 'c'] as const;

async function fail(tools: Tools): Promise<Seen> {
  const codes = new Set<string>();
  let slowest = 0;
  const held = await calmest(tools, 'a disk that fails', async () => {
    const { reader, ports, turnTo } = await begin(tools, FAILING);
    await reader.ask('stood');
    const since = now();
    turnTo('bad');
    for (const name of SOURCES) {
      const { told, at } = await reader.heard('stale', since, ({ source }) => source.endsWith(name));
      tools.must(told.problem.message.includes('EIO'), `${name}: EIO is not named: ${told.problem.message}`);
      codes.add(told.problem.code);
      slowest = Math.max(slowest, at - since);
    }
    const kept = await ports();
    const stood = await reader.ask<number>('stood');
    // Each thread has its own count, so that one source may have been read by now.
    if (reader.all('recovered').length === 0) tools.same(kept, [8081, 8081, 8081], 'the ports while the disk failed');
    for (const name of SOURCES) await reader.heard('recovered', since, ({ source }) => source.endsWith(name));
    // And one may still fail when another one does no more.
    const end = now() + 10_000;
    while ((await reader.status()).stale.length > 0 && now() < end) await reader.ask('reload');
    tools.same((await reader.status()).stale, [], 'what is stale when the disk was mended');
    const told = reader.all('change').flatMap(({ told: { changes } }) => changes);
    const wanted = SERVICES.map((name) => ({ key: `${name}.feature-x`, from: '8081', to: '8082' }));
    const inOrder = told.toSorted((one, other) => one.key.localeCompare(other.key));
    tools.same(inOrder, wanted, 'all that changed, failing and mended');
    return stood;
  });
  return { noticed: `stale (${[...codes].join(', ')}), held up ${held.toFixed(1)} ms`, milliseconds: slowest };
}

interface Begun {
  readonly reader: Observed;
  /** Where each service is. */
  ports(): Promise<(number | null)[]>;
  /** The links of all sources point there from now on. */
  turnTo(disk: 'good' | 'bad'): void;
}

/** Three sources that are, or hold, links to a disk that works; the other one does what is injected. */
async function begin(tools: Tools, inject: string): Promise<Begun> {
  const root = tools.folder();
  const at = (...parts: string[]): string => join(root, ...parts);
  mkdirSync(at('keys'));
  for (const [disk, port] of Object.entries({ good: '8081', bad: '8082' })) {
    mkdirSync(at(disk, 'folder'), { recursive: true });
    writeFileSync(at(disk, 'key'), port);
    writeFileSync(at(disk, 'document.json'), `{"b.feature-x":${port}}`);
    writeFileSync(at(disk, 'folder', 'c.feature-x'), port);
  }
  const links = {
    [at('keys', 'a.feature-x')]: 'key',
    [at('document.json')]: 'document.json',
    [at('folder')]: 'folder',
  };
  const turnTo: Begun['turnTo'] = (disk) => {
    for (const [link, name] of Object.entries(links)) {
      symlinkSync(at(disk, name), at('next'));
      renameSync(at('next'), link);
    }
  };
  turnTo('good');
  const reader = await observe(
    tools,
    { sources: [{ mount: at('keys') }, { file: at('document.json') }, { mount: at('folder') }], pollInterval: POLL },
    traced(
      inject,
      Object.values(links).map((name) => at('bad', name)),
    ),
  );
  await reader.child.said('ready');
  const portOf = async (name: string): Promise<number | null> =>
    (await reader.ask<{ port: number | null }>(`lookup ${name}`)).port;
  return { reader, turnTo, ports: async () => Promise.all(SERVICES.map(portOf)) };
}
