import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { createResolver, fileSource } from 'branchline';
import { loadAll } from 'js-yaml';
import { describe, expect, onTestFinished, test } from 'vitest';

import { type Cluster, startCluster } from '../doubles/cluster.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import type { Data } from '../doubles/kubectl.ts';
import { allows } from './pipelines/rbac.ts';
import { alone, type Outcome, runJobs } from './pipelines/run.ts';

const pathOf = (file: string): string => fileURLToPath(new URL(`../../examples/gitops/${file}`, import.meta.url));
const read = <T>(file: string): T[] => loadAll(readFileSync(pathOf(file), 'utf8')) as T[];

interface ConfigMap {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly annotations: Data };
  readonly data: Data;
}
const [map] = read<ConfigMap>('baseline/configmap.yaml') as [ConfigMap];

interface Application {
  readonly spec: {
    readonly source: { readonly path: string };
    readonly destination: { readonly namespace: string };
    readonly syncPolicy: {
      readonly syncOptions: readonly string[];
      readonly managedNamespaceMetadata?: { readonly labels: Data };
    };
  };
}

interface Hook {
  readonly metadata: { readonly namespace: string; readonly annotations: Data };
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly serviceAccountName: string;
        readonly restartPolicy: string;
        readonly containers: readonly [
          {
            readonly env: readonly { readonly name: string; readonly value: string }[];
            readonly command: readonly string[];
          },
        ];
      };
    };
  };
}
const hooks = new Map(
  read<Hook>('argocd/hooks.yaml').map((hook) => [hook.metadata.annotations['argocd.argoproj.io/hook'], hook]),
);

describe('the map in Git', () => {
  test('has the settings and the entries of the baseline, and none of a branch', () => {
    const resolver = createResolver({
      sources: [fileSource({ path: pathOf('baseline/configmap.yaml') })],
      namespace: 'develop',
    });
    onTestFinished(() => resolver.close());
    const { baseline, problems, entries } = resolver.status();
    expect({ baseline, problems }).toEqual({ baseline: ['develop'], problems: [] });
    expect(
      Object.keys(map.data)
        .filter((key) => key.includes('.'))
        .map((key) => key.split('.').at(-1)),
    ).toEqual(Array.from({ length: entries }, () => 'develop'));
    expect(map.metadata).toMatchObject({ name: 'branchline', namespace: 'develop' });
  });

  test('tells Flux to merge, and Reloader to leave it alone', () => {
    expect(map.metadata.annotations).toEqual({
      'kustomize.toolkit.fluxcd.io/ssa': 'Merge',
      'reloader.stakater.com/ignore': 'true',
    });
  });

  test('keeps its name: Kustomize takes it as it is', () => {
    expect(read('baseline/kustomization.yaml')).toEqual([
      { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: ['configmap.yaml'] },
    ]);
  });

  test('is what Argo CD and Flux apply, without wiping the keys of others', () => {
    const [argo] = read<Application>('argocd/baseline.yaml') as [Application];
    const [, flux] = read<{ spec: Record<string, unknown> }>('flux/baseline.yaml');
    expect(argo.spec.syncPolicy.syncOptions).toEqual(['ServerSideApply=true']);
    expect(flux?.spec).not.toHaveProperty('force');
    for (const path of [argo.spec.source.path, String(flux?.spec['path'])])
      expect(existsSync(pathOf(`../../${path}/kustomization.yaml`))).toBe(true);
  });
});

test('the Deployment tells Reloader to leave the mounted map alone', () => {
  const [deployment] = read<{
    metadata: { annotations: Data };
    spec: { template: { spec: { volumes: { configMap: { name: string } }[] } } };
  }>('reloader.yaml');
  const mounted = deployment?.spec.template.spec.volumes.map(({ configMap }) => configMap.name);
  expect(mounted).toEqual([map.metadata.name]);
  expect(deployment?.metadata.annotations['configmaps.exclude.reloader.stakater.com/reload']).toBe(mounted?.join());
});

describe.skipIf(process.platform === 'win32')('Argo CD and a branch', () => {
  const [branch] = read<Application>('argocd/branch.yaml') as [Application];
  const ours = { 'my-rest.feature-x': '8080' };

  /** As Argo CD finds it, with the namespace that it makes first. */
  async function startBranch(more: Data = {}): Promise<Cluster> {
    const cluster = await startCluster({ ...map.data, ...more });
    const { destination, syncPolicy } = branch.spec;
    const metadata = { name: destination.namespace, ...syncPolicy.managedNamespaceMetadata };
    cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata });
    cluster.guard(allows);
    return cluster;
  }

  function runHook(name: string, cluster: Cluster): Promise<Outcome> {
    const { env, command } = (hooks.get(name) as Hook).spec.template.spec.containers[0];
    const [shell = '', flags = '', text = ''] = command;
    expect([shell, flags]).toEqual(['sh', '-euc']);
    const variables = Object.fromEntries(env.map((variable) => [variable.name, variable.value]));
    return runJobs([alone({ name, shell: ['sh', '-eu'], text, env: variables })], cluster, temporaryFolder());
  }

  /** Somebody who may do everything. */
  async function operate(text: string, cluster: Cluster): Promise<void> {
    cluster.guard(() => true);
    const { succeeded, output } = await runJobs(
      [alone({ name: 'by hand', shell: ['sh', '-eu'], text, env: {} })],
      cluster,
      temporaryFolder(),
    );
    if (!succeeded) expect.fail(output);
  }

  async function expectHook(name: string, cluster: Cluster): Promise<void> {
    const { succeeded, output } = await runHook(name, cluster);
    if (!succeeded) expect.fail(output);
  }

  test('run three Jobs as the account of rbac.yaml, which end when they are done', () => {
    expect([...hooks.keys()]).toEqual(['PreSync', 'PreDelete', 'PostDelete']);
    for (const { metadata, spec } of hooks.values()) {
      expect(metadata.namespace).toBe('develop');
      expect(spec.template.spec).toMatchObject({ serviceAccountName: 'branchline-ci', restartPolicy: 'Never' });
    }
  });

  test('register it, copy the map, and let Git revert its own keys only', async () => {
    const cluster = await startBranch();
    await expectHook('PreSync', cluster);
    expect(cluster.map('develop')).toEqual({ ...map.data, ...ours });
    expect(cluster.map('feature-x')).toEqual({ ...map.data, ...ours });
    const patch = '{"data":{"my-rest.develop":"1"}}';
    await operate(`kubectl patch configmap branchline --namespace develop --type merge --patch '${patch}'`, cluster);
    expect(cluster.map('develop')).toMatchObject({ 'my-rest.develop': '1' });
    // Applied again, by the manager that has applied it first.
    const sync = 'kubectl apply --server-side --force-conflicts --field-manager=operator -f';
    await operate(`${sync} '${pathOf('baseline/configmap.yaml')}'`, cluster);
    expect(cluster.map('develop')).toEqual({ ...map.data, ...ours });
  });

  test('unregister it, wait, and delete the namespace afterwards', async () => {
    const cluster = await startBranch();
    await expectHook('PreSync', cluster);
    await expectHook('PreDelete', cluster);
    expect(cluster.map('develop')).toEqual(map.data);
    expect(cluster.calls.at(-1)).toMatchObject({ program: 'sleep', args: ['120'] });
    expect(cluster.object('Namespace', 'feature-x')).toBeDefined();
    await expectHook('PostDelete', cluster);
    expect(cluster.object('Namespace', 'feature-x')).toBeUndefined();
  });

  test('keep the namespace for what others have in it, and tell them', async () => {
    const theirs = { 'orders.feature-x': '80' };
    const cluster = await startBranch(theirs);
    for (const name of ['PreSync', 'PreDelete', 'PostDelete']) await expectHook(name, cluster);
    expect(cluster.map('develop')).toEqual({ ...map.data, ...theirs });
    expect(cluster.map('feature-x')).toEqual({ ...map.data, ...theirs });
  });

  test.for(['PreSync', 'PreDelete', 'PostDelete'])('fail at every command of %s that fails', async (name) => {
    const cluster = await startBranch({ 'orders.feature-x': '80' });
    await expectHook('PreSync', cluster);
    let failing = Infinity;
    cluster.before(() => {
      if (cluster.calls.length === failing) throw new Error('the API server is away');
    });
    for (let count = 1; ; count += 1) {
      failing = cluster.calls.length + count;
      const { succeeded } = await runHook(name, cluster);
      if (cluster.calls.length < failing) {
        expect([count > 2, succeeded]).toEqual([true, true]);
        break;
      }
      expect([name, count, succeeded]).toEqual([name, count, false]);
      expect(cluster.calls).toHaveLength(failing);
    }
  });
});
