// For how long a reload of the largest configurations holds up everything else.

import { withFolder } from '../model/folder.ts';
import { grouped, type Trial } from '../trial.ts';
import { runChild } from './child.ts';

const CHILD = new URL('block-child.ts', import.meta.url);
/** What nobody's machine should need for one piece of it, in milliseconds; here it is a tenth of that. */
const FAR_TOO_LONG = 250;
/** Ten pieces of the work, in milliseconds: beyond that, a block that is most of the work means that there are no pieces. */
const MANY_PIECES = 40;

interface Seen {
  readonly seen: readonly {
    readonly name: string;
    readonly atOnce: boolean;
    readonly entries: number;
    readonly blocks: readonly Block[];
  }[];
}

/** In milliseconds of the thread. */
export interface Block {
  readonly longest: number;
  /** The whole reload. */
  readonly all: number;
}

export const blocking: Trial = {
  axis: 'bounded',
  name: 'no reload of 1 MiB holds up the event loop for long',
  from: 'short',
  async run({ times }) {
    const count = times(2, 5);
    const { seen } = await withFolder((folder) =>
      runChild<Seen>(CHILD, { args: [folder, String(count)], flags: ['--expose-gc'] }),
    );
    const kinds = seen.map(({ blocks, ...kind }) => {
      const longest = blocks.map((block) => block.longest);
      return {
        ...kind,
        median: median(longest),
        longest: Math.max(...longest),
        all: median(blocks.map(({ all }) => all)),
      };
    });
    const [worst] = kinds.toSorted((one, other) => other.longest - one.longest);
    const inOne = kinds.filter((kind) => !kind.atOnce && kind.median > MANY_PIECES && kind.median > kind.all / 2);
    return {
      figure: `the longest block ${worst?.longest.toFixed(0)} ms in ${count} reloads each (${worst?.name})`,
      breaches: [
        ...kinds
          .filter((kind) => kind.median > FAR_TOO_LONG)
          .map((kind) => `${kind.name}: ${kind.median.toFixed(0)} ms`),
        ...inOne.map(({ name, ...kind }) => `${name}: ${kind.median.toFixed(0)} of ${kind.all.toFixed(0)} ms at once`),
      ],
      rows: kinds.map((kind) => [
        kind.name,
        `${grouped(kind.entries)} entries`,
        `${kind.median.toFixed(1)} ms`,
        `at most ${kind.longest.toFixed(1)} ms`,
        `of ${kind.all.toFixed(1)} ms`,
      ]),
    };
  },
};

/** Of two, the lower one. */
function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) / 2)] ?? 0;
}
