// The public types against the shapes that are promised, compiled as a user compiles them.

import type * as branchline from 'branchline';
import {
  BranchlineError,
  createResolver,
  defaultResolver,
  dotenvSource,
  envSource,
  explain,
  fileSource,
  isBranchlineError,
  lookup,
  memorySource,
  mountSource,
  namespaceOf,
  resolve,
  setDefaultResolver,
} from 'branchline';
import { sourceConformance, useEntries } from 'branchline/testing';
import { describe, expectTypeOf, test } from 'vitest';

declare module 'branchline' {
  interface ServiceRegistry {
    'my-rest': 'admin' | 'grpc';
    orders: never;
  }
}

/** The promised shapes. `?` also takes `undefined`. */
declare namespace Promised {
  type Via = 'branch' | 'baseline' | 'override' | 'convention' | 'unconfigured';
  interface RoutingContext {
    readonly namespaces?: readonly string[] | undefined;
    readonly services?: Readonly<Record<string, string>> | undefined;
  }
  interface LookupOptions {
    endpoint?: string | undefined;
    namespace?: string | undefined;
    context?: RoutingContext | null | undefined;
  }
  interface Resolution {
    readonly service: string;
    readonly endpoint: string;
    readonly namespace: string | null;
    readonly url: string;
    readonly protocol: string;
    readonly hostname: string;
    readonly port: number | null;
    readonly via: Via;
    readonly source: string | null;
    readonly revision: number;
  }
  interface Step {
    namespace: string;
    because: 'asked' | 'pin' | 'context' | 'own' | 'baseline' | 'convention';
    outcome: 'absent' | 'taken' | 'disabled' | 'invalid' | 'no-endpoint' | 'bad-address';
    key: string | null;
    value: string | null;
    source: string | null;
    stale: boolean;
    note: string;
  }
  /** Its `code` is known more exactly than as any string. */
  interface Problem {
    code: branchline.Problem['code'];
    message: string;
    source: string | null;
    key: string | null;
    line: number | null;
  }
  interface Explanation {
    service: string;
    endpoint: string;
    revision: number;
    configured: boolean;
    steps: Step[];
    resolution: Resolution | null;
    error: { code: string; message: string } | null;
    problems: Problem[];
    toString(): string;
  }
  interface SourceStatus {
    name: string;
    state: 'live' | 'fixed' | 'stale' | 'missing';
    watch: 'native' | 'poll' | 'none';
    entries: number;
    lastCheck: number | null;
    lastChange: number | null;
  }
  interface Status {
    configured: boolean;
    namespace: string | null;
    baseline: string[];
    template: string;
    strict: boolean;
    overrides: boolean;
    revision: number;
    digest: string;
    entries: number;
    sources: SourceStatus[];
    stale: { source: string; key: string | null; since: number }[];
    problems: Problem[];
    refused: number;
    closed: boolean;
  }
  interface Coverage {
    since: number;
    counts: { service: string; namespace: string | null; via: Via; count: number }[];
    dropped: number;
  }
  interface Events {
    change: { revision: number; digest: string; changes: { key: string; from: string | null; to: string | null }[] };
    stale: { source: string; keys: string[] | null; problem: Problem };
    recovered: { source: string; keys: string[] | null };
    problem: Problem;
    refused: { items: string[]; revision: number };
  }
  interface ResolverOptions {
    sources?: readonly branchline.Source[] | undefined;
    namespace?: string | null | undefined;
    baseline?: string | readonly string[] | undefined;
    template?: string | undefined;
    strict?: boolean | undefined;
    overrides?: boolean | undefined;
    pollInterval?: number | undefined;
    watch?: boolean | undefined;
  }
}

describe('the shapes', () => {
  test('are what was promised, no more and no less', () => {
    expectTypeOf<branchline.Via>().toEqualTypeOf<Promised.Via>();
    expectTypeOf<branchline.Resolution>().toEqualTypeOf<Promised.Resolution>();
    expectTypeOf<branchline.Step>().toEqualTypeOf<Promised.Step>();
    expectTypeOf<branchline.Problem>().toEqualTypeOf<Promised.Problem>();
    expectTypeOf<branchline.Explanation>().toEqualTypeOf<Promised.Explanation>();
    expectTypeOf<branchline.SourceStatus>().toEqualTypeOf<Promised.SourceStatus>();
    expectTypeOf<branchline.Status>().toEqualTypeOf<Promised.Status>();
    expectTypeOf<branchline.Coverage>().toEqualTypeOf<Promised.Coverage>();
    expectTypeOf<branchline.Events>().toEqualTypeOf<Promised.Events>();
    expectTypeOf<branchline.RoutingContext>().toEqualTypeOf<Promised.RoutingContext>();
    expectTypeOf<branchline.LookupOptions>().toEqualTypeOf<Promised.LookupOptions>();
    expectTypeOf<branchline.Data>().toEqualTypeOf<Readonly<Record<string, string | number | boolean>>>();
  });

  test('of options are taken as they were promised', () => {
    expectTypeOf<Promised.ResolverOptions>().toExtend<branchline.ResolverOptions>();
    expectTypeOf<
      Pick<branchline.ResolverOptions, keyof Promised.ResolverOptions>
    >().toEqualTypeOf<Promised.ResolverOptions>();
  });

  test('of a problem have a code that is listed', () => {
    expectTypeOf<branchline.Problem['code']>().toEqualTypeOf<branchline.ErrorCode | branchline.WarningCode>();
    expectTypeOf<
      | 'WARN_NAMESPACE_UNKNOWN'
      | 'WARN_BASELINE_MISSING'
      | 'WARN_KEY_HIDDEN'
      | 'WARN_SETTING_UNKNOWN'
      | 'WARN_WATCH_LOST'
    >().toEqualTypeOf<branchline.WarningCode>();
    expectTypeOf<'ERR_INVALID_NAME' | 'ERR_CONFIG_INVALID' | 'ERR_INVALID_OPTION'>().toExtend<branchline.ErrorCode>();
  });
});

describe('a service name', () => {
  test('is a known one, or any other', () => {
    expectTypeOf<keyof branchline.ServiceRegistry>().toEqualTypeOf<'my-rest' | 'orders'>();
    expectTypeOf<'my-rest'>().toExtend<branchline.ServiceName>();
    expectTypeOf<'unheard-of'>().toExtend<branchline.ServiceName>();
    expectTypeOf<string>().toExtend<branchline.ServiceName>();
    expectTypeOf<Extract<branchline.ServiceName, 'my-rest'>>().toEqualTypeOf<'my-rest'>();
    expectTypeOf<branchline.ServiceRegistry['my-rest']>().toEqualTypeOf<'admin' | 'grpc'>();
    expectTypeOf<number>().not.toExtend<branchline.ServiceName>();
  });
});

describe('a resolver', () => {
  type Method<Result> = (service: branchline.ServiceName, options?: branchline.LookupOptions) => Result;
  const resolver = {} as branchline.Resolver;

  test('has the methods that were promised', () => {
    expectTypeOf(resolver.resolve).toEqualTypeOf<Method<string>>();
    expectTypeOf(resolver.lookup).toEqualTypeOf<Method<branchline.Resolution>>();
    expectTypeOf(resolver.explain).toEqualTypeOf<Method<branchline.Explanation>>();
    expectTypeOf(resolver.has).toEqualTypeOf<Method<boolean>>();
    expectTypeOf(resolver.services).toEqualTypeOf<() => string[]>();
    expectTypeOf(resolver.namespace).toEqualTypeOf<string | null>();
    expectTypeOf(resolver.isBaseline).toEqualTypeOf<boolean>();
    expectTypeOf(resolver.status).toEqualTypeOf<() => branchline.Status>();
    expectTypeOf(resolver.coverage).toEqualTypeOf<() => branchline.Coverage>();
    expectTypeOf(resolver.ready).toEqualTypeOf<() => Promise<void>>();
    expectTypeOf(resolver.reload).toEqualTypeOf<() => Promise<void>>();
    expectTypeOf(resolver.close).toEqualTypeOf<() => Promise<void>>();
    expectTypeOf(resolver).toExtend<AsyncDisposable>();
  });

  test('cannot be written to', () => {
    // @ts-expect-error read-only
    resolver.namespace = 'feature-x';
    // @ts-expect-error read-only
    resolver.lookup('a').url = '';
    expectTypeOf(resolver).not.toBeAny();
  });

  test('tells a listener what it hears, by the event', () => {
    expectTypeOf(
      resolver.on('change', (event) => expectTypeOf(event).toEqualTypeOf<branchline.Events['change']>()),
    ).toEqualTypeOf<() => void>();
    resolver.on('stale', ({ source, keys, problem }) =>
      expectTypeOf({ source, keys, problem }).toEqualTypeOf<{
        source: string;
        keys: string[] | null;
        problem: branchline.Problem;
      }>(),
    );
    resolver.on('problem', ({ code }) => expectTypeOf(code).toEqualTypeOf<branchline.Problem['code']>());
    resolver.on('refused', ({ items }) => expectTypeOf(items).toEqualTypeOf<string[]>());
    // @ts-expect-error there is no such event
    resolver.on('changes', () => undefined);
    // @ts-expect-error a change has no message
    resolver.on('change', ({ message }) => message);
  });

  test('refuses what is no option, and what is no name', () => {
    // @ts-expect-error there is no such option
    resolver.resolve('a', { ns: 'x' });
    // @ts-expect-error the index of map(resolve)
    resolver.resolve('a', 0);
    // @ts-expect-error a number is no name
    resolver.resolve(5);
    // @ts-expect-error a context has namespaces
    resolver.resolve('a', { context: { namespace: 'x' } });
    expectTypeOf(resolver.resolve).not.toBeAny();
  });

  test('takes undefined for everything that may be left out', () => {
    resolver.resolve('a', { endpoint: undefined, namespace: undefined, context: undefined });
    resolver.resolve('a', { context: { namespaces: undefined, services: undefined } });
    resolver.resolve('a', { context: null });
    resolver.resolve('a', undefined);
    expectTypeOf(resolver.resolve).returns.toBeString();
  });
});

describe('the functions of the package', () => {
  test('take and give what was promised', () => {
    expectTypeOf(createResolver).toEqualTypeOf<(options?: branchline.ResolverOptions) => branchline.Resolver>();
    expectTypeOf(defaultResolver).toEqualTypeOf<() => branchline.Resolver>();
    expectTypeOf(setDefaultResolver).toEqualTypeOf<(resolver: branchline.Resolver) => () => void>();
    expectTypeOf(resolve).toEqualTypeOf<branchline.Resolver['resolve']>();
    expectTypeOf(lookup).toEqualTypeOf<branchline.Resolver['lookup']>();
    expectTypeOf(explain).toEqualTypeOf<branchline.Resolver['explain']>();
    expectTypeOf(namespaceOf).toBeCallableWith('feature/x', { prefix: undefined });
    expectTypeOf(namespaceOf).returns.toEqualTypeOf<string>();
    expectTypeOf(useEntries).toBeCallableWith({ 'my-rest.develop': 8080, strict: true }, { namespace: null });
    expectTypeOf(useEntries).returns.toEqualTypeOf<() => void>();
  });

  test('of options take undefined for everything that may be left out', () => {
    createResolver({
      sources: undefined,
      namespace: undefined,
      baseline: undefined,
      template: undefined,
      strict: undefined,
      overrides: undefined,
      pollInterval: undefined,
      watch: undefined,
    });
    createResolver({ namespace: null, baseline: ['a', 'b'] as const });
    createResolver(undefined);
    mountSource({ path: undefined, optional: undefined });
    dotenvSource({ path: undefined, optional: undefined });
    envSource({ env: undefined });
    envSource({ env: process.env });
    envSource({ env: { A: undefined } });
    expectTypeOf(createResolver).returns.toEqualTypeOf<branchline.Resolver>();
  });

  test('refuse what is no option', () => {
    // @ts-expect-error there is no such option
    createResolver({ source: [] });
    // @ts-expect-error milliseconds
    createResolver({ pollInterval: '5s' });
    // @ts-expect-error a file has a path
    fileSource({});
    // @ts-expect-error no nested data
    memorySource({ services: {} });
    // @ts-expect-error null is no value
    memorySource({ 'a.develop': null });
    expectTypeOf(memorySource).not.toBeAny();
  });

  test('make sources', () => {
    for (const source of [
      mountSource(),
      fileSource({ path: 'a.json', optional: true }),
      envSource(),
      dotenvSource(),
      memorySource(),
    ]) {
      expectTypeOf(source).toExtend<branchline.Source>();
      expectTypeOf(source.name).toEqualTypeOf<string>();
    }
    expectTypeOf(memorySource().set).toEqualTypeOf<(data: branchline.Data) => void>();
    expectTypeOf(memorySource).toBeCallableWith({ 'a.develop': 8080, 'b.develop': '', strict: true });
  });

  test('of the tests of a source give cases that can be run', () => {
    expectTypeOf(sourceConformance).returns.toExtend<{ name: string; run(): Promise<void> }[]>();
  });
});

describe('an error', () => {
  test('has a code and the fields that were promised', () => {
    type Fields = Pick<
      BranchlineError,
      'service' | 'endpoint' | 'namespace' | 'source' | 'key' | 'line' | 'considered' | 'suggestion' | 'problems'
    >;
    expectTypeOf<Fields>().toEqualTypeOf<{
      readonly service?: string;
      readonly endpoint?: string;
      readonly namespace?: string;
      readonly source?: string;
      readonly key?: string;
      readonly line?: number;
      readonly considered?: readonly string[];
      readonly suggestion?: string;
      readonly problems?: readonly branchline.Problem[];
    }>();
    expectTypeOf<BranchlineError>().toExtend<Error>();
    expectTypeOf<BranchlineError['code']>().toExtend<string>();
  });

  test('is known by isBranchlineError, with its fields', () => {
    const error: unknown = new BranchlineError('ERR_INVALID_NAME', 'x');
    if (isBranchlineError(error)) {
      expectTypeOf(error.code).toEqualTypeOf<branchline.ErrorCode>();
      expectTypeOf(error.service).toEqualTypeOf<string | undefined>();
      expectTypeOf(error.message).toEqualTypeOf<string>();
    }
  });
});
