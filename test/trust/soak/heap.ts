// Configurations of 1 MiB, reloaded again and again in a heap of 64 MiB.

import { join } from 'node:path';

import { withFolder } from '../model/folder.ts';
import { grouped, type Trial } from '../trial.ts';
import { runChild } from './child.ts';

const CHILD = new URL('heap-child.ts', import.meta.url);
/** The young generation is as large as in Node 20: in Node 26 it takes so much of a small heap that V8 collects all the time. */
const FLAGS = ['--max-old-space-size=64', '--max-semi-space-size=16'];

interface Seen {
  readonly wrong: readonly string[];
  /** Bytes of heap in use, rubbish included. */
  readonly most: number;
  readonly entries: number;
  readonly bytes: number;
}

export const smallHeap: Trial = {
  axis: 'bounded',
  name: '1 MiB of key files and 1 MiB of JSON are reloaded in a heap of 64 MiB',
  from: 'short',
  async run({ times }) {
    const count = times(30, 200);
    const { wrong, most, entries, bytes } = await withFolder((folder) =>
      runChild<Seen>(CHILD, { args: [join(folder, 'config'), String(count)], flags: FLAGS }),
    );
    const mebibytes = (size: number): string => (size / 2 ** 20).toFixed(1);
    return {
      figure: `${count} reloads of ${mebibytes(bytes)} MiB, ${grouped(entries)} entries; ${mebibytes(most)} MiB of heap at most`,
      breaches: [...wrong],
    };
  },
};
