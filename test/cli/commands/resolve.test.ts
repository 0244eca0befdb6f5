import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { createKubelet } from '../../doubles/kubelet.ts';
import { branchline, type CommandOptions, folderWith } from '../command.ts';
import { configMap, json, README, yaml } from '../kubernetes.ts';

const table = yaml(configMap(README));
const ask = (args: readonly string[], options: CommandOptions = {}) =>
  branchline(['resolve', ...args, '--config', '-', '--own', 'feature-x'], { input: table, ...options });

describe('branchline resolve', () => {
  test.each<[string[], string]>([
    [['my-rest'], 'http://my-rest.feature-x.svc:8080'],
    [['orders'], 'https://orders.dev.example.com/v1'],
    [['invoices'], 'http://invoices.develop.svc'],
    [['my-rest', '--endpoint', 'admin'], 'http://my-rest.feature-x.svc:9090'],
    [['my-rest', '--namespace', 'develop'], 'http://my-rest.develop.svc:8080'],
    [['my-rest', '--request', 'feature-y'], 'http://my-rest.feature-y.svc:8081'],
    [['my-rest', '--request', 'my-rest.develop'], 'http://my-rest.develop.svc:8080'],
  ])('prints the URL, and nothing else: %s', async (args, url) => {
    expect(await ask(args)).toEqual({ code: 0, signal: null, stdout: `${url}\n`, stderr: '' });
  });

  test('prints the whole answer as JSON', async () => {
    const { code, stdout, stderr } = await ask(['my-rest', '--json']);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({
      service: 'my-rest',
      endpoint: 'default',
      namespace: 'feature-x',
      url: 'http://my-rest.feature-x.svc:8080',
      protocol: 'http:',
      hostname: 'my-rest.feature-x.svc',
      port: 8080,
      via: 'branch',
      source: 'standard input',
      revision: 1,
    });
  });

  test.each<[string[], code: number, why: string]>([
    [['billing'], 1, 'ERR_SERVICE_DISABLED'],
    [['orders', '--namespace', 'feature-x'], 1, 'ERR_SERVICE_NOT_FOUND'],
    [['orders', '--endpoint', 'admin'], 1, 'ERR_ENDPOINT_NOT_FOUND'],
    [['my-rest', '--request', 'feature-z'], 1, 'is refused: the table does not have feature-z'],
    [['my-rest', '--request', 'orders.feature-x'], 1, 'is refused: the table does not have orders.feature-x'],
    [['my-rest', '--request', 'a b'], 2, 'is no wish: a wish is 1 to 8 items'],
    [['my-rest', '--request', ''], 2, 'is no wish'],
    [['My_Rest'], 2, 'Did you mean my-rest?'],
    [['my-rest', '--endpoint', 'A'], 2, 'ERR_INVALID_NAME'],
    [['my-rest', '--namespace', 'A'], 2, 'ERR_INVALID_NAME'],
  ])('prints no URL but one line that says why: %s', async (args, code, why) => {
    const exit = await ask(args);
    expect(exit).toMatchObject({ code, stdout: '' });
    expect(exit.stderr).toMatch(/^branchline: [^\n]+\n$/);
    expect(exit.stderr).toContain(why);
  });

  test('without a table prints the name as it is, and says so', async () => {
    expect(await branchline(['resolve', 'my-rest'])).toMatchObject({
      code: 0,
      stdout: 'http://my-rest\n',
      stderr: 'branchline: there is no table, so nothing is changed.\n',
    });
  });
});

describe('the table is read where the library reads it', () => {
  const resolve = async (args: readonly string[], options?: CommandOptions): Promise<string> => {
    const { code, stdout, stderr } = await branchline(['resolve', 'a', '--own', 'feature-x', ...args], options);
    expect([code, stderr]).toEqual([0, '']);
    return stdout.trim();
  };
  const data = { 'a.develop': '8080', 'a.feature-x': '' };
  const branch = 'http://a.feature-x.svc:8080';

  test.each([
    ['t.json', JSON.stringify(data)],
    ['t.yaml', yaml(data)],
    ['t.yml', yaml({ services: { a: { develop: 8080, 'feature-x': null } } })],
    ['cm.yaml', yaml(configMap(data))],
    ['cm.json', json(configMap(data))],
    ['t.env', 'BRANCHLINE_A__DEVELOP=8080\nBRANCHLINE_A__FEATURE_X=\n'],
  ])('in a file: %s', async (name, text) => {
    const cwd = folderWith({ [name]: text });
    expect(await resolve(['--config', name], { cwd })).toBe(branch);
  });

  test('in a file that a variable names', async () => {
    const cwd = folderWith({ 't.json': JSON.stringify(data) });
    expect(await resolve([], { cwd, env: { BRANCHLINE_CONFIG: 't.json' } })).toBe(branch);
  });

  test('in a mounted ConfigMap, as the kubelet writes it', async () => {
    const { mount, write } = createKubelet(join(folderWith({}), 'config'));
    write(data);
    expect(await resolve(['-c', mount])).toBe(branch);
    expect(await resolve([], { env: { BRANCHLINE_CONFIG: mount } })).toBe(branch);
  });

  test.each([
    ['JSON', json(configMap(data))],
    ['YAML', yaml(configMap(data))],
    ['a document', JSON.stringify(data)],
    ['JSON with a byte order mark, as PowerShell pipes it', `\ufeff${json(configMap(data))}`],
    ['YAML with Windows line ends', yaml(configMap(data)).replaceAll('\n', '\r\n')],
  ])('on standard input: %s', async (_, input) => {
    expect(await resolve(['--config', '-'], { input })).toBe(branch);
  });

  test('in variables, and in a .env, named or that of the working folder; a variable wins', async () => {
    const cwd = folderWith({ '.env': 'BRANCHLINE_A__FEATURE_X=1\n', 'x.env': 'BRANCHLINE_A__FEATURE_X=2\n' });
    // In a cluster a .env is a mistake of the image, unless it is named.
    const cluster = { KUBERNETES_SERVICE_HOST: '10.0.0.1', BRANCHLINE_A__FEATURE_Y: '4' };
    expect(
      await Promise.all([
        resolve([], { cwd }),
        resolve(['--env-file', 'x.env'], { cwd }),
        resolve([], { cwd, env: { BRANCHLINE_A__FEATURE_X: '3' } }),
        resolve([], { cwd, env: cluster }),
        resolve(['--env-file', 'x.env'], { cwd, env: cluster }),
      ]),
    ).toEqual([
      'http://a.feature-x.svc:1',
      'http://a.feature-x.svc:2',
      'http://a.feature-x.svc:3',
      'http://a.develop.svc',
      'http://a.feature-x.svc:2',
    ]);
  });

  test('as if in the own namespace, which --own replaces', async () => {
    const env = { BRANCHLINE_NAMESPACE: 'feature-x' };
    const asked = ['resolve', 'my-rest', '--config', '-'];
    expect(await branchline(asked, { env, input: table })).toMatchObject({
      stdout: 'http://my-rest.feature-x.svc:8080\n',
    });
    expect(await branchline([...asked, '--own', 'feature-y'], { env, input: table })).toMatchObject({
      stdout: 'http://my-rest.feature-y.svc:8081\n',
    });
  });

  test('and a .env that is not there is told by Node itself: it looks at --env-file wherever it stands', async () => {
    const { code, stdout, stderr } = await branchline(['resolve', 'a', '--env-file', 'nothing.env']);
    expect([code === 0, stdout]).toEqual([false, '']);
    expect(stderr).toMatch(/^[^\n]*nothing\.env[^\n]*\n$/);
  });

  test.each<[string[], code: number, why: string]>([
    [['--config', 'nothing.yaml'], 1, 'ERR_SOURCE_UNREADABLE'],
    [['--config', 'nothing'], 1, 'ERR_SOURCE_UNREADABLE'],
    [['--config', 'broken.json'], 1, 'broken.json:1 does not parse'],
    [['--config', 'table.txt'], 1, 'ERR_'],
    [['--config', '-'], 1, 'standard input does not parse: it is empty'],
    [['--own', 'A_B'], 2, 'ERR_INVALID_NAME'],
  ])('and where it cannot be read, one line says so: %s', async (args, code, why) => {
    const cwd = folderWith({ 'broken.json': '{', 'table.txt': 'x' });
    const exit = await branchline(['resolve', 'a', ...args], { cwd });
    expect(exit).toMatchObject({ code, stdout: '' });
    expect(exit.stderr).toMatch(/^branchline: [^\n]+\n$/);
    expect(exit.stderr).toContain(why);
  });
});
