// The table as rows, for people: what is deployed where, in which state.

import { type EntryKey, parseKey } from './keys.ts';
import { DEFAULT_ENDPOINT } from './names.ts';
import type { Entry } from './source-table.ts';
import { textOf } from './table.ts';

/** One entry, as plain data. */
export interface TableRow {
  service: string;
  namespace: string;
  endpoint: string;
  /** As written, without white space around; `invalid` when it cannot be read and never could. */
  value: string;
  state: 'live' | 'stale' | 'invalid' | 'disabled';
  source: string;
}

/** The entries, sorted by service, namespace and endpoint, the default one first. */
export function rowsOf(entries: ReadonlyMap<string, Entry>): TableRow[] {
  const order = ({ service, namespace, endpoint }: TableRow): string =>
    `${service} ${namespace} ${endpoint === DEFAULT_ENDPOINT ? '' : endpoint}`;
  return [...entries.values()]
    .map((entry) => {
      const { service, namespace, endpoint } = parseKey(entry.key) as EntryKey;
      return {
        service,
        namespace,
        endpoint,
        value: textOf(entry) as string,
        state: stateOf(entry),
        source: entry.source,
      };
    })
    .toSorted((one, other) => (order(one) < order(other) ? -1 : 1));
}

function stateOf({ value, stale }: Entry): TableRow['state'] {
  if (value === null) return 'invalid';
  if (stale) return 'stale';
  return value === 'disabled' ? 'disabled' : 'live';
}
