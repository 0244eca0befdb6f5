// The cluster's side: what `kubectl get … -o json` prints, what `kubectl patch --type merge` does with a patch, and what
// the API server takes for a ConfigMap.

import { dump } from 'js-yaml';
import { expect } from 'vitest';

export type Data = Readonly<Record<string, string>>;

/** The ConfigMap of the README. */
export const README: Data = {
  baseline: 'develop',
  'my-rest.develop': '8080',
  'my-rest.feature-x': '8080',
  'my-rest.feature-y': '8081',
  '_admin.my-rest.develop': '9090',
  'orders.develop': 'https://orders.dev.example.com/v1',
  'billing.develop': 'disabled',
};

export const configMap = (data: Data, name = 'branchline', namespace = 'develop'): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, resourceVersion: '7' },
  data,
});

export const json = (value: object): string => `${JSON.stringify(value, null, 4)}\n`;
export const yaml = (value: object): string => dump(value);

/** `kubectl get services -A -o json`; a Service by `name.namespace` and its ports. */
export const services = (
  all: Readonly<Record<string, readonly { name?: string; port: number; protocol?: string }[]>>,
): object => ({
  apiVersion: 'v1',
  kind: 'List',
  items: Object.entries(all).map(([key, ports]) => {
    const [name, namespace] = key.split('.');
    return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports } };
  }),
  metadata: { resourceVersion: '' },
});

/** `kubectl get namespaces -o json`. */
export const namespaces = (...names: readonly string[]): object => ({
  apiVersion: 'v1',
  kind: 'List',
  items: names.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, status: {} })),
});

/** RFC 7386, section 2, word for word. */
function mergePatched(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, mergePatched(result.get(name), value));
  }
  return Object.fromEntries(result);
}

/** The data of a ConfigMap after a patch, as a command prints it. */
export function patched(data: Data, patch: string): Data {
  return (mergePatched({ data }, JSON.parse(patch)) as { data: Data }).data;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Refuses what the API server refuses: pkg/apis/core/validation `ValidateConfigMap`, and
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/.
 */
export function expectConfigMap(value: unknown): Data {
  const { apiVersion, kind, metadata, data, ...others } = value as {
    apiVersion: string;
    kind: string;
    metadata: { name: string; namespace?: string };
    data: Record<string, unknown>;
  };
  expect({ apiVersion, kind, others }).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', others: {} });
  const { name, namespace, ...more } = metadata;
  expect(more).toEqual({});
  expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
  expect(name.length).toBeLessThanOrEqual(253);
  if (namespace !== undefined) expect(namespace).toMatch(/^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
  return expectData(data);
}

export function expectData(data: Readonly<Record<string, unknown>>): Data {
  let bytes = 0;
  for (const [key, text] of Object.entries(data)) {
    expect(key).toMatch(/^(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}$/);
    expect(text).toBeTypeOf('string');
    bytes += Buffer.byteLength(text as string);
  }
  expect(bytes).toBeLessThanOrEqual(1024 * 1024);
  return data as Data;
}
