import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { createResolver, fileSource, mountSource } from 'branchline';
import { describe, expect, test } from 'vitest';

import { until } from '../doubles/await.ts';
import { startChild } from '../doubles/child.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { createKubelet } from '../doubles/kubelet.ts';
import { noUnshare } from '../doubles/unshare.ts';
import { tableWith } from './mounted.ts';

const observer = new URL('./children/observer.ts', import.meta.url);
/** Nothing of the machine that runs the tests. */
const nothing = {
  BRANCHLINE_CONFIG: undefined,
  BRANCHLINE_NAMESPACE: undefined,
  POD_NAMESPACE: undefined,
  KUBERNETES_SERVICE_HOST: undefined,
};

describe('a configuration that is missing at the start', () => {
  test('and named by BRANCHLINE_CONFIG throws, with the place', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'nowhere', 'config');
    const child = startChild(observer, { cwd: folder, env: { ...nothing, BRANCHLINE_CONFIG: path } });
    const { error } = await child.said('error');
    expect(error).toMatchObject({
      code: 'ERR_SOURCE_UNREADABLE',
      source: `mount:${path}`,
      message: expect.stringContaining(path),
    });
    expect(child.lines.some((line) => 'created' in line)).toBe(false);
    expect(await child.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  test('and named twice throws once, with both places', () => {
    const folder = temporaryFolder();
    const places = [join(folder, 'a'), join(folder, 'b.json')] as const;
    let thrown: unknown;
    try {
      createResolver({ sources: [mountSource({ path: places[0] }), fileSource({ path: places[1] })], namespace: null });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      problems: places.map((place) => ({ code: 'ERR_SOURCE_UNREADABLE', message: expect.stringContaining(place) })),
    });
    for (const place of places) expect((thrown as Error).message).toContain(place);
  });

  // /etc is a folder of ours there.
  test('at the default place changes nothing, and is picked up when it appears', async ({ skip }) => {
    const flags = ['--user', '--map-root-user', '--mount'];
    const reason = noUnshare(...flags);
    if (reason !== null) skip(reason);
    const etc = join(temporaryFolder(), 'etc');
    mkdirSync(etc);
    const child = startChild(observer, {
      cwd: etc,
      env: nothing,
      args: [JSON.stringify({ namespace: 'feature-x', pollInterval: 100 })],
      unshare: { flags, first: `mount --bind '${etc}' /etc` },
    });
    await child.said('ready');
    expect((await child.ask('lookup my-rest'))['result']).toMatchObject({
      url: 'http://my-rest',
      via: 'unconfigured',
      namespace: null,
    });
    expect((await child.ask('status'))['result']).toMatchObject({
      configured: false,
      sources: [{ name: 'mount:/etc/branchline', state: 'missing' }, {}, {}],
    });

    const kubelet = createKubelet(join(etc, 'branchline'));
    kubelet.write({ baseline: 'develop', ...tableWith(8081) });
    await child.said('change');
    expect((await child.ask('lookup my-rest'))['result']).toMatchObject({
      url: 'http://my-rest.feature-x.svc:8081',
      source: 'mount:/etc/branchline',
    });
    kubelet.write({ baseline: 'develop', ...tableWith(8082) });
    await until(() => child.lines.filter((line) => 'change' in line).length === 2, 'the swap after it to be seen');
    expect(child.lines.filter((line) => 'problem' in line || 'stale' in line || 'warning' in line)).toEqual([]);
    child.process.stdin?.end();
    expect(await child.exited()).toMatchObject({ code: 0, stderr: '' });
  });
});
