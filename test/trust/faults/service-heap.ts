// Full configurations in a heap of 64 MiB: JSON and key files of about 1 MiB, YAML and `.env` up to their limit. They load,
// load anew whenever they change, and one that is too large changes nothing.

import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { until } from '../../doubles/await.ts';
import { createKubelet } from '../../doubles/kubelet.ts';
import { grouped } from '../trial.ts';
import { FAST } from './mount-opened.ts';
import type { Child } from './service-child.ts';
import type { Row } from './service-row.ts';

const MIB = 2 ** 20;
/** Of the old space, in MiB. */
const HEAP = 64;
/** A table has 20,000 at most. */
const MOST_ENTRIES = 19_990;
/** For a table to be taken in, in milliseconds. */
const AMPLE = 30_000;

interface Kind {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  /** One entry, as it is written; of key files, what both its parts take. */
  readonly line: (service: string, url: string) => string;
  readonly head: string;
  readonly foot: string;
}

const KINDS: readonly Kind[] = [
  {
    name: 'JSON',
    file: 'table.json',
    bytes: MIB,
    line: (service, url) => `"${service}.develop": "${url}",\n`,
    head: '{\n',
    foot: '"baseline": "develop" }',
  },
  {
    name: 'YAML',
    file: 'table.yaml',
    bytes: MIB / 4,
    line: (service, url) => `${service}.develop: ${url}\n`,
    head: '',
    foot: 'baseline: develop\n',
  },
  {
    name: '.env',
    file: 'table.env',
    bytes: MIB / 4,
    line: (service, url) => `BRANCHLINE_${service.toUpperCase().replace('-', '_')}__DEVELOP=${url}\n`,
    head: '',
    foot: 'BRANCHLINE_BASELINE=develop\n',
  },
  { name: 'keys', file: 'config', bytes: MIB, line: (service, url) => `${service}.develop${url}`, head: '', foot: '' },
];

/** A configuration of so many entries, which is as large as it may be. */
interface Filled extends Kind {
  readonly count: number;
  /** The address of the entry of this number; the first has one that changes. */
  readonly urlOf: (index: number, first?: number) => string;
}

function fill(kind: Kind, most: number): Filled {
  const { bytes, line, head, foot } = kind;
  const room = bytes - head.length - foot.length;
  const bare = 'http://a.example:8000/';
  const count = Math.min(most, Math.floor(room / line(nameOf(0), bare).length));
  const base = 'x'.repeat(Math.floor(room / count) - line(nameOf(0), bare).length);
  const urlOf = (index: number, first = 0): string =>
    `http://a.example:${index === 0 ? first : 8_000 + (index % 1_000)}/${base}`.replace(/\/$/, '');
  return { ...kind, count, urlOf };
}

const nameOf = (index: number): string => `service-${String(index).padStart(5, '0')}`;

export const smallHeaps: readonly Row[] = KINDS.map((kind) => ({
  name: `a heap of ${HEAP} MiB: ${kind.name}`,
  required: 'it loads and is loaded anew, what is too large changes nothing, and the process lives',
  how: `--max-old-space-size=${HEAP} and ${kind.bytes / 1024} KiB of ${kind.name}`,
  async run({ folder, start, same }, { times, progress }) {
    const path = join(folder(FAST), kind.file);
    // Twenty thousand files take their time.
    const filled = fill(kind, kind.name === 'keys' ? times(4_000, MOST_ENTRIES) : MOST_ENTRIES);
    const write = writerOf(filled, path);
    write(9_000);
    const child = start('service-heap-child.ts', {
      args: [kind.name, path, nameOf(0)],
      flags: [`--max-old-space-size=${HEAP}`],
    });
    await child.said('ready', AMPLE);
    write('bad');
    await heard(child, 'stale', filled.urlOf(0, 9_000));
    let slowest = 0;
    const changes = times(1, 3);
    for (let change = 1; change <= changes; change += 1) {
      const written = performance.now();
      write(9_000 + change);
      await heard(child, 'change', filled.urlOf(0, 9_000 + change));
      slowest = Math.max(slowest, performance.now() - written);
    }
    const url = filled.urlOf(0, 9_000 + changes);
    await heard(child, 'recovered', filled.urlOf(0, 9_001));
    const { block, used, limit, ...look } = Object.values(await child.ask('look'))[0] as Record<string, number>;
    same(look, { entries: filled.count, stale: 0, url }, 'what answers in the end');
    const told = child.lines.filter((line) => line['event'] === 'change').map((line) => line['changes']);
    same(
      told,
      Array.from({ length: changes }, () => 1),
      'the changes that were told, each of one entry',
    );
    progress(
      `${grouped(filled.count)} entries: ${Math.round((used ?? 0) / MIB)} of ${Math.round((limit ?? 0) / MIB)} MiB, blocked ${block?.toFixed()} ms`,
    );
    child.process.stdin?.end();
    const { code, signal, stderr } = await child.exited();
    same([code, signal, stderr], [0, null, ''], 'how the process ended');
    return { noticed: 'change', milliseconds: slowest };
  },
}));

/** Writes it with the first entry at this port; or what cannot be taken: over the limit, or an entry that says nothing. */
function writerOf({ name, count, line, head, foot, urlOf }: Filled, path: string): (first: number | 'bad') => void {
  const indices = Array.from({ length: count }, (_, index) => index);
  if (name === 'keys') {
    const kubelet = createKubelet(path);
    return (first) => {
      const url = (index: number): string => (index === 0 && first === 'bad' ? first : urlOf(index, Number(first)));
      kubelet.write(Object.fromEntries(indices.map((index) => [`${nameOf(index)}.develop`, url(index)])));
    };
  }
  return (first) => {
    const lines = indices.map((index) => line(nameOf(index), urlOf(index, first === 'bad' ? 8_000 : first)));
    const text = `${head}${lines.join('')}${foot}`;
    writeFileSync(`${path}.new`, first === 'bad' ? text.repeat(2) : text);
    renameSync(`${path}.new`, path);
  };
}

async function heard(child: Child, event: string, url: string): Promise<void> {
  await until(
    () => hasEnded(child) || child.lines.some((line) => line['event'] === event && line['url'] === url),
    () => `${event} with ${url}; it said ${JSON.stringify(child.lines)}`,
    AMPLE,
  );
}

const hasEnded = ({ process: { exitCode, signalCode } }: Child): boolean => exitCode !== null || signalCode !== null;
