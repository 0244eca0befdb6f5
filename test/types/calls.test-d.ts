// The public types of calls and requests, as a caller sees them.

import type { IncomingHttpHeaders } from 'node:http';

import {
  type BranchlineError,
  type Carrier,
  context,
  createFetch,
  fetch,
  type FetchLike,
  receive,
  type Received,
  type Refused,
  type Resolution,
  resolutionOf,
  type Resolver,
  route,
  type RoutingContext,
} from 'branchline';
import { branchline, inspect } from 'branchline/express';
import { expectVia, type Hop, routeHeaders, routeOf } from 'branchline/testing';
import { clusterLookup, createDispatcher, routing } from 'branchline/undici';
import type { Request, RequestHandler } from 'express';
import { expectTypeOf, test } from 'vitest';

test('fetch is called like the built-in one, and takes its place', () => {
  expectTypeOf(fetch).toEqualTypeOf<FetchLike>();
  expectTypeOf(createFetch).returns.toEqualTypeOf<FetchLike>();
  expectTypeOf(fetch).parameter(0).toEqualTypeOf<string | URL | globalThis.Request>();
  expectTypeOf(fetch).returns.toEqualTypeOf<Promise<Response>>();
  expectTypeOf(globalThis.fetch).toExtend<FetchLike>();
  expectTypeOf(resolutionOf).parameter(0).toEqualTypeOf<Response | Error>();
  expectTypeOf(resolutionOf).returns.toEqualTypeOf<Resolution | undefined>();
});

test('route gives back headers of the type that it was given', () => {
  expectTypeOf(route('http://my-rest/')).toEqualTypeOf<{
    url: string;
    headers: Record<string, string>;
    resolution: Resolution | null;
  }>();
  expectTypeOf(route('http://my-rest/', new Headers()).headers).toEqualTypeOf<Headers>();
  const incoming: IncomingHttpHeaders = { accept: 'text/plain' };
  expectTypeOf(route('http://my-rest/', incoming).headers).toEqualTypeOf<IncomingHttpHeaders>();
});

test('a context runs a function of any result, and binds one of any parameters', () => {
  expectTypeOf(context.run({ namespaces: ['feature-x'] }, () => 1)).toEqualTypeOf<number>();
  expectTypeOf(context.run(undefined, () => Promise.resolve('x'))).toEqualTypeOf<Promise<string>>();
  const isLong = (name: string, count: number): boolean => name.length > count;
  const bound = context.bind(isLong);
  expectTypeOf(bound).toEqualTypeOf<(name: string, count: number) => boolean>();
  expectTypeOf(context.current).returns.toEqualTypeOf<RoutingContext | undefined>();
  expectTypeOf(context.extract).parameter(0).toEqualTypeOf<Carrier>();
  expectTypeOf(context.inject(new Map<string, string>())).toEqualTypeOf<Map<string, string>>();
});

test('trust has to be said', () => {
  // @ts-expect-error: there is no default
  receive({}, {});
  // @ts-expect-error: there is no default
  branchline({});
  expectTypeOf(receive({}, { trust: true })).toEqualTypeOf<Received>();
  expectTypeOf<Received['refusal']>().toEqualTypeOf<BranchlineError | null>();
  expectTypeOf<Refused>().toEqualTypeOf<'reject' | 'ignore'>();
});

test('Express knows what the middleware puts on a request', () => {
  expectTypeOf(branchline).returns.toEqualTypeOf<RequestHandler>();
  expectTypeOf(inspect).returns.toEqualTypeOf<RequestHandler>();
  expectTypeOf<Request['resolve']>().toEqualTypeOf<Resolver['resolve']>();
  expectTypeOf<Request['routing']>().toEqualTypeOf<Received>();
});

test('dispatchers and tests take what is there', () => {
  expectTypeOf(createDispatcher().dispatch).toBeFunction();
  expectTypeOf(routing()).toBeFunction();
  expectTypeOf(clusterLookup()).toBeFunction();
  expectTypeOf(routeOf(new Response())).toEqualTypeOf<Hop[]>();
  expectTypeOf(routeHeaders({ namespaces: ['feature-x'] })).toEqualTypeOf<Record<string, string>>();
  expectTypeOf(expectVia).parameter(1).toEqualTypeOf<Readonly<Record<string, string>>>();
});
