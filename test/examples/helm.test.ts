import { readdirSync, readFileSync } from 'node:fs';

import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';

const folder = new URL('../../examples/helm/', import.meta.url);
const textOf = (file: string): string => readFileSync(new URL(file, folder), 'utf8');

type Values = Readonly<Record<string, unknown>>;

interface Deployment {
  readonly metadata: { readonly namespace: string; readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly unknown[]; readonly volumes: readonly unknown[] };
    };
  };
}

/** `helm template --namespace feature-x`, for templates that only print values; later files of values win. */
function render(...files: readonly string[]): Deployment {
  const Values = files.map((file) => load(textOf(file)) as Values).reduce((all, one) => merged(all, one));
  const scope = { Values, Release: { Namespace: 'feature-x' } };
  const text = textOf('templates/deployment.yaml').replaceAll(/\{\{(.*?)\}\}/gs, (_, action: string) => {
    const [, path] = /^ \.([\w.]+) $/.exec(action) ?? [];
    let value: unknown = path === undefined ? undefined : scope;
    for (const step of path?.split('.') ?? []) value = (value as Values | undefined)?.[step];
    if (typeof value !== 'string' && typeof value !== 'boolean') throw new Error(`{{${action}}} prints no value`);
    return String(value);
  });
  return load(text) as Deployment;
}

function merged(one: Values, other: Values): Values {
  const both = Object.entries(other).map(([key, value]) => {
    const before = one[key];
    return [key, isValues(before) && isValues(value) ? merged(before, value) : value];
  });
  return { ...one, ...Object.fromEntries(both) };
}

const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null;

describe('the chart', () => {
  test('has one template, and tells Helm what it is', () => {
    expect(readdirSync(new URL('templates/', folder))).toEqual(['deployment.yaml']);
    expect(load(textOf('Chart.yaml'))).toEqual({ apiVersion: 'v2', name: 'my-rest', version: '1.0.0' });
  });

  test('mounts the whole map where the library looks for it, and requires it', () => {
    const { metadata, spec } = render('values.yaml');
    expect(metadata.namespace).toBe('feature-x');
    expect(spec.template.spec).toMatchObject({
      containers: [
        {
          env: [{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
          volumeMounts: [{ name: 'branchline', mountPath: '/etc/branchline', readOnly: true }],
        },
      ],
    });
    expect(spec.template.spec.volumes).toEqual([
      { name: 'branchline', configMap: { name: 'branchline', optional: false } },
    ]);
    expect(JSON.stringify(spec)).not.toContain('subPath');
  });

  test('starts in production, where there is no map', () => {
    const { spec } = render('values.yaml', 'values-production.yaml');
    expect(spec.template.spec.volumes).toEqual([
      { name: 'branchline', configMap: { name: 'branchline', optional: true } },
    ]);
  });

  test('does not restart Pods when the map changes', () => {
    const { metadata, spec } = render('values.yaml');
    expect(metadata.annotations).toEqual({ 'configmaps.exclude.reloader.stakater.com/reload': 'branchline' });
    expect(JSON.stringify(spec)).not.toContain('checksum');
  });
});
