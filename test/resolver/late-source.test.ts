// The contract of a source, by sources that this package does not have yet: one that answers later, one made of many
// objects, one that misbehaves.

import { createResolver, type Document, type Key, type Source, type Work } from 'branchline';
import { expect, test } from 'vitest';

import { record } from '../doubles/recorder.ts';
import { keys, remote } from '../doubles/remote.ts';

test('a source may answer later: until then nothing is configured, and ready waits for it', async () => {
  const { source, push, ready } = remote();
  const resolver = createResolver({ sources: [source], namespace: null });
  expect(resolver.resolve('a')).toBe('http://a');
  expect(resolver.status().sources).toMatchObject([{ name: 'remote', state: 'missing', lastCheck: null }]);
  let isReady = false;
  const waiting = resolver.ready().then(() => (isReady = true));
  await push(keys({ 'a.develop': '1' }));
  expect(isReady).toBe(false);
  ready();
  await waiting;
  expect(resolver.resolve('a')).toBe('http://a.develop.svc:1');
  expect(resolver.status()).toMatchObject({ revision: 2, sources: [{ state: 'live' }] });
});

test('a source may be made of many objects, and one that cannot be read keeps what it said', async () => {
  const { source, push } = remote();
  const resolver = createResolver({ sources: [source], namespace: null });
  const events = record(resolver);
  const object = (entries: Record<string, string>): Document => ({
    leaves: Object.entries(entries).map(([key, value]) => ({ key, value, line: null })),
  });
  const one = object({ 'a.develop': '1' });
  await push({
    keys: new Map(),
    documents: new Map([
      ['team-1/branchline', one],
      ['team-2/branchline', object({ 'b.develop': '2' })],
    ]),
  });
  await push({
    keys: new Map(),
    documents: new Map([
      ['team-1/branchline', one],
      ['team-2/branchline', { broken: { reason: 'it is forbidden', line: null } }],
    ]),
  });
  expect([resolver.resolve('a'), resolver.resolve('b')]).toEqual(['http://a.develop.svc:1', 'http://b.develop.svc:2']);
  expect(events.stale).toMatchObject([{ source: 'remote', keys: ['team-2/branchline'] }]);
  expect(events.problem[0]?.message).toBe(
    'team-2/branchline does not parse: it is forbidden. What it said before stays.',
  );
  expect(resolver.explain('b').steps[0]).toMatchObject({ stale: true });
  expect(resolver.status().sources[0]?.state).toBe('live');

  await push({ keys: new Map(), documents: new Map([['team-1/branchline', one]]) });
  expect(resolver.services()).toEqual(['a']);
  expect(events.recovered).toEqual([{ source: 'remote', keys: ['team-2/branchline'] }]);
});

test('of several readings that wait only the newest counts, and none undoes a newer one', async () => {
  const { source, push, sink } = remote();
  const resolver = createResolver({ sources: [source], namespace: null });
  const events = record(resolver);
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`s${index}.develop`, '1']));
  const slow = push(keys({ ...many, 'a.develop': '1' }));
  const dropped = push(keys({ 'a.develop': '2' }));
  const last = push(keys({ 'a.develop': '3' }));
  sink().pushNow(keys({ 'a.develop': '4' }));
  expect(resolver.resolve('a')).toBe('http://a.develop.svc:4');
  await Promise.all([slow, dropped, last]);
  expect(resolver.resolve('a')).toBe('http://a.develop.svc:4');
  expect(events.change).toHaveLength(1);
});

test('work that throws is a failed read, and nothing reaches the application', async () => {
  const { source, push } = remote();
  const resolver = createResolver({ sources: [source], namespace: null });
  const events = record(resolver);
  await push(keys({ 'a.develop': '1' }));
  await push(
    (function* (): Work {
      yield;
      throw new Error('no parser');
    })(),
  );
  expect(resolver.resolve('a')).toBe('http://a.develop.svc:1');
  expect(events.stale).toMatchObject([
    {
      source: 'remote',
      keys: null,
      problem: { code: 'ERR_SOURCE_UNREADABLE', message: 'remote: no parser. What it said before stays.' },
    },
  ]);
  await push(keys({ 'a.develop': '1' }));
  expect(events.recovered).toEqual([{ source: 'remote', keys: null }]);
  expect(events.change).toHaveLength(1);
});

test('a source that throws while it is opened keeps the resolver from being created, and the others are closed', async () => {
  const closed: string[] = [];
  const fine: Source = {
    name: 'fine',
    open: () => ({
      ready: Promise.resolve(),
      reload: () => Promise.resolve(),
      close() {
        closed.push('fine');
        return Promise.resolve();
      },
    }),
  };
  const broken: Source = {
    name: 'broken',
    open() {
      throw new Error('broken');
    },
  };
  expect(() => createResolver({ sources: [fine, broken], namespace: null })).toThrow('broken');
  await Promise.resolve();
  expect(closed).toEqual(['fine']);
});

test('more than a source may say is a failed read: everything it said stays', async () => {
  const { source, push } = remote();
  const resolver = createResolver({ sources: [source], namespace: null });
  const events = record(resolver);
  await push(keys({ 'a.develop': '1' }));
  await push(keys(Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [`s${index}.develop`, '']))));
  expect(events.problem.at(-1)?.message).toMatch(/remote holds more than 20000 entries/);
  await push(keys({ 'a.develop': 'x'.repeat(5 * 1024 * 1024) }));
  expect(events.problem.at(-1)?.message).toMatch(/remote holds more than 4194304 bytes/);
  expect(resolver.services()).toEqual(['a']);
  expect(resolver.status().sources[0]?.state).toBe('stale');
});

test('a large table is taken in while the event loop goes on', async () => {
  const { source, push } = remote();
  const resolver = createResolver({ sources: [source], namespace: null });
  const large = keys(
    Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [
        `service-number-${index}.develop`,
        `http://h-${index}.example.com:8080/base`,
      ]),
    ),
  );
  let turns = 0;
  let counting = true;
  const count = (): void => {
    turns += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  await push(large);
  counting = false;
  expect(resolver.status().entries).toBe(20_000);
  // In pieces of a few milliseconds: at least some turns, on the fastest machine too.
  expect(turns).toBeGreaterThan(5);
});

test('of two sources the later one decides, its poison included, and a variable that hides a key is told once', async () => {
  const low = remote('low');
  const high = remote('high');
  const fixed: Source = {
    name: 'fixed',
    fixed: true,
    open: (sink) => {
      sink.pushNow(keys({ 'c.develop': '9' }));
      return { ready: Promise.resolve(), reload: () => Promise.resolve(), close: () => Promise.resolve() };
    },
  };
  const resolver = createResolver({ sources: [low.source, high.source, fixed], namespace: null });
  const events = record(resolver);
  await low.push(keys({ 'a.develop': '1', 'b.develop': '2', 'c.develop': '3' }));
  await high.push(keys({ 'a.develop': 'x y', baseline: 'develop' }));
  expect(() => resolver.resolve('a')).toThrow(/ERR_ENTRY_INVALID/);
  expect(resolver.lookup('b').source).toBe('low');
  expect(resolver.resolve('c')).toBe('http://c.develop.svc:9');
  await low.push(keys({ 'a.develop': '1', 'b.develop': '2', 'c.develop': '4' }));
  const hidden = events.problem.filter(({ code }) => code === 'WARN_KEY_HIDDEN');
  expect(hidden).toMatchObject([
    {
      source: 'fixed',
      key: 'c.develop',
      message: expect.stringContaining('c.develop in low has no effect: fixed has it too'),
    },
  ]);
  await high.push(keys({ baseline: 'develop' }));
  expect(resolver.resolve('a')).toBe('http://a.develop.svc:1');
});

test('a source is told how to watch, and is not asked to look again once the resolver is closed', async () => {
  const told: unknown[] = [];
  let looks = 0;
  const source: Source = {
    name: 'told',
    open(_, options) {
      told.push(options);
      return {
        ready: Promise.resolve(),
        reload: () => {
          looks += 1;
          return Promise.resolve();
        },
        close: () => Promise.resolve(),
      };
    },
  };
  const resolver = createResolver({ sources: [source], namespace: null, pollInterval: 1234, watch: false });
  createResolver({ sources: [source], namespace: null });
  expect(told).toEqual([
    { pollInterval: 1234, watch: false },
    { pollInterval: 5000, watch: true },
  ]);
  await resolver.reload();
  await resolver.close();
  await resolver.reload();
  expect(looks).toBe(1);
});

test('a source that throws and rejects where it must not leaves the others served', async () => {
  const closed: string[] = [];
  const make = (name: string, behave: () => Promise<void>): Source => ({
    name,
    open: (sink) => {
      sink.pushNow(keys({ [`${name}.develop`]: '1' }));
      return {
        ready: behave(),
        reload: behave,
        close() {
          closed.push(name);
          return behave();
        },
      };
    },
  });
  const throwing = make('throwing', () => Promise.reject(new Error('no')));
  const fine = make('fine', () => Promise.resolve());
  const odd: Source = {
    name: 'odd',
    open: () => ({
      ready: Promise.resolve(),
      reload: () => {
        throw new Error('no');
      },
      close: () => {
        throw new Error('no');
      },
    }),
  };
  const resolver = createResolver({ sources: [odd, throwing, fine], namespace: null });
  await resolver.ready();
  await resolver.reload();
  await resolver.close();
  expect(closed).toEqual(['throwing', 'fine']);
  expect(resolver.resolve('fine')).toBe('http://fine.develop.svc:1');
});

test('a source with a spelling of its own is taken at its word, as far as that is a key', async () => {
  const { source, push } = remote();
  const resolver = createResolver({ sources: [source], namespace: null });
  const events = record(resolver);
  /** `namespace.service`, and one that says nothing. */
  const parseKey = (spelling: string): Key => {
    const [namespace = '', service = ''] = spelling.split('.');
    return { kind: 'entry', key: `${service}.${namespace}`, service, namespace, endpoint: 'default' };
  };
  await push({ keys: new Map([['develop.orders', '8080']]), parseKey });
  expect(resolver.services()).toEqual(['orders']);
  await push({ keys: new Map([['orders.develop', '8080']]), parseKey });
  expect(resolver.services()).toEqual(['develop']);
  await push({ keys: new Map([['Develop.Orders', '8080']]), parseKey });
  expect(resolver.services()).toEqual(['orders']);
  expect(() => resolver.resolve('orders')).toThrow(/ERR_ENTRY_INVALID/);
  expect(events.problem.at(-1)?.code).toBe('ERR_INVALID_NAME');
});

test('after close nothing that a source says is heard', async () => {
  const { source, sink, push } = remote();
  const resolver = createResolver({ sources: [source], namespace: null });
  await push(keys({ 'a.develop': '1' }));
  await resolver.close();
  const before = resolver.status();
  sink().watching('native', 'gone');
  sink().checked();
  sink().pushNow(keys({}));
  await push(keys({}));
  expect(resolver.status()).toEqual(before);
});
