// Processes in which calls are measured, one for each table, and several in turn.

import type { Call } from '../children/calls.ts';
import { type Child, start } from '../harness/child.ts';
import { interleave, type Rounds } from '../harness/interleave.ts';

/** A table, and whether the calls are made within a request: `200`, or `200 within`. */
export type Where = readonly [entries: number, place: 'outside' | 'within'];

export type Calls = Readonly<Record<string, readonly [where: number, call: Call]>>;

/**
 * The rounds of several sets of processes, together. A set has a process for each of `where`; within it the calls are
 * interleaved, over all processes of the set.
 */
export async function callsIn<C extends Calls>(
  where: readonly Where[],
  calls: C,
  { sets, rounds, turns }: { sets: number; rounds: number; turns: number },
): Promise<{ rounds: Rounds<keyof C & string>; bytes: number }> {
  const all: Readonly<Record<keyof C & string, number>>[] = [];
  let bytes = 0;
  for (let set = 0; set < sets; set += 1) {
    const children = await Promise.all(
      where.map(([entries, place]) =>
        start('calls', [String(entries), place, String(turns)], { execArgv: ['--expose-gc'] }),
      ),
    );
    const ask = (at: number, call: Call): Promise<number> => (children[at] as Child<string>).ask<number>(call);
    const candidates = Object.fromEntries(
      Object.entries(calls).map(([name, [at, call]]) => [name, () => ask(at, call)] as const),
    ) as Record<keyof C & string, () => Promise<number>>;
    // The first answers are those of code that is not compiled yet.
    await interleave(candidates, 1);
    all.push(...(await interleave(candidates, rounds)));
    if (set === 0) bytes = await ask(0, 'bytes');
    await Promise.all(children.map((child) => child.stop()));
  }
  return { rounds: all, bytes };
}
