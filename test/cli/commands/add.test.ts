import { describe, expect, test } from 'vitest';

import { branchline, type CommandOptions, folderWith } from '../command.ts';
import { configMap, json, services, yaml } from '../kubernetes.ts';

const add = (args: readonly string[], options?: CommandOptions) => branchline(['add', ...args], options);
/** The data of the patch, alone on standard output. */
async function added(args: readonly string[], options?: CommandOptions): Promise<unknown> {
  const { code, stdout, stderr } = await add(args, options);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^[^\n]+\n$/);
  return (JSON.parse(stdout) as { data: unknown }).data;
}
const deployed = json(
  services({
    'my-rest.feature-x': [
      { name: 'admin', port: 9090 },
      { name: 'http', port: 8080 },
    ],
    'orders.feature-x': [{ port: 80 }],
    'my-rest.develop': [{ port: 1 }],
  }),
);

describe('branchline add', () => {
  test('prints the patch that registers deployments, and touches no other key', async () => {
    expect(await add(['my-rest.feature-x=8080', 'orders.feature-x', '_admin.my-rest.feature-x=9090'])).toEqual({
      code: 0,
      signal: null,
      stdout: '{"data":{"_admin.my-rest.feature-x":"9090","my-rest.feature-x":"8080","orders.feature-x":""}}\n',
      stderr: '',
    });
  });

  test('takes ports and named ports from the Services on standard input, where that is asked', async () => {
    const input = deployed;
    expect(await added(['my-rest.feature-x', 'orders.feature-x=81', '--services'], { input })).toEqual({
      '_admin.my-rest.feature-x': '9090',
      'my-rest.feature-x': '8080',
      'orders.feature-x': '81',
    });
    expect(await added(['_admin.my-rest.feature-x', '--services'], { input })).toEqual({
      '_admin.my-rest.feature-x': '9090',
    });
  });

  test.each<[string[], why: string]>([
    [
      ['new.feature-x', '--services'],
      'there is no Service for new.feature-x among those on standard input; give it a value: new.feature-x=8080.',
    ],
    [['_grpc.my-rest.feature-x', '--services'], 'the Service my-rest in feature-x has no port grpc.'],
    [['my-rest.feature-x', '_admin.my-rest.feature-x=1', '--services'], '_admin.my-rest.feature-x is given twice'],
  ])('says what those Services do not have: %s', async (args, why) => {
    const { code, stdout, stderr } = await add(args, { input: deployed });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^branchline: [^\n]+\n$/);
    expect(stderr).toContain(why);
  });

  test('knows the baseline of the table, wherever it is read', async () => {
    const cwd = folderWith({ 't.yaml': 'baseline: main\n', 'x.env': 'BRANCHLINE_BASELINE=main\n' });
    const refused = 'a.main is an entry of the baseline main';
    const tries: [string[], CommandOptions][] = [
      [['--config', 't.yaml'], { cwd }],
      [['--env-file', 'x.env'], { cwd }],
      [[], { env: { BRANCHLINE_BASELINE: 'main' } }],
      [['--config', '-'], { input: json(configMap({ baseline: 'main', 'a.main': '1' })) }],
      [['--config', '-'], { input: yaml(configMap({ baseline: 'main', 'a.main': '1' })) }],
    ];
    for (const [args, options] of tries) {
      const { code, stdout, stderr } = await add(['a.main=80', ...args], options);
      expect([args, code, stdout, stderr]).toEqual([args, 2, '', expect.stringContaining(refused)]);
    }
    expect(await added(['a.main=80', '--config', 't.yaml', '--baseline'], { cwd })).toEqual({ 'a.main': '80' });
  });

  test('refuses what would not fit into a ConfigMap', async () => {
    const many = Array.from(
      { length: 700 },
      (_, index) => `a${index}.feature-x=https://h.example.com/${'x'.repeat(1600)}`,
    );
    const { code, stdout, stderr } = await add(many);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^branchline: the data has \d+ bytes, and a ConfigMap holds 1048576\.\n$/);
  });
});
