// Branch names: `namespaceOf` by a second reading of the contract, and that no two branches meet.

import { createHash } from 'node:crypto';

import { namespaceOf } from 'branchline';

import { attempt, differs, firstOf, isLabel, isNamespace } from '../oracle.ts';
import { corpus, type Target } from '../target.ts';

/** Namespace → the branch that it is of. */
const seen = new Map<string, string>();
const MOST_SEEN = 200_000;

export const branches: Target = {
  name: 'branches',
  seeds: corpus('branches'),
  words: ['feature', 'release', '/', '-', '_', '.', 'JIRA-12', 'x', 'kube-', 'HEAD', 'refs/', 'main', '#', ' '],
  hold(branch) {
    const expected = expectedOf(branch, '');
    const withPrefix = expectedOf(branch, 'pr-');
    return firstOf(
      () => mapped(branch, {}, expected),
      () => mapped(branch, { prefix: 'pr-' }, withPrefix),
      () => (expected === null ? null : mapped(expected, {}, expected)),
      () => (expected === null ? null : meeting(branch, expected)),
    );
  },
};

function mapped(branch: string, options: { prefix?: string }, expected: string | null): string | null {
  const answer = attempt(() => namespaceOf(branch, options));
  if ('value' in answer) return differs('the namespace', answer.value, expected);
  return answer.fault ?? differs('the namespace', answer.code, expected ?? 'ERR_BRANCH_UNMAPPABLE');
}

/** `null` for a branch that has none. */
function expectedOf(branch: string, prefix: string): string | null {
  if (branch.length > 1024 || branch === '' || branch === 'HEAD' || branch.startsWith('refs/')) return null;
  if (/\p{Surrogate}/u.test(branch)) return null;
  const plain = prefix + branch;
  if (isLabel(branch) && isLabel(plain)) return reserved(plain) ? null : plain;
  const slug = branch
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '')
    .join('-');
  if (slug === '') return null;
  const hash = createHash('sha256').update(branch, 'utf8').digest('hex').slice(0, 8);
  const namespace = `${(prefix + slug).slice(0, 54).replace(/-+$/, '')}-${hash}`;
  return reserved(namespace) ? null : namespace;
}

function reserved(namespace: string): boolean {
  return namespace === 'default' || namespace.startsWith('kube-') || !isNamespace(namespace);
}

/** Two branches with one namespace: only a branch that is called like the namespace of another may have it, too. */
function meeting(branch: string, namespace: string): string | null {
  const other = seen.get(namespace);
  if (seen.size < MOST_SEEN && branch !== namespace) seen.set(namespace, branch);
  const meets = other !== undefined && other !== branch && branch !== namespace;
  return meets ? `${JSON.stringify(branch)} and ${JSON.stringify(other)} are both ${namespace}` : null;
}
