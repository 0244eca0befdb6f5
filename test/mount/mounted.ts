import { join } from 'node:path';

import { createResolver, mountSource, type Resolver, type ResolverOptions } from 'branchline';
import { onTestFinished } from 'vitest';

import { until } from '../doubles/await.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { createKubelet, type Kubelet, type KubeletOptions, type Payload } from '../doubles/kubelet.ts';
import { record, type Record } from '../doubles/recorder.ts';

/** Only the watcher can see an update in time: the next poll is an hour away. */
export const watcherOnly = { pollInterval: 3_600_000 };
/** There is no watcher. */
export const pollOnly = { watch: false, pollInterval: 50 };

export interface Opened {
  readonly resolver: Resolver;
  readonly events: Record;
}

/** A resolver of the branch `feature-x` on one mount; closed with the test. */
export function open(path: string, options: ResolverOptions & { optional?: boolean } = {}): Opened {
  const { optional, ...rest } = options;
  const source = optional === undefined ? mountSource({ path }) : mountSource({ path, optional });
  const resolver = createResolver({ sources: [source], namespace: 'feature-x', baseline: 'develop', ...rest });
  onTestFinished(() => resolver.close());
  return { resolver, events: record(resolver) };
}

/** A mounted ConfigMap that nobody reads yet. */
export function volume(payload: Payload = tableWith(8081), folder: string = temporaryFolder()): Kubelet {
  const kubelet = createKubelet(join(folder, 'config'));
  kubelet.write(payload);
  return kubelet;
}

export interface Mounted extends Opened {
  readonly mount: string;
  readonly kubelet: Kubelet;
}

/** A mounted ConfigMap with this payload, its watch armed. */
export async function mounted(
  payload: Payload,
  options: ResolverOptions = {},
  { parent = temporaryFolder(), ...kind }: KubeletOptions & { parent?: string } = {},
): Promise<Mounted> {
  const kubelet = createKubelet(join(parent, 'config'), kind);
  kubelet.write(payload);
  const opened = open(kubelet.mount, options);
  await opened.resolver.ready();
  return { ...opened, kubelet, mount: kubelet.mount };
}

/** `my-rest` in the branch at this port, and in the baseline at 8080. */
export const tableWith = (port: number): Payload => ({ 'my-rest.develop': '8080', 'my-rest.feature-x': String(port) });

export const portOf = (resolver: Resolver): number | null => resolver.lookup('my-rest').port;

/** Waits until `my-rest` is at this port. */
export async function expectPort(resolver: Resolver, port: number): Promise<void> {
  await until(
    () => portOf(resolver) === port,
    () => `my-rest to be at port ${port}; it is at ${portOf(resolver)}`,
  );
}
