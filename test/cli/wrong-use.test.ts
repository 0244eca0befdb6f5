// Wrong use ends with one line that says what, where and what is wanted, with 1 or 2, and prints nothing that a machine
// could take for an answer.

import { expect, test } from 'vitest';

import { branchline, folderWith } from './command.ts';
import { configMap, json, README } from './kubernetes.ts';

const map = json(configMap(README));

test.each<[string, code: number, why: string | RegExp, input?: string]>([
  // Options and arguments.
  ['tabel', 2, "unknown command 'tabel'"],
  ['table --colour', 2, "unknown option '--colour'"],
  ['table --config', 2, "option '-c, --config <path>' argument missing"],
  ['table extra', 2, /too many arguments/],
  ['resolve', 2, "missing required argument 'service'"],
  ['resolve a b', 2, /too many arguments/],
  ['add', 2, "missing required argument 'entries'"],
  ['wait', 2, /missing required argument 'url'|required option/],
  ['env', 2, "required option '--namespace <name>' not specified"],
  // Keys and values.
  ['add my-rest', 2, '"my-rest" is no key: an entry is keyed "service.namespace", and the settings are baseline'],
  ['add My-Rest.feature-x', 2, 'Did you mean my-rest.feature-x?'],
  ['add my-rest.feature-x=http://h/?a', 2, 'my-rest.feature-x is "http://h/?***"; want empty, a port'],
  ['add a.feature-x=1 a.feature-x=2', 2, 'a.feature-x is given twice, as "1" and as "2".'],
  ['remove a.b.c', 2, '"a.b.c" is no key'],
  ['manifest a.json', 2, '"a.json" is no key: a namespace is'],
  ['namespace refs/heads/x', 1, 'it is a ref; pass the branch name'],
  ['namespace HEAD', 1, 'it names no branch'],
  // Files and sources.
  ['table --config nothing', 1, 'it is not there'],
  ['types --config broken.yaml', 1, /broken\.yaml:\d+ does not parse/],
  ['explain a --config settings.yaml', 1, 'strict is "maybe"'],
  ['env --namespace x --config -', 1, 'standard input does not parse: it is empty'],
  ['table --config -', 1, 'standard input:1 does not parse', 'a: ['],
  ['add a.feature-x --services', 2, 'standard input is empty; want what kubectl get'],
  ['add a.feature-x --services', 2, 'standard input has no Service; want a Service, found ConfigMap branchline.', map],
  ['remove --namespace feature-x', 2, 'standard input is no JSON', 'NAME  DATA  AGE'],
  ['remove --namespace feature-x --name other', 2, 'standard input has no ConfigMap other', map],
])('branchline %s', async (line, code, why, input = '') => {
  const cwd = folderWith({ 'broken.yaml': 'a: [\n', 'settings.yaml': 'strict: maybe\n' });
  const exit = await branchline(line.split(' '), { cwd, input });
  expect(exit).toMatchObject({ code, signal: null, stdout: '' });
  expect(exit.stderr).toMatch(/^branchline: [^\n]+(?:\n\(Did you mean [^\n]+\?\))?\n$/);
  expect(exit.stderr).toMatch(why);
});

test('branchline alone prints its help on standard error', async () => {
  const { code, stdout, stderr } = await branchline([]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('Usage: branchline [options] [command]');
});
