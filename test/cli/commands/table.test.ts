import { createResolver, memorySource } from 'branchline';
import { describe, expect, test } from 'vitest';

import { branchline, folderWith } from '../command.ts';
import { configMap, json, README, yaml } from '../kubernetes.ts';

const table = (...args: string[]) =>
  branchline(['table', '--config', '-', ...args], { input: json(configMap(README)) });

describe('branchline table', () => {
  test('draws services × namespaces, the own one first', async () => {
    expect(await table('--own', 'feature-x')).toEqual({
      code: 0,
      signal: null,
      stdout: [
        'SERVICE   feature-x  develop                              feature-y',
        'billing   ·          ✗ disabled                           ·',
        'my-rest   ● 8080     ○ 8080                               ○ 8081',
        '  _admin  ●          ○ 9090                               ·',
        'orders    ·          ● https://orders.dev.example.com/v1  ·',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  test('draws it for the baseline, of which the path is the rest', async () => {
    const input = yaml({ baseline: 'epic-1,develop', 'a.develop': '1', 'a.epic-1': '2', 'a.feature-x': '3' });
    const drawn = async (own: string) =>
      (await branchline(['table', '--config', '-', '--own', own], { input })).stdout.trimEnd().split('\n');
    expect(await drawn('epic-1')).toEqual(['SERVICE  epic-1  develop  feature-x', 'a        ● 2     ○ 1      ○ 3']);
    expect(await drawn('develop')).toEqual(['SERVICE  develop  epic-1  feature-x', 'a        ● 1      ○ 2     ○ 3']);
    expect(await drawn('feature-x')).toEqual([
      'SERVICE  feature-x  epic-1  develop',
      'a        ● 3        ○ 2     ○ 1',
    ]);
  });

  test('prints the digest alone, the same as the library has', async () => {
    const { digest } = createResolver({ sources: [memorySource(README)], namespace: null }).status();
    expect(await table('--digest', '--own', 'feature-x')).toMatchObject({ code: 0, stdout: `${digest}\n`, stderr: '' });
  });

  test('prints the rows as JSON', async () => {
    const { code, stdout, stderr } = await table('--json');
    expect([code, stderr]).toEqual([0, '']);
    const rows = JSON.parse(stdout) as object[];
    expect(rows).toHaveLength(6);
    expect(rows[0]).toEqual({
      service: 'billing',
      namespace: 'develop',
      endpoint: 'default',
      value: 'disabled',
      state: 'disabled',
      source: 'standard input',
    });
  });

  test('that is empty says so', async () => {
    expect(await branchline(['table'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'branchline: the table has no entries.\n',
    });
    expect(await branchline(['table', '--json'])).toMatchObject({ code: 0, stdout: '[]\n', stderr: '' });
  });

  test('says on standard error what is wrong with it, and draws the rest', async () => {
    const cwd = folderWith({ 't.yaml': 'a.develop: 808O\nb.develop: 80\n' });
    const { code, stdout, stderr } = await branchline(['table', '-c', 't.yaml'], { cwd });
    expect([code, stdout]).toEqual([0, 'SERVICE  develop\na        ✗ invalid\nb        ● 80\n']);
    expect(stderr).toMatch(/^"a\.develop" is "808O" in [^\n]*t\.yaml:1; want [^\n]*\n$/);
  });
});
