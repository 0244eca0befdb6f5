// The address of a service in the namespace where it lives. Disabled and unreadable entries are errors here, never absence.

import type { Address } from './address.ts';
import { EndpointNotFoundError, EntryInvalidError, type ErrorDetails, ServiceDisabledError } from './errors.ts';
import { entryKey } from './keys.ts';
import { DEFAULT_ENDPOINT } from './names.ts';
import { type Place, viaOf } from './path.ts';
import { type Found, type Query, render, step, type Trace } from './query.ts';
import { escape } from './quote.ts';
import type { Entry } from './source-table.ts';
import { entryOf, type Table } from './table.ts';
import { parseValue } from './values.ts';

/** The service lives here: its entry for the wanted endpoint decides; a missing one counts as empty. */
export function addressAtHome(
  table: Table,
  own: string | null,
  query: Query,
  place: Place,
  trace: Trace | undefined,
): Found {
  const { service, endpoint } = query;
  const { namespace } = place;
  const main = entryOf(table, service, namespace, DEFAULT_ENDPOINT);
  const entry = endpoint === DEFAULT_ENDPOINT ? main : entryOf(table, service, namespace, endpoint);
  const details = { service, endpoint, namespace };

  const disabled = [main, entry].find((candidate) => candidate?.value === 'disabled');
  if (disabled !== undefined) {
    trace?.(step(place, 'disabled', 'deployed here but not to be called', disabled));
    throw new ServiceDisabledError(
      `${disabled.key} is "disabled" in ${escape(disabled.source)}: ${service} is deployed in ${namespace} but not to be called. Give it an address, or remove the entry.`,
      { ...details, source: disabled.source, key: disabled.key },
    );
  }
  if (entry?.value === null) throw poisoned(entry, details, place, trace);

  const value = entry === undefined ? null : parseValue(entry.raw);
  const spelt = value?.kind === 'url' || value?.kind === 'host';
  const taken = (address: Address, note: string): Found => {
    trace?.(step(place, 'taken', note, entry));
    const source = (entry ?? main)?.source ?? null;
    return { namespace, address, via: viaOf(table.settings, own, namespace), source, spelt };
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
    if (main?.value === 'host' || main?.value === 'url') {
      throw noEndpoint(`${main.key} spells a host, and an endpoint does not follow to it`, details, place, trace);
    }
  }
  const giver = portGiver(table, service, endpoint);
  if (giver?.value === null) throw poisoned(giver, details, place, trace);
  const given = giver === undefined ? null : parseValue(giver.raw);
  const port = given?.kind === 'port' ? given.port : null;
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
    if (entry !== undefined && entry.value !== 'empty') return entry;
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
