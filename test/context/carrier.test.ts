import { IncomingMessage, OutgoingMessage } from 'node:http';
import { Socket } from 'node:net';
import { runInNewContext } from 'node:vm';

import { Metadata } from '@grpc/grpc-js';
import { AxiosHeaders } from 'axios';
import { context, createResolver, memorySource, receive, route, type RoutingContext } from 'branchline';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';

import { type Carrier, checkCarrier, copyCarrier, readHeader, writeHeader } from '../../src/context/carrier.ts';

const bare = (fields: object): Carrier => Object.assign(Object.create(null) as object, fields);
function shared(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const view = new Uint8Array(new SharedArrayBuffer(bytes.length));
  view.set(bytes);
  return view;
}
function metadata(...values: string[]): Metadata {
  const made = new Metadata();
  for (const value of values) made.add('baggage', value);
  return made;
}
function outgoing(value?: string | string[]): OutgoingMessage {
  const message = new OutgoingMessage();
  if (value !== undefined) message.setHeader('Baggage', value);
  return message;
}
/** What some clients have for headers: two functions, and nothing else. */
function accessors(value?: unknown) {
  const kept = new Map<string, unknown>(value === undefined ? [] : [['baggage', value]]);
  return {
    get: (name: string) => kept.get(name),
    set: (name: string, text: string) => void kept.set(name, text),
    kept,
  };
}

describe('a header is read from', () => {
  test.each<[string, Carrier, string | null]>([
    ['Headers', new Headers({ Baggage: 'a=1' }), 'a=1'],
    [
      'Headers with two lines',
      new Headers([
        ['baggage', 'a=1'],
        ['BAGGAGE', 'b=2'],
      ]),
      'a=1, b=2',
    ],
    ['Headers without it', new Headers(), null],
    ['a plain object', { baggage: 'a=1 ;p' }, 'a=1 ;p'],
    ['a plain object in any case', { bAgGaGe: 'a=1' }, 'a=1'],
    ['a plain object with two spellings', { baggage: 'a=1', Baggage: 'b=2' }, 'a=1,b=2'],
    ['a list', { baggage: ['a=1', 'b=2'] }, 'a=1,b=2'],
    ['a list of texts, bytes and nothing', { baggage: ['a=1', Buffer.from('c=3'), null, undefined] }, 'a=1,c=3'],
    ['a Buffer, as Kafka has it', { baggage: Buffer.from('a=1') }, 'a=1'],
    ['bytes', { baggage: new TextEncoder().encode('a=1') }, 'a=1'],
    ['a Buffer that went through JSON', JSON.parse(JSON.stringify({ baggage: Buffer.from('a=1') })) as Carrier, 'a=1'],
    ['an ArrayBuffer', { baggage: new TextEncoder().encode('a=1').buffer }, 'a=1'],
    ['a DataView', { baggage: new DataView(new TextEncoder().encode('a=1').buffer) }, 'a=1'],
    ['shared bytes', { baggage: shared('a=1') }, 'a=1'],
    ['bytes of another realm', { baggage: runInNewContext('Uint8Array.of(97, 61, 49)') as unknown }, 'a=1'],
    ['a list of another realm', { baggage: runInNewContext('["a=1", "b=2"]') as unknown }, 'a=1,b=2'],
    ['Buffers that are no UTF-8', { baggage: [Buffer.from([0xff]), Buffer.from('b=2')] }, '\ufffd,b=2'],
    ['blank lines', { baggage: ['', ' ', 'a=1'] }, 'a=1'],
    ['an empty text', { baggage: '' }, null],
    ['null', { baggage: null }, null],
    ['undefined', { baggage: undefined }, null],
    ['an empty list', { baggage: [] }, null],
    ['an empty object', {}, null],
    ['an object without a prototype', bare({ Baggage: 'a=1' }), 'a=1'],
    ['other headers', { 'x-baggage': 'a=1', baggages: 'b=2', 'baggage ': 'c=3', baggags: 'd=4' }, null],
    ['what it inherits', Object.create({ baggage: 'a=1' }) as Carrier, null],
    ['a Map', new Map([['baggage', 'a=1']]), 'a=1'],
    ['a Map without it', new Map(), null],
    ['a Map in any case', new Map([['Baggage', 'a=1']]), 'a=1'],
    ['a Map with two spellings', new Map([['baggage', 'a=1'], ['BAGGAGE', 'b=2']]), 'a=1,b=2'], // prettier-ignore
    ['a Map of another realm', runInNewContext('new Map([["Baggage", "a=1"]])') as Carrier, 'a=1'],
    ['a Map of Buffers', new Map([['Baggage', Buffer.from('a=1')]]), 'a=1'],
    ['a Map of keys that are no texts', new Map<unknown, string>([[null, 'a=1'], [7, 'b=2'], [Array.from('baggage'), 'c=3']]), null], // prettier-ignore
    ['a message of Node on its way out', outgoing('a=1'), 'a=1'],
    ['a message of Node with two lines', outgoing(['a=1', 'b=2']), 'a=1,b=2'],
    ['a message of Node without it', outgoing(), null],
    ['{ get, set }', accessors('a=1'), 'a=1'],
    ['{ get, set } with a list', accessors(['a=1', Buffer.from('b=2')]), 'a=1,b=2'],
    ['{ get, set } with null', accessors(null), null],
    ['gRPC’s Metadata', metadata('a=1', 'b=2'), 'a=1,b=2'],
    ['gRPC’s Metadata without it', metadata(), null],
    ['AxiosHeaders', new AxiosHeaders({ Baggage: 'a=1' }), 'a=1'],
    ['AxiosHeaders without it', new AxiosHeaders(), null],
    ['a header named get', { get: 'x', baggage: 'a=1' }, 'a=1'],
  ])('%s', (_, carrier, value) => {
    expect(readHeader(carrier, 'baggage')).toBe(value);
  });

  test.each<[string, unknown, string]>([
    ['a number', 1, '1'],
    ['a boolean', false, 'false'],
    ['a function', () => 'a=1', 'of type function'],
    ['an object', { toString: () => 'a=1' }, 'an object'],
    ['an attribute of SQS', { DataType: 'String', StringValue: 'a=1' }, 'an object'],
    ['a wrapped text', new Object('a=1'), 'an object'],
    ['a promise', Promise.resolve('a=1'), 'an object'],
    ['what only looks like a Buffer of JSON', { type: 'Buffer', data: 'a=1' }, 'an object'],
    ['bytes of who knows what', { data: [97, 61, 49] }, 'an object'],
    ['a second line', ['a=1', 2], '2'],
    ['a list in a list', ['a=1', ['b=2']], 'a list'],
  ])('nothing else: %s is an error, and not a call without a wish', (_, value, shown) => {
    const message = `the header "baggage" is ${shown}; want text, bytes, or a list of them.`;
    for (const carrier of [{ Baggage: value }, new Map([['BAGGAGE', value]]), { get: () => value }])
      expect(() => readHeader(carrier, 'baggage')).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(message) }),
      );
  });

  test('any object of anything, or it says which value it cannot read', () => {
    const name = fc.constantFrom('baggage', 'Baggage', 'BAGGAGE', 'bagga\u0261e', 'x', '__proto__', 'constructor');
    fc.assert(
      fc.property(fc.dictionary(name, fc.anything()), (carrier) => {
        let text: string | null = null;
        try {
          text = readHeader(carrier, 'baggage');
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION' });
        }
        expect(text === null || text.trim() !== '').toBe(true);
      }),
    );
  });
});

describe('a header is written into', () => {
  test('Headers, in the place of all lines', () => {
    const headers = new Headers([
      ['baggage', 'a=1'],
      ['baggage', 'b=2'],
      ['x', 'y'],
    ]);
    writeHeader(headers, 'baggage', 'c=3');
    expect([...headers]).toEqual([
      ['baggage', 'c=3'],
      ['x', 'y'],
    ]);
    writeHeader(headers, 'baggage', null);
    expect([...headers]).toEqual([['x', 'y']]);
  });

  test('a plain object, as it is spelt there, and once', () => {
    const headers: Record<string, unknown> = { x: 'y', Baggage: ['a=1'], BAGGAGE: Buffer.from('b=2') };
    writeHeader(headers, 'baggage', 'c=3');
    expect(headers).toEqual({ x: 'y', Baggage: 'c=3' });
    writeHeader(headers, 'baggage', null);
    expect(headers).toEqual({ x: 'y' });
    writeHeader(headers, 'baggage', null);
    writeHeader(headers, 'baggage', 'd=4');
    expect(headers).toEqual({ x: 'y', baggage: 'd=4' });
  });

  test('an object without a prototype', () => {
    const headers = bare({ x: 'y' });
    writeHeader(headers, 'baggage', 'a=1');
    expect({ ...headers }).toEqual({ x: 'y', baggage: 'a=1' });
  });

  test('a Map', () => {
    const headers = new Map([['baggage', 'a=1']]);
    writeHeader(headers, 'baggage', 'b=2');
    expect([...headers]).toEqual([['baggage', 'b=2']]);
    writeHeader(headers, 'baggage', null);
    expect([...headers]).toEqual([]);
  });

  test('a Map, as it is spelt there, and once', () => {
    const headers = new Map([
      ['Baggage', 'a=1'],
      ['x', 'y'],
      ['BAGGAGE', 'b=2'],
    ]);
    writeHeader(headers, 'baggage', 'c=3');
    expect(Object.fromEntries(headers)).toEqual({ Baggage: 'c=3', x: 'y' });
    writeHeader(headers, 'baggage', null);
    expect([...headers]).toEqual([['x', 'y']]);
  });

  test('{ get, set }, where taking away is setting to nothing', () => {
    const headers = accessors('a=1');
    writeHeader(headers, 'baggage', 'b=2');
    expect(headers.kept.get('baggage')).toBe('b=2');
    writeHeader(headers, 'baggage', null);
    expect(readHeader(headers, 'baggage')).toBeNull();
  });

  test.each([
    ['{ get }', { get: () => 'a=1' }, 'no method "set"'],
    ['{ getHeader }', { getHeader: () => 'a=1' }, 'no method "'],
  ])('no carrier that can only be read, which says so: %s', (_, headers, wanted) => {
    for (const value of ['b=2', null]) {
      expect(() => {
        writeHeader(headers, 'baggage', value);
      }).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(wanted) }));
    }
    expect(readHeader(headers, 'baggage')).toBe('a=1');
  });

  test('a message of Node on its way out', () => {
    const headers = outgoing(['a=1', 'b=2']);
    writeHeader(headers, 'baggage', 'c=3');
    expect(headers.getHeaders()).toEqual({ baggage: 'c=3' });
    writeHeader(headers, 'baggage', null);
    expect(headers.getHeaders()).toEqual({});
  });

  test('gRPC’s Metadata', () => {
    const headers = metadata('a=1', 'b=2');
    writeHeader(headers, 'baggage', 'c=3');
    expect(headers.get('baggage')).toEqual(['c=3']);
    writeHeader(headers, 'baggage', null);
    expect(headers.getMap()).toEqual({});
  });

  test('AxiosHeaders', () => {
    const headers = new AxiosHeaders({ Baggage: 'a=1', x: 'y' });
    writeHeader(headers, 'baggage', 'b=2');
    expect({ ...headers.toJSON() }).toEqual({ Baggage: 'b=2', x: 'y' });
    writeHeader(headers, 'baggage', null);
    expect({ ...headers.toJSON() }).toEqual({ x: 'y' });
  });
});

describe('a copy', () => {
  test.each<[string, Carrier]>([
    ['Headers', new Headers({ baggage: 'a=1' })],
    ['a plain object', { Baggage: ['a=1'] }],
    ['an object without a prototype', bare({ baggage: 'a=1' })],
    ['a Map', new Map([['baggage', 'a=1']])],
    ['gRPC’s Metadata', metadata('a=1')],
    ['AxiosHeaders', new AxiosHeaders({ Baggage: 'a=1' })],
  ])('of %s is another one with the same in it', (_, carrier) => {
    const copy = copyCarrier(carrier);
    expect(readHeader(copy, 'baggage')).toBe('a=1');
    writeHeader(copy, 'baggage', 'b=2');
    expect([readHeader(carrier, 'baggage'), readHeader(copy, 'baggage')]).toEqual(['a=1', 'b=2']);
    expect(Object.getPrototypeOf(copy)).toBe(Object.getPrototypeOf(carrier) ?? Object.prototype);
  });

  class Kept {
    get = (): string => 'a=1';
    set = (): void => undefined;
  }

  test.each<[string, Carrier]>([
    ['{ get, set }', accessors('a=1')],
    ['an instance of a class', new Kept()],
    ['{ get, set } without a prototype', bare(accessors('a=1'))],
    ['{ get, set } that calls something its constructor', { ...accessors('a=1'), constructor: () => 'x' }],
    ['a message of Node', outgoing('a=1')],
  ])('of %s is itself: there is no way to make one', (_, carrier) => {
    expect(copyCarrier(carrier)).toBe(carrier);
  });
});

test.each([
  ['nothing', undefined, 'not of type undefined'],
  ['null', null, 'not null'],
  ['a text', 'baggage: a=1', 'not "baggage: a=1"'],
  ['a list', [['baggage', 'a=1']], 'not a list'],
  ['a function', () => 'a=1', 'not of type function'],
  ['a promise', Promise.resolve({ baggage: 'a=1' }), 'not a promise of them; await it.'],
  ['a promise of another realm', runInNewContext('Promise.resolve({})'), 'not a promise of them; await it.'],
  ['a Set', new Set(['baggage']), 'not an instance of a class that has no `get`'],
  ['a Date', new Date(), 'not an instance'],
  ['an Error', new Error('x'), 'not an instance'],
  ['a pattern', /x/, 'not an instance'],
  ['bytes', Buffer.from('baggage: a=1'), 'not an instance'],
  ['a generator', (function* lines() { yield 'a=1'; })(), 'not an instance'], // prettier-ignore
  ['a list of pairs of another realm', runInNewContext('[["baggage", "a=1"]]'), 'not a list'],
  ['an instance of a class of headers', new (class { baggage = 'a=1'; })(), 'not an instance'], // prettier-ignore
  ['what inherits headers', Object.create({ baggage: 'a=1' }), 'not an instance'],
])('%s is no carrier', (_, carrier, message) => {
  expect(() => checkCarrier('context.extract', carrier)).toThrow(TypeError);
  expect(() => checkCarrier('context.extract', carrier)).toThrow(`context.extract takes headers, ${message}`);
});

describe('what would be no wish, in silence, is an error', () => {
  const resolver = createResolver({
    sources: [memorySource({ 'a.develop': '1', 'a.feature-x': '2' })],
    namespace: 'develop',
  });
  const incoming = new IncomingMessage(new Socket());
  incoming.headers = { baggage: 'branchline=feature-x' };

  test.each<[string, object]>([
    ['a Request', new Request('http://x/', { headers: { baggage: 'branchline=feature-x' } })],
    ['a Response', new Response('', { headers: { baggage: 'branchline=feature-x' } })],
    ['a request of Node', incoming],
    ['a message', { headers: { baggage: 'branchline=feature-x' }, value: 'x' }],
    ['a message with a Map', { headers: new Map([['baggage', 'branchline=feature-x']]) }],
  ])('%s for its headers', (_, whole) => {
    for (const wrong of [
      () => context.extract(whole, { resolver }),
      () => context.inject(whole, { resolver }),
      () => receive(whole, { trust: true, resolver }),
      () => route('http://a/', whole, { resolver }),
    ]) {
      expect(wrong).toThrow(TypeError);
      expect(wrong).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
      expect(wrong).toThrow('pass its `headers`');
    }
    expect(context.extract((whole as { headers: object }).headers, { resolver })).toEqual({
      namespaces: ['feature-x'],
    });
  });

  test.each<[string, Carrier]>([
    ['a text', { headers: 'x', baggage: 'branchline=feature-x' }],
    ['a list', { headers: ['x'], baggage: 'branchline=feature-x' }],
    ['a Buffer', { headers: Buffer.from('x'), baggage: 'branchline=feature-x' }],
  ])('and a header named headers is none: %s', (_, carrier) => {
    expect(context.extract(carrier, { resolver })).toEqual({ namespaces: ['feature-x'] });
  });

  const sparse = ['feature-x'];
  sparse.length = 3;

  test.each<[string, RoutingContext]>([
    ['a Map of pins', { services: new Map([['a', 'feature-x']]) as never }],
    ['a list of pins', { services: [['a', 'feature-x']] as never }],
    ['a hole in the namespaces', { namespaces: sparse }],
    ['a Set of namespaces', { namespaces: new Set(['feature-x']) as never }],
  ])('%s in a context', (_, given) => {
    for (const wrong of [() => context.run(given, () => undefined), () => resolver.resolve('a', { context: given })]) {
      expect(wrong).toThrow(TypeError);
      expect(wrong).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
    }
  });

  test('inject leaves one header in a Map, however it was spelt', () => {
    const headers = new Map([['Baggage', 't=7,branchline=feature-y']]);
    context.run({ namespaces: ['feature-x'] }, () => context.inject(headers, { resolver }));
    expect([...headers]).toEqual([['Baggage', 'branchline=feature-x,t=7']]);
  });
});

describe('with somebody else’s Object.prototype', () => {
  const pollute = (name: string, value: unknown): void => {
    Reflect.defineProperty(Object.prototype, name, {
      value,
      configurable: true,
      writable: true,
      enumerable: true,
    });
  };
  afterEach(() => {
    for (const name of ['baggage', 'namespaces', 'services', ...METHODS])
      Reflect.deleteProperty(Object.prototype, name);
  });

  const METHODS = ['headers', 'then', 'get', 'set', 'getHeader', 'setHeader', 'delete', 'remove', 'clone'];
  test.each(METHODS)('a carrier is told by what it has itself: %s', (name) => {
    const headers: Record<string, string> = { x: 'y', baggage: 'a=1' };
    const kept = accessors('a=1');
    // A property of Object.prototype that is called `get` breaks what describes properties, expect too.
    pollute(name, name === 'headers' ? {} : () => 'branchline=evil');
    checkCarrier('context.inject', headers);
    const before = readHeader(headers, 'baggage');
    const copies = [copyCarrier(headers), copyCarrier(kept)];
    writeHeader(headers, 'baggage', 'b=2');
    writeHeader(headers, 'x', null);
    writeHeader(kept, 'baggage', null);
    const after = readHeader(kept, 'baggage');
    Reflect.deleteProperty(Object.prototype, name);
    expect([before, after, copies[0] === headers, copies[1] === kept]).toEqual(['a=1', null, false, true]);
    expect(Object.entries(headers)).toEqual([['baggage', 'b=2']]);
  });

  test('a header is its own', () => {
    pollute('baggage', 'branchline=evil');
    expect(readHeader({}, 'baggage')).toBeNull();
    const headers: Record<string, string> = { x: 'y' };
    writeHeader(headers, 'baggage', 'a=1');
    expect(Object.entries(headers)).toEqual([
      ['x', 'y'],
      ['baggage', 'a=1'],
    ]);
  });

  test.each([
    ['namespaces', ['evil'], 'branchline=a.feature-x'],
    ['services', { b: 'evil' }, 'branchline=feature-x'],
  ])('a context wishes for what it says itself: %s', (name, value, baggage) => {
    const entries = { 'a.develop': '1', 'b.develop': '2', 'a.feature-x': '3', 'b.evil': '666' };
    const resolver = createResolver({ sources: [memorySource(entries)], namespace: 'develop' });
    pollute(name, value);
    const extracted = context.extract({ baggage }, { resolver });
    expect(context.run(extracted, () => resolver.resolve('b'))).toBe('http://b.develop.svc:2');
    const ignored = context.extract({ baggage: 'branchline=nobody' }, { resolver, refused: 'ignore' });
    expect(context.run(ignored, () => resolver.resolve('b'))).toBe('http://b.develop.svc:2');
    const given = name === 'namespaces' ? { services: { a: 'feature-x' } } : { namespaces: ['feature-x'] };
    expect(context.run(given, () => resolver.resolve('b'))).toBe('http://b.develop.svc:2');
    expect(context.run(given, () => context.inject({}, { resolver }))).toEqual({ baggage });
  });
});
