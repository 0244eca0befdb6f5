import { context } from 'branchline';
import { describe, expect, test } from 'vitest';

import { fetch as canonical } from '../../examples/fetch-client/canonical.ts';
import { getPermissions } from '../../examples/fetch-client/permissions.ts';
import { startChild } from '../doubles/child.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { startServer } from '../doubles/http-server.ts';
import { closedPort } from '../doubles/raw-server.ts';
import { deployed, standIns } from './stand-ins.ts';

const main = new URL('../../examples/fetch-client/main.ts', import.meta.url);
const WISH = { namespaces: ['feature-x'] };

describe('a module that calls by name', () => {
  test('reaches the copy of the branch for a wish, and the shared one without', async () => {
    const { asked } = await deployed(['my-rest.develop', 'my-rest.feature-x']);
    expect(await context.run(WISH, () => getPermissions('a b'))).toEqual({ by: 'my-rest.feature-x' });
    expect(await getPermissions('4711')).toEqual({ by: 'my-rest.develop' });
    expect(asked.map(({ path, headers }) => [path, headers['baggage']])).toEqual([
      ['/get-customer-permissions?customer=a%20b', 'branchline=feature-x'],
      ['/get-customer-permissions?customer=4711', undefined],
    ]);
  });

  test('says whose copy it was that failed', async () => {
    const { url } = await startServer((_, response) => response.writeHead(503).end());
    await deployed(['my-rest.develop'], { 'my-rest.feature-x': url });
    await expect(context.run(WISH, () => getPermissions('4711'))).rejects.toThrow(
      'my-rest of feature-x (override) answered 503',
    );
  });

  test('keeps the names of the baseline where the code has them', async () => {
    const { asked } = await deployed(['my-rest.develop', 'my-rest.feature-x']);
    for (const host of ['my-rest.develop.svc:8080', 'my-rest.develop.svc.cluster.local']) {
      const response = await context.run(WISH, () => canonical(`http://${host}/x`));
      expect(await response.json()).toEqual({ by: 'my-rest.feature-x' });
    }
    expect(asked.map(({ headers }) => headers['baggage'])).toEqual(['branchline=feature-x', 'branchline=feature-x']);
  });
});

describe('the program that asks for a branch', () => {
  /** What it prints with this table, and how it ends. */
  async function run(
    table: Readonly<Record<string, string>>,
    ...args: string[]
  ): Promise<[number | null, ...string[]]> {
    const env = { BRANCHLINE_NAMESPACE: 'develop', ...table };
    const { code, stdout } = await startChild(main, { args, env, cwd: temporaryFolder() }).exited();
    return [code, ...stdout.trimEnd().split('\n')];
  }
  const path = '/get-customer-permissions';

  test('tells who answered, and whether the wish was confirmed', async () => {
    const confirming = await startServer((_, response) => response.setHeader('branchline-accepted', 'feature-x').end());
    const { urls } = await standIns('my-rest.develop');
    const shared = { BRANCHLINE_MY_REST__DEVELOP: urls['my-rest.develop'] ?? '' };
    const both = { ...shared, BRANCHLINE_MY_REST__FEATURE_X: confirming.url };
    expect(await run(both)).toEqual([0, `200 of ${urls['my-rest.develop']}${path}, baseline`, 'no wish was confirmed']);
    expect(await run(both, 'feature-x')).toEqual([
      0,
      `200 of ${confirming.url}${path}, override`,
      'confirmed: feature-x',
    ]);
  });

  test('fails where the table says so, and where nobody listens', async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const table = { BRANCHLINE_MY_REST__DEVELOP: url, BRANCHLINE_MY_REST__FEATURE_X: 'disabled' };
    expect(await run(table)).toEqual([1, `${url} does not answer`]);
    expect(await run(table, 'feature-x')).toEqual([1, 'ERR_SERVICE_DISABLED']);
  });
});
