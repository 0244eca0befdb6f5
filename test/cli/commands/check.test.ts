import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { createKubelet } from '../../doubles/kubelet.ts';
import { branchline, folderWith } from '../command.ts';
import { configMap, json, README, services, yaml } from '../kubernetes.ts';

interface Found {
  readonly code: string;
  readonly message: string;
  readonly source: string | null;
  readonly key: string | null;
  readonly line: number | null;
}
const fine = 'branchline: no problems.\n';
const good = json(configMap(README));

/** `CODE key` of each problem. */
async function problems(args: readonly string[], options?: Parameters<typeof branchline>[1]): Promise<string[]> {
  const { code, stdout, stderr } = await branchline(['check', '--json', ...args], options);
  const { problems: found } = JSON.parse(stdout) as { problems: Found[] };
  expect([code, stderr]).toEqual([found.length === 0 ? 0 : 1, '']);
  return found.map(({ code: problem, key }) => `${problem} ${key}`);
}

describe('branchline check', () => {
  test('finds nothing in a good table, wherever it stands', async () => {
    const cwd = folderWith({ 'cm.yaml': yaml(configMap(README)) });
    createKubelet(join(cwd, 'config')).write(README);
    const nothing = { code: 0, signal: null, stdout: '', stderr: fine };
    expect(await branchline(['check', 'cm.yaml'], { cwd })).toEqual(nothing);
    expect(await branchline(['check', '--config', 'config'], { cwd })).toEqual(nothing);
    expect(await branchline(['check', '-'], { input: good })).toEqual(nothing);
    expect(await branchline(['check'], { env: { BRANCHLINE_A__DEVELOP: '80' } })).toEqual(nothing);
    expect(await problems(['-'], { input: good })).toEqual([]);
  });

  test('finds everything that is wrong in a mount, at once', async () => {
    const { mount, write } = createKubelet(join(folderWith({}), 'config'));
    write({ 'a.develop': '808O', 'My_Rest.feature-x': '1', 'b.develop': '80', colour: 'red', strict: 'off' });
    expect((await problems([mount])).toSorted()).toEqual([
      'ERR_ENTRY_INVALID a.develop',
      'ERR_INVALID_NAME My_Rest.feature-x',
      'WARN_SETTING_UNKNOWN colour',
    ]);
    const { code, stdout, stderr } = await branchline(['check', mount]);
    expect([code, stderr]).toEqual([1, 'branchline: 3 problems.\n']);
    const lines = stdout.trimEnd().split('\n').toSorted();
    expect(lines).toEqual([
      expect.stringMatching(/^ERR_ENTRY_INVALID .*a\.develop.* is "808O" .*; want empty, a port/),
      expect.stringMatching(/^ERR_INVALID_NAME .*My_Rest\.feature-x/),
      expect.stringMatching(/^WARN_SETTING_UNKNOWN .*colour/),
    ]);
  });

  test('finds it in a document and a manifest, with the line, and in variables and a .env', async () => {
    const cwd = folderWith({ 't.yaml': 'a.develop: 80\nb.develop: x y\n', 'x.env': '\nBRANCHLINE_A__DEVELOP=x y\n' });
    const at = async (args: string[], options: object): Promise<unknown> => {
      const { stdout } = await branchline(['check', '--json', ...args], { cwd, ...options });
      return (JSON.parse(stdout) as { problems: Found[] }).problems.map(({ key, line }) => [key, line]);
    };
    expect(await at(['t.yaml'], {})).toEqual([['b.develop', 2]]);
    expect(await at(['-'], { input: json(configMap({ 'a.develop': 'x y' })) })).toEqual([
      ['a.develop', expect.anything()],
    ]);
    expect(await at(['--env-file', 'x.env'], {})).toEqual([['a.develop', 2]]);
    expect(await at([], { env: { BRANCHLINE_A__DEVELOP: 'x y' } })).toEqual([['a.develop', null]]);
  });

  test('finds what keeps a process from starting, all of it', async () => {
    const { mount, write } = createKubelet(join(folderWith({}), 'config'));
    write({ 'a.develop': '80', strict: 'maybe', baseline: 'A', 't.json': '{' });
    expect(await problems([mount])).toHaveLength(3);
    expect(await problems(['nothing.yaml'])).toEqual(['ERR_SOURCE_UNREADABLE null']);
    expect(await problems(['-'], { input: '' })).toEqual(['ERR_CONFIG_INVALID null']);
    expect(await branchline(['check', 'nothing'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^ERR_SOURCE_UNREADABLE mount:.*nothing: it is not there; [^\n]*\n$/) as string,
      stderr: 'branchline: 1 problem.\n',
    });
  });

  test('finds that there is no table at all, and none of the baseline in a branch', async () => {
    expect(await branchline(['check'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^ERR_SOURCE_UNREADABLE there is no table: /) as string,
    });
    expect(await problems(['-', '--own', 'feature-x'], { input: json(configMap({ 'a.feature-x': '80' })) })).toEqual([
      'WARN_BASELINE_MISSING null',
    ]);
  });

  test('annotates in GitHub Actions: a file, a line, an error or a warning, each escaped as it must be', async () => {
    const folder = 'a,b:c%d';
    const cwd = folderWith({});
    createKubelet(join(cwd, folder)).write({ colour: '1', 'a.develop': '1', 't.yaml': 'b.develop: 50%\n' });
    const env = { GITHUB_ACTIONS: 'true' };
    const { code, stdout } = await branchline(['check', folder], { cwd, env });
    expect(code).toBe(1);
    const [first, second, ...more] = stdout.trimEnd().split('\n').toSorted();
    expect(more).toEqual([]);
    expect(first).toMatch(/^::error file=[^,:]*a%2Cb%3Ac%25d[^,:]*,line=1,title=ERR_ENTRY_INVALID::.*"50%25".*$/);
    expect(second).toMatch(/^::warning file=[^,:]*a%2Cb%3Ac%25d[^,:]*,title=WARN_SETTING_UNKNOWN::.*colour.*$/);
    // As JSON it is for a program, there too.
    expect(await problems([folder], { cwd, env })).toHaveLength(2);
    const variable = await branchline(['check'], { env: { ...env, BRANCHLINE_A__DEVELOP: 'x y' } });
    expect(variable.stdout).toMatch(/^::error title=ERR_ENTRY_INVALID::[^\n]*\n$/);
  });

  describe('with the Services of the cluster', () => {
    const cwd = (): string => folderWith({ 'cm.yaml': yaml(configMap(README)) });
    const port = [{ port: 80 }];
    const all = { 'my-rest.develop': port, 'my-rest.feature-x': port, 'my-rest.feature-y': port };

    test('finds nothing where they agree', async () => {
      expect(await problems(['cm.yaml', '--services'], { cwd: cwd(), input: json(services(all)) })).toEqual([]);
    });

    test('finds what is deployed and not in the table, and entries whose Service is gone', async () => {
      const { 'my-rest.feature-y': _, ...there } = all;
      const input = json(services({ ...there, 'orders.feature-x': port, 'postgres.develop': port }));
      expect(await problems(['cm.yaml', '--services'], { cwd: cwd(), input })).toEqual([
        'UNREGISTERED orders.feature-x',
        'GONE my-rest.feature-y',
      ]);
      const { code, stdout, stderr } = await branchline(['check', 'cm.yaml', '--services'], { cwd: cwd(), input });
      expect([code, stderr]).toEqual([1, 'branchline: 2 problems.\n']);
      expect(stdout).toContain('Register it: branchline add orders.feature-x\n');
    });

    test('wants them, and the table elsewhere', async () => {
      expect(await branchline(['check', 'cm.yaml', '--services'], { cwd: cwd() })).toMatchObject({
        code: 2,
        stdout: '',
        stderr: 'branchline: standard input is empty; want what kubectl get … -o json prints.\n',
      });
      expect(await branchline(['check', '-', '--services'], { input: good })).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(
          /^branchline: the table and the Services cannot both come from standard input; [^\n]*\n$/,
        ) as string,
      });
    });
  });
});
