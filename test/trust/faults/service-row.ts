// One row of this part of the table: what is compared in it becomes its breaches, and so does an error.

import { isDeepStrictEqual } from 'node:util';

import type { Given } from '../trial.ts';
import { type Fault, type Noticed, type Scope, textOf } from './fault.ts';
import { type Child, type ChildOptions, startChild } from './service-child.ts';

export interface Tools extends Scope {
  /** A breach unless it holds. */
  must(holds: boolean, otherwise: string): void;
  /** A breach unless both are the same, in depth. */
  same(seen: unknown, wanted: unknown, what: string): void;
  /** A file of this folder, or an address, in a process of its own. */
  start(file: string | URL, options?: ChildOptions): Child;
}

export type Seen = Omit<Noticed, 'breaches'>;

export interface Row extends Omit<Fault, 'run'> {
  readonly run: (tools: Tools, given: Given) => Promise<Seen>;
}

export function faultOf({ run, ...fault }: Row): Fault {
  return {
    ...fault,
    async run(given, scope) {
      const breaches: string[] = [];
      const must = (holds: boolean, otherwise: string): void => void (holds || breaches.push(otherwise));
      const tools: Tools = {
        ...scope,
        must,
        same: (seen, wanted, what) =>
          must(isDeepStrictEqual(seen, wanted), `${what}: ${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`),
        start: (file, options) => startChild(scope, new URL(file, import.meta.url), options),
      };
      try {
        return { ...(await run(tools, given)), breaches };
      } catch (error) {
        breaches.push(textOf(error));
        return { noticed: '', milliseconds: null, breaches };
      }
    },
  };
}
