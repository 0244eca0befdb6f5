// What a resolver knows of a source: when it was looked at, when it had news, how it is watched, what of it is stale.

import {
  createResolver,
  type Document,
  dotenvSource,
  fileSource,
  memorySource,
  mountSource,
  type Reading,
  type Sink,
  type Source,
} from 'branchline';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { record } from '../doubles/recorder.ts';
import { keys, remote } from '../doubles/remote.ts';

const open = (name?: string) => {
  const one = remote(name);
  const resolver = createResolver({ sources: [one.source], namespace: null });
  return { ...one, resolver, events: record(resolver), status: () => resolver.status().sources[0] };
};
const document = (value: string): Document => ({ leaves: [{ key: 'a.develop', value, line: 1 }] });
const broken: Document = { broken: { reason: 'it is empty', line: 1 } };
const said = (one: Document): Reading => ({ keys: new Map(), documents: new Map([['', one]]) });

describe('the status of a source', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('tells when it was last looked at, and when it last said something new', async () => {
    const { push, sink, status } = open();
    const times = async (now: number, work: () => unknown): Promise<unknown> => {
      vi.setSystemTime(now);
      await work();
      return [status()?.lastCheck, status()?.lastChange];
    };
    expect(status()).toEqual({
      name: 'remote',
      state: 'missing',
      watch: 'none',
      entries: 0,
      lastCheck: null,
      lastChange: null,
    });
    expect(await times(2000, () => push(keys({})))).toEqual([2000, 2000]);
    expect(await times(3000, () => push(keys({})))).toEqual([3000, 2000]);
    expect(await times(4000, () => push(keys({ 'a.develop': '1' })))).toEqual([4000, 4000]);
    expect(await times(5000, () => push(keys({ 'a.develop': '1' })))).toEqual([5000, 4000]);
    expect(await times(6000, () => push(keys({ 'a.develop': '1', strict: 'on', overrides: 'on' })))).toEqual([
      6000, 6000,
    ]);
    expect(await times(7000, () => push(keys({ 'a.develop': '1', strict: 'on', overrides: 'on' })))).toEqual([
      7000, 6000,
    ]);
    expect(await times(8000, () => push(keys({ 'a.develop': '1', strict: 'off', overrides: 'on' })))).toEqual([
      8000, 8000,
    ]);
    expect(await times(9000, () => sink().checked())).toEqual([9000, 8000]);
    expect(await times(10_000, () => push({ failed: 'no' }))).toEqual([10_000, 8000]);
    expect(await times(11_000, () => push(keys({})))).toEqual([11_000, 11_000]);
    expect(await times(12_000, () => push({ vanished: 'gone' }))).toEqual([12_000, 11_000]);
  });

  test('counts from when each thing became stale, and not from when it was said again', async () => {
    const { push, resolver } = open();
    await push(keys({ 'a.develop': '1', 'b.develop': '1' }));
    vi.setSystemTime(2000);
    await push(keys({ 'a.develop': 'x y', 'b.develop': '1' }));
    vi.setSystemTime(3000);
    await push(keys({ 'a.develop': 'z z', 'b.develop': 'x y' }));
    expect(resolver.status().stale).toEqual([
      { source: 'remote', key: 'a.develop', since: 2000 },
      { source: 'remote', key: 'b.develop', since: 3000 },
    ]);
  });
});

describe('a source that vanishes', () => {
  test('before it said anything is missing, and nothing is wrong', async () => {
    const { push, resolver, status, events } = open();
    await push({ vanished: 'there is no such folder' });
    expect(status()?.state).toBe('missing');
    expect([resolver.status().problems, events.problem, events.stale]).toEqual([[], [], []]);
  });

  test('after it said something is stale, and says why once', async () => {
    const { push, status, resolver, events } = open();
    await push(keys({ 'a.develop': '1' }));
    await push({ vanished: 'its folder is gone' });
    await push({ vanished: 'its folder is gone' });
    expect(status()?.state).toBe('stale');
    expect(events.problem.map(({ code, message }) => [code, message])).toEqual([
      ['ERR_SOURCE_UNREADABLE', 'remote: its folder is gone. What it said before stays.'],
    ]);
    expect(events.stale).toHaveLength(1);
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:1');
  });

  test('and cannot be read before it ever spoke has nothing that stays', async () => {
    const { push, events, status } = open();
    await push({ failed: 'it is\nforbidden' });
    expect(events.problem.map(({ message }) => message)).toEqual(['remote: it is\\u{a}forbidden.']);
    expect([status()?.state, events.stale]).toEqual(['missing', []]);
  });
});

describe('what is stale', () => {
  test('as one document that is the whole source is the source, told once when it cannot be read either', async () => {
    const { push, resolver, status, events } = open();
    await push(said(document('1')));
    await push(said(broken));
    expect([status()?.state, resolver.status().stale.map(({ key }) => key)]).toEqual(['stale', [null]]);
    await push({ failed: 'no' });
    expect(events.stale.map(({ keys: stale }) => stale)).toEqual([null]);
    await push(said(document('2')));
    expect(events.recovered).toEqual([{ source: 'remote', keys: null }]);
  });

  test('as a key stays so beside a source that cannot be read', async () => {
    const { push, resolver, events } = open();
    await push(keys({ 'a.develop': '1', 'b.develop': '1' }));
    await push(keys({ 'a.develop': 'x y', 'b.develop': '1' }));
    await push({ failed: 'no' });
    expect(resolver.status().stale.map(({ key }) => key)).toEqual(['a.develop', null]);
    await push(keys({ 'a.develop': '1', 'b.develop': '1' }));
    expect(events.recovered).toEqual([
      { source: 'remote', keys: ['a.develop'] },
      { source: 'remote', keys: null },
    ]);
  });

  test('is every step that its source answers, and none of another source', async () => {
    const low = remote('low');
    const high = remote('high');
    const resolver = createResolver({ sources: [low.source, high.source], namespace: 'feature-x' });
    record(resolver);
    const steps = (service: string): unknown =>
      resolver.explain(service).steps.map(({ namespace, source, stale }) => [namespace, source, stale]);
    await low.push(keys({ 'a.develop': '1', 'b.feature-x': 'x y' }));
    await high.push(keys({ 'b.develop': '1' }));
    await low.push({ failed: 'no' });
    expect(steps('a')).toEqual([
      ['feature-x', null, false],
      ['develop', 'low', true],
    ]);
    expect(steps('b')).toEqual([['feature-x', 'low', true]]);
    await low.push(keys({}));
    await high.push(keys({ 'b.develop': 'x y' }));
    expect(steps('b')).toEqual([
      ['feature-x', null, false],
      ['develop', 'high', true],
    ]);
  });
});

describe('a watch', () => {
  test('is what the source says of it', () => {
    const { sink, status, resolver } = open();
    sink().watching('native');
    expect([status()?.watch, resolver.status().problems]).toEqual(['native', []]);
  });

  test('that is lost is a problem, said once, until there is one again', () => {
    const { sink, status, resolver, events } = open('odd\n');
    const lost = {
      code: 'WARN_WATCH_LOST',
      message: 'odd\\u{a} is not watched: no space\\u{9}left. It is polled.',
      source: 'odd\n',
      key: null,
      line: null,
    };
    sink().watching('poll', 'no space\tleft');
    sink().watching('poll', 'no space\tleft');
    expect([status()?.watch, resolver.status().problems]).toEqual(['poll', [lost]]);
    expect(events.problem).toEqual([lost]);
    sink().watching('native');
    expect(resolver.status().problems).toEqual([]);
    sink().watching('poll', 'no space\tleft');
    expect(events.problem).toEqual([lost, lost]);
  });

  test('that is lost where nothing is polled does not say that it is', () => {
    const { sink, events } = open();
    sink().watching('none', 'it is over');
    expect(events.problem.map(({ message }) => message)).toEqual(['remote is not watched: it is over.']);
  });
});

test('a reading that is still taken in when the resolver is closed comes to nothing', async () => {
  const { push, resolver, status } = open();
  await push(keys({ 'a.develop': '1' }));
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`s${index}.develop`, '1']));
  const slow = push(keys(many));
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  await resolver.close();
  await slow;
  expect([status()?.entries, resolver.services()]).toEqual([1, ['a']]);
});

test('of two long readings the one that came last is live, though the other had begun', async () => {
  const { push, sink, resolver } = open();
  const many = (value: string) =>
    keys(Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`s${index}.develop`, value])));
  const slow = push(many('1'));
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  sink().pushNow(keys({ 's0.develop': '2' }));
  await slow;
  expect([resolver.resolve('s0'), resolver.status().entries]).toEqual(['http://s0.develop.svc:2', 1]);
});

test('a problem of another service is not shown where one service is explained', async () => {
  const { push, resolver } = open();
  await push(keys({ 'a.develop': 'x y', 'b.develop': 'x y', 'c.develop': '1' }));
  expect(resolver.explain('a').problems.map(({ key }) => key)).toEqual(['a.develop']);
  expect(resolver.explain('c').problems).toEqual([]);
});

describe('a source that is being opened', () => {
  const rest = { ready: Promise.resolve(), reload: () => Promise.resolve(), close: () => Promise.resolve() };
  const openWith = (run: (sink: Sink) => void) => {
    const source: Source = {
      name: 'own\n',
      open(sink) {
        run(sink);
        return rest;
      },
    };
    return createResolver({ sources: [source], namespace: null });
  };

  test('may have gone already: what it said before that answers, stale', () => {
    const resolver = openWith((sink) => {
      sink.pushNow(keys({ 'a.develop': '1' }));
      sink.pushNow({ vanished: 'it went' });
    });
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:1');
    expect(resolver.status()).toMatchObject({
      sources: [{ state: 'stale' }],
      problems: [{ code: 'ERR_SOURCE_UNREADABLE', message: expect.stringContaining('it went') }],
    });
    const failed = (): unknown =>
      openWith((sink) => {
        sink.pushNow({ vanished: 'it went' });
        sink.pushNow({ failed: 'it cannot be read' });
      });
    expect(failed).toThrow('it cannot be read');
  });

  test.each<[string, unknown, string]>([
    ['an error', new Error('no\nroute'), 'no\\u{a}route'],
    ['its own bug', new TypeError('x is undefined'), 'x is undefined'],
    ['no error', 7, '7'],
  ])('and throws %s is an error with its name', (_, thrown, why) => {
    expect(() =>
      openWith(() => {
        throw thrown as Error;
      }),
    ).toThrow(
      expect.objectContaining({
        code: 'ERR_SOURCE_UNREADABLE',
        source: 'own\n',
        cause: thrown,
        message: expect.stringContaining(`own\\u{a}: it cannot be opened: ${why}`),
      }),
    );
  });

  test('and throws an error of ours, or for a wrong option, lets it be seen', () => {
    for (const source of [() => memorySource('x' as never), () => fileSource({ path: '/x.txt' })]) {
      let wanted: Error | undefined;
      try {
        source();
      } catch (error) {
        wanted = error as Error;
      }
      expect(wanted).toBeInstanceOf(Error);
      expect(() => openWith(() => void source())).toThrow(wanted);
    }
  });
});

test('a relative path in a working folder that is gone is an error that says so', () => {
  const gone = vi.spyOn(process, 'cwd').mockImplementation(() => {
    throw Object.assign(new Error('ENOENT: no such file or directory, uv_cwd'), { code: 'ENOENT' });
  });
  try {
    for (const make of [
      () => mountSource({ path: 'config' }),
      () => fileSource({ path: 'table.json' }),
      () => dotenvSource({ path: 'x.env' }),
    ])
      expect(make).toThrow(
        expect.objectContaining({
          code: 'ERR_CONFIG_INVALID',
          message: expect.stringMatching(
            /is "(?:config|table\.json|x\.env)", and the working folder .* want an absolute path/,
          ),
        }),
      );
    expect(mountSource({ path: '/etc/branchline' }).name).toBe('mount:/etc/branchline');
  } finally {
    gone.mockRestore();
  }
});
