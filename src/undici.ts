// branchline/undici: dispatchers of undici that find their way.

export { clusterLookup } from './http/cluster-lookup.ts';
export { createDispatcher } from './http/dispatcher.ts';
export { routing } from './http/interceptor.ts';
export type { LookupCacheOptions } from './http/cluster-lookup.ts';
export type { DispatcherOptions } from './http/dispatcher.ts';
export type { Dispatch } from './http/interceptor.ts';
export type { RouteOptions } from './http/route.ts';
