// Whoever sends requests decides neither about memory nor about the length of a log.

import { withFolder } from '../model/folder.ts';
import { grouped, type Outcome, type Trial } from '../trial.ts';
import { runChild } from './child.ts';
import { fitOf } from './fit.ts';

const CHILD = new URL('unique-child.ts', import.meta.url);
/** Rows of what was answered. */
const MOST_ROWS = 20_000;
/** Warnings of a resolver that nobody listens to. */
const MOST_WARNINGS = 50;
/** A thousand contexts and 25,000 answers that are kept, each with what it holds, in bytes. */
const CACHES = 8 * 2 ** 20;

interface Seen {
  readonly samples: readonly [number, number][];
  readonly rows: number;
  readonly counted: number;
  readonly answered: number;
  readonly rejected: number;
  readonly refused: number;
  readonly told: number;
  readonly warnings: number;
  readonly most: number;
  readonly heard: {
    readonly change: number;
    readonly stale: number;
    readonly recovered: number;
    readonly again: number;
  };
}

export const unique: Trial = {
  axis: 'bounded',
  name: 'unique header values and a rewritten bad file fill neither memory nor a log',
  from: 'short',
  async run({ times }) {
    const requests = times(100_000, 1_000_000);
    const rewrites = times(200, 1000);
    const seen = await withFolder((folder) =>
      runChild<Seen>(CHILD, {
        args: [folder, String(requests), String(rewrites)],
        flags: ['--expose-gc'],
        timeout: 600_000,
      }),
    );
    return outcomeOf(seen, requests, rewrites);
  },
};

function outcomeOf(seen: Seen, requests: number, rewrites: number): Outcome {
  const { samples, rows, counted, answered, rejected, refused, told, warnings, most, heard } = seen;
  const { slope, error } = fitOf(samples);
  const heaps = samples.map(([, heap]) => heap);
  const spread = Math.max(...heaps) - Math.min(...heaps);
  const breaches: string[] = [];
  const must = (holds: boolean, why: string): unknown => holds || breaches.push(why);
  const bytes = `${slope.toFixed(2)} ± ${error.toFixed(2)} bytes a request`;
  must(spread < CACHES, `the heap went from ${Math.min(...heaps)} to ${Math.max(...heaps)}: ${String(samples)}`);
  // A text that is kept for each would be 16 bytes at least.
  must(slope - 3 * error < 1 + CACHES / 16 / requests, `${bytes}: ${String(samples)}`);
  must(rows <= MOST_ROWS, `${rows} rows`);
  must(counted === answered, `${counted} answers are counted of ${answered}`);
  must(
    rejected > 0 && refused === told && refused > rejected,
    `${rejected} rejected, ${refused} told, ${told} counted`,
  );
  must(warnings > 0 && warnings <= MOST_WARNINGS, `${warnings} warnings`);
  must(heard.again === 0, `${heard.again} more words on the same bytes`);
  must(
    heard.change === 0 && heard.stale === 1 && heard.recovered === 0,
    `the bad file caused ${JSON.stringify(heard)}`,
  );
  must(most <= 2, `${most} problems of two files`);
  return {
    figure: `${bytes} over ${grouped(requests)}; ${warnings} warnings of ${grouped(2 * rewrites)} bad versions`,
    breaches,
    rows: [
      ['the heap', `${(Math.min(...heaps) / 2 ** 20).toFixed(1)} to ${(Math.max(...heaps) / 2 ** 20).toFixed(1)} MiB`],
      ['answers counted', `${grouped(counted)} of ${grouped(answered)}, in ${grouped(rows)} rows`],
    ],
  };
}
