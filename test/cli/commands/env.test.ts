import { createRequire } from 'node:module';

import { describe, expect, test } from 'vitest';

import { branchline, shell } from '../command.ts';
import { configMap, json, yaml } from '../kubernetes.ts';

const { parse } = createRequire(import.meta.url)('dotenv') as { parse(text: string): Record<string, string> };
const env = (data: Readonly<Record<string, string>>, namespace: string) =>
  branchline(['env', '--config', '-', '--namespace', namespace], { input: json(configMap(data)) });

const table = {
  'my-rest.develop': '8080',
  'my-rest.feature-x': '8081',
  '_admin.my-rest.develop': '9090',
  'orders.develop': 'https://orders.dev.example.com/v1',
};
const inBranch = {
  MY_REST_ADMIN_URL: 'http://my-rest.feature-x.svc:9090',
  MY_REST_URL: 'http://my-rest.feature-x.svc:8081',
  ORDERS_URL: 'https://orders.dev.example.com/v1',
};

describe('branchline env', () => {
  test('prints the URL of each service and endpoint as seen from a namespace, sorted', async () => {
    const { code, stdout, stderr } = await env(table, 'feature-x');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      Object.entries(inBranch)
        .map(([name, url]) => `${name}=${url}\n`)
        .join(''),
    );
    expect((await env(table, 'develop')).stdout).toContain('MY_REST_URL=http://my-rest.develop.svc:8080\n');
  });

  test('prints what dotenv and a shell read as the same', async () => {
    const { stdout } = await env(table, 'feature-x');
    expect(parse(stdout)).toEqual(inBranch);
    const script =
      'branchline env --config - --namespace feature-x > x.env && set -a && . ./x.env && node -p "JSON.stringify(process.env)"';
    const exit = await shell(script, { input: yaml(configMap(table)) });
    expect(JSON.parse(exit.stdout)).toMatchObject(inBranch);
  });

  test('leaves out what has no answer, says so, and ends with 1', async () => {
    const { code, stdout, stderr } = await env({ ...table, 'billing.develop': 'disabled' }, 'feature-x');
    expect(code).toBe(1);
    expect(parse(stdout)).toEqual(inBranch);
    expect(stderr).toMatch(/^branchline: BILLING_URL is left out: ERR_SERVICE_DISABLED: [^\n]+\n$/);
  });

  test('never prints one variable for two things', async () => {
    const { code, stdout, stderr } = await env(
      { 'a-b.develop': '1', 'a.develop': '2', '_b.a.develop': '3' },
      'develop',
    );
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^branchline: A_B_URL would be both [^\n]+; rename one of them\.\n$/);
  });

  test('wants a namespace', async () => {
    expect(await branchline(['env'])).toMatchObject({ code: 2, stdout: '' });
    expect(await env(table, 'A_B')).toMatchObject({ code: 2, stdout: '' });
  });
});
