// Which service a host is: the table read backwards, for one namespace.

import { isBranchlineError } from './errors.ts';
import { type EntryKey, parseKey } from './keys.ts';
import { isServiceName } from './names.ts';
import { search } from './search.ts';
import { livesIn, type Table } from './table.ts';

/** Host → service; `null` for a host that several share. */
type Hosts = ReadonlyMap<string, string | null>;

const known = new WeakMap<Table, Map<string, Hosts>>();

/**
 * The service of this namespace that is at a host (and port), or that the host's first label names; `null` when it cannot
 * be told, because several are there.
 */
export function serviceAt(table: Table, namespace: string, host: string): string | null {
  const found = hostsOf(table, namespace).get(host.toLowerCase());
  if (found !== undefined) return found;
  const [hostname = ''] = host.toLowerCase().split(':');
  const [service = '', second, third] = hostname.split('.');
  if (second === undefined) return livesIn(table, service, namespace) ? service : null;
  return second === namespace && third === 'svc' && isServiceName(service) ? service : null;
}

function hostsOf(table: Table, namespace: string): Hosts {
  const ofTable = known.get(table) ?? new Map<string, Hosts>();
  known.set(table, ofTable);
  const made = ofTable.get(namespace) ?? read(table, namespace);
  ofTable.set(namespace, made);
  return made;
}

function read(table: Table, namespace: string): Hosts {
  const hosts = new Map<string, string | null>();
  for (const key of table.entries.keys()) {
    const { service, endpoint, namespace: at } = parseKey(key) as EntryKey;
    if (at !== namespace) continue;
    try {
      const { address } = search(table, namespace, { service, endpoint, namespace, context: null });
      const { hostname, port } = address;
      const host = port === null ? hostname : `${hostname}:${port}`;
      hosts.set(host, hosts.has(host) && hosts.get(host) !== service ? null : service);
    } catch (error) {
      // Disabled, poisoned: it has no address.
      if (!isBranchlineError(error)) throw error;
    }
  }
  return hosts;
}
