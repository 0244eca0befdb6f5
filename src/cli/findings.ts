// What `check` finds: the problems of a table, and where it differs from what is deployed.

import type { Problem } from '../core/errors.ts';
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
  const registered = new Set(rows.map(({ service, namespace }) => `${service}.${namespace}`));
  const names = new Set(rows.map(({ service }) => service));
  const branches = new Set(rows.map(({ namespace }) => namespace).filter((namespace) => !baseline.includes(namespace)));
  const deployed = new Set(services.map(({ service, namespace }) => `${service}.${namespace}`));

  const unregistered = [...deployed].filter((key) => {
    const [service = '', namespace = ''] = key.split('.');
    return !registered.has(key) && (names.has(service) || branches.has(namespace));
  });
  const gone = [...registered].filter((key) => {
    const own = rows.filter(({ service, namespace }) => `${service}.${namespace}` === key);
    return !deployed.has(key) && own.every(({ value }) => isTemplated(value));
  });
  return [
    ...unregistered.toSorted().map((key) => ({
      code: 'UNREGISTERED',
      message: `${key} is deployed, and the table does not have it: calls go elsewhere. Register it: branchline add ${key}`,
      source: null,
      key,
      line: null,
    })),
    ...gone.toSorted().map((key) => ({
      code: 'GONE',
      message: `${key} is in the table, and there is no such Service: calls to it fail. Remove it: branchline remove ${key}`,
      source: null,
      key,
      line: null,
    })),
  ];
}

/** The address is the template's: there must be a Service behind it. */
function isTemplated(value: string): boolean {
  const kind = parseValue(value)?.kind;
  return kind === 'empty' || kind === 'port';
}
