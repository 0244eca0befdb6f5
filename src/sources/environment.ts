// The environment of this process: the only file that reads it.

import process from 'node:process';

export type Environment = Readonly<Record<string, string | undefined>>;

export function processEnvironment(): Environment {
  return process.env;
}

/** `BRANCHLINE_CONFIG`: the folder or file of the table. */
export function configuredPath(): string | undefined {
  const path = process.env['BRANCHLINE_CONFIG'];
  return path === '' ? undefined : path;
}

/** Set in every container of a Pod (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/). */
export function isInCluster(env: Environment): boolean {
  return (env['KUBERNETES_SERVICE_HOST'] ?? '') !== '';
}
