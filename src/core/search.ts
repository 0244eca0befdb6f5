// Where a service lives: the first namespace of the path that has any entry of it. Absence falls back, to the next
// namespace and in the end to the convention; failure never does.

import { EndpointNotFoundError, type ErrorDetails, ServiceNotFoundError } from './errors.ts';
import { addressAtHome } from './home.ts';
import { entryKey } from './keys.ts';
import { DEFAULT_ENDPOINT } from './names.ts';
import { nearest } from './nearest.ts';
import { type Place, searchPath } from './path.ts';
import { type Found, type Query, render, step, type Trace } from './query.ts';
import { entryOf, livesIn, namespacesOf, serviceNames, type Table } from './table.ts';

/** Looks a service up. Throws the `BranchlineError` that says why there is no answer. */
export function search(table: Table, own: string | null, query: Query, trace?: Trace): Found {
  if (!table.configured) return unconfigured(table, query);
  const { service, namespace } = query;
  const places: Place[] =
    namespace === null ? searchPath(table.settings, own, service, query.context) : [{ namespace, because: 'asked' }];
  for (const place of places) {
    if (livesIn(table, service, place.namespace)) return addressAtHome(table, own, query, place, trace);
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
    spelt: false,
  };
}

/** Nobody on the path has it: the template with the last baseline namespace, where a convention applies. */
function convention(table: Table, query: Query, places: readonly Place[], trace: Trace | undefined): Found {
  const { service, endpoint, namespace: asked } = query;
  const { baseline, strict } = table.settings;
  const considered = places.map((place) => place.namespace);
  const applies = !strict && (asked === null || baseline.includes(asked));
  if (!applies) throw notFound(table, query, considered);
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
  trace?.(step(place, 'taken', `nobody on the path has an entry${elsewhere(table, service)}: the convention answers`));
  return { namespace, address, via: 'convention', source: null, spelt: false };
}

function notFound(
  table: Table,
  { service, endpoint, namespace }: Query,
  considered: readonly string[],
): ServiceNotFoundError {
  const { strict, baseline } = table.settings;
  const wanted = strict
    ? 'strict mode wants an entry for every service'
    : `only a baseline namespace (${baseline.join(', ')}) needs no entry`;
  const suggestion = namespacesOf(table, service).length > 0 ? undefined : nearest(service, serviceNames(table));
  const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
  return new ServiceNotFoundError(
    `${service} has no entry in ${considered.join(', ')}${elsewhere(table, service)}; ${wanted}.${hint} Add ${service}.${considered[0]} to the table.`,
    { service, endpoint, namespace: namespace ?? undefined, considered, suggestion },
  );
}

/** `, but in feature-y`: where the service does have an entry. */
function elsewhere(table: Table, service: string): string {
  const namespaces = namespacesOf(table, service);
  return namespaces.length === 0 ? '' : `, but in ${some(namespaces)}`;
}

/** The first few of a list, in words. */
function some(names: readonly string[]): string {
  const more = names.length - 3;
  return more > 0 ? `${names.slice(0, 3).join(', ')} and ${more} more` : names.join(', ');
}
