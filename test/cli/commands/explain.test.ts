import { describe, expect, test } from 'vitest';

import { branchline } from '../command.ts';
import { configMap, json, README } from '../kubernetes.ts';

const explain = (...args: string[]) =>
  branchline(['explain', ...args, '--config', '-', '--own', 'feature-x'], { input: json(configMap(README)) });

describe('branchline explain', () => {
  test('prints every step considered, as the README has it', async () => {
    expect(await explain('orders')).toEqual({
      code: 0,
      signal: null,
      stdout: [
        'orders → https://orders.dev.example.com/v1  [baseline develop, revision 1]',
        '  1.  feature-x  own namespace  absent  no entry of orders in feature-x',
        '  2.  develop    baseline       taken   orders.develop = "https://orders.dev.example.com/v1" in standard input: the entry spells the address',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  test('prints them too when there is no answer, and ends with 1', async () => {
    const { code, stdout, stderr } = await explain('billing');
    expect([code, stderr]).toEqual([1, '']);
    const [headline, ...steps] = stdout.trimEnd().split('\n');
    expect(headline).toMatch(/^billing → ERR_SERVICE_DISABLED: billing\.develop is "disabled" in standard input: /);
    expect(steps).toEqual([
      expect.stringMatching(/^ {2}1\. .* absent /),
      expect.stringMatching(/^ {2}2\. .* disabled /),
    ]);
  });

  test('prints them as JSON', async () => {
    const { code, stdout } = await explain('my-rest', '--request', 'feature-y', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      service: 'my-rest',
      configured: true,
      steps: [{ namespace: 'feature-y', because: 'context', outcome: 'taken', key: 'my-rest.feature-y' }],
      resolution: { url: 'http://my-rest.feature-y.svc:8081', via: 'override' },
      error: null,
    });
    const failed = await explain('billing', '--json');
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout)).toMatchObject({ resolution: null, error: { code: 'ERR_SERVICE_DISABLED' } });
  });

  test('explains a name that is none, and what nobody has', async () => {
    expect(await explain('My_Rest')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('Did you mean my-rest?') as string,
    });
    expect(await explain('invoices')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('convention') as string,
    });
    expect(await branchline(['explain', 'my-rest'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('no table, no change') as string,
    });
  });
});
