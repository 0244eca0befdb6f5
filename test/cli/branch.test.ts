import { describe, expect, test } from 'vitest';

import { BRANCH_VARIABLES, branchOf } from '../../src/cli/branch.ts';

/** What each system sets, by its own documentation; the variables that are not about the branch are left out. */
const systems: readonly [string, Readonly<Record<string, string>>, branch: string, variable: string][] = [
  [
    'GitHub Actions, pull_request',
    {
      GITHUB_HEAD_REF: 'feature/x',
      GITHUB_BASE_REF: 'main',
      GITHUB_REF_NAME: '12/merge',
      GITHUB_REF: 'refs/pull/12/merge',
    },
    'feature/x',
    'GITHUB_HEAD_REF',
  ],
  [
    'GitHub Actions, push',
    { GITHUB_HEAD_REF: '', GITHUB_BASE_REF: '', GITHUB_REF_NAME: 'feature/x', GITHUB_REF: 'refs/heads/feature/x' },
    'feature/x',
    'GITHUB_REF_NAME',
  ],
  [
    'GitHub Actions, merge_group',
    { GITHUB_HEAD_REF: '', GITHUB_REF_NAME: 'gh-readonly-queue/main/pr-12-abc' },
    'gh-readonly-queue/main/pr-12-abc',
    'GITHUB_REF_NAME',
  ],
  [
    'GitLab CI, a merge request',
    { CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'feature/x', CI_COMMIT_REF_NAME: 'refs/merge-requests/1/head' },
    'feature/x',
    'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME',
  ],
  [
    'GitLab CI, a branch',
    { CI_COMMIT_REF_NAME: 'feature/x', CI_COMMIT_BRANCH: 'feature/x' },
    'feature/x',
    'CI_COMMIT_REF_NAME',
  ],
  ['Bitbucket Pipelines', { BITBUCKET_BRANCH: 'feature/x' }, 'feature/x', 'BITBUCKET_BRANCH'],
  [
    'Jenkins, a pull request of a multibranch pipeline',
    { CHANGE_BRANCH: 'feature/x', BRANCH_NAME: 'PR-12', GIT_BRANCH: 'PR-12' },
    'feature/x',
    'CHANGE_BRANCH',
  ],
  ['Jenkins, a branch of one', { BRANCH_NAME: 'feature/x', GIT_BRANCH: 'feature/x' }, 'feature/x', 'BRANCH_NAME'],
  ['Jenkins, the git plugin', { GIT_BRANCH: 'origin/feature/x' }, 'feature/x', 'GIT_BRANCH'],
  ['CircleCI', { CIRCLE_BRANCH: 'feature/x' }, 'feature/x', 'CIRCLE_BRANCH'],
  [
    'Azure Pipelines, a pull request',
    { SYSTEM_PULLREQUEST_SOURCEBRANCH: 'refs/heads/feature/x', BUILD_SOURCEBRANCH: 'refs/pull/1/merge' },
    'feature/x',
    'SYSTEM_PULLREQUEST_SOURCEBRANCH',
  ],
  ['Azure Pipelines, a branch', { BUILD_SOURCEBRANCH: 'refs/heads/feature/x' }, 'feature/x', 'BUILD_SOURCEBRANCH'],
];

describe('the branch', () => {
  test.each(systems)('is found in what %s sets', (_, env, branch, variable) => {
    expect(branchOf(env)).toEqual({ branch, variable });
  });

  test('is looked for in every variable that is named to the user, and each is some system’s', () => {
    expect(BRANCH_VARIABLES.toSorted()).toEqual([...new Set(systems.map(([, , , variable]) => variable))].toSorted());
  });

  test('is not found in nothing, in what is empty or blank, or in what a prototype has', () => {
    expect(branchOf({})).toBeNull();
    expect(branchOf({ GITHUB_HEAD_REF: '', GITHUB_REF_NAME: ' ', CIRCLE_BRANCH: undefined })).toBeNull();
    expect(branchOf(Object.create({ GITHUB_HEAD_REF: 'x' }) as Record<string, string>)).toBeNull();
  });

  test('loses only the prefix of its own system, once', () => {
    expect(branchOf({ GITHUB_HEAD_REF: 'origin/x' })?.branch).toBe('origin/x');
    expect(branchOf({ GIT_BRANCH: 'origin/origin/x' })?.branch).toBe('origin/x');
    expect(branchOf({ GIT_BRANCH: 'x/origin/y' })?.branch).toBe('x/origin/y');
    expect(branchOf({ BUILD_SOURCEBRANCH: 'refs/tags/v1' })?.branch).toBe('refs/tags/v1');
  });
});
