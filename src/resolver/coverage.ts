// What was answered, counted: "did my test really reach the branch?" is a number.

import type { Via } from '../core/types.ts';

export interface Coverage {
  /** When counting began, in epoch milliseconds. */
  since: number;
  counts: { service: string; namespace: string | null; via: Via; count: number }[];
  /** Answers that found no room in `counts`. */
  dropped: number;
}

/** A row that an answer keeps, so that counting costs one addition. */
export interface Row {
  count: number;
}

const MOST_ROWS = 20_000;

export interface Counter {
  /** The row of a kind of answer; `isNew` is called the first time. */
  row(service: string, namespace: string | null, via: Via, isNew: () => void): Row;
  read(): Coverage;
}

export function createCounter(since: number): Counter {
  const rows = new Map<string, Coverage['counts'][number]>();
  const rest: Row = { count: 0 };
  return {
    row(service, namespace, via, isNew) {
      const id = `${service}.${namespace ?? ''}.${via}`;
      const known = rows.get(id);
      if (known !== undefined) return known;
      if (rows.size >= MOST_ROWS) return rest;
      const row = { service, namespace, via, count: 0 };
      rows.set(id, row);
      isNew();
      return row;
    },
    read: () => ({
      since,
      counts: [...rows.values()].map((row) => ({ ...row })),
      dropped: rest.count,
    }),
  };
}
