// A question to the table, and what an answer to it is made of.

import type { Address } from './address.ts';
import { AddressInvalidError } from './errors.ts';
import { entryKey } from './keys.ts';
import type { Place } from './path.ts';
import type { Entry } from './source-table.ts';
import type { Table } from './table.ts';
import type { RoutingContext, Step, Via } from './types.ts';

export interface Query {
  readonly service: string;
  readonly endpoint: string;
  /** Exactly this namespace. */
  readonly namespace: string | null;
  readonly context: RoutingContext | null;
}

export interface Found {
  readonly namespace: string | null;
  readonly address: Address;
  readonly via: Via;
  readonly source: string | null;
  /** The entry spells the host: a port that the caller names has no say. */
  readonly spelt: boolean;
}

/** Told of every step, for `explain`; a search that answers a call has none. */
export type Trace = (step: Step) => void;

export function step(place: Place, outcome: Step['outcome'], note: string, entry?: Entry): Step {
  const { namespace, because } = place;
  const value = entry === undefined || entry.value === null ? null : entry.raw.trim();
  return {
    namespace,
    because,
    outcome,
    key: entry?.key ?? null,
    value,
    source: entry?.source ?? null,
    stale: entry?.stale ?? false,
    note,
  };
}

/** The template's address in a namespace. @throws `ERR_ADDRESS_INVALID` */
export function render(
  table: Table,
  { service, endpoint }: Query,
  place: Place,
  entry: Entry | undefined,
  considered: readonly string[],
  trace: Trace | undefined,
): Address {
  const { template } = table.settings;
  const { namespace } = place;
  const address = template.render(service, namespace);
  if (address !== null) return address;
  trace?.(step(place, 'bad-address', `the template ${template.text} makes no legal host of these names`, entry));
  throw new AddressInvalidError(
    `the template "${template.text}" with ${service} and ${namespace} makes no legal host: a label may have 63 characters, and the last may not be a number. ` +
      `Give ${entryKey(service, namespace)} a host or a URL.`,
    { service, endpoint, namespace, considered },
  );
}
