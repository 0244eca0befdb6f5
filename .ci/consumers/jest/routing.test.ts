import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, expect, test } from '@jest/globals';
import { createResolver, memorySource, mountSource, resolve } from 'branchline';
import { useEntries } from 'branchline/testing';

let restore: () => void = () => undefined;
afterEach(() => restore());

test('the code under test asks the default resolver', () => {
  restore = useEntries({ 'my-rest.develop': '8080' });
  expect(resolve('my-rest')).toBe('http://my-rest.develop.svc:8080');
});

test("a resolver of one's own", async () => {
  const source = memorySource({ 'my-rest.develop': '8080' });
  const resolver = createResolver({ sources: [source], namespace: 'feature-x' });
  expect(resolver.lookup('my-rest')).toMatchObject({ url: 'http://my-rest.develop.svc:8080', via: 'baseline' });
  source.set({ 'my-rest.develop': '8080', 'my-rest.feature-x': '' });
  expect(resolver.resolve('my-rest')).toBe('http://my-rest.feature-x.svc:8080');
  await resolver.close();
});

test('a mounted folder is followed, by polling where the watcher cannot be imported', async () => {
  const path = mkdtempSync(join(__dirname, 'mount-'));
  writeFileSync(join(path, 'my-rest.develop'), '8080');
  const resolver = createResolver({ sources: [mountSource({ path })], namespace: null, pollInterval: 50 });
  await resolver.ready();
  expect(resolver.resolve('my-rest')).toBe('http://my-rest.develop.svc:8080');
  expect(['native', 'poll']).toContain(resolver.status().sources[0]?.watch);
  const changed = new Promise<void>((done) => void resolver.on('change', () => done()));
  writeFileSync(join(path, '.next'), '9090');
  renameSync(join(path, '.next'), join(path, 'my-rest.develop'));
  await changed;
  expect(resolver.resolve('my-rest')).toBe('http://my-rest.develop.svc:9090');
  await resolver.close();
});
