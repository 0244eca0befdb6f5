// The Services of a cluster: what is really deployed, and on which ports.

import { parsePort } from '../core/address.ts';
import { entryKey } from '../core/keys.ts';
import { DEFAULT_ENDPOINT, isEndpoint, isNamespace, isServiceName } from '../core/names.ts';
import { asRecord, type KubernetesObject } from './objects.ts';

export interface DeployedService {
  readonly service: string;
  readonly namespace: string;
  readonly ports: readonly { readonly name: string | null; readonly port: number }[];
}

/** The Services that the table could name. */
export function servicesOf(objects: readonly KubernetesObject[]): DeployedService[] {
  return objects.flatMap(({ kind, metadata, spec }) => {
    const { name: service, namespace } = metadata;
    if (kind !== 'Service' || namespace === undefined || !isServiceName(service) || !isNamespace(namespace)) return [];
    const { ports } = asRecord(spec);
    return [{ service, namespace, ports: Array.isArray(ports) ? ports.flatMap((port: unknown) => portOf(port)) : [] }];
  });
}

function portOf(value: unknown): DeployedService['ports'] {
  const { name, port, protocol } = asRecord(value);
  const number = typeof port === 'number' ? parsePort(String(port)) : null;
  if (number === null || (protocol !== undefined && protocol !== 'TCP')) return [];
  return [{ name: typeof name === 'string' && name !== '' ? name : null, port: number }];
}

/**
 * The entries that a Service stands for: its only port, the one named http, or the first one, is the default endpoint's;
 * each other port that has a name is a named endpoint.
 */
export function entriesOf({ service, namespace, ports }: DeployedService): Map<string, string> {
  const main = ports.find(({ name }) => name === 'http' || name === DEFAULT_ENDPOINT) ?? ports[0];
  const entries = new Map([[entryKey(service, namespace), main === undefined ? '' : String(main.port)]]);
  for (const { name, port } of ports) {
    if (port !== main?.port && name !== null && isEndpoint(name))
      entries.set(entryKey(service, namespace, name), String(port));
  }
  return entries;
}
