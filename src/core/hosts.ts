// Which service a host is: the table read backwards, for one namespace.

import { isBranchlineError } from './errors.ts';
import { type EntryKey, parseKey } from './keys.ts';
import { isServiceName } from './names.ts';
import { search } from './search.ts';
import { livesIn, type Table } from './table.ts';

const known = new WeakMap<Table, Map<string, ReadonlyMap<string, string>>>();

/** The service of this namespace that is at a host (and port), or that the host's first label names; else `null`. */
export function serviceAt(table: Table, namespace: string, host: string): string | null {
  const found = hostsOf(table, namespace).get(host);
  if (found !== undefined) return found;
  const [hostname = ''] = host.split(':');
  const [service = '', second, third] = hostname.split('.');
  if (second === undefined) return livesIn(table, service, namespace) ? service : null;
  return second === namespace && third === 'svc' && isServiceName(service) ? service : null;
}

function hostsOf(table: Table, namespace: string): ReadonlyMap<string, string> {
  const ofTable = known.get(table) ?? new Map<string, ReadonlyMap<string, string>>();
  known.set(table, ofTable);
  const made = ofTable.get(namespace) ?? read(table, namespace);
  ofTable.set(namespace, made);
  return made;
}

function read(table: Table, namespace: string): ReadonlyMap<string, string> {
  const hosts = new Map<string, string>();
  for (const key of table.entries.keys()) {
    const { service, endpoint, namespace: at } = parseKey(key) as EntryKey;
    if (at !== namespace) continue;
    try {
      const { address } = search(table, namespace, { service, endpoint, namespace, context: null });
      const { hostname, port } = address;
      hosts.set(port === null ? hostname : `${hostname}:${port}`, service);
    } catch (error) {
      // Disabled, poisoned: it has no address.
      if (!isBranchlineError(error)) throw error;
    }
  }
  return hosts;
}
