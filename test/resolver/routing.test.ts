import { setImmediate as turn } from 'node:timers/promises';

import {
  context,
  createResolver,
  type LookupOptions,
  memorySource,
  receive,
  resolve,
  type Resolver,
  type ResolverOptions,
  type RoutingContext,
  setDefaultResolver,
} from 'branchline';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { type Routed, ROUTING } from '../../src/core/routing.ts';
import { until } from '../doubles/await.ts';
import { record } from '../doubles/recorder.ts';

const DATA = {
  'a.develop': '1',
  '_admin.a.develop': '11',
  'a.feature-x': '2',
  '_admin.a.feature-x': '22',
  'a.feature-y': '3',
  'b.develop': '4',
  'b.feature-y': 'disabled',
  'c.feature-x': '5',
};
const open = (options: ResolverOptions = {}, data: Record<string, string> = DATA): Resolver =>
  createResolver({ namespace: 'develop', sources: [memorySource(data)], ...options });

const inX: RoutingContext = { namespaces: ['feature-x'] };
const inY: RoutingContext = { namespaces: ['feature-y'] };
const pinned: RoutingContext = { services: { a: 'feature-y' } };
/** The namespace that answers, or the error's code. */
function where(resolver: Resolver, service: string, lookup?: LookupOptions): string {
  try {
    return resolver.lookup(service, lookup).namespace ?? 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('the context of the code that runs', () => {
  const resolver = open();

  test('is in front of the path, in every question', () => {
    context.run(inX, () => {
      expect(resolver.resolve('a')).toBe('http://a.feature-x.svc:2');
      expect(resolver.resolve('a', {})).toBe('http://a.feature-x.svc:2');
      expect(resolver.resolve('a', { endpoint: 'admin' })).toBe('http://a.feature-x.svc:22');
      expect(resolver.lookup('a')).toMatchObject({ namespace: 'feature-x', via: 'override', revision: 1 });
      expect(resolver.lookup('b')).toMatchObject({ namespace: 'develop', via: 'baseline' });
      expect(resolver.has('c')).toBe(true);
      expect(resolver.explain('b').steps).toMatchObject([
        { namespace: 'feature-x', because: 'context', outcome: 'absent' },
        { namespace: 'develop', because: 'baseline', outcome: 'taken' },
      ]);
    });
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:1');
    expect(resolver.has('c')).toBe(false);
    expect(resolver.explain('b').steps).toHaveLength(1);
  });

  test('pins a service before anything else, and only that one', () => {
    context.run({ ...inX, ...pinned }, () => {
      expect(where(resolver, 'a')).toBe('feature-y');
      expect(where(resolver, 'c')).toBe('feature-x');
      expect(resolver.explain('a').steps[0]).toMatchObject({ because: 'pin', outcome: 'taken' });
    });
  });

  test('makes nothing of a failure: what is disabled there is an error', () => {
    expect(context.run(inY, () => where(resolver, 'b'))).toBe('ERR_SERVICE_DISABLED');
    expect(context.run(inY, () => resolver.has('b'))).toBe(true);
  });

  test('leads nowhere else than the own branch where it wishes for what nobody has', () => {
    const branch = open({ namespace: 'feature-x' });
    expect(context.run({ namespaces: ['feature-z'] }, () => branch.lookup('a'))).toMatchObject({
      namespace: 'feature-x',
      via: 'branch',
    });
  });

  test('gives way to that of a call; null is none, undefined is not given', () => {
    context.run(inX, () => {
      expect(where(resolver, 'a', { context: inY })).toBe('feature-y');
      expect(where(resolver, 'a', { context: pinned })).toBe('feature-y');
      expect(where(resolver, 'a', { context: {} })).toBe('develop');
      expect(where(resolver, 'a', { context: null })).toBe('develop');
      expect(where(resolver, 'a', { context: undefined })).toBe('feature-x');
      expect(resolver.has('c', { context: null })).toBe(false);
      expect(resolver.explain('a', { context: null }).resolution?.namespace).toBe('develop');
      expect(resolver.explain('a', { context: inY }).resolution?.namespace).toBe('feature-y');
    });
  });

  test('gives way to a namespace, which is exact', () => {
    context.run(inX, () => {
      expect(where(resolver, 'a', { namespace: 'feature-y' })).toBe('feature-y');
      expect(where(resolver, 'c', { namespace: 'feature-y' })).toBe('ERR_SERVICE_NOT_FOUND');
    });
  });

  test('is the same for the default resolver', () => {
    onTestFinished(setDefaultResolver(resolver));
    expect(context.run(inX, () => resolve('a'))).toBe('http://a.feature-x.svc:2');
    expect(context.run(inX, () => resolve('a', { context: null }))).toBe('http://a.develop.svc:1');
  });

  test('is that of each caller, however many there are at once', async () => {
    const wishes = [undefined, inX, inY, pinned, {}];
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, index) =>
        context.run(wishes[index % wishes.length], async () => {
          for (let hop = 0; hop < index % 4; hop += 1) await turn();
          return where(resolver, 'a');
        }),
      ),
    );
    const expected = ['develop', 'feature-x', 'feature-y', 'feature-y', 'develop'];
    expect(answers).toEqual(answers.map((_, index) => expected[index % expected.length]));
  });

  test('is answered by the table of the moment', () => {
    const source = memorySource(DATA);
    const changing = open({ sources: [source] });
    const extracted = context.extract({ baggage: 'branchline=feature-x' }, { resolver: changing });
    context.run(extracted, () => {
      expect(where(changing, 'a')).toBe('feature-x');
      source.set({ 'a.develop': '1', 'b.develop': '2' });
      expect(where(changing, 'a')).toBe('develop');
      source.set(DATA);
      expect(changing.lookup('a')).toMatchObject({ namespace: 'feature-x', revision: 3 });
    });
  });

  test('is counted by where it led', () => {
    const counted = open();
    for (const wish of [inX, inX, undefined, inY]) context.run(wish, () => counted.resolve('a'));
    counted.resolve('a', { context: inX });
    const rows = counted.coverage().counts.map(({ namespace, via, count }) => `${namespace} ${via} ${count}`);
    expect(rows.toSorted()).toEqual(['develop baseline 1', 'feature-x override 3', 'feature-y override 1']);
  });

  test('and that of a call lead to the same answer, for any context', () => {
    const namespaces = fc.constantFrom('develop', 'feature-x', 'feature-y', 'feature-z');
    const wishes = fc.record(
      {
        namespaces: fc.array(namespaces, { maxLength: 4 }),
        services: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'constructor'), namespaces),
      },
      { requiredKeys: [] },
    );
    const own = fc.constantFrom('develop', 'feature-x', null);
    const pods = new Map([
      ...['develop', 'feature-x', null].map((namespace) => [namespace, open({ namespace })] as const),
    ]);
    fc.assert(
      fc.property(wishes, own, fc.constantFrom('a', 'b', 'c', 'd', 'constructor'), (wish, namespace, service) => {
        const pod = pods.get(namespace) as Resolver;
        const given = where(pod, service, { context: wish });
        expect(context.run(wish, () => where(pod, service))).toBe(given);
        expect(context.run(wish, () => where(pod, service, {}))).toBe(given);
        expect(context.run(wish, () => pod.explain(service).resolution?.namespace ?? given)).toBe(given);
        const carried = context.run(wish, () => context.inject({}, { resolver: pod }));
        const read = receive(carried, { trust: true, refused: 'ignore', resolver: pod });
        if (read.refusal === null) expect(context.run(read.context, () => where(pod, service))).toBe(given);
      }),
      { numRuns: 300 },
    );
  });
});

test('a call of one endpoint is not answered with what was kept of another', () => {
  const resolver = open({}, { ...DATA, '_zip.a.develop': '12' }) as Resolver & Routed;
  const view = resolver[ROUTING].view();
  const ports = ['admin', 'default', 'zip', 'admin', 'default'].map((endpoint) => [
    view.find('a', endpoint, undefined).resolution.port,
    resolver.lookup('a').port,
  ]);
  expect(ports).toEqual([
    [11, 1],
    [1, 1],
    [12, 1],
    [11, 1],
    [1, 1],
  ]);
});

describe('a context is inert', () => {
  test.each<[string, Resolver, string]>([
    ['with overrides off, in code', open({ overrides: false, namespace: 'feature-x' }), 'http://a.feature-x.svc:2'],
    ['with overrides off, in the table', open({}, { ...DATA, overrides: 'off' }), 'http://a.develop.svc:1'],
    ['where nothing is configured', open({}, {}), 'http://a'],
  ])('%s', (_, resolver, answer) => {
    context.run(inY, () => {
      expect(resolver.resolve('a')).toBe(answer);
      expect(resolver.resolve('a', {})).toBe(answer);
      expect(resolver.resolve('a', { context: inY })).toBe(answer);
      expect(resolver.resolve('a', { context: pinned })).toBe(answer);
      expect(resolver.explain('a').steps.every(({ because }) => because === 'own' || because === 'baseline')).toBe(
        true,
      );
      expect(resolver.explain('a').resolution?.url).toBe(answer);
      expect(resolver.has('c', { context: inX })).toBe(resolver.has('c', { context: null }));
    });
  });

  test('only until overrides are on', () => {
    const source = memorySource({ ...DATA, overrides: 'off' });
    const resolver = open({ sources: [source] });
    context.run(inX, () => {
      expect(where(resolver, 'a')).toBe('develop');
      source.set(DATA);
      expect(where(resolver, 'a')).toBe('feature-x');
      source.set({ ...DATA, overrides: 'false' });
      expect(where(resolver, 'a')).toBe('develop');
    });
  });

  test('in strict mode without a table it is an error like any other', () => {
    expect(context.run(inX, () => where(open({ strict: true }, {}), 'a'))).toBe('ERR_SERVICE_NOT_FOUND');
  });
});

describe('the option keys', () => {
  const read = (resolver: Resolver, baggage: string): unknown =>
    receive({ baggage }, { trust: true, resolver }).context;

  test('says which members of the baggage are read, in which order, and the first is written', () => {
    const resolver = open({ keys: ['okteto-divert', 'branchline', 'okteto-divert'] });
    expect(read(resolver, 'branchline=feature-x')).toEqual(inX);
    expect(read(resolver, 'branchline=feature-x,okteto-divert=feature-y')).toEqual(inY);
    expect(context.run(inX, () => context.inject({ baggage: 'branchline=a,t=7' }, { resolver }))).toEqual({
      baggage: 'okteto-divert=feature-x,t=7',
    });
  });

  test('replaces "branchline", which then is a member of somebody else', () => {
    const resolver = open({ keys: ['sd-routing-key'] });
    expect(read(resolver, 'branchline=feature-z')).toBeUndefined();
    expect(receive({ baggage: 'branchline=a,sd-routing-key=b' }, { trust: false, resolver }).baggage).toBe(
      'branchline=a',
    );
  });

  test.each([
    ['a token', ["!#$%&'*+.^_`|~-09AZaz"]],
    ['a long one', ['k'.repeat(256)]],
    ['undefined', undefined],
  ])('may be %s', (_, keys) => {
    expect(open({ keys })).toBeDefined();
  });

  test('is copied: what becomes of the list later is nothing to the resolver', () => {
    const keys = ['branchline'];
    const resolver = open({ keys });
    keys[0] = 'other';
    expect(read(resolver, 'branchline=feature-x')).toEqual(inX);
  });

  test.each([
    ['a text', 'branchline'],
    ['null', null],
    ['an empty list', []],
    ['an empty key', ['']],
    ['a number', [1]],
    ['white space', ['a b']],
    ['a comma', ['a,b']],
    ['a semicolon', ['a;b']],
    ['an equals sign', ['a=b']],
    ['a line end', ['a\r\n']],
    ['no ASCII', ['ключ']],
    ['one that is too long', ['k'.repeat(257)]],
  ])('that is %s is a TypeError', (_, keys) => {
    const wrong = (): unknown => open({ keys: keys as string[] });
    expect(wrong).toThrow(expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_OPTION' }));
    expect(wrong).toThrow(/keys is .*; want a list of baggage keys/);
  });
});

describe('a wish that is refused', () => {
  const refuse = (resolver: Resolver, baggage: string): unknown => receive({ baggage }, { trust: true, resolver });

  test('is counted, and an event that says what and by which table', () => {
    const source = memorySource(DATA);
    const resolver = open({ sources: [source] });
    const { refused } = record(resolver);
    expect(resolver.status().refused).toBe(0);
    refuse(resolver, 'branchline=feature-z~a.feature-z');
    source.set({ 'a.develop': '2' });
    refuse(resolver, 'branchline=feature-x');
    expect(resolver.status().refused).toBe(2);
    expect(refused).toEqual([
      { items: ['feature-z', 'a.feature-z'], revision: 1 },
      { items: ['feature-x'], revision: 2 },
    ]);
  });

  test('is told to each listener by itself, and the request does not suffer by any of them', async () => {
    const resolver = open();
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    resolver.on('refused', ({ items }) => {
      items.push('changed');
      throw new Error('mine');
    });
    const { refused } = record(resolver);
    expect(refuse(resolver, 'branchline=feature-z')).toMatchObject({ reject: true, refusal: { items: ['feature-z'] } });
    expect(refused).toEqual([{ items: ['feature-z'], revision: 1 }]);
    await until(() => warning.mock.calls.length > 0, 'the warning of the listener that failed');
    expect(warning.mock.calls.map(([message]) => String(message))).toEqual([expect.stringContaining('mine')]);
  });

  test('without a listener is no warning: status() counts it', () => {
    const resolver = open();
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    for (let time = 0; time < 100; time += 1) refuse(resolver, `branchline=feature-${time}`);
    expect(resolver.status().refused).toBe(100);
    expect(warning).not.toHaveBeenCalled();
  });

  test('is told while the resolver is closed, too', async () => {
    const resolver = open();
    await resolver.close();
    expect(refuse(resolver, 'branchline=feature-z')).toMatchObject({ reject: true });
    expect(resolver.status().refused).toBe(1);
    expect(context.run(inX, () => resolver.resolve('a'))).toBe('http://a.feature-x.svc:2');
  });

  test('is no call that carries too much: that is the caller’s error', () => {
    const resolver = open({ namespace: 'feature-x' });
    const { refused } = record(resolver);
    const eight = { namespaces: Array.from('bcdefghi') };
    expect(() => context.run(eight, () => context.inject({}, { resolver }))).toThrow(/ERR_OVERRIDE_REFUSED/);
    expect([resolver.status().refused, refused]).toEqual([0, []]);
  });
});
