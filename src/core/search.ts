// Where a service lives, and what its address is there. Absence falls back; failure never does: a disabled or an
// unreadable entry stops the search with an error.

import type { Address } from './address.ts';
import {
  AddressInvalidError,
  EndpointNotFoundError,
  EntryInvalidError,
  type ErrorDetails,
  ServiceDisabledError,
  ServiceNotFoundError,
} from './errors.ts';
import { entryKey } from './keys.ts';
import type { Entry } from './source-table.ts';
import { DEFAULT_ENDPOINT } from './names.ts';
import { nearest } from './nearest.ts';
import { type Place, searchPath, viaOf } from './path.ts';
import { entryOf, livesIn, serviceNames, type Table } from './table.ts';
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
}

/** Told of every step, for `explain`; a search that answers a call has none. */
export type Trace = (step: Step) => void;

/** Looks a service up. Throws the `BranchlineError` that says why there is no answer. */
export function search(table: Table, own: string | null, query: Query, trace?: Trace): Found {
  if (!table.configured) return unconfigured(table, query);
  const { service, namespace } = query;
  const places: Place[] =
    namespace === null ? searchPath(table.settings, own, service, query.context) : [{ namespace, because: 'asked' }];
  for (const place of places) {
    if (livesIn(table, service, place.namespace)) return answer(table, own, query, place, trace);
    trace?.(step(place, 'absent', `no entry of ${service} in ${place.namespace}`));
  }
  return convention(table, query, places, trace);
}

/** Whether anybody on the path has an entry, whatever its state: of the service, or of the endpoint that is asked for. */
export function isOnPath(table: Table, own: string | null, { service, endpoint, namespace, context }: Query): boolean {
  const places = namespace === null ? searchPath(table.settings, own, service, context) : [{ namespace }];
  return places.some((place) =>
    endpoint === DEFAULT_ENDPOINT
      ? livesIn(table, service, place.namespace)
      : entryOf(table, service, place.namespace, endpoint) !== undefined,
  );
}

function step(place: Place, outcome: Step['outcome'], note: string, entry?: Entry): Step {
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

/** No table, no change: the name as it is, so that the call goes where it would go without this library. */
function unconfigured(table: Table, { service, endpoint, namespace }: Query): Found {
  const nothing = 'there is no table: no source gives an entry or a baseline';
  const details: ErrorDetails = { service, endpoint, namespace: namespace ?? undefined, considered: [] };
  if (namespace !== null || table.settings.strict) {
    const where = namespace === null ? '' : ` in ${namespace}`;
    throw new ServiceNotFoundError(
      `${service}${where} is not known, because ${nothing}. Mount the ConfigMap or name it in BRANCHLINE_CONFIG.`,
      details,
    );
  }
  if (endpoint !== DEFAULT_ENDPOINT) {
    throw new EndpointNotFoundError(
      `the port of ${service}'s endpoint ${endpoint} is not known, because ${nothing}.`,
      details,
    );
  }
  return {
    namespace: null,
    address: { protocol: 'http:', hostname: service, port: null, base: '' },
    via: 'unconfigured',
    source: null,
  };
}

/** Nobody on the path has it: the template with the last baseline namespace, where a convention applies. */
function convention(table: Table, query: Query, places: readonly Place[], trace: Trace | undefined): Found {
  const { service, endpoint, namespace: asked } = query;
  const { baseline, strict } = table.settings;
  const considered = places.map((place) => place.namespace);
  const applies = !strict && (asked === null || baseline.includes(asked));
  if (!applies) {
    const suggestion = nearest(service, serviceNames(table));
    const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
    const wanted = strict
      ? 'strict mode wants an entry for every service'
      : `only a baseline namespace (${baseline.join(', ')}) needs no entry`;
    throw new ServiceNotFoundError(
      `${service} has no entry in ${considered.join(', ')}; ${wanted}.${hint} Add ${service}.${considered[0]} to the table.`,
      { service, endpoint, namespace: asked ?? undefined, considered, suggestion },
    );
  }
  const namespace = asked ?? (baseline.at(-1) as string);
  const place: Place = { namespace, because: 'convention' };
  if (endpoint !== DEFAULT_ENDPOINT) {
    const key = entryKey(service, namespace, endpoint);
    trace?.(step(place, 'no-endpoint', `the convention has no port for the endpoint ${endpoint}`));
    throw new EndpointNotFoundError(
      `${service} has no entry in ${considered.join(', ')}, so its endpoint ${endpoint} has no port. Add ${key} with a port.`,
      { service, endpoint, considered },
    );
  }
  const address = render(table, query, place, undefined, considered, trace);
  trace?.(step(place, 'taken', 'nobody on the path has an entry: the template and a baseline namespace answer'));
  return { namespace, address, via: 'convention', source: null };
}

/** The service lives here: its entry for the wanted endpoint decides; a missing one counts as empty. */
function answer(table: Table, own: string | null, query: Query, place: Place, trace: Trace | undefined): Found {
  const { service, endpoint } = query;
  const { namespace } = place;
  const main = entryOf(table, service, namespace, DEFAULT_ENDPOINT);
  const entry = endpoint === DEFAULT_ENDPOINT ? main : entryOf(table, service, namespace, endpoint);
  const details = { service, endpoint, namespace };

  const disabled = [main, entry].find((candidate) => candidate?.value?.kind === 'disabled');
  if (disabled !== undefined) {
    trace?.(step(place, 'disabled', 'deployed here but not to be called', disabled));
    throw new ServiceDisabledError(
      `${disabled.key} is "disabled" in ${disabled.source}: ${service} is deployed in ${namespace} but not to be called. Give it an address, or remove the entry.`,
      { ...details, source: disabled.source, key: disabled.key },
    );
  }
  const value = entry?.value;
  if (entry !== undefined && value === null) throw poisoned(entry, details, place, trace);

  const taken = (address: Address, note: string): Found => {
    trace?.(step(place, 'taken', note, entry));
    const source = (entry ?? main)?.source ?? null;
    return { namespace, address, via: viaOf(table.settings, own, namespace), source };
  };
  const { template } = table.settings;
  if (value?.kind === 'url') return taken(value.address, 'the entry spells the address');
  if (value?.kind === 'host') {
    return taken(
      { protocol: template.protocol, hostname: value.hostname, port: value.port, base: '' },
      "the entry spells the host, the template's scheme",
    );
  }
  const rendered = (port: number | null, note: string): Found => {
    const address = render(table, query, place, entry, [namespace], trace);
    return taken(port === null ? address : { ...address, port }, note);
  };
  if (value?.kind === 'port') return rendered(value.port, 'the template with the port of the entry');

  // Empty or missing. A named port has no address of its own where its service is at a host that somebody spelt.
  if (endpoint !== DEFAULT_ENDPOINT) {
    if (main?.value === null) throw poisoned(main, details, place, trace);
    if (main?.value.kind === 'host' || main?.value.kind === 'url') {
      throw noEndpoint(`${main.key} spells a host, and an endpoint does not follow to it`, details, place, trace);
    }
  }
  const giver = portGiver(table, service, endpoint);
  if (giver?.value === null) throw poisoned(giver, details, place, trace);
  const port = giver?.value.kind === 'port' ? giver.value.port : null;
  if (port === null && endpoint !== DEFAULT_ENDPOINT) {
    throw noEndpoint(`neither ${namespace} nor the baseline gives it a port`, details, place, trace);
  }
  const state = entry === undefined ? 'no entry for the endpoint' : 'an empty entry';
  return rendered(
    port,
    port === null ? `${state}: the template as it is` : `${state}: the template with the port of ${giver?.key ?? ''}`,
  );
}

/** The first baseline entry of this endpoint that is not empty; its port is what an empty one inherits. */
function portGiver(table: Table, service: string, endpoint: string): Entry | undefined {
  for (const namespace of table.settings.baseline) {
    const entry = entryOf(table, service, namespace, endpoint);
    if (entry !== undefined && entry.value?.kind !== 'empty') return entry;
  }
  return undefined;
}

function poisoned(entry: Entry, details: ErrorDetails, place: Place, trace: Trace | undefined): EntryInvalidError {
  const { problem, key, source } = entry;
  trace?.(step(place, 'invalid', 'the entry cannot be read, and there is no last good value', entry));
  const inherited = key.endsWith(`.${place.namespace}`)
    ? ''
    : `${details.service} in ${place.namespace} takes its port from there: `;
  return new EntryInvalidError(`${inherited}${problem?.message ?? key}`, {
    ...details,
    key,
    source,
    line: problem?.line ?? undefined,
  });
}

function noEndpoint(
  why: string,
  details: { service: string; endpoint: string; namespace: string },
  place: Place,
  trace: Trace | undefined,
): EndpointNotFoundError {
  const { service, endpoint, namespace } = details;
  const key = entryKey(service, namespace, endpoint);
  trace?.(step(place, 'no-endpoint', why));
  return new EndpointNotFoundError(
    `${service} in ${namespace} has no endpoint ${endpoint}: ${why}. Add ${key} with a port or an address.`,
    { ...details, key },
  );
}

function render(
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
