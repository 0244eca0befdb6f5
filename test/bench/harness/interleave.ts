// Rounds in which each candidate has its turn, in another order each time: what the machine does meanwhile meets all.

import { median, quantile, sampleWithReplacement, shuffle } from 'simple-statistics';

import type { Figure } from './part.ts';

/** One measurement of a candidate: time, or CPU time, or whatever grows with its cost. */
export type Candidates<Name extends string> = Readonly<Record<Name, () => number | Promise<number>>>;

export type Rounds<Name extends string> = readonly Readonly<Record<Name, number>>[];

export async function interleave<Name extends string>(
  candidates: Candidates<Name>,
  rounds: number,
): Promise<Rounds<Name>> {
  const names = Object.keys(candidates) as Name[];
  const measured: Record<Name, number>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const own = {} as Record<Name, number>;
    for (const name of shuffle(names)) own[name] = await candidates[name]();
    measured.push(own);
  }
  return measured;
}

/** The ratios of the rounds: their median, and where the middle half of them lies. */
export function ratio<Name extends string>(rounds: Rounds<Name>, one: Name, other: Name): Figure {
  return spread(rounds.map((round) => round[one] / round[other]));
}

/** The ratios of the rounds: their median, and where it is with 95 % certainty (bootstrap, percentiles). */
export function interval<Name extends string>(rounds: Rounds<Name>, one: Name, other: Name): Figure {
  const ratios = rounds.map((round) => round[one] / round[other]);
  const medians = Array.from({ length: 2000 }, () => median(sampleWithReplacement(ratios, ratios.length)));
  return { median: median(ratios), low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}

export function spread(samples: readonly number[]): Figure {
  const list = [...samples];
  return { median: median(list), low: quantile(list, 0.25), high: quantile(list, 0.75) };
}

/** The median of what one candidate took. */
export function typical<Name extends string>(rounds: Rounds<Name>, name: Name): number {
  return median(rounds.map((round) => round[name]));
}
