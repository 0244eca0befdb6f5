// The manifests of examples/kubernetes, as far as Kubernetes would take them: a field that is misspelt or misplaced is refused.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { loadAll } from 'js-yaml';
import { z } from 'zod';

const folder = new URL('../../examples/kubernetes/', import.meta.url);

const label = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
const labels = z.record(z.string(), z.string().regex(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/));
const metadata = z.strictObject({ name: label, namespace: label, labels: labels.optional() });

/** https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-object */
const configMap = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('ConfigMap'),
  metadata,
  data: z.record(
    z
      .string()
      .max(253)
      .regex(/^[-._a-zA-Z0-9]+$/),
    z.string(),
  ),
});

const container = z.strictObject({
  name: label,
  image: z.string(),
  ports: z.array(z.strictObject({ name: label.max(15), containerPort: z.int().min(1).max(65_535) })),
  env: z.array(
    z.strictObject({
      name: z.string(),
      valueFrom: z.strictObject({ fieldRef: z.strictObject({ fieldPath: z.literal('metadata.namespace') }) }),
    }),
  ),
  envFrom: z.array(z.strictObject({ configMapRef: z.strictObject({ name: label, optional: z.boolean() }) })).optional(),
  // No subPath: such a mount never changes.
  volumeMounts: z
    .array(z.strictObject({ name: label, mountPath: z.string().startsWith('/'), readOnly: z.boolean() }))
    .optional(),
});

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/ */
const deployment = z.strictObject({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('Deployment'),
  metadata,
  spec: z.strictObject({
    selector: z.strictObject({ matchLabels: labels }),
    template: z.strictObject({
      metadata: z.strictObject({ labels }),
      spec: z.strictObject({
        containers: z.tuple([container]),
        volumes: z
          .array(z.strictObject({ name: label, configMap: z.strictObject({ name: label, optional: z.boolean() }) }))
          .optional(),
      }),
    }),
  }),
});

const manifest = z.discriminatedUnion('kind', [configMap, deployment]);

type Manifest = z.infer<typeof manifest>;
export type ConfigMap = z.infer<typeof configMap>;
export type Deployment = z.infer<typeof deployment>;

export const files: readonly string[] = readdirSync(folder);

export function pathOf(file: string): string {
  return fileURLToPath(new URL(file, folder));
}

/** The objects of a file; one that Kubernetes would refuse throws. */
export function manifestsIn(file: string): Manifest[] {
  return loadAll(readFileSync(pathOf(file), 'utf8')).map((object) => manifest.parse(object));
}

export function configMapIn(file: string): ConfigMap {
  const found = manifestsIn(file).find((object) => object.kind === 'ConfigMap');
  if (found === undefined) throw new Error(`${file} has no ConfigMap`);
  return found;
}

export function deploymentIn(file: string): Deployment {
  const found = manifestsIn(file).find((object) => object.kind === 'Deployment');
  if (found === undefined) throw new Error(`${file} has no Deployment`);
  return found;
}
