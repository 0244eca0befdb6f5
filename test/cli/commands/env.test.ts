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

  test.each([
    ['billing.develop', 'disabled', 0, 'BILLING_URL is left out: ERR_SERVICE_DISABLED'],
    ['_grpc.orders.feature-y', '1', 0, 'ORDERS_GRPC_URL is left out: ERR_ENDPOINT_NOT_FOUND'],
    ['billing.develop', '808O', 1, 'BILLING_URL is left out: ERR_ENTRY_INVALID'],
  ])('leaves out %s: %s, says so, and ends with %d', async (key, value, ends, why) => {
    const { code, stdout, stderr } = await env({ ...table, [key]: value }, 'feature-x');
    expect([code, parse(stdout)]).toEqual([ends, inBranch]);
    expect(stderr).toMatch(/^branchline: [^\n]+\n$/);
    expect(stderr).toContain(why);
  });

  test('prints nothing that a shell would obey, and no variable that it would refuse', async () => {
    const hostile = "https://h.example.com/a;touch$(x)'&b";
    const { stdout } = await env({ 'a.develop': hostile, '127.develop': '80' }, 'develop');
    const shown = await shell(
      'branchline env --config - --namespace develop > x.env && . ./x.env && printf %s "$A_URL"',
      {
        input: json(configMap({ 'a.develop': hostile, '127.develop': '80' })),
      },
    );
    expect(shown).toMatchObject({ code: 0, stdout: hostile, stderr: '' });
    expect(stdout).toMatch(/^_127_URL=http:\/\/127\.develop\.svc$/m);
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
