import {
  BranchlineError,
  createResolver,
  dotenvSource,
  envSource,
  explain,
  fileSource,
  lookup,
  memorySource,
  mountSource,
  namespaceOf,
  resolve,
  setDefaultResolver,
} from 'branchline';
import type {
  Coverage,
  Events,
  Explanation,
  Problem,
  Resolution,
  Resolver,
  ServiceName,
  Source,
  Status,
  Via,
} from 'branchline';
import { memorySource as sameSource, useEntries } from 'branchline/testing';

declare module 'branchline' {
  interface ServiceRegistry {
    'my-rest': 'admin';
  }
}
// 'never' if the augmentation did not reach the functions' own type.
export const known: Extract<ServiceName, 'my-rest'> = 'my-rest';

const sources: Source[] = [
  mountSource(),
  dotenvSource(),
  envSource({ env: {} }),
  fileSource({ path: 'a.yaml' }),
  memorySource({ a: 1 }),
];
export const resolver: Resolver = createResolver({
  sources,
  baseline: ['develop'],
  pollInterval: 1000,
  namespace: undefined,
});
export const restore: () => void = setDefaultResolver(resolver);
export const undo: () => void = useEntries({ 'my-rest.develop': 8080 });
sameSource().set({});
export const url: string = resolve('my-rest', { endpoint: 'admin' });
export const resolution: Resolution = lookup('anything');
export const via: Via = resolution.via;
export const explanation: Explanation = explain('my-rest');
export const status: Status = resolver.status();
export const coverage: Coverage = resolver.coverage();
export const off: () => void = resolver.on('change', (event: Events['change']) => event.changes.map(({ key }) => key));
export const problems: readonly Problem[] = status.problems;
export const closed: Promise<void> = resolver.close();
export const disposable: AsyncDisposable = resolver;
export const code: string = new BranchlineError('ERR_SERVICE_NOT_FOUND', 'x').code;
export const namespace: string = namespaceOf('feature/x', { prefix: 'pr' });
// @ts-expect-error the declarations are found, and are not any
export const wrong: number = resolve('my-rest');
