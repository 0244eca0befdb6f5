import { AsyncResource } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';

import { Metadata } from '@grpc/grpc-js';
import { AxiosHeaders } from 'axios';
import {
  context,
  createResolver,
  memorySource,
  type Resolver,
  type ResolverOptions,
  type RoutingContext,
  setDefaultResolver,
} from 'branchline';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';

import { label } from '../doubles/arbitraries.ts';

const DATA = { 'my-rest.develop': '8080', 'my-rest.feature-x': '8081', 'billing.feature-y': '8082' };
const open = (options: ResolverOptions = {}, data: Record<string, string> = DATA): Resolver =>
  createResolver({ namespace: 'develop', sources: [memorySource(data)], ...options });
const shared = open();

const inX: RoutingContext = { namespaces: ['feature-x'] };
const inY: RoutingContext = { services: { billing: 'feature-y' } };
const current = (): RoutingContext | undefined => context.current();

describe('context.run', () => {
  test('returns what the function returns, and throws what it throws', async () => {
    expect(context.run(inX, () => 7)).toBe(7);
    await expect(context.run(inX, () => Promise.resolve(7))).resolves.toBe(7);
    const error = new Error('mine');
    expect(() =>
      context.run(inX, () => {
        throw error;
      }),
    ).toThrow(error);
    expect(current()).toBeUndefined();
    await expect(context.run(inX, () => Promise.reject(error))).rejects.toBe(error);
    expect(current()).toBeUndefined();
  });

  test('runs all that is started in it in the context, and nothing else', async () => {
    const seen: unknown[] = [];
    const look = (): number => seen.push(current());
    const done = context.run(inX, async () => {
      look();
      await Promise.resolve();
      look();
      await turn();
      look();
      await pause(1);
      look();
      await new Promise<void>((resolve) => {
        process.nextTick(() => {
          look();
          queueMicrotask(() => {
            look();
            resolve();
          });
        });
      });
    });
    expect(current()).toBeUndefined();
    await done;
    expect(current()).toBeUndefined();
    expect(seen).toEqual(Array.from({ length: 6 }, () => inX));
  });

  test('may be nested: the inner one replaces the outer, and ends', () => {
    context.run(inX, () => {
      context.run(inY, () => {
        expect(current()).toEqual(inY);
        context.run(undefined, () => expect(current()).toBeUndefined());
        expect(current()).toEqual(inY);
      });
      expect(current()).toEqual(inX);
    });
    expect(current()).toBeUndefined();
  });

  test('with undefined is without a context', () => {
    context.run(inX, () => {
      expect(context.run(undefined, () => shared.resolve('my-rest'))).toBe('http://my-rest.develop.svc:8080');
    });
    expect(context.run(undefined, current)).toBeUndefined();
  });

  test('keeps what runs side by side apart', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `branch-${index}`);
    const seen = await Promise.all(
      names.map((name, index) =>
        context.run({ namespaces: [name] }, async () => {
          for (let hop = 0; hop < index % 7; hop += 1) await (hop % 2 === 0 ? turn() : Promise.resolve());
          return current()?.namespaces;
        }),
      ),
    );
    expect(seen).toEqual(names.map((name) => [name]));
  });

  test('takes a frozen copy: what the caller does to its object later is nothing to it', () => {
    const given = { namespaces: ['b', 'a', 'b'], services: { s: 'n' } };
    context.run(given, () => {
      given.namespaces.push('c');
      given.services.s = 'm';
      expect(current()).toEqual({ namespaces: ['b', 'a'], services: { s: 'n' } });
      expect(Object.isFrozen(current()) && Object.isFrozen(current()?.namespaces)).toBe(true);
    });
    expect(Object.isFrozen(given)).toBe(false);
  });

  test('runs in a context that it gave out, as it is', () => {
    const mine = context.run(inX, current);
    expect(context.run(mine, current)).toBe(mine);
    expect(context.run({ namespaces: ['feature-x'] }, current)).toBe(mine);
    const extracted = context.extract({ baggage: 'branchline=feature-x' }, { resolver: shared });
    expect(context.run(extracted, current)).toBe(extracted);
    expect(context.run(inY, current)).toEqual(inY);
    expect(context.run({ namespaces: ['feature-x'] }, current)).toBe(mine);
    expect(context.run({}, current)).toEqual({});
  });

  test('keeps a thousand contexts, not all that it ever saw', () => {
    const mine = context.run(inX, current);
    for (let index = 0; index <= 1000; index += 1) context.run({ namespaces: [`one-${index}`] }, () => undefined);
    expect(context.run(inX, current)).not.toBe(mine);
    expect(context.run(inX, current)).toEqual(mine);
  });

  test('reads every context as it was given, for any names', () => {
    const contexts = fc.record({
      namespaces: fc.uniqueArray(label(), { maxLength: 4, minLength: 1 }),
      services: fc.dictionary(label(), label(), { maxKeys: 4, minKeys: 1, noNullPrototype: true }),
    });
    fc.assert(
      fc.property(contexts, (given) => {
        expect(context.run(given, current)).toEqual(given);
      }),
    );
  });

  test.each([
    ['null', null, 'ERR_INVALID_OPTION'],
    ['a text', 'feature-x', 'ERR_INVALID_OPTION'],
    ['a field that there is not', { namespace: 'feature-x' }, 'ERR_INVALID_OPTION'],
    ['a text for namespaces', { namespaces: 'feature-x' }, 'ERR_INVALID_OPTION'],
    ['a name that is none', { namespaces: ['x@evil.com#'] }, 'ERR_INVALID_NAME'],
    ['a pin of what is no name', { services: { 'a.b': 'develop' } }, 'ERR_INVALID_NAME'],
  ])('with %s is an error, and runs nothing', (_, given, code) => {
    let ran = false;
    const run = (): unknown => context.run(given as RoutingContext, () => (ran = true));
    expect(run).toThrow(expect.objectContaining({ code }));
    expect(ran).toBe(false);
  });

  test('takes a function', () => {
    expect(() => context.run(inX, 'x' as never)).toThrow(/ERR_INVALID_OPTION: context.run takes a function, not "x"/);
    expect(() => context.run(inX, undefined as never)).toThrow(TypeError);
  });
});

describe('context.bind', () => {
  test('gives a callback the context of the moment, whoever calls it', async () => {
    const pool = new EventEmitter();
    const seen: unknown[] = [];
    context.run(inX, () => {
      pool.on(
        'done',
        context.bind((text: string) => void seen.push([text, current()])),
      );
      pool.on('done', () => void seen.push(['unbound', current()]));
    });
    pool.emit('done', 'outside');
    context.run(inY, () => pool.emit('done', 'inside another'));
    expect(seen).toEqual([
      ['outside', inX],
      ['unbound', undefined],
      ['inside another', inX],
      ['unbound', inY],
    ]);
    expect(current()).toBeUndefined();

    const lost = new AsyncResource('POOL');
    const bound = context.run(inX, () =>
      context.bind(async () => {
        await turn();
        return current();
      }),
    );
    await expect(lost.runInAsyncScope(bound)).resolves.toEqual(inX);
  });

  test('gives it no context where there was none', () => {
    const bound = context.bind(current);
    expect(context.run(inX, () => bound())).toBeUndefined();
    expect(context.run(inX, () => context.run(undefined, () => context.bind(current)))()).toBeUndefined();
  });

  test('passes on this, arguments, result and error', () => {
    const counter = {
      count: 1,
      add: context.bind(function add(this: { count: number }, ...numbers: number[]) {
        return this.count + numbers.length;
      }),
      fail: context.bind(() => {
        throw new Error('mine');
      }),
    };
    expect(counter.add(1, 2, 3)).toBe(4);
    expect(() => counter.fail()).toThrow('mine');
  });

  test('takes a function', () => {
    expect(() => context.bind({} as never)).toThrow(/ERR_INVALID_OPTION: context.bind takes a function, not an object/);
  });
});

describe('context.extract', () => {
  const extract = (carrier: object, options = {}): RoutingContext | undefined =>
    context.extract(carrier, { resolver: shared, ...options });

  test('reads the context of a request or a message', () => {
    expect(extract({})).toBeUndefined();
    expect(extract({ baggage: 't=7' })).toBeUndefined();
    expect(extract({ Baggage: ['t=7', 'branchline=feature-x~billing.feature-y;p'] })).toEqual({ ...inX, ...inY });
  });

  test('reads each message for itself: Kafka’s Buffers, a Map, gRPC’s Metadata', async () => {
    const metadata = new Metadata();
    metadata.set('baggage', 'branchline=feature-x');
    const messages = [
      { headers: { baggage: Buffer.from('branchline=feature-x') } },
      { headers: { baggage: null, other: Buffer.from('branchline=feature-x') } },
      { headers: { baggage: [Buffer.from('t=7'), Buffer.from('branchline=billing.feature-y')] } },
      { headers: new Map([['baggage', 'branchline=feature-x']]) },
      { headers: {} },
      { headers: metadata },
    ];
    const seen = await Promise.all(
      messages.map(({ headers }) =>
        context.run(extract(headers), async () => {
          await turn();
          return current();
        }),
      ),
    );
    expect(seen).toEqual([inX, undefined, inY, inX, undefined, inX]);
  });

  test.each(['branchline=feature-z', 'branchline=feature-x~feature-z', 'branchline=A', 'branchline=a,branchline=b'])(
    'refuses what the table does not know, or what is no wish: %s',
    (baggage) => {
      const before = shared.status().refused;
      expect(() => extract({ baggage })).toThrow(
        expect.objectContaining({ name: 'BranchlineError', code: 'ERR_OVERRIDE_REFUSED' }),
      );
      expect(shared.status().refused).toBe(before + 1);
    },
  );

  test('under "ignore" carries an unknown wish on unseen, and leaves out what is no wish', () => {
    const ignored = extract({ baggage: 'branchline=feature-z~billing.feature-y,t=7' }, { refused: 'ignore' });
    expect(ignored).toEqual({});
    context.run(ignored, () => {
      expect(shared.resolve('my-rest')).toBe('http://my-rest.develop.svc:8080');
      expect(context.inject({}, { resolver: shared })).toEqual({ baggage: 'branchline=feature-z~billing.feature-y' });
    });
    expect(extract({ baggage: 'branchline=A' }, { refused: 'ignore' })).toBeUndefined();
  });

  test('carries the branch of a branch Pod on', () => {
    const resolver = open({ namespace: 'feature-x' });
    const extracted = extract({ baggage: 'branchline=billing.feature-y' }, { resolver });
    expect(extracted).toEqual(inY);
    // Also through a resolver that is in no branch itself.
    for (const sender of [resolver, shared]) {
      expect(context.run(extracted, () => context.inject({}, { resolver: sender }))).toEqual({
        baggage: 'branchline=feature-x~billing.feature-y',
      });
    }
  });

  test('asks the default resolver where none is named', () => {
    onTestFinished(setDefaultResolver(shared));
    expect(context.extract({ baggage: 'branchline=feature-x' })).toEqual(inX);
  });

  test.each([
    ['carrier', () => context.extract('baggage' as never), 'context.extract takes headers, not "baggage"'],
    ['refused', () => extract({}, { refused: 'drop' }), 'refused is "drop"'],
    ['resolver', () => extract({}, { resolver: { resolve: () => '' } }), 'the resolver is an object'],
    ['option', () => extract({}, { trust: true }), 'context.extract has no option "trust"'],
    ['options', () => context.extract({}, null as never), 'context.extract takes an object of options, not null'],
  ])('takes what makes sense: %s', (_, wrong, message) => {
    expect(wrong).toThrow(TypeError);
    expect(wrong).toThrow(message);
    expect(wrong).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  });
});

describe('context.inject', () => {
  const inject = <C extends object>(carrier: C, resolver = shared): C => context.inject(carrier, { resolver });
  const branch = open({ namespace: 'feature-x' });

  test('writes into the carrier, and returns it', () => {
    const headers = { Baggage: 't=7 ;p, branchline=a', x: 'y' };
    context.run(inX, () => expect(inject(headers)).toBe(headers));
    expect(headers).toEqual({ Baggage: 'branchline=feature-x,t=7 ;p', x: 'y' });
  });

  test('writes nothing where there is nothing to say', () => {
    const headers = Object.freeze({ baggage: ' t=7, branchline=a;p' });
    expect(inject(headers)).toEqual({ baggage: ' t=7, branchline=a;p' });
    expect(context.run(undefined, () => inject({}))).toEqual({});
    expect(inject(Object.freeze({ baggage: ['t=7', 'branchline=feature-x'] }), branch).baggage).toHaveLength(2);
  });

  test('takes our member away where the context wishes for nothing', () => {
    context.run({}, () => {
      expect(inject({ baggage: 'branchline=a,t=7' })).toEqual({ baggage: 't=7' });
      expect(inject({ baggage: 'branchline=a' })).toEqual({});
      expect([...inject(new Headers({ baggage: 'branchline=a' }))]).toEqual([]);
      const metadata = new Metadata();
      metadata.set('baggage', 'branchline=a');
      expect(inject(metadata).get('baggage')).toEqual([]);
    });
  });

  test('writes into carriers of every kind', () => {
    const kept = new Map<string, string>();
    context.run(inX, () => {
      expect(inject(new Headers({ baggage: 't=7' })).get('baggage')).toBe('branchline=feature-x,t=7');
      expect(inject(new Map()).get('baggage')).toBe('branchline=feature-x');
      expect(inject(new Metadata()).get('baggage')).toEqual(['branchline=feature-x']);
      expect(inject(new AxiosHeaders({ Baggage: 't=7' })).get('baggage')).toBe('branchline=feature-x,t=7');
      expect(inject({ baggage: Buffer.from('t=7') })).toEqual({ baggage: 'branchline=feature-x,t=7' });
      expect(inject({ baggage: null })).toEqual({ baggage: 'branchline=feature-x' });
      expect({ ...inject(Object.create(null) as object) }).toEqual({ baggage: 'branchline=feature-x' });
      inject({ get: (name: string) => kept.get(name), set: (name: string, text: string) => kept.set(name, text) });
    });
    expect([...kept]).toEqual([['baggage', 'branchline=feature-x']]);
  });

  test('writes the branch of a branch Pod, without a context too', () => {
    expect(inject({ baggage: 't=7' }, branch)).toEqual({ baggage: 'branchline=feature-x,t=7' });
    expect(context.run(inY, () => inject({}, branch))).toEqual({ baggage: 'branchline=feature-x~billing.feature-y' });
    expect(context.run({ namespaces: ['feature-x', 'b'] }, () => inject({}, branch))).toEqual({
      baggage: 'branchline=feature-x~b',
    });
  });

  test('writes a context that code gave, whether the table knows it or not: whoever receives it decides', () => {
    expect(context.run({ namespaces: ['feature-z'] }, () => inject({}))).toEqual({ baggage: 'branchline=feature-z' });
  });

  test.each([
    ['overrides are off', open({ overrides: false, namespace: 'feature-x' })],
    ['nothing is configured', open({ namespace: 'feature-x' }, {})],
  ])('writes nothing where %s', (_, resolver) => {
    const headers = Object.freeze({ baggage: 'branchline=a,t=7' });
    expect(context.run(inX, () => inject(headers, resolver))).toEqual({ baggage: 'branchline=a,t=7' });
  });

  test('rejects a ninth item, and leaves the carrier as it was', () => {
    const headers = { baggage: 't=7' };
    const eight = { namespaces: Array.from('abcdefgh') };
    expect(context.run(eight, () => inject({ ...headers }))).toEqual({ baggage: 'branchline=a~b~c~d~e~f~g~h,t=7' });
    expect(() => context.run(eight, () => inject(headers, branch))).toThrow(/ERR_OVERRIDE_REFUSED: .*9 items/);
    expect(headers).toEqual({ baggage: 't=7' });
  });

  test('is read again as it was written', () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'feature-x'), { minLength: 1 });
    const known = open({}, { 's.a': '1', 's.b': '1', 't.c': '1', 's.feature-x': '1', 't.feature-x': '1' });
    const pins = fc.constantFrom<Record<string, string>>({}, { s: 'a' }, { t: 'c', s: 'b' }, { t: 'feature-x' });
    fc.assert(
      fc.property(names, pins, fc.constantFrom('', 't=7 ;p , x', ',,', '%=%'), (namespaces, services, baggage) => {
        const given = { namespaces, ...(Object.keys(services).length > 0 ? { services } : {}) };
        const headers = context.run(given, () => inject({ baggage }, known));
        expect(context.extract(headers, { resolver: known })).toEqual(given);
        expect(headers.baggage.endsWith(baggage.trim() === '' ? '' : `,${baggage}`)).toBe(true);
      }),
    );
  });

  test.each([
    ['carrier', () => context.inject(null as never), 'context.inject takes headers, not null'],
    ['resolver', () => context.inject({}, { resolver: {} as Resolver }), 'the resolver is an object'],
    [
      'option',
      () => context.inject({}, { resolver: shared, refused: 'ignore' } as object),
      'context.inject has no option "refused"',
    ],
  ])('takes what makes sense: %s', (_, wrong, message) => {
    expect(wrong).toThrow(message);
    expect(wrong).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  });
});

test('an event that somebody else emits is answered in the context of whoever awaits it', async () => {
  const pool = new EventEmitter();
  const seen = context.run(inX, async () => {
    await once(pool, 'ready');
    return current();
  });
  context.run(inY, () => pool.emit('ready'));
  expect(await seen).toEqual(inX);
});
