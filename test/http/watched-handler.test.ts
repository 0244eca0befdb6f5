// Unit tests of a handler that is watched: both generations are told what happens in their own words.

import { AsyncLocalStorage } from 'node:async_hooks';

import { createResolver, memorySource, type Resolution, resolutionOf } from 'branchline';
import { describe, expect, test, vi } from 'vitest';

import { createHops, type Hops } from '../../src/context/hops.ts';
import { currentFrame, type Frame, runIn } from '../../src/context/store.ts';
import { fail, type Handler, watch as watchHandler } from '../../src/http/watched-handler.ts';

const resolution = createResolver({
  sources: [memorySource({ 'my-rest.feature-x': '8080', 'my-rest.develop': '8080' })],
  namespace: 'feature-x',
}).lookup('my-rest');

const OLD = ['onConnect', 'onUpgrade', 'onHeaders', 'onData', 'onComplete', 'onError', 'onBodySent', 'onRequestSent'];
const NEW = [
  'onRequestStart',
  'onRequestUpgrade',
  'onResponseStart',
  'onResponseStarted',
  'onResponseData',
  'onResponseEnd',
  'onResponseError',
];

const redirected = (): Frame => ({ context: undefined, hops: undefined });

/** A handler with these methods: each returns its own name. */
const handlerOf = (names: readonly string[]): Handler =>
  Object.fromEntries(names.map((name) => [name, vi.fn(() => name)]));

type Name = keyof Handler;

/** Of both generations, those that undici would find. */
const methodsOf = (handler: Handler): string[] =>
  [...NEW, ...OLD].filter((name) => typeof handler[name as Name] === 'function').toSorted();

function watch(handler: Handler, of: Resolution, signal?: unknown, hops?: Hops): Handler {
  return watchHandler(handler, {
    resolution: of,
    signal,
    call: of.namespace === null ? undefined : hops?.called({ service: of.service, namespace: of.namespace }),
    relocate: (location) => location,
    redirected,
  });
}

describe('a watched handler', () => {
  test.each([
    ['old', OLD],
    ['new', NEW],
    ['both', [...NEW, ...OLD]],
    ['few', ['onConnect', 'onHeaders', 'onData', 'onComplete', 'onError']],
    ['no', []],
  ])('has the methods that it had, and passes on what they are told and say: %s', (_, names) => {
    const handler = handlerOf(names);
    const watched = watch(handler, resolution, undefined, createHops());
    expect(methodsOf(watched)).toEqual([...names].toSorted());
    for (const name of names as Name[]) {
      const told = [{ of: name }, name.endsWith('Error') ? new Error(name) : [], () => undefined, 'OK'];
      expect(watched[name]?.(...told)).toBe(name);
      expect(handler[name]).toHaveBeenCalledExactlyOnceWith(
        ...told.slice(0, vi.mocked(handler[name])?.mock.lastCall?.length),
      );
    }
  });

  test('is itself when it is told: it may be a class, with fields of its own', () => {
    class Collecting {
      readonly #chunks: unknown[] = [];
      onConnect(): void {}
      onData(chunk: unknown): boolean {
        this.#chunks.push(chunk);
        return this.#chunks.length < 2;
      }
      onError(): void {}
    }
    const watched = watch(new Collecting(), resolution, undefined, undefined);
    expect([watched.onData?.('a'), watched.onData?.('b')]).toEqual([true, false]);
    expect(watched.onRequestStart).toBeUndefined();
  });

  test.each([
    ['old', 'onError', (error: unknown) => [error]],
    ['new', 'onResponseError', (error: unknown) => [{}, error]],
  ] as const)('is told the error with the resolution, where nobody sees it who does not ask: %s', (_, name, told) => {
    const error = new TypeError('other side closed');
    const handler = handlerOf([name]);
    watch(handler, resolution, undefined, undefined)[name]?.(...told(error));
    expect(vi.mocked(handler[name])?.mock.lastCall?.at(-1)).toBe(error);
    expect(resolutionOf(error)).toBe(resolution);
    expect(error).toHaveProperty('resolution', resolution);
    expect(Object.keys(error)).toEqual([]);
  });

  test('is told an error as it is, where nothing can be put on it', () => {
    const frozen = Object.freeze(new Error('frozen'));
    for (const error of [frozen, 'a word', null, undefined]) {
      const onError = vi.fn();
      watch({ onError }, resolution, undefined, undefined).onError?.(error);
      expect(onError).toHaveBeenCalledExactlyOnceWith(error);
    }
  });
});

test('the reason of a signal is told as it is: others share it', () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  controller.abort(reason);
  const onError = vi.fn();
  const watched = watch({ onError }, resolution, controller.signal, undefined);
  watched.onError?.(reason);
  expect(onError).toHaveBeenCalledExactlyOnceWith(reason);
  expect(resolutionOf(reason)).toBeUndefined();
  const other = new Error('other side closed');
  watched.onError?.(other);
  expect(resolutionOf(other)).toBe(resolution);
});

describe('the hops behind a response', () => {
  const told = 'my-rest=feature-x, billing=develop';

  test('are gathered from the raw headers of an old handler', () => {
    const hops = createHops();
    const onHeaders = vi.fn(() => false);
    const raw = [Buffer.from('Branchline-Via'), Buffer.from(told), Buffer.from('x-a'), Buffer.from('1')];
    const resume = (): void => undefined;
    expect(watch({ onHeaders }, resolution, undefined, hops).onHeaders?.(200, raw, resume, 'OK')).toBe(false);
    expect(onHeaders).toHaveBeenCalledExactlyOnceWith(200, raw, resume, 'OK');
    expect(hops.told(null)).toBe(told);
  });

  test('are gathered from the headers of a new handler', () => {
    const hops = createHops();
    const onResponseStart = vi.fn();
    const controller = {};
    watch({ onResponseStart }, resolution, undefined, hops).onResponseStart?.(
      controller,
      200,
      { 'branchline-via': told },
      'OK',
    );
    expect(onResponseStart).toHaveBeenCalledExactlyOnceWith(controller, 200, { 'branchline-via': told }, 'OK');
    expect(hops.told(null)).toBe(told);
  });

  test('are those of every line of the header, and of the last head alone', () => {
    const [old, recent] = [createHops(), createHops()];
    const first = watch({ onHeaders: () => true }, resolution, undefined, old);
    first.onHeaders?.(103, ['branchline-via', 'early=develop'], () => undefined, '');
    expect(old.told(null)).toBe('my-rest=feature-x');
    first.onHeaders?.(
      200,
      ['branchline-via', 'my-rest=feature-x', 'Branchline-Via', 'billing=develop'],
      () => undefined,
      '',
    );
    const headers = { 'branchline-via': ['my-rest=feature-x', 'billing=develop'] };
    watch({ onResponseStart: () => true }, resolution, undefined, recent).onResponseStart?.({}, 200, headers, '');
    expect([old.told(null), recent.told(null)]).toEqual([told, told]);
  });

  test('are none where the call fails, and stay when its answer breaks off', () => {
    for (const name of ['onError', 'onResponseError'] as const) {
      const hops = createHops();
      const handler = { onResponseStart: () => undefined, onHeaders: () => true, [name]: () => undefined };
      const watched = watch(handler, resolution, undefined, hops);
      const fails = (): unknown =>
        name === 'onError' ? watched.onError?.(new Error('x')) : watched.onResponseError?.({}, new Error('x'));
      expect(hops.told(null)).toBe('my-rest=feature-x');
      watched.onResponseStart?.({}, 200, { 'branchline-via': told }, '');
      fails();
      expect(hops.told(null)).toBe(told);
      const lost = createHops();
      const other = watch(handler, resolution, undefined, lost);
      if (name === 'onError') other.onError?.(new Error('x'));
      else other.onResponseError?.({}, new Error('x'));
      expect(lost.told(null)).toBe('');
    }
  });

  test('are the one that was called, where it says nothing itself', () => {
    const hops = createHops();
    watch({ onHeaders: () => true }, resolution, undefined, hops).onHeaders?.(200, [], () => undefined, 'OK');
    expect(hops.told(null)).toBe('my-rest=feature-x');
  });

  test.each([
    [412, { 'branchline-refused': 'feature-x' }, ''],
    [412, {}, 'my-rest=feature-x'],
    [200, { 'branchline-refused': 'feature-x' }, 'my-rest=feature-x'],
  ])('are without the one that was called where it refused the wish: %i %j', (status, headers, route) => {
    const [old, recent] = [createHops(), createHops()];
    watch({ onHeaders: () => true }, resolution, undefined, old).onHeaders?.(
      status,
      Object.entries(headers).flatMap(([name, value]) => [Buffer.from(name), Buffer.from(value)]),
      () => undefined,
      '',
    );
    watch({ onResponseStart: () => true }, resolution, undefined, recent).onResponseStart?.({}, status, headers, '');
    expect([old.told(null), recent.told(null)]).toEqual([route, route]);
  });

  test('are not gathered while there is no table', () => {
    const hops = createHops();
    const nowhere = createResolver({ sources: [], namespace: null }).lookup('my-rest');
    watch({ onHeaders: () => true }, nowhere, undefined, hops).onHeaders?.(
      200,
      ['branchline-via', told],
      () => undefined,
      'OK',
    );
    expect(hops.told(null)).toBe('');
  });
});

test('every callback runs in the context of its dispatch, whoever calls it', () => {
  runIn({ context: undefined, hops: undefined }, () => undefined);
  const context = new AsyncLocalStorage<string>();
  const seen: [string, string | undefined][] = [];
  const keeping = (name: Name) => (): void => void seen.push([name, context.getStore()]);
  const names = [...NEW, ...OLD] as Name[];
  const handler = Object.fromEntries(names.map((name) => [name, keeping(name)])) as Handler;
  for (const dispatched of [{ resolution, signal: undefined, call: undefined, relocate: String, redirected }, null]) {
    const watched = context.run('of the dispatch', () => watchHandler(handler, dispatched));
    seen.length = 0;
    context.run('of the socket', () => {
      for (const name of names) watched[name]?.({}, [], () => undefined, '');
    });
    expect(seen).toEqual(names.map((name) => [name, 'of the dispatch']));
  }
});

test('a callback of a request from before anybody kept contexts sees none, whoever opened its socket', () => {
  const slot = (globalThis as Record<symbol, { store?: unknown }>)[Symbol.for('branchline.context.v1')];
  delete slot?.store;
  const seen: unknown[] = [];
  const early = watchHandler({ onData: (chunk) => seen.push([chunk, currentFrame()?.context]) }, null);
  early.onData?.('before');
  runIn({ context: { namespaces: ['feature-y'] }, hops: undefined }, () => early.onData?.('in another request'));
  expect(seen).toEqual([
    ['before', undefined],
    ['in another request', undefined],
  ]);
});

test('what follows a redirect is told in the frame of the call that was redirected', () => {
  const called = { origin: 'http://my-rest.develop.svc', base: '', located: { resolution, spelt: false } };
  const frame: Frame = { context: { namespaces: ['feature-x'] }, hops: undefined, called };
  const seen: unknown[] = [];
  const handler = { onResponseStart: () => seen.push(currentFrame()), onResponseEnd: () => seen.push(currentFrame()) };
  const moved = { resolution, signal: undefined, call: undefined, relocate: String, redirected: () => frame };
  const watched = watchHandler(handler, moved);
  watched.onResponseStart?.({}, 307, { location: '/x' }, '');
  watched.onResponseEnd?.({}, {});
  expect(seen).toEqual([frame, frame]);
});

describe('a Location', () => {
  const relocate = (location: string): string => `moved:${location}`;
  const routed = { resolution, signal: undefined, call: undefined, relocate, redirected };

  test.each([
    [302, 'moved:/x'],
    [308, 'moved:/x'],
    [201, '/x'],
    [200, '/x'],
  ])('of a redirect is told as whoever follows it must see it, others as they are: %i', (status, told) => {
    const [onHeaders, onResponseStart] = [vi.fn(), vi.fn()];
    const raw = [Buffer.from('x-a'), Buffer.from('\u00ff', 'latin1'), Buffer.from('Location'), Buffer.from('/x')];
    watchHandler({ onHeaders }, routed).onHeaders?.(status, raw, () => undefined, '');
    const list = onHeaders.mock.lastCall?.[1] as unknown[];
    expect(list.every((part) => part instanceof Uint8Array)).toBe(true);
    expect(list.map((part) => String(part).toLowerCase())).toEqual(expect.arrayContaining(['location', told]));
    expect(list).toHaveLength(4);
    expect(list).toContainEqual(Buffer.from('\u00ff', 'latin1'));
    const headers = { 'x-a': '1', location: '/x' };
    watchHandler({ onResponseStart }, routed).onResponseStart?.({}, status, headers, '');
    expect(onResponseStart.mock.lastCall?.[2]).toEqual({ 'x-a': '1', location: told });
    expect(headers.location).toBe('/x');
  });

  test('of a request that was not routed is told as it is', () => {
    const onResponseStart = vi.fn();
    const headers = { location: '/x' };
    watchHandler({ onResponseStart }, null).onResponseStart?.({}, 302, headers, '');
    expect(onResponseStart.mock.lastCall?.[2]).toBe(headers);
  });
});

describe('a handler of a request that was never sent', () => {
  const error = new Error('never sent');

  test('of the old generation is told the error, and nothing else', () => {
    const handler = handlerOf(OLD);
    expect(fail(handler, error)).toBe(false);
    expect(handler.onError).toHaveBeenCalledExactlyOnceWith(error);
    for (const name of OLD as Name[]) if (name !== 'onError') expect(handler[name]).not.toHaveBeenCalled();
  });

  test('of the new generation is told it with a controller of what is over', () => {
    const handler = handlerOf([...NEW, ...OLD]);
    expect(fail(handler, error)).toBe(false);
    const [controller, told] = vi.mocked(handler.onResponseError)?.mock.lastCall ?? [];
    expect(told).toBe(error);
    expect(controller).toMatchObject({ aborted: true, paused: false, reason: error });
    const { abort, pause, resume } = controller as Record<'abort' | 'pause' | 'resume', () => void>;
    for (const ask of [abort, pause, resume]) expect(ask).not.toThrow();
    expect(handler.onRequestStart).not.toHaveBeenCalled();
    expect(handler.onError).not.toHaveBeenCalled();
  });

  test('that takes no error lets the caller have it', () => {
    expect(() => fail({}, error)).toThrow(error);
  });
});
