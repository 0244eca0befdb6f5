// Limits of work, memory and words; and surroundings that somebody else spoilt.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createResolver, memorySource, mountSource } from 'branchline';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { startChild } from '../doubles/child.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { record } from '../doubles/recorder.ts';
import { remote } from '../doubles/remote.ts';

test('a name that is not found among 20,000 long ones is compared by what differs', () => {
  const long = 'service-with-a-rather-long-name-like-in-real-life';
  const data = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, index) => [`${long}-${String(index).padStart(6, '0')}.develop`, '1']),
  );
  const resolver = createResolver({ sources: [memorySource(data)], namespace: null, strict: true });
  const charAt = vi.spyOn(String.prototype, 'slice');
  expect(() => resolver.resolve(`${long}-99999x`)).toThrow(/ERR_SERVICE_NOT_FOUND/);
  const slices = charAt.mock.calls.length;
  charAt.mockRestore();
  expect(slices).toBeLessThan(200_000);
  expect(() => resolver.resolve(`${long}-00001`)).toThrow(expect.objectContaining({ suggestion: `${long}-000001` }));
});

test('a name that is known elsewhere is not suggested, but said to be there', () => {
  const resolver = createResolver({
    sources: [memorySource({ 'my-rest.feature-y': '1' })],
    namespace: 'feature-x',
    strict: true,
  });
  expect(() => resolver.resolve('my-rest')).toThrow(/has no entry in feature-x, develop, but in feature-y;/);
  expect(() => resolver.resolve('my-rest')).toThrow(expect.not.objectContaining({ suggestion: 'my-rest' }));
});

test('20,000 endpoints of one service cost one step each, and go again', () => {
  const source = memorySource();
  const resolver = createResolver({ sources: [source], namespace: null });
  source.set(Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`_e${index}.s.develop`, '80'])));
  expect(resolver.has('s')).toBe(true);
  source.set({ '_e7.s.develop': '80' });
  expect(resolver.has('s')).toBe(true);
  source.set({});
  expect(resolver.has('s')).toBe(false);
}, 10_000);

test('a context of 40,000 namespaces is searched once through', () => {
  const resolver = createResolver({ sources: [memorySource({ 'a.develop': '1' })], namespace: null });
  const namespaces = Array.from({ length: 40_000 }, (_, index) => `n${index}`);
  expect(resolver.resolve('a', { context: { namespaces } })).toBe('http://a.develop.svc:1');
}, 10_000);

test('with overrides off the context of a call is not looked at', () => {
  const resolver = createResolver({ sources: [memorySource({ 'a.develop': '1' })], namespace: null, overrides: false });
  expect(resolver.resolve('a', { context: { namespaces: ['BAD!'] } })).toBe('http://a.develop.svc:1');
});

describe('problems', () => {
  test('of one source are a thousand, and a word on the rest', () => {
    const data = Object.fromEntries(Array.from({ length: 15_000 }, (_, index) => [`s${index}.develop`, 'x y']));
    const resolver = createResolver({ sources: [memorySource(data)], namespace: null });
    record(resolver);
    const { problems } = resolver.status();
    expect(problems).toHaveLength(1001);
    expect(problems.at(-1)?.message).toBe('memory has 14000 further problems, which are not listed.');
    expect(() => resolver.resolve('s14999')).toThrow(/"s14999.develop" is "x y"/);
  });

  test('are counted as keys: what is no entry does not pass the limit', async () => {
    const { source, push } = remote();
    const resolver = createResolver({ sources: [source], namespace: null });
    const events = record(resolver);
    await push({ keys: new Map(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, ''])) });
    expect(events.problem.map(({ message }) => message)).toEqual([expect.stringContaining('more than 20000 entries')]);
  });

  test('are the same problem on another line', async () => {
    const path = temporaryFolder();
    const write = (lines: number): void => {
      const table = `${'\n'.repeat(lines)}a.develop: localhost:4x\nb.develop: 2\nb.develop2: x y\n`;
      writeFileSync(join(path, 'one.yaml'), table);
      writeFileSync(join(path, 'two.yaml'), `${'\n'.repeat(lines)}b.develop: 3\n`);
    };
    write(0);
    const resolver = createResolver({ sources: [mountSource({ path })], namespace: null, watch: false });
    const events = record(resolver);
    await resolver.ready();
    expect(events.problem).toHaveLength(3);
    for (let lines = 1; lines < 5; lines += 1) {
      write(lines);
      await resolver.reload();
    }
    expect(events.problem).toHaveLength(3);
    expect(resolver.status().problems.map(({ line }) => line)).toEqual(expect.arrayContaining([5, 7]));
    await resolver.close();
  });

  test('that are handed out may be changed by whoever got them', () => {
    const resolver = createResolver({ sources: [memorySource({ 'a.develop': 'x y' })], namespace: null });
    resolver.on('problem', (problem) => (problem.message = 'changed'));
    for (const problem of [...resolver.status().problems, ...resolver.explain('a').problems])
      problem.message = 'changed';
    expect(() => resolver.resolve('a')).toThrow(/"a.develop" is "x y"/);
    expect(resolver.status().problems[0]?.message).not.toBe('changed');
  });
});

describe('a listener that fails in an odd way', () => {
  test.each<[string, () => unknown]>([
    [
      'an error whose stack throws',
      () =>
        Object.defineProperty(new Error('x'), 'stack', {
          get: () => {
            throw new Error('s');
          },
        }),
    ],
    ['an error whose stack is a symbol', () => Object.assign(new Error('x'), { stack: Symbol('s') })],
    [
      'a proxy that throws at everything',
      () =>
        new Proxy(
          {},
          {
            getPrototypeOf: () => {
              throw new Error('p');
            },
          },
        ),
    ],
    ['nothing at all', () => undefined],
  ])('with %s disturbs nobody', (_, make) => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const source = memorySource({ 'a.develop': '1' });
    const resolver = createResolver({ sources: [source], namespace: null });
    resolver.on('change', () => {
      throw make();
    });
    source.set({ 'a.develop': '2' });
    source.set({ 'a.develop': '3' });
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:3');
  });
});

test('a source that pushes nothing is told of, and can go on', async () => {
  const { source, push } = remote();
  const resolver = createResolver({ sources: [source], namespace: null });
  const events = record(resolver);
  await push(null as never);
  expect(events.problem).toHaveLength(1);
  await push({ keys: new Map([['a.develop', '1']]) });
  expect(resolver.resolve('a')).toBe('http://a.develop.svc:1');
  expect(() => createResolver({ sources: [{ name: 'odd', open: () => undefined as never }], namespace: null })).toThrow(
    /the source "odd" opened as/,
  );
});

describe('an Object.prototype that somebody else polluted', () => {
  const spoilt = {
    template: 'http://{service}.{namespace}.evil.com',
    baseline: 'evil',
    strict: true,
    endpoint: 'evil',
    namespace: 'evil',
    vanished: 'x',
    failed: 'x',
    broken: 'x',
    code: 'x',
    moving: true,
    files: 1,
    env: {},
    prefix: 'evil-',
    fixed: true,
    BRANCHLINE_NAMESPACE: 'evil',
    createTrigger: 1,
    documents: 1,
  };
  afterEach(() => {
    for (const name of Object.keys(spoilt)) Reflect.deleteProperty(Object.prototype, name);
  });

  test.each(Object.entries(spoilt))('with %s decides nothing', async (name, value) => {
    Reflect.defineProperty(Object.prototype, name, { value, configurable: true, writable: true, enumerable: false });
    const source = memorySource({ 'a.develop': '1' });
    const resolver = createResolver({ sources: [source] });
    expect(resolver.namespace).toBeNull();
    expect(resolver.explain('a').resolution?.url).toBe('http://a.develop.svc:1');
    expect(resolver.status().sources[0]?.state).toBe('live');
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:1');
    expect(resolver.resolve('a', {})).toBe('http://a.develop.svc:1');
    expect(resolver.resolve('b')).toBe('http://b.develop.svc');
    source.set({ 'a.develop': '2' });
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:2');
    await resolver.close();
  });
});

test('1 MiB of keys that say nothing fits into a heap of 64 MiB', async () => {
  const child = startChild(new URL('../doubles/small-heap-child.ts', import.meta.url), {
    nodeOptions: ['--max-old-space-size=64'],
  });
  expect(await child.said('refused', 60_000)).toEqual({ refused: ['holds more than', 'holds more than', 'ok'] });
  expect(await child.exited()).toMatchObject({ code: 0 });
});
