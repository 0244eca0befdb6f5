// The namespace that this process runs in, from what is nearest to it. Never from the ConfigMap: that one is copied.

import fs from 'node:fs';

import type { Problem } from '../core/errors.ts';
import { isNamespace, NAMESPACE_WANTED } from '../core/names.ts';
import { quote } from '../core/quote.ts';
import { searchDomains } from '../core/resolv-conf.ts';
import type { OwnNamespace, OwnNamespaceOffer } from '../core/source.ts';
import { type Environment, isInCluster, processEnvironment, variableOf } from './environment.ts';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';
const RESOLV_CONF = '/etc/resolv.conf';

export interface Surroundings {
  readonly env: Environment;
  /** In front of the absolute paths of a Pod's files. */
  readonly root: string;
}

/**
 * `BRANCHLINE_NAMESPACE` of the process, then as the sources offer it, the highest rank first; `POD_NAMESPACE`; the
 * service account's file; the first search domain of `resolv.conf`, `<namespace>.svc.…`.
 */
export function findOwnNamespace(
  offers: readonly OwnNamespaceOffer[],
  { env, root }: Surroundings = { env: processEnvironment(), root: '' },
): OwnNamespace {
  const problems: Problem[] = [];
  const candidates = function* (): Generator<OwnNamespaceOffer> {
    yield* variable(env, 'BRANCHLINE_NAMESPACE');
    yield* offers.toReversed();
    yield* variable(env, 'POD_NAMESPACE');
    yield* serviceAccount(root);
    yield* searchDomain(root);
  };
  for (const { value, at, binding } of candidates()) {
    if (isNamespace(value)) return { namespace: value, problems, fatal: null };
    const message = `the own namespace in ${at} is ${quote(value)}; ${NAMESPACE_WANTED}.`;
    const problem: Problem = { code: 'ERR_INVALID_NAME', message, source: null, key: null, line: null };
    if (binding === true) return { namespace: null, problems, fatal: problem };
    problems.push({ ...problem, message: `${message} It is skipped.` });
  }
  if (isInCluster(env)) problems.push(unknown());
  return { namespace: null, problems, fatal: null };
}

function* variable(env: Environment, name: string): Generator<OwnNamespaceOffer> {
  const value = variableOf(env, name);
  if (value !== undefined) yield { value, at: `the environment variable ${name}`, binding: true };
}

function* serviceAccount(root: string): Generator<OwnNamespaceOffer> {
  const value = textOf(root + SERVICE_ACCOUNT)?.trim() ?? '';
  if (value !== '') yield { value, at: SERVICE_ACCOUNT };
}

/** The first search domain of a Pod, `<namespace>.svc.…`. */
function* searchDomain(root: string): Generator<OwnNamespaceOffer> {
  const [first = ''] = searchDomains(textOf(root + RESOLV_CONF) ?? '');
  const value = /^([^.]+)\.svc\./.exec(first)?.[1];
  if (value !== undefined) yield { value, at: RESOLV_CONF };
}

const LONGEST = 64 * 1024;

function textOf(path: string): string | null {
  try {
    const stat = fs.statSync(path);
    return stat.isFile() && stat.size <= LONGEST ? fs.readFileSync(path, 'utf8') : null;
  } catch {
    return null;
  }
}

function unknown(): Problem {
  const message =
    'this process runs in a cluster and its own namespace is not known, so a branch does not find its own services first. Looked at ' +
    `BRANCHLINE_NAMESPACE, POD_NAMESPACE, ${SERVICE_ACCOUNT} and ${RESOLV_CONF}. Set POD_NAMESPACE from metadata.namespace.`;
  return { code: 'WARN_NAMESPACE_UNKNOWN', message, source: null, key: null, line: null };
}
