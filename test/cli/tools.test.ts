import { createResolver, memorySource } from 'branchline';
import { expect, test } from 'vitest';

import { type TableOptions, type Tools, withTable } from '../../src/cli/tools.ts';

test('a table that is looked at once is closed again, whatever comes of the look', async () => {
  const resolver = createResolver({ sources: [memorySource({ 'a.develop': '8080' })], namespace: null });
  const asked: TableOptions[] = [];
  const tools = {
    open: (options: TableOptions) => {
      asked.push(options);
      return Promise.resolve(resolver);
    },
  } as unknown as Tools;
  const options = { config: 'x', own: 'feature-x' };
  const failing = withTable(tools, options, () => {
    throw new Error('it does not work');
  });
  await expect(failing).rejects.toThrow('it does not work');
  expect(resolver.status().closed).toBe(true);
  expect(asked).toEqual([options]);
  await expect(withTable(tools, {}, (table) => table.resolve('a'))).resolves.toBe('http://a.develop.svc:8080');
});
