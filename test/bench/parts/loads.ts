// Processes that load the same mount, each in its own way: what one of them leaves to be collected does not slow another.

import type { Asked, Way } from '../children/load.ts';
import { type Child, start } from '../harness/child.ts';
import { createFlip } from './flip.ts';
import { type Form, payloadOf } from './full.ts';

export interface Loads {
  /** In milliseconds. A reload finds the version that it does not have. */
  ask(way: Way, what?: Asked): Promise<number>;
  stop(): Promise<void>;
}

type Table = Readonly<Record<string, string>>;

/** `entries` is how many a table from memory has. */
export async function startLoads(
  ways: readonly Way[],
  form: Form,
  entries: number,
  versions?: readonly [Table, Table],
): Promise<Loads> {
  const flip = versions && createFlip([payloadOf(versions[0], form), payloadOf(versions[1], form)]);
  const children = new Map<Way, Child<string>>();
  for (const way of ways) children.set(way, await start('load', [way, flip?.mount ?? '', form, String(entries)]));
  return {
    ask(way, what = 'time') {
      if (way === 'reload') flip?.swap();
      return (children.get(way) as Child<string>).ask<number>(what);
    },
    async stop() {
      await Promise.all([...children.values()].map((child) => child.stop()));
      flip?.remove();
    },
  };
}
