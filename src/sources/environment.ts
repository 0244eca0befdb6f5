// The environment of this process: the only file that reads it.

export type Environment = Readonly<Record<string, string | undefined>>;

export function processEnvironment(): Environment {
  return process.env;
}

/** A variable of its own, not one of somebody else's `Object.prototype`; empty counts as not there. */
export function variableOf(env: Environment, name: string): string | undefined {
  const value = Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
  return value === '' ? undefined : value;
}

/** `BRANCHLINE_CONFIG`: the folder or file of the table. */
export function configuredPath(): string | undefined {
  return variableOf(process.env, 'BRANCHLINE_CONFIG');
}

/** Set in every container of a Pod (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/). */
export function isInCluster(env: Environment): boolean {
  return variableOf(env, 'KUBERNETES_SERVICE_HOST') !== undefined;
}
