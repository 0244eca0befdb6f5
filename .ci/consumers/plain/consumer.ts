import {
  BranchlineError,
  context,
  createFetch,
  createResolver,
  dotenvSource,
  envSource,
  explain,
  fetch,
  fileSource,
  lookup,
  memorySource,
  mountSource,
  namespaceOf,
  receive,
  resolutionOf,
  resolve,
  route,
  setDefaultResolver,
} from 'branchline';
import type {
  Coverage,
  Events,
  Explanation,
  FetchLike,
  Problem,
  Resolution,
  Resolver,
  RoutingContext,
  ServiceName,
  Source,
  Status,
  Via,
} from 'branchline';
import { memorySource as sameSource, useEntries } from 'branchline/testing';
import { clusterLookup, createDispatcher, routing } from 'branchline/undici';

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

export const dispatcher: object = createDispatcher();
export const parts: [object, object] = [clusterLookup(), routing({ resolver })];
export const call: FetchLike = createFetch({ resolver, fetch: globalThis.fetch, dispatcher, canonical: true });
export const response: Promise<Response> = fetch(new URL('http://my-rest/x'), { method: 'POST', body: 'x' });
export const answered: Promise<Resolution | undefined> = response.then(resolutionOf);
export const routed: { url: string; headers: { accept: string } } = route('http://my-rest', { accept: '*' });
const wish: RoutingContext = { namespaces: ['feature-x'], services: { billing: 'feature-y' } };
export const ran: number = context.run(wish, () => 1);
export const bound: (x: number) => string = context.bind((x: number) => String(x));
export const carrier: Headers = context.inject(new Headers(), { resolver });
export const extracted: RoutingContext | undefined = context.extract({ baggage: Buffer.from('branchline=feature-x') });
export const received: { reject: boolean; baggage: string | null } = receive({}, { trust: true, refused: 'ignore' });
// @ts-expect-error the declarations are found, and are not any
export const wrong: number = resolve('my-rest');
