// What `check` finds: the problems of a table, and where it differs from what is deployed.

import type { Problem } from '../core/errors.ts';
import { entryKey } from '../core/keys.ts';
import type { TableRow } from '../core/rows.ts';
import { parseValue } from '../core/values.ts';
import type { DeployedService } from './services.ts';

export interface Finding {
  /** A code of the library; `UNREGISTERED` or `GONE` where the cluster says otherwise. */
  readonly code: string;
  readonly message: string;
  readonly source: string | null;
  readonly key: string | null;
  readonly line: number | null;
}

export function findingOf({ code, message, source, key, line }: Problem): Finding {
  return { code, message, source, key, line };
}

/**
 * A Service that the table does not have, though its namespace or its name is known there: the commonest false green.
 * And an entry whose Service is gone. What an entry spells out itself is nobody's Service.
 */
export function compareWithCluster(
  rows: readonly TableRow[],
  services: readonly DeployedService[],
  baseline: readonly string[],
): Finding[] {
  const registered = new Map<string, TableRow[]>();
  for (const row of rows) {
    const key = entryKey(row.service, row.namespace);
    const known = registered.get(key);
    if (known === undefined) registered.set(key, [row]);
    else known.push(row);
  }
  const names = new Set(rows.map(({ service }) => service));
  const branches = new Set(rows.map(({ namespace }) => namespace).filter((namespace) => !baseline.includes(namespace)));
  const deployed = new Map(services.map((one) => [entryKey(one.service, one.namespace), one]));
  const leave = (namespace: string): string => (baseline.includes(namespace) ? ' --baseline' : '');

  const unregistered = [...deployed]
    .filter(([key, one]) => !registered.has(key) && (names.has(one.service) || branches.has(one.namespace)))
    .map(([key, { namespace }]) =>
      finding(
        'UNREGISTERED',
        key,
        `${key} is deployed, and the table does not have it: calls go elsewhere. Register it: branchline add ${key}${leave(namespace)}`,
      ),
    );
  const gone = [...registered]
    .filter(([key, own]) => !deployed.has(key) && own.every(({ value }) => isTemplated(value)))
    .map(([key, own]) => {
      const keys = own.map(({ service, namespace, endpoint }) => entryKey(service, namespace, endpoint)).join(' ');
      return finding(
        'GONE',
        key,
        `${key} is in the table, and there is no such Service: calls to it fail. Remove it: branchline remove ${keys}${leave(own[0]?.namespace ?? '')}`,
      );
    });
  return [...unregistered.toSorted(byKey), ...gone.toSorted(byKey)];
}

function finding(code: string, key: string, message: string): Finding & { key: string } {
  return { code, message, source: null, key, line: null };
}

function byKey(one: { key: string }, other: { key: string }): number {
  return one.key < other.key ? -1 : 1;
}

/** The address is the template's: there must be a Service behind it. */
function isTemplated(value: string): boolean {
  const kind = parseValue(value)?.kind;
  return kind === 'empty' || kind === 'port';
}
