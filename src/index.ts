// branchline: when I call `my-rest`, do I get my branch's own copy, or the shared one?

import { createFetch } from './http/fetch.ts';
import type { FetchLike } from './http/follow.ts';

export {
  context,
  createResolver,
  defaultResolver,
  explain,
  lookup,
  namespaceOf,
  receive,
  resolve,
  setDefaultResolver,
} from './default.ts';
export { BranchlineError, isBranchlineError } from './core/errors.ts';
export { dotenvSource } from './sources/dotenv.ts';
export { envSource } from './sources/env.ts';
export { fileSource } from './sources/file.ts';
export { memorySource } from './sources/memory.ts';
export { mountSource } from './sources/mount.ts';
export { createFetch } from './http/fetch.ts';
export { resolutionOf } from './http/outcome.ts';
export { route } from './http/route.ts';

export type { ErrorCode, ErrorDetails, Problem, ProblemCode, WarningCode } from './core/errors.ts';
export type { EntryKey, Key, MalformedKey, SettingKey } from './core/keys.ts';
export type { NamespaceOptions } from './core/namespace-of.ts';
export type { Breakage, Document, Leaf, Raw, Reading, Report, Unreadable, Work } from './core/reading.ts';
export type { OpenOptions, OpenSource, OwnNamespaceOffer, Sink, Source, Watching } from './core/source.ts';
export type {
  Explanation,
  LookupOptions,
  Resolution,
  RoutingContext,
  ServiceName,
  ServiceRegistry,
  Step,
  Via,
} from './core/types.ts';
export type { Change } from './core/table.ts';
export type { Coverage } from './resolver/coverage.ts';
export type { Events } from './resolver/events.ts';
export type { SourceStatus } from './resolver/intake.ts';
export type { ResolverOptions } from './resolver/options.ts';
export type { Resolver } from './resolver/resolver.ts';
export type { Stale } from './resolver/staleness.ts';
export type { Status } from './resolver/status.ts';
export type { EnvSourceOptions } from './sources/env.ts';
export type { Environment } from './sources/environment.ts';
export type { Data, MemorySource } from './sources/memory.ts';
export type { PathOptions } from './sources/path-options.ts';
export type { Carrier } from './context/carrier.ts';
export type { ContextFunctions } from './context/context.ts';
export type { Received, Refused } from './context/receive.ts';
export type { ReceiveOptions } from './default.ts';
export type { FetchOptions } from './http/fetch.ts';
export type { FetchLike } from './http/follow.ts';
export type { RouteOptions } from './http/route.ts';

/**
 * `fetch` with the default resolver: `fetch('http://my-rest/…')` reaches my branch's own `my-rest`, or the shared one.
 * A host with one label is a service, `http://_admin.my-rest/` its endpoint `admin`; everything else passes through.
 * @throws {BranchlineError} what `Resolver.lookup` throws, and `ERR_SCHEME_MISMATCH`, `ERR_SCHEME_UNSUPPORTED`,
 * `ERR_OVERRIDE_REFUSED`; as rejections
 * @throws {TypeError} what fetch rejects with, with a hidden `resolution`; see `resolutionOf`
 */
export const fetch: FetchLike = createFetch();
