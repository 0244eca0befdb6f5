// What examples/ci/rbac.yaml lets the account of the pipelines do, as RBAC and the admission policy decide.

import { readFileSync } from 'node:fs';

import { loadAll } from 'js-yaml';

import type { Access, Cluster } from '../../doubles/cluster.ts';

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
  readonly spec?: unknown;
}

export const manifests = loadAll(
  readFileSync(new URL('../../../examples/ci/rbac.yaml', import.meta.url), 'utf8'),
) as Manifest[];

export interface Grant extends Rule {
  /** Where it holds; `null` everywhere. */
  readonly namespace: string | null;
}

/** What the bindings give to the account. */
export const grants: readonly Grant[] = manifests.flatMap(({ roleRef, metadata }) => {
  const role = manifests.find(({ kind, metadata: { name } }) => kind === roleRef?.kind && name === roleRef.name);
  return (role?.rules ?? []).map((rule) => ({ ...rule, namespace: metadata.namespace ?? null }));
});

/** A list and a POST have no name: a rule with names does not allow them. */
export function covers({ namespace, apiGroups, resources, resourceNames, verbs }: Grant, access: Access): boolean {
  const [resource = '', group = ''] = access.resource.split('.');
  return (
    (namespace === null || namespace === access.namespace) &&
    apiGroups.includes(group) &&
    resources.includes(resource) &&
    verbs.includes(access.verb) &&
    (resourceNames === undefined || (access.name !== null && resourceNames.includes(access.name)))
  );
}

/** The rules, and the policy: outside of the namespaces of branches the map may be changed, and nothing else. */
export function allows(access: Access, cluster: Cluster): boolean {
  if (!grants.some((grant) => covers(grant, access))) return false;
  if (['get', 'list', 'watch'].includes(access.verb)) return true;
  const namespace = access.resource === 'namespaces' ? access.name : access.namespace;
  const found = namespace === null ? undefined : cluster.object('Namespace', namespace);
  // One that is made brings its label; one that is not there is another error.
  if (found === undefined || found.metadata.labels?.['branchline'] === 'branch') return true;
  return access.resource === 'configmaps' && access.name === 'branchline' && access.verb === 'patch';
}
