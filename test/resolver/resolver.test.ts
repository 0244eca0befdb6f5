import process from 'node:process';
import { setImmediate as turn } from 'node:timers/promises';

import { createResolver, memorySource, type Resolver, type ResolverOptions } from 'branchline';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { record } from '../doubles/recorder.ts';

const opened: Resolver[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((resolver) => resolver.close()));
});

function open(data: Record<string, string | number | boolean>, options: ResolverOptions = {}) {
  const source = memorySource(data);
  const resolver = createResolver({ namespace: 'feature-x', sources: [source], ...options });
  opened.push(resolver);
  return { source, resolver, events: record(resolver) };
}

const warnings = () => vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);

describe('a new table', () => {
  test('answers as soon as it is set', () => {
    const { source, resolver } = open({ 'my-rest.develop': 8080 });
    expect(resolver.resolve('my-rest')).toBe('http://my-rest.develop.svc:8080');
    source.set({ 'my-rest.develop': 8080, 'my-rest.feature-x': '' });
    expect(resolver.resolve('my-rest')).toBe('http://my-rest.feature-x.svc:8080');
    source.set({ 'my-rest.develop': 8080 });
    expect(resolver.resolve('my-rest')).toBe('http://my-rest.develop.svc:8080');
  });

  test('is told with what is different, after the swap', () => {
    const { source, resolver, events } = open({ 'a.develop': '1', 'b.develop': '2', baseline: 'develop' });
    const seen: string[] = [];
    resolver.on('change', () => seen.push(resolver.resolve('a')));
    source.set({ 'a.develop': '9', 'c.develop': '', baseline: 'epic-1, develop', strict: true });
    expect(seen).toEqual(['http://a.develop.svc:9']);
    expect(events.change).toHaveLength(1);
    expect(events.change[0]).toEqual({
      revision: 2,
      digest: resolver.status().digest,
      changes: expect.arrayContaining([
        { key: 'a.develop', from: '1', to: '9' },
        { key: 'b.develop', from: '2', to: null },
        { key: 'c.develop', from: null, to: '' },
        { key: 'baseline', from: 'develop', to: 'epic-1,develop' },
        { key: 'strict', from: null, to: 'true' },
      ]),
    });
    expect(events.change[0]?.changes).toHaveLength(5);
  });

  test('that says the same in other words is no change', () => {
    const { source, resolver, events } = open({ 'a.develop': '1', 'b.develop': '2' });
    const { revision, digest } = resolver.status();
    source.set({ 'b.develop': ' 2\n', 'a.develop': 1 });
    expect(events.change).toEqual([]);
    expect([resolver.status().revision, resolver.status().digest]).toEqual([revision, digest]);
  });

  test('has the digest of its sorted lines, settings included and the own namespace left out', () => {
    const { resolver } = open({ 'my-rest.develop': '8080', baseline: 'develop', 'bad.develop': '808O' });
    // printf 'bad.develop=invalid\nbaseline=develop\nmy-rest.develop=8080\n' | sha256sum
    expect(resolver.status().digest).toBe('a6b3b97cb4953b47');
    expect(
      createResolver({
        namespace: null,
        sources: [memorySource({ 'bad.develop': 'x', baseline: 'develop', 'my-rest.develop': 8080 })],
      }).status().digest,
    ).toBe(resolver.status().digest);
  });

  test('of a later listener is not told twice, and a listener that left hears no more', () => {
    const { source, resolver } = open({ 'a.develop': '1' });
    const heard: number[] = [];
    const off = resolver.on('change', ({ revision }) => heard.push(revision));
    source.set({ 'a.develop': '2' });
    off();
    off();
    source.set({ 'a.develop': '3' });
    expect(heard).toEqual([2]);
  });
});

describe('what cannot be read', () => {
  test('keeps its last good value, says so, and recovers', () => {
    const { source, resolver, events } = open({ 'a.develop': '1', 'b.develop': '2' });
    source.set({ 'a.develop': '1O', 'b.develop': '3' });
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:1');
    expect(resolver.resolve('b')).toBe('http://b.develop.svc:3');
    expect(events.stale).toEqual([{ source: 'memory', keys: ['a.develop'], problem: events.problem[0] }]);
    expect(events.problem).toHaveLength(1);
    expect(resolver.status()).toMatchObject({
      stale: [{ source: 'memory', key: 'a.develop', since: expect.any(Number) }],
      problems: events.problem,
    });
    expect(resolver.explain('a').steps.at(-1)).toMatchObject({ outcome: 'taken', stale: true, value: '1' });
    expect(events.change.flatMap(({ changes }) => changes.map(({ key }) => key))).toEqual(['b.develop']);

    source.set({ 'a.develop': '5', 'b.develop': '3' });
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:5');
    expect(events.recovered).toEqual([{ source: 'memory', keys: ['a.develop'] }]);
    expect(resolver.status()).toMatchObject({ stale: [], problems: [] });
  });

  test('without a last good value is an error of that service alone, and shows as invalid in the change', () => {
    const { source, resolver, events } = open({ 'a.develop': '1' });
    source.set({ 'a.develop': '1', 'a.feature-x': 'x y' });
    expect(() => resolver.resolve('a')).toThrow(
      /ERR_ENTRY_INVALID: "a.feature-x" is "x y" in memory, a.feature-x; want empty, a port/,
    );
    expect(events.change[0]?.changes).toEqual([{ key: 'a.feature-x', from: null, to: 'invalid' }]);
    expect(events.stale).toEqual([]);
    source.set({ 'a.develop': '1' });
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:1');
  });

  test('forgets its last good value when the key goes', () => {
    const { source, resolver } = open({ 'a.develop': '1' });
    source.set({});
    source.set({ 'a.develop': '1O' });
    expect(() => resolver.resolve('a')).toThrow(expect.objectContaining({ code: 'ERR_ENTRY_INVALID' }));
  });

  test('is reported once, not once a reload', () => {
    const { source, events } = open({ 'a.develop': '1' });
    for (let time = 0; time < 5; time += 1) source.set({ 'a.develop': '1O', 'b.develop': String(time + 1) });
    expect(events.problem).toHaveLength(1);
    expect(events.stale).toHaveLength(1);
    source.set({ 'a.develop': '1' });
    source.set({ 'a.develop': '1O' });
    expect(events.problem).toHaveLength(2);
  });

  test('switches overrides off, whatever they were', () => {
    const { source, resolver, events } = open(
      { 'a.develop': '1', 'a.feature-y': '2', overrides: 'on' },
      { namespace: 'develop' },
    );
    const context = { namespaces: ['feature-y'] };
    expect(resolver.lookup('a', { context }).namespace).toBe('feature-y');
    source.set({ 'a.develop': '1', 'a.feature-y': '2', overrides: 'nope' });
    expect(resolver.lookup('a', { context }).namespace).toBe('develop');
    expect(resolver.status().overrides).toBe(false);
    expect(events.stale.map(({ keys }) => keys)).toEqual([['overrides']]);
  });

  test('of a setting keeps the last good one', () => {
    const { source, resolver } = open({ baseline: 'develop', template: 'https://{service}.{namespace}.example.com' });
    source.set({ baseline: 'De velop', template: 'https://example.com' });
    expect(resolver.resolve('a')).toBe('https://a.develop.example.com');
    expect(resolver.status().stale.map(({ key }) => key)).toEqual(['baseline', 'template']);
  });
});

describe('what happened during creation', () => {
  test('is told one microtask after it', async () => {
    const resolver = createResolver({ namespace: null, sources: [memorySource({ 'a.develop': '1O', hello: 1 })] });
    opened.push(resolver);
    const codes: string[] = [];
    resolver.on('problem', ({ code }) => codes.push(code));
    expect(codes).toEqual([]);
    await Promise.resolve();
    expect(codes.toSorted()).toEqual(['ERR_ENTRY_INVALID', 'WARN_SETTING_UNKNOWN']);
  });

  test('becomes one process warning a problem when nobody listens', async () => {
    const emitted = warnings();
    const source = memorySource({ 'a.develop': '1O' });
    opened.push(createResolver({ namespace: null, sources: [source] }));
    await turn();
    source.set({ 'a.develop': '1O', 'b.develop': '1' });
    await turn();
    expect(emitted).toHaveBeenCalledOnce();
    source.set({ 'a.develop': '2O', 'b.develop': '1' });
    expect(emitted).toHaveBeenCalledTimes(2);
    expect(emitted).toHaveBeenCalledWith(expect.stringContaining('"a.develop" is "1O" in memory'), {
      type: 'BranchlineWarning',
      code: 'ERR_ENTRY_INVALID',
    });
  });

  test('becomes a process warning once its last listener has left', () => {
    const emitted = warnings();
    const source = memorySource({ 'a.develop': '1' });
    const resolver = createResolver({ namespace: null, sources: [source] });
    opened.push(resolver);
    const leave = resolver.on('problem', () => undefined);
    source.set({ 'a.develop': 'x y' });
    expect(emitted).not.toHaveBeenCalled();
    leave();
    source.set({ 'a.develop': 'z z' });
    expect(emitted).toHaveBeenCalledOnce();
  });

  test('does not flood the log: fifty warnings, and a word on the rest', async () => {
    const emitted = warnings();
    const data = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`s${index}.develop`, 'x y']));
    opened.push(createResolver({ namespace: null, sources: [memorySource(data)] }));
    await turn();
    expect(emitted).toHaveBeenCalledTimes(50);
    const rest = ' Further problems are not printed; see status(), or listen to "problem".';
    const told = emitted.mock.calls.map(([message]) => String(message).endsWith(rest));
    expect(told).toEqual([...Array.from({ length: 49 }, () => false), true]);
    expect(String(emitted.mock.calls[0]?.[0])).toMatch(/\.$/);
  });
});

test('what happened during creation waits for its microtask, whatever is set meanwhile', async () => {
  const source = memorySource({ 'a.develop': 'x y' });
  const resolver = createResolver({ namespace: null, sources: [source] });
  opened.push(resolver);
  source.set({ 'a.develop': 'x y', 'b.develop': '1' });
  const codes: string[] = [];
  resolver.on('problem', ({ code }) => codes.push(code));
  await Promise.resolve();
  expect(codes).toEqual(['ERR_ENTRY_INVALID']);
});

describe('a listener', () => {
  test('that throws or rejects disturbs neither the others nor the resolver', async () => {
    const emitted = warnings();
    const { source, resolver } = open({ 'a.develop': '1' });
    const heard: number[] = [];
    resolver.on('change', () => {
      throw new Error('mine');
    });
    resolver.on('change', () => Promise.reject(new Error('mine too')) as unknown as void);
    resolver.on('change', ({ revision }) => heard.push(revision));
    source.set({ 'a.develop': '2' });
    await turn();
    expect(heard).toEqual([2]);
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:2');
    expect(emitted.mock.calls.map(([message]) => String(message).split('\n')[0])).toEqual([
      'a listener failed: Error: mine',
      'a listener failed: Error: mine too',
    ]);
    expect(emitted.mock.calls[0]?.[1]).toEqual({ type: 'BranchlineWarning', code: 'BRANCHLINE_LISTENER' });
  });

  test('that throws what cannot be shown, or returns nothing at all, is no harm either', () => {
    const emitted = warnings();
    const { source, resolver } = open({ 'a.develop': '1' });
    const error = new Error('mine');
    Object.defineProperty(error, 'stack', {
      get() {
        throw new Error('hostile');
      },
    });
    resolver.on('change', () => {
      throw error;
    });
    resolver.on('change', () => null as unknown as void);
    source.set({ 'a.develop': '2' });
    expect(emitted.mock.calls.map(([message]) => message)).toEqual([
      'a listener failed: with an error that cannot be shown',
    ]);
  });

  test('that changes the table is told in order, each change once', () => {
    const { source, resolver } = open({ 'a.develop': '1' });
    const heard: [string, number, string][] = [];
    resolver.on('change', ({ revision, digest }) => {
      heard.push(['first', revision, digest]);
      if (revision === 2) source.set({ 'a.develop': '3' });
    });
    resolver.on('change', ({ revision, digest }) => heard.push(['second', revision, digest]));
    source.set({ 'a.develop': '2' });
    expect(heard.map(([who, revision]) => `${who} ${revision}`)).toEqual([
      'first 2',
      'second 2',
      'first 3',
      'second 3',
    ]);
    expect(new Set(heard.map(([, , digest]) => digest)).size).toBe(2);
    expect(heard.at(-1)?.[2]).toBe(resolver.status().digest);
  });

  test('that mends the table hears of all that was wrong before it hears that it is mended', () => {
    const { source, resolver } = open({ 'a.develop': '1', 'b.develop': '1', 'c.develop': '1' });
    const stale = new Set<string>();
    resolver.on('stale', ({ keys }) => {
      for (const key of keys ?? []) stale.add(key);
      if (keys?.[0] === 'a.develop') source.set({ 'a.develop': '2', 'b.develop': '2', 'c.develop': '2' });
    });
    resolver.on('recovered', ({ keys }) => {
      for (const key of keys ?? []) stale.delete(key);
    });
    source.set({ 'a.develop': '?', 'b.develop': '?', 'c.develop': '?' });
    expect([...stale]).toEqual([]);
    expect(resolver.status().stale).toEqual([]);
  });

  test('may close the resolver', async () => {
    const { source, resolver } = open({ 'a.develop': '1' });
    resolver.on('change', () => void resolver.close());
    source.set({ 'a.develop': '2' });
    source.set({ 'a.develop': '3' });
    await turn();
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:2');
  });

  test('of no event is a TypeError', () => {
    const { resolver } = open({});
    expect(() => resolver.on('changes' as 'change', () => undefined)).toThrow(
      /ERR_INVALID_OPTION.*change, stale, recovered, problem/,
    );
    expect(() => resolver.on('change', 1 as never)).toThrow(/want a function/);
  });
});

describe('coverage', () => {
  test('counts answers by service, namespace and via', () => {
    const { source, resolver } = open({ 'a.develop': '1', 'a.feature-x': '' });
    resolver.resolve('a');
    resolver.resolve('a');
    resolver.lookup('a', { namespace: 'develop' });
    resolver.resolve('b');
    source.set({ 'a.develop': '1' });
    resolver.resolve('a');
    resolver.explain('a');
    resolver.has('a');
    expect(() => resolver.resolve('c', { namespace: 'feature-x' })).toThrow(/ERR_SERVICE_NOT_FOUND/);
    expect(resolver.coverage()).toEqual({
      since: expect.any(Number),
      counts: [
        { service: 'a', namespace: 'feature-x', via: 'branch', count: 2 },
        { service: 'a', namespace: 'develop', via: 'baseline', count: 2 },
        { service: 'b', namespace: 'develop', via: 'convention', count: 1 },
      ],
      dropped: 0,
    });
  });

  test('is bounded, and says how many it dropped', () => {
    const { resolver } = open({ baseline: 'develop' });
    for (let index = 0; index < 20_010; index += 1) resolver.resolve(`s${index}`);
    expect(resolver.coverage().counts).toHaveLength(20_000);
    expect(resolver.coverage().dropped).toBe(10);
  });
});

describe('status', () => {
  test('is plain data, with everything that is in force', () => {
    const { resolver } = open({
      'a.develop': '1',
      'b.epic-1': '',
      baseline: 'epic-1, develop',
      strict: 'on',
      overrides: 'off',
    });
    const status = resolver.status();
    expect(JSON.parse(JSON.stringify(status))).toEqual(status);
    expect(status).toMatchObject({
      configured: true,
      namespace: 'feature-x',
      baseline: ['epic-1', 'develop'],
      template: 'http://{service}.{namespace}.svc',
      strict: true,
      overrides: false,
      revision: 1,
      entries: 2,
      sources: [
        {
          name: 'memory',
          state: 'live',
          watch: 'none',
          entries: 2,
          lastCheck: expect.any(Number),
          lastChange: expect.any(Number),
        },
      ],
      stale: [],
      problems: [],
      refused: 0,
      closed: false,
    });
  });

  test('says whether the own namespace is the baseline, as it is now', () => {
    const { source, resolver } = open({ 'a.feature-x': '1', 'a.develop': '' });
    expect([resolver.namespace, resolver.isBaseline]).toEqual(['feature-x', false]);
    source.set({ baseline: 'feature-x,develop', 'a.develop': '' });
    expect(resolver.isBaseline).toBe(true);
  });
});

test('what the code says of settings beats every source', () => {
  const { source, resolver } = open(
    { baseline: 'epic-1', strict: false },
    { baseline: ['develop'], strict: true, template: 'http://{service}-{namespace}.example.com', overrides: false },
  );
  expect(resolver.status()).toMatchObject({ configured: true, baseline: ['develop'], strict: true, overrides: false });
  source.set({ 'a.develop': '' });
  expect(resolver.resolve('a')).toBe('http://a-develop.example.com');
});

test('a branch whose table has nothing of the baseline is told', () => {
  const { source, events, resolver } = open({ 'a.develop': '1' });
  source.set({ 'a.feature-x': '1' });
  expect(events.problem.map(({ code }) => code)).toEqual(['WARN_BASELINE_MISSING']);
  expect(resolver.explain('b').problems.map(({ code }) => code)).toEqual(['WARN_BASELINE_MISSING']);
  source.set({ 'a.develop': '1' });
  expect(resolver.status().problems).toEqual([]);
});

test('the names of services are those that have an entry, sorted', () => {
  const { resolver } = open({
    'b.develop': '1',
    '_admin.c.feature-y': '2',
    'a.feature-x': 'disabled',
    'b.feature-x': 'x y',
  });
  expect(resolver.services()).toEqual(['a', 'b', 'c']);
  expect(resolver.has('a')).toBe(true);
  expect(resolver.has('c')).toBe(false);
  expect(resolver.has('c', { namespace: 'feature-y' })).toBe(true);
  expect(resolver.has('c', { context: { services: { c: 'feature-y' } } })).toBe(true);
  expect(() => resolver.has('A')).toThrow(/ERR_INVALID_NAME/);
});

test('after close it still answers, changes no more, and closing again is fine', async () => {
  const { source, resolver, events } = open({ 'a.develop': '1' });
  await resolver.close();
  await resolver[Symbol.asyncDispose]();
  source.set({ 'a.develop': '2' });
  await resolver.reload();
  await resolver.ready();
  expect(resolver.resolve('a')).toBe('http://a.develop.svc:1');
  expect(resolver.status().closed).toBe(true);
  expect(events.change).toEqual([]);
});

test('an answer is frozen, and says which revision it is of', () => {
  const { source, resolver } = open({ 'a.develop': 'https://a.example.com/base/' });
  source.set({ 'a.develop': 'https://a.example.com/base/', 'b.develop': '1' });
  const answer = resolver.lookup('a');
  expect(Object.isFrozen(answer)).toBe(true);
  expect(answer).toEqual({
    service: 'a',
    endpoint: 'default',
    namespace: 'develop',
    url: 'https://a.example.com/base',
    protocol: 'https:',
    hostname: 'a.example.com',
    port: 443,
    via: 'baseline',
    source: 'memory',
    revision: 2,
  });
  expect(resolver.lookup('orders-db').port).toBe(80);
});

test('names that a caller makes up do not grow the memory without end', () => {
  const { resolver } = open({ baseline: 'develop' });
  for (let index = 0; index < 60_000; index += 1) resolver.resolve(`s${index}`);
  expect(resolver.resolve('s59999')).toBe('http://s59999.develop.svc');
});
