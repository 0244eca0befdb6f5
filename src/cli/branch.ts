// The branch that a pipeline runs for, from what each CI system sets.

import type { Environment } from './terminal.ts';

interface Variable {
  readonly name: string;
  /** In front of the branch. */
  readonly prefix?: string;
}

/** The first that is set decides. A pull request's own branch comes before the merged one that is built. */
const VARIABLES: readonly Variable[] = [
  // GitHub Actions: docs.github.com/actions/reference/variables-reference
  { name: 'GITHUB_HEAD_REF' },
  { name: 'GITHUB_REF_NAME' },
  // GitLab CI: docs.gitlab.com/ci/variables/predefined_variables
  { name: 'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME' },
  { name: 'CI_COMMIT_REF_NAME' },
  // Bitbucket Pipelines: support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets
  { name: 'BITBUCKET_BRANCH' },
  // Jenkins: a multibranch pipeline, and the git plugin
  { name: 'CHANGE_BRANCH' },
  { name: 'BRANCH_NAME' },
  { name: 'GIT_BRANCH', prefix: 'origin/' },
  // CircleCI: circleci.com/docs/variables
  { name: 'CIRCLE_BRANCH' },
  // Azure Pipelines: learn.microsoft.com/azure/devops/pipelines/build/variables
  { name: 'SYSTEM_PULLREQUEST_SOURCEBRANCH', prefix: 'refs/heads/' },
  { name: 'BUILD_SOURCEBRANCH', prefix: 'refs/heads/' },
];

/** A build of a tag has no branch, though the variables of branches may hold its name. */
export function tagOf(env: Environment): string | null {
  const valueOf = (name: string): string => (Object.hasOwn(env, name) ? (env[name] ?? '').trim() : '');
  if (valueOf('GITHUB_REF_TYPE') === 'tag') return valueOf('GITHUB_REF_NAME');
  const tag = ['CI_COMMIT_TAG', 'BITBUCKET_TAG', 'TAG_NAME', 'CIRCLE_TAG'].map((name) => valueOf(name)).find(Boolean);
  if (tag !== undefined) return tag;
  const source = valueOf('BUILD_SOURCEBRANCH');
  return source.startsWith('refs/tags/') ? source.slice('refs/tags/'.length) : null;
}

/** The branch, and the variable that told it; `null` when none did. */
export function branchOf(env: Environment): { readonly branch: string; readonly variable: string } | null {
  for (const { name, prefix = '' } of VARIABLES) {
    const value = Object.hasOwn(env, name) ? (env[name] ?? '').trim() : '';
    if (value !== '') return { branch: value.startsWith(prefix) ? value.slice(prefix.length) : value, variable: name };
  }
  return null;
}

/** What GitHub builds for a pull request where it does not set `GITHUB_HEAD_REF`: no branch, though a variable of one has it. */
export function isMerged({ branch, variable }: NonNullable<ReturnType<typeof branchOf>>): boolean {
  return variable === 'GITHUB_REF_NAME' && /^\d+\/merge$/.test(branch);
}

export const BRANCH_VARIABLES: readonly string[] = VARIABLES.map(({ name }) => name);
