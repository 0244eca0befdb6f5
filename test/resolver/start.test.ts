import { expect, test } from 'vitest';

import type { Problem } from '../../src/core/errors.ts';
import { emptyTable } from '../../src/core/source-table.ts';
import type { Intake } from '../../src/resolver/intake.ts';
import { refusal } from '../../src/resolver/start.ts';

const problem = (of: Partial<Problem>): Problem => ({
  code: 'ERR_CONFIG_INVALID',
  message: 'wrong',
  source: null,
  key: null,
  line: null,
  ...of,
});
const intake = (
  name: string,
  {
    fixed,
    failure = null,
    gone = false,
    fatal = [],
  }: { fixed?: boolean; failure?: Problem | null; gone?: boolean; fatal?: Problem[] } = {},
): Intake => ({
  source: { name, fixed, open: () => expect.fail() },
  table: () => ({ ...emptyTable(name), fatal }),
  failure: () => failure,
  isGone: () => gone,
  watchLost: () => null,
  hasSpoken: () => false,
  status: () => expect.fail(),
  open: () => expect.fail(),
});

test('a process may start where nothing is fatal', () => {
  expect(refusal([intake('a'), intake('b')], null)).toBeNull();
});

test('a source that has gone is none', () => {
  const failure = problem({ code: 'ERR_SOURCE_UNREADABLE', message: 'it went away', source: 'a' });
  expect(refusal([intake('a', { failure, gone: true })], null)).toBeNull();
});

test('a source that cannot be read is that error, with where it is', () => {
  const failure = problem({ code: 'ERR_SOURCE_UNREADABLE', message: 'EACCES', source: 'a', key: 'd.json', line: 3 });
  expect(refusal([intake('a', { failure })], null)).toMatchObject({
    code: 'ERR_SOURCE_UNREADABLE',
    message: expect.stringContaining('EACCES'),
    source: 'a',
    key: 'd.json',
    line: 3,
    problems: [failure],
  });
});

test('what is not known of a problem is not in its error', () => {
  const error = refusal([intake('a', { failure: problem({}) })], null);
  expect([error?.source, error?.key, error?.line]).toEqual([undefined, undefined, undefined]);
});

test('a namespace that is none is a wrong name, and so is a baseline in a variable', () => {
  const nameless = problem({ message: 'no name', source: 'env', key: 'BRANCHLINE_NAMESPACE' });
  expect(refusal([intake('env', { fixed: true })], nameless)).toMatchObject({
    code: 'ERR_INVALID_NAME',
    problems: [nameless],
  });
  const baseline = problem({ source: 'env', key: 'baseline' });
  expect(refusal([intake('m'), intake('env', { fixed: true, fatal: [baseline] })], null)?.code).toBe(
    'ERR_INVALID_NAME',
  );
});

test.each<[string, Intake[]]>([
  ['in a file', [intake('m', { fatal: [problem({ source: 'm', key: 'baseline' })] }), intake('env', { fixed: true })]],
  ['that is no baseline', [intake('env', { fixed: true, fatal: [problem({ source: 'env', key: 'strict' })] })]],
])('a wrong setting %s is a wrong configuration', (_, intakes) => {
  expect(refusal(intakes, null)?.code).toBe('ERR_CONFIG_INVALID');
});

test('several problems are one error that lists them all: what cannot be read, the namespace, what is invalid', () => {
  const failure = problem({ message: 'EACCES', source: 'b' });
  const nameless = problem({ message: 'no name' });
  const invalid = problem({ message: 'no baseline', source: 'a', key: 'baseline' });
  const error = refusal([intake('a', { fatal: [invalid] }), intake('b', { failure })], nameless);
  expect(error).toMatchObject({ code: 'ERR_CONFIG_INVALID', source: 'b', problems: [failure, nameless, invalid] });
  expect(error?.message).toContain('3 problems:\n  - EACCES\n  - no name\n  - no baseline');
  expect(error?.problems?.[0]).not.toBe(failure);
});
