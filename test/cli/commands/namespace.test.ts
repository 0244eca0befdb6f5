import { namespaceOf } from 'branchline';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { anyText, label } from '../../doubles/arbitraries.ts';
import { branchline, shell } from '../command.ts';
import { runHere } from '../in-process.ts';

const words = fc.constantFrom(
  'feature',
  'JIRA-12',
  'login',
  'x',
  'kube',
  'default',
  'json',
  'größe',
  '漢字',
  '🚀',
  '1',
  '%s',
  '$(id)',
  "'",
  '"',
  '\\n',
);
const separators = fc.constantFrom('/', '-', '_', '.', '--', '@', ' ', '#', '');
const branch = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(fc.tuple(words, separators), { minLength: 1, maxLength: 6 })
      .map((parts) => parts.flat().join('')),
  },
  { weight: 2, arbitrary: label(63) },
  { weight: 2, arbitrary: anyText(80) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 50, max: 1100 }).map((length) => `x/${'long-'.repeat(220)}`.slice(0, length)),
  },
);
/** What a command line can carry: no NUL, and no half of a character. */
const carried = branch.filter((name) => !/\0|\p{Surrogate}/u.test(name));
const prefix = fc.constantFrom('', '', 'pr-', 'team-a-');

/** What the command prints, or nothing where the library refuses. */
function wanted(name: string, front = ''): string {
  try {
    return namespaceOf(name, { prefix: front });
  } catch {
    return '';
  }
}

describe('branchline namespace', () => {
  test('agrees with namespaceOf on 10,000 random branches, with the command line in this process', async () => {
    let mapped = 0;
    for (const [name, front] of fc.sample(fc.tuple(branch, prefix), 10_000)) {
      const { code, out, err } = await runHere(['namespace', ...(front === '' ? [] : ['--prefix', front]), '--', name]);
      const namespace = wanted(name, front);
      if (namespace === '') {
        expect([name, code, out]).toEqual([name, 1, '']);
        expect(err).toMatch(/^branchline: ERR_BRANCH_UNMAPPABLE: [^\n]*\n$/);
      } else {
        mapped += 1;
        expect([name, code, out, err]).toEqual([name, 0, `${namespace}\n`, '']);
      }
    }
    expect(mapped).toBeGreaterThan(5000);
  });

  test('agrees with it on 200 random branches that a shell hands to 200 processes, by argument and by variable', async () => {
    const names = fc.sample(carried, 200);
    const script = `
      if [ $(($1 % 2)) = 0 ]; then name=$(branchline namespace -- "$2" 2>/dev/null)
      else name=$(GITHUB_HEAD_REF="$2" branchline namespace 2>/dev/null)
      fi
      echo "$1 $name"`;
    const input = names.map((name, index) => `${index}\0${name}\0`).join('');
    const { stdout, stderr } = await shell(`xargs -0 -n 2 -P 4 sh -c '${script}' sh`, { input, timeout: 60_000 });
    expect(stderr).toBe('');
    const answers = new Map(
      stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => line.split(' ') as [string, string]),
    );
    expect(answers.size).toBe(200);
    // A variable is trimmed, and an empty one is none.
    const expected = names.map((name, index) => [String(index), wanted(index % 2 === 0 ? name : name.trim())]);
    expect([...answers].toSorted(([one], [other]) => Number(one) - Number(other))).toEqual(expected);
  }, 90_000);

  test.each<[string, Record<string, string>, string]>([
    ['GitHub, a pull request', { GITHUB_HEAD_REF: 'feature/x', GITHUB_REF_NAME: '1/merge' }, 'feature/x'],
    ['GitHub, a push', { GITHUB_HEAD_REF: '', GITHUB_REF_NAME: 'feature/x' }, 'feature/x'],
    ['GitLab', { CI_COMMIT_REF_NAME: 'feature/x' }, 'feature/x'],
    ['Bitbucket', { BITBUCKET_BRANCH: 'feature/x' }, 'feature/x'],
    ['Jenkins', { GIT_BRANCH: 'origin/feature/x' }, 'feature/x'],
    ['CircleCI', { CIRCLE_BRANCH: 'feature/x' }, 'feature/x'],
    ['Azure', { BUILD_SOURCEBRANCH: 'refs/heads/feature/x' }, 'feature/x'],
  ])('takes the branch from what %s sets', async (_, env, name) => {
    expect(await branchline(['namespace'], { env })).toEqual({
      code: 0,
      signal: null,
      stdout: `${namespaceOf(name)}\n`,
      stderr: '',
    });
  });

  test('takes no branch from what GitHub builds of a pull request where it does not name one', async () => {
    const { code, stdout, stderr } = await branchline(['namespace'], { env: { GITHUB_REF_NAME: '12/merge' } });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^branchline: GITHUB_REF_NAME is "12\/merge": .*pull_request\.head\.ref\.\n$/);
    expect(await branchline(['namespace', '12/merge'])).toMatchObject({ code: 0 });
    expect(await branchline(['namespace'], { env: { GITHUB_REF_NAME: 'fix/12/merge' } })).toMatchObject({ code: 0 });
  });

  test('prefers its argument, an empty one too: a variable that is not set must not become another branch', async () => {
    const env = { GITHUB_HEAD_REF: 'feature/x' };
    expect(await branchline(['namespace', 'feature-y'], { env })).toMatchObject({ code: 0, stdout: 'feature-y\n' });
    expect(await branchline(['namespace', ''], { env })).toMatchObject({ code: 1, stdout: '' });
  });

  test('names every variable when none is set', async () => {
    const { code, stdout, stderr } = await branchline(['namespace']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^branchline: no branch is named; give one, or set one of GITHUB_HEAD_REF, .*BUILD_SOURCEBRANCH\.\n$/,
    );
  });

  test('has the prefix in front, and refuses one that is none', async () => {
    expect(await branchline(['namespace', 'x', '--prefix', 'pr-'])).toMatchObject({ code: 0, stdout: 'pr-x\n' });
    expect(await branchline(['namespace', 'x', '--prefix', 'A-'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^branchline: ERR_INVALID_OPTION: prefix is "A-"; .*\n$/) as string,
    });
  });

  test('works in a shell, as pipelines use it', async () => {
    const { stdout } = await shell(
      'ns=$(branchline namespace "$BRANCH") && echo "to $ns"; branchline namespace HEAD || echo "none: $?"',
      {
        env: { BRANCH: 'feature/JIRA-12_Login' },
      },
    );
    expect(stdout).toBe(`to ${namespaceOf('feature/JIRA-12_Login')}\nnone: 1\n`);
  });
});

test.each([
  { GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'feature-x' },
  { CI_COMMIT_TAG: 'feature-x', CI_COMMIT_REF_NAME: 'feature-x' },
  { TAG_NAME: 'feature-x', BRANCH_NAME: 'feature-x' },
  { BUILD_SOURCEBRANCH: 'refs/tags/feature-x' },
])('of a build of a tag is none: %j', async (env) => {
  const { code, stdout, stderr } = await branchline(['namespace'], { env });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('this is a build of the tag "feature-x"');
});
