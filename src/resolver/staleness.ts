// What answers with its last good state, since when, and what of that is news.

import type { Problem } from '../core/errors.ts';
import type { Intake } from './intake.ts';

export interface Stale {
  source: string;
  /** A key, a setting or a document; `null` for the whole source. */
  key: string | null;
  /** In epoch milliseconds. */
  since: number;
}

export interface StaleNews {
  readonly stale: readonly { source: string; keys: string[] | null; problem: Problem }[];
  readonly recovered: readonly { source: string; keys: string[] | null }[];
}

export interface Staleness {
  /** Compares with the last time; call it after each change of an intake. */
  update(): StaleNews;
  list(): Stale[];
}

export function createStaleness(intakes: readonly Intake[], now: () => number): Staleness {
  /** Of each intake: key → since when. */
  const known = intakes.map(() => new Map<string | null, number>());

  return {
    update() {
      const stale: StaleNews['stale'][number][] = [];
      const recovered: StaleNews['recovered'][number][] = [];
      for (const [index, intake] of intakes.entries()) {
        const source = intake.source.name;
        const before = known[index] as Map<string | null, number>;
        const after = staleNow(intake);
        const over = [...before.keys()].filter((key) => !after.has(key));
        for (const key of over) before.delete(key);
        for (const [key, problem] of after) {
          if (before.has(key)) continue;
          before.set(key, now());
          stale.push({ source, keys: key === null ? null : [key], problem });
        }
        const keys = over.filter((key) => key !== null);
        if (keys.length > 0) recovered.push({ source, keys });
        if (keys.length < over.length) recovered.push({ source, keys: null });
      }
      return { stale, recovered };
    },
    list: () =>
      intakes.flatMap((intake, index) =>
        [...(known[index] as Map<string | null, number>)].map(([key, since]) => ({
          source: intake.source.name,
          key,
          since,
        })),
      ),
  };
}

function staleNow(intake: Intake): Map<string | null, Problem> {
  const stale = new Map<string | null, Problem>();
  const failure = intake.failure();
  if (failure !== null && intake.hasSpoken()) stale.set(null, failure);
  for (const [key, problem] of intake.table().stale) {
    const whole = key === '';
    if (!(whole && stale.has(null))) stale.set(whole ? null : key, problem);
  }
  return stale;
}
