import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { createResolver, dotenvSource, envSource, memorySource } from 'branchline';
import { describe, expect, test, vi } from 'vitest';

import { findOwnNamespace } from '../../src/sources/own-namespace.ts';
import { startChild } from '../doubles/child.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { record } from '../doubles/recorder.ts';
import { noUnshare } from '../doubles/unshare.ts';

const ACCOUNT = 'var/run/secrets/kubernetes.io/serviceaccount/namespace';
const RESOLV = 'etc/resolv.conf';
const inCluster = { KUBERNETES_SERVICE_HOST: '10.96.0.1' };

/** The files of a Pod, below a folder. */
function pod(files: Record<string, string>): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return `${root}/`.replace(/\/$/, '');
}

const search = (domains: string): string => `search ${domains}\nnameserver 10.96.0.10\noptions ndots:5\n`;

describe('the own namespace', () => {
  test('is what is nearest: each step beats the ones after it', () => {
    const root = pod({
      [ACCOUNT]: 'from-account\n',
      [RESOLV]: search('from-resolv.svc.cluster.local svc.cluster.local cluster.local'),
    });
    const bare = pod({ [RESOLV]: search('from-resolv.svc.cluster.local svc.cluster.local cluster.local') });
    const offers = [
      { value: 'from-low', at: '.env' },
      { value: 'from-offer', at: 'env' },
    ];
    const env = { BRANCHLINE_NAMESPACE: 'from-variable', POD_NAMESPACE: 'from-pod' };
    expect(findOwnNamespace(offers, { env, root }).namespace).toBe('from-variable');
    expect(findOwnNamespace(offers, { env: { POD_NAMESPACE: 'from-pod' }, root }).namespace).toBe('from-offer');
    expect(findOwnNamespace([], { env: { POD_NAMESPACE: ' from-pod\n' }, root }).namespace).toBe('from-pod');
    expect(findOwnNamespace([], { env: { POD_NAMESPACE: '' }, root }).namespace).toBe('from-account');
    expect(findOwnNamespace([], { env: {}, root: bare }).namespace).toBe('from-resolv');
  });

  test.each([
    ['the last search line counts', 'search a.svc.cluster.local\nsearch b.svc.cluster.local\n', 'b'],
    ['another cluster domain', 'search x.svc.corp.example\n', 'x'],
    ['a laptop', 'search corp.example.com\nnameserver 1.1.1.1\n', null],
    ['a namespace that only looks like one', 'search svc.cluster.local\n', null],
    ['a comment', '# search a.svc.cluster.local\n', null],
    ['nothing', '', null],
  ])('from resolv.conf: %s', (_, text, expected) => {
    expect(findOwnNamespace([], { env: {}, root: pod({ [RESOLV]: text }) }).namespace).toBe(expected);
  });

  test('that is no name is skipped and told, where nobody wrote it for us', () => {
    const root = pod({ [ACCOUNT]: 'Not_A_Name', [RESOLV]: search('feature-x.svc.cluster.local') });
    const found = findOwnNamespace([], { env: {}, root });
    expect(found.namespace).toBe('feature-x');
    expect(found.problems).toMatchObject([
      {
        code: 'ERR_INVALID_NAME',
        message: expect.stringMatching(/serviceaccount\/namespace is "Not_A_Name".*It is skipped/),
      },
    ]);
  });

  test('that nobody knows inside a cluster is a problem, and outside of one is none', () => {
    const root = pod({});
    expect(findOwnNamespace([], { env: inCluster, root })).toMatchObject({
      namespace: null,
      problems: [
        {
          code: 'WARN_NAMESPACE_UNKNOWN',
          message: expect.stringContaining('Set POD_NAMESPACE from metadata.namespace'),
        },
      ],
    });
    expect(findOwnNamespace([], { env: {}, root })).toEqual({ namespace: null, problems: [], fatal: null });
  });
});

describe('a resolver', () => {
  const sources = [memorySource({ 'a.develop': '1' })];

  test('does not start with a variable that holds no name', () => {
    vi.stubEnv('POD_NAMESPACE', 'Feature_X');
    const create = () => createResolver({ sources });
    expect(create).toThrow(expect.objectContaining({ code: 'ERR_INVALID_NAME' }));
    expect(create).toThrow(/the environment variable POD_NAMESPACE is "Feature_X"; a namespace is 1 to 63 of a-z/);
  });

  test('does not look when it is told, or told that there is none', () => {
    vi.stubEnv('POD_NAMESPACE', 'Feature_X');
    expect(createResolver({ sources, namespace: 'feature-y' }).namespace).toBe('feature-y');
    expect(createResolver({ sources, namespace: null }).namespace).toBeNull();
  });

  test('takes BRANCHLINE_NAMESPACE from a .env and from an environment that it is given, and a real variable wins', () => {
    const path = join(temporaryFolder(), '.env');
    writeFileSync(path, 'BRANCHLINE_NAMESPACE=from-file\nBRANCHLINE_CONFIG=/nowhere\n');
    vi.stubEnv('POD_NAMESPACE', 'from-pod');
    expect(createResolver({ sources: [dotenvSource({ path })] }).namespace).toBe('from-file');
    expect(
      createResolver({ sources: [envSource({ env: { BRANCHLINE_NAMESPACE: 'from-env' } }), dotenvSource({ path })] })
        .namespace,
    ).toBe('from-file');
    vi.stubEnv('BRANCHLINE_NAMESPACE', 'from-variable');
    expect(createResolver({ sources: [dotenvSource({ path })] }).namespace).toBe('from-variable');
  });

  test('never takes it from the ConfigMap, which is copied', () => {
    vi.stubEnv('POD_NAMESPACE', undefined);
    vi.stubEnv('BRANCHLINE_NAMESPACE', undefined);
    const resolver = createResolver({
      sources: [memorySource({ namespace: 'feature-x', 'a.develop': '1' })],
      namespace: null,
    });
    const events = record(resolver);
    expect(resolver.namespace).toBeNull();
    expect(resolver.status().problems).toMatchObject([{ code: 'WARN_SETTING_UNKNOWN', key: 'namespace' }]);
    expect(events.change).toEqual([]);
  });

  // A Pod's resolv.conf in a mount namespace of its own: what the process really reads.
  const unable = noUnshare('-rm');
  test.skipIf(unable !== null)(
    'of a branch Pod without variable and service account knows its namespace, from the real resolv.conf',
    async () => {
      const path = join(
        pod({ [RESOLV]: search('feature-x.svc.cluster.local svc.cluster.local cluster.local') }),
        RESOLV,
      );
      const child = startChild(new URL('../doubles/own-namespace-child.ts', import.meta.url), {
        env: { ...inCluster, POD_NAMESPACE: undefined, BRANCHLINE_NAMESPACE: undefined },
        unshare: { flags: ['-rm'], first: `mount --bind ${path} /etc/resolv.conf` },
      });
      expect(await child.said('namespace')).toMatchObject({ namespace: 'feature-x', problems: [] });
      await child.exited();
    },
  );

  test.skipIf(unable !== null)('that cannot know it says so in status, explain and an event', async () => {
    const path = join(pod({ [RESOLV]: 'nameserver 10.96.0.10\n' }), RESOLV);
    const child = startChild(new URL('../doubles/own-namespace-child.ts', import.meta.url), {
      env: { ...inCluster, POD_NAMESPACE: undefined, BRANCHLINE_NAMESPACE: undefined },
      unshare: { flags: ['-rm'], first: `mount --bind ${path} /etc/resolv.conf` },
    });
    const unknown = ['WARN_NAMESPACE_UNKNOWN'];
    expect(await child.said('namespace')).toEqual({
      namespace: null,
      problems: unknown,
      explained: unknown,
      told: unknown,
    });
    await child.exited();
  });
});
