// A library in somebody else's process: an import does nothing, an answer leaves nothing behind, and one line tells it all.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { startChild } from './doubles/child.ts';
import { temporaryFolder } from './doubles/folder.ts';

const file = new URL('doubles/quiet-child.ts', import.meta.url);
const surroundings = {
  POD_NAMESPACE: 'feature-x',
  BRANCHLINE_NAMESPACE: undefined,
  BRANCHLINE_CONFIG: undefined,
  KUBERNETES_SERVICE_HOST: undefined,
};

describe('a process that imports the package', () => {
  test('touches nothing global, and ends by itself after resolve', async () => {
    const child = startChild(file, { cwd: temporaryFolder(), env: surroundings });
    expect(await child.said('answer')).toEqual({
      answer: ['http://my-rest', 'http://my-rest', 'http://orders'],
      made: [],
    });
    expect(await child.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  test('ends by itself while a folder is watched', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'my-rest.develop'), '8080');
    const child = startChild(file, { env: { ...surroundings, BRANCHLINE_CONFIG: folder } });
    expect(await child.said('answer')).toMatchObject({
      answer: ['http://my-rest.develop.svc:8080', 'http://my-rest.develop.svc:8080', 'http://orders.develop.svc'],
    });
    expect(await child.exited()).toMatchObject({ code: 0 });
  });

  test('prints one line for every new service, namespace and via, with NODE_DEBUG=branchline', async () => {
    const child = startChild(file, {
      cwd: temporaryFolder(),
      env: {
        ...surroundings,
        NODE_DEBUG: 'branchline',
        BRANCHLINE_MY_REST__DEVELOP: '8080',
        BRANCHLINE_MY_REST__FEATURE_X: '',
      },
    });
    const { stderr } = await child.exited();
    expect(
      stderr
        .replaceAll(/BRANCHLINE \d+: /g, '')
        .trim()
        .split('\n'),
    ).toEqual([
      'my-rest → http://my-rest.feature-x.svc:8080 (branch feature-x)',
      'orders → http://orders.develop.svc (convention develop)',
    ]);
  });
});
