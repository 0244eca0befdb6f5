// What holds whatever is drawn: a property, and how often it is tried.

import fc, { type IRawProperty } from 'fast-check';

import { type Form, grouped, type Trial } from '../trial.ts';
import { breachesOf } from './property.ts';

export interface Invariant {
  /** A sentence without a full stop. */
  readonly name: string;
  readonly runs: Readonly<Record<Exclude<Form, 'long'>, number>>;
  /** Its predicate throws where it does not hold. */
  readonly property: IRawProperty<unknown>;
}

/** @throws when it does not hold */
export function must(holds: boolean, why: string | (() => string)): asserts holds {
  if (!holds) throw new Error(typeof why === 'string' ? why : why());
}

export function mustEqual(seen: unknown, wanted: unknown, what: string): void {
  const [one, other] = [JSON.stringify(seen), JSON.stringify(wanted)];
  must(one === other, () => `${what}: ${one}, and not ${other}`);
}

export function trialOf(invariants: readonly Invariant[]): Trial {
  return {
    axis: 'predictable',
    name: 'what must hold for anything holds for what is drawn',
    from: 'short',
    async run({ seed, times, progress }) {
      let all = 0;
      const breaches: string[] = [];
      const rows: string[][] = [];
      for (const { name, runs, property } of invariants) {
        const start = performance.now();
        const details = await fc.check(property, { seed, numRuns: times(runs.short, runs.full) });
        all += details.numRuns;
        breaches.push(...breachesOf(name, details));
        rows.push([name, `${grouped(details.numRuns)} runs`]);
        progress(`${name}: ${grouped(details.numRuns)} runs (${Math.round(performance.now() - start)} ms)`);
      }
      return { figure: `${invariants.length} invariants × runs: ${grouped(all)}`, breaches, rows };
    },
  };
}
