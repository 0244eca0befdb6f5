import { createResolver, envSource, fileSource, mountSource, type Resolver, type Source } from 'branchline';
import { describe, expect, onTestFinished, test } from 'vitest';

import { temporaryFolder } from '../doubles/folder.ts';
import { createKubelet } from '../doubles/kubelet.ts';
import { configMapIn, deploymentIn, files, manifestsIn, pathOf } from './manifests.ts';

function open(source: Source, namespace: string): Resolver {
  const resolver = createResolver({ sources: [source], namespace });
  onTestFinished(() => resolver.close());
  return resolver;
}

/** The source that the content of `configmap.yaml` arrives by. */
const ways = {
  'read as a manifest': () => fileSource({ path: pathOf('configmap.yaml') }),
  'mounted by the kubelet': () => {
    const { mount, write } = createKubelet(temporaryFolder());
    write(configMapIn('configmap.yaml').data);
    return mountSource({ path: mount });
  },
};

describe('the examples for Kubernetes', () => {
  test('are YAML, and objects that Kubernetes takes', () => {
    expect(files.toSorted()).toEqual(['configmap.yaml', 'deployment-envfrom.yaml', 'deployment.yaml']);
    expect(
      files
        .flatMap((file) => manifestsIn(file))
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual([...['ConfigMap', 'ConfigMap'], ...['Deployment', 'Deployment']]);
  });

  test.for(['configmap.yaml', 'deployment-envfrom.yaml'])(
    'the ConfigMap of %s is within the limit of 1 MiB',
    (file) => {
      const sizes = Object.entries(configMapIn(file).data)
        .flat()
        .map((text) => Buffer.byteLength(text));
      expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(1024 * 1024);
    },
  );

  test.for(['deployment.yaml', 'deployment-envfrom.yaml'])(
    'the Pods of %s are its own, and know their namespace',
    (file) => {
      const { spec } = deploymentIn(file);
      expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels);
      const [{ env }] = spec.template.spec.containers;
      expect(env).toEqual([{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }]);
    },
  );

  test('the Deployment mounts the whole ConfigMap where the library looks for it', () => {
    const { containers, volumes } = deploymentIn('deployment.yaml').spec.template.spec;
    // A subPath would be refused by the schema.
    expect(containers[0].volumeMounts).toEqual([{ name: 'branchline', mountPath: '/etc/branchline', readOnly: true }]);
    const { name } = configMapIn('configmap.yaml').metadata;
    expect(volumes).toEqual([{ name: 'branchline', configMap: { name, optional: true } }]);
  });

  test('the other Deployment takes its variables from the ConfigMap beside it', () => {
    const { metadata, spec } = deploymentIn('deployment-envfrom.yaml');
    const table = configMapIn('deployment-envfrom.yaml').metadata;
    expect(spec.template.spec.containers[0].envFrom).toEqual([{ configMapRef: { name: table.name, optional: true } }]);
    expect(table.namespace).toBe(metadata.namespace);
  });

  test('the variables have names that no shell drops', () => {
    for (const name of Object.keys(configMapIn('deployment-envfrom.yaml').data))
      expect(name).toMatch(/^BRANCHLINE_[A-Z0-9_]+$/);
  });

  describe.for(Object.entries(ways))('the table, %s,', ([, source]) => {
    test('sends the branch to its own services first', () => {
      const resolver = open(source(), 'feature-x');
      expect(resolver.lookup('my-rest')).toMatchObject({ url: 'http://my-rest.feature-x.svc:8080', via: 'branch' });
      expect(resolver.resolve('my-rest', { endpoint: 'admin' })).toBe('http://my-rest.feature-x.svc:9090');
      expect(resolver.lookup('orders')).toMatchObject({ url: 'https://orders.dev.example.com/api', via: 'baseline' });
      expect(() => resolver.resolve('billing')).toThrow(/^ERR_SERVICE_DISABLED/);
      expect(resolver.status().problems).toEqual([]);
    });

    test('keeps develop to itself', () => {
      const resolver = open(source(), 'develop');
      expect(resolver.lookup('my-rest')).toMatchObject({ url: 'http://my-rest.develop.svc:8080', via: 'baseline' });
      expect(resolver.resolve('my-rest', { endpoint: 'admin' })).toBe('http://my-rest.develop.svc:9090');
      expect(resolver.resolve('orders')).toBe('https://orders.dev.example.com/api');
      expect(resolver.resolve('billing')).toBe('http://billing.develop.svc:8080');
      expect(resolver.isBaseline).toBe(true);
      expect(resolver.status().problems).toEqual([]);
    });
  });

  test('the table as variables says the same', () => {
    const env = configMapIn('deployment-envfrom.yaml').data;
    const resolver = open(envSource({ env }), 'feature-x');
    expect(resolver.lookup('my-rest')).toMatchObject({ url: 'http://my-rest.feature-x.svc:8080', via: 'branch' });
    expect(resolver.resolve('my-rest', { endpoint: 'admin' })).toBe('http://my-rest.feature-x.svc:9090');
    expect(resolver.lookup('orders')).toMatchObject({ url: 'https://orders.dev.example.com/api', via: 'baseline' });
    expect(resolver.status()).toMatchObject({ configured: true, baseline: ['develop'], entries: 4, problems: [] });
  });
});
