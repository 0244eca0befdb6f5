import {
  type BranchlineError,
  context,
  createResolver,
  memorySource,
  receive,
  type ReceiveOptions,
  type Received,
  type Resolver,
  type ResolverOptions,
  setDefaultResolver,
} from 'branchline';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';

import { isRefusal } from '../../src/context/receive.ts';
import { anyText, label } from '../doubles/arbitraries.ts';
import { record } from '../doubles/recorder.ts';

const DATA = {
  'my-rest.develop': '8080',
  'my-rest.feature-x': '8081',
  'billing.feature-y': '8082',
  'poisoned.feature-p': 'x y',
};

function open(options: ResolverOptions = {}, data: Record<string, string> = DATA): Resolver {
  const resolver = createResolver({ namespace: 'develop', sources: [memorySource(data)], ...options });
  resolver.on('problem', () => undefined);
  return resolver;
}

const shared = open();
const on = (baggage: string | null, options: Partial<ReceiveOptions> = {}): Received =>
  receive(baggage === null ? {} : { baggage }, { trust: true, resolver: shared, ...options });
const sendsOn = (received: Received, resolver = shared): string | null =>
  context.run(received.context, () => new Headers(context.inject({}, { resolver })).get('baggage'));

describe('a request without a wish', () => {
  test.each([null, 'tenant=7 ;p', 'branchline=', 'Branchline=feature-x'])('has no context: %j', (header) => {
    const received = on(header);
    expect(received).toMatchObject({ context: undefined, trusted: true, refusal: null, reject: false });
    expect(received.responseHeaders).toEqual({});
    expect(received.baggage).toBe(header?.startsWith('branchline') === true ? null : header);
  });
});

describe('a wish that the table knows', () => {
  test.each([
    ['branchline=feature-x', 'feature-x', { namespaces: ['feature-x'] }],
    ['branchline=billing.feature-y', 'billing.feature-y', { services: { billing: 'feature-y' } }],
    [
      't=7, branchline=billing.feature-y%7Efeature-x ;p , x=%',
      'feature-x~billing.feature-y',
      { namespaces: ['feature-x'], services: { billing: 'feature-y' } },
    ],
    ['branchline=feature-x,branchline=feature-x', 'feature-x', { namespaces: ['feature-x'] }],
    ['branchline=feature-p', 'feature-p', { namespaces: ['feature-p'] }],
    ['branchline=develop', 'develop', { namespaces: ['develop'] }],
  ])('is a context, and confirmed in canonical form: %s', (header, accepted, expected) => {
    const received = on(header);
    expect(received).toMatchObject({ trusted: true, refusal: null, reject: false, baggage: header });
    expect(received.context).toEqual(expected);
    expect(received.responseHeaders).toEqual({ 'branchline-accepted': accepted });
    expect(Object.isFrozen(received.context)).toBe(true);
  });

  test('is the same object for the same wish, while the table stays', () => {
    expect(on('branchline=feature-x').context).toBe(on('t=7,branchline=%66eature-x;p').context);
    expect(on('branchline=feature-x').context).not.toBe(on('branchline=feature-p').context);
  });

  test('is known in a branch Pod by its own namespace, and goes on with it', () => {
    const resolver = open({ namespace: 'feature-own' });
    const received = on('branchline=feature-own', { resolver });
    expect(received.responseHeaders).toEqual({ 'branchline-accepted': 'feature-own' });
    expect(sendsOn(received, resolver)).toBe('branchline=feature-own');
    expect(sendsOn(on('branchline=billing.feature-y', { resolver }), resolver)).toBe(
      'branchline=feature-own~billing.feature-y',
    );
  });

  test('is honoured, though the call that would carry a ninth item is rejected', () => {
    const eight = Array.from('abcdefgh');
    const resolver = open({ namespace: 'feature-own' }, Object.fromEntries(eight.map((name) => [`s.${name}`, '1'])));
    const received = on(`branchline=${eight.join('~')}`, { resolver });
    expect(received.responseHeaders).toEqual({ 'branchline-accepted': eight.join('~') });
    expect(context.run(received.context, () => resolver.resolve('s'))).toBe('http://s.a.svc:1');
    expect(() => sendsOn(received, resolver)).toThrow(
      expect.objectContaining({ code: 'ERR_OVERRIDE_REFUSED', items: [...eight, 'feature-own'] }),
    );
  });

  test('is read from the keys in their order, and goes on under the first', () => {
    const resolver = open({ keys: ['branchline', 'okteto-divert'] });
    const received = on('okteto-divert=feature-x,t=7', { resolver });
    expect(received.responseHeaders).toEqual({ 'branchline-accepted': 'feature-x' });
    expect(sendsOn(received, resolver)).toBe('branchline=feature-x');
    expect(on('okteto-divert=feature-x,branchline=feature-p', { resolver }).context).toEqual({
      namespaces: ['feature-p'],
    });
    expect(on('okteto-divert=feature-x').context).toBeUndefined();
  });

  test('is found by the header’s name in any case, and in any kind of carrier', () => {
    const header = 't=7,branchline=feature-x';
    for (const carrier of [
      { BAGGAGE: header },
      { Baggage: ['t=7', Buffer.from('branchline=feature-x')] },
      new Headers({ Baggage: header }),
      new Map([['baggage', header]]),
      Object.assign(Object.create(null) as object, { baggage: header }),
    ])
      expect(receive(carrier, { trust: true, resolver: shared }).context).toEqual({ namespaces: ['feature-x'] });
  });
});

describe('a wish that the table does not know', () => {
  test('is refused: the error says what, by which table, and how to mend it', () => {
    const received = on('t=7,branchline=feature-x~feature-z~billing.feature-x');
    const { revision, digest } = shared.status();
    expect(received).toMatchObject({ context: undefined, trusted: true, reject: true, baggage: 't=7' });
    expect(received.responseHeaders).toEqual({ 'branchline-refused': 'feature-z~billing.feature-x' });
    expect(received.refusal).toMatchObject({
      name: 'BranchlineError',
      code: 'ERR_OVERRIDE_REFUSED',
      items: ['feature-z', 'billing.feature-x'],
      revision,
      digest,
    });
    expect(received.refusal?.message).toMatch(
      /^ERR_OVERRIDE_REFUSED: .*does not have feature-z, billing\.feature-x: register it, or wait .*revision 1, digest [0-9a-f]{16}/,
    );
  });

  test('goes on unchanged under "ignore", and is inert here, the known items too', () => {
    const header = 't=7, branchline=feature-x~feature-z ;p';
    const received = on(header, { refused: 'ignore' });
    expect(received).toMatchObject({ trusted: true, reject: false, baggage: header });
    expect((received.refusal as BranchlineError).items).toEqual(['feature-z']);
    expect(received.responseHeaders).toEqual({ 'branchline-refused': 'feature-z' });
    expect(received.context).toEqual({});
    expect(context.run(received.context, () => shared.resolve('my-rest'))).toBe('http://my-rest.develop.svc:8080');
    expect(sendsOn(received)).toBe('branchline=feature-x~feature-z');
  });

  test('goes on under "ignore" with the branch of a branch Pod, which answers as ever', () => {
    const resolver = open({ namespace: 'feature-x' });
    const received = on('branchline=feature-z', { refused: 'ignore', resolver });
    expect(context.run(received.context, () => resolver.lookup('my-rest').via)).toBe('branch');
    expect(sendsOn(received, resolver)).toBe('branchline=feature-z~feature-x');
  });

  test('is counted and told, whichever way, each time', () => {
    const resolver = open();
    const { refused } = record(resolver);
    on('branchline=feature-z', { resolver });
    on('branchline=feature-x~s.feature-z', { resolver, refused: 'ignore' });
    on('branchline=A', { resolver });
    on('branchline=feature-x', { resolver });
    on('branchline=feature-z', { resolver, trust: false });
    expect(resolver.status().refused).toBe(3);
    expect(refused).toEqual([
      { items: ['feature-z'], revision: 1 },
      { items: ['s.feature-z'], revision: 1 },
      { items: ['A'], revision: 1 },
    ]);
  });

  test('is judged by the table of the moment', () => {
    const source = memorySource({ 'a.develop': '1' });
    const resolver = open({ sources: [source] });
    expect(on('branchline=feature-z', { resolver }).reject).toBe(true);
    source.set({ 'a.develop': '1', 'a.feature-z': '2' });
    expect(on('branchline=feature-z', { resolver }).responseHeaders).toEqual({ 'branchline-accepted': 'feature-z' });
    source.set({ 'a.develop': '1' });
    expect(on('branchline=feature-z', { resolver }).refusal).toMatchObject({ revision: 3 });
  });
});

test.each([
  [412, 'feature-z', true],
  [412, '', true],
  [412, null, false],
  [421, 'feature-z', false],
  [200, 'feature-z', false],
  ['412', 'feature-z', false],
])('a response refuses a wish where it is a 412 that says what: %j, %j', (status, refused, expected) => {
  expect(isRefusal(status, refused)).toBe(expected);
});

describe('what is no wish', () => {
  const long = 'a'.repeat(4000);

  test.each([
    ['capital letters', 'branchline=Feature-X', 'Feature-X'],
    ['nine items', 'branchline=a~b~c~d~e~f~g~h~i', 'a~b~c~d~e~f~g~h~i'],
    ['two different members', 'branchline=feature-x,branchline=develop', 'feature-x,develop'],
    ['two pins of one service', 'branchline=billing.feature-y~billing.develop', 'billing.feature-y~billing.develop'],
    ['a host', 'branchline=169.254.169.254', '169.254.169.254'],
    ['user info', 'branchline=x@evil.com#', 'x@evil.com#'],
    ['a broken encoding', 'branchline=feature-x%', 'feature-x%'],
    ['a line end', 'branchline=feature-x%0D%0Ax-evil:1', 'feature-x\\u{d}\\u{a}x-evil:1'],
    ['a key alone', 'branchline', ''],
    ['a property alone', 'branchline;p=feature-x', ''],
    ['a property without a name', 'branchline;=feature-x', ''],
    ['a value that is too long', `branchline=${long}`, long.slice(0, 128)],
  ])('is refused whole, and goes no further, even under "ignore": %s', (_, header, item) => {
    for (const refused of ['reject', 'ignore'] as const) {
      const received = on(`t=7, ${header},x=1`, { refused });
      expect(received).toMatchObject({ context: undefined, reject: refused === 'reject', baggage: 't=7,x=1' });
      expect(received.responseHeaders).toEqual({ 'branchline-refused': '(malformed)' });
      expect(received.refusal).toMatchObject({ code: 'ERR_OVERRIDE_REFUSED', items: [item] });
      expect(received.refusal?.message).toContain('is no wish: a wish is 1 to 8 items joined by "~"');
      expect(received.refusal?.message).not.toMatch(/[\r\n]/);
      expect(received.refusal?.message.length).toBeLessThan(500);
      expect(sendsOn(received)).toBeNull();
    }
  });
});

test('what is no wish is told to listeners without what would write lines of its own into a log', () => {
  const resolver = open();
  const { refused } = record(resolver);
  const { refusal } = on('branchline=x%0AINFO%20logged%20in%1B[31m%E2%80%AE', { resolver });
  const items = ['x\\u{a}INFO logged in\\u{1b}[31m\\u{202e}'];
  expect(refused).toEqual([{ items, revision: 1 }]);
  expect(JSON.parse(JSON.stringify(refusal))).toMatchObject({ items });
});

test('keys with a hole are a TypeError: a wish under none of them would be no wish', () => {
  const keys = ['branchline'];
  keys.length = 2;
  expect(() => open({ keys })).toThrow(expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_OPTION' }));
});

describe('a request that is not trusted', () => {
  test.each([
    ['branchline=feature-x', null],
    ['t=7, branchline=feature-x ,x=%', 't=7,x=%'],
    ['branchline=A,branchline=feature-z,t=7', 't=7'],
    [' t=7 ;p', ' t=7 ;p'],
  ])('has no wish, whatever it says: %j', (header, baggage) => {
    for (const refused of ['reject', 'ignore'] as const) {
      expect(on(header, { trust: false, refused, select: 'feature-x' })).toEqual({
        context: undefined,
        trusted: false,
        refusal: null,
        reject: false,
        baggage,
        responseHeaders: {},
      });
    }
  });

  test('is stripped of the members of all keys, also where wishes are not listened to', () => {
    const resolvers = [
      open({ keys: ['branchline', 'okteto-divert'], overrides: false }),
      open({ keys: ['branchline', 'okteto-divert'] }, {}),
    ];
    for (const resolver of resolvers)
      expect(on('okteto-divert=a,t=7,branchline=b', { trust: false, resolver }).baggage).toBe('t=7');
  });
});

describe('where wishes are not listened to', () => {
  test.each([
    ['overrides are off', open({ overrides: false })],
    ['the table says that overrides are off', open({}, { ...DATA, overrides: 'off' })],
    ['nothing is configured', open({}, {})],
  ])('because %s, a trusted request is as it was', (_, resolver) => {
    for (const header of ['t=7, branchline=feature-x', 'branchline=feature-z', 'branchline=A,branchline=b']) {
      expect(on(header, { resolver, select: 'feature-z' })).toEqual({
        context: undefined,
        trusted: true,
        refusal: null,
        reject: false,
        baggage: header,
        responseHeaders: {},
      });
    }
    expect(resolver.status().refused).toBe(0);
  });
});

describe('a wish that is selected', () => {
  test.each([
    ['feature-x', 'feature-x', 't=7'],
    [' billing.feature-y~feature-x\t', 'feature-x~billing.feature-y', 't=7'],
    ['feature-x', 'feature-x', 't=7,branchline='],
  ])('is the wish of a trusted request without a member: %j', (select, accepted, header) => {
    const received = on(header, { select });
    expect(received.responseHeaders).toEqual({ 'branchline-accepted': accepted });
    expect(received.baggage).toBe(`branchline=${accepted},t=7`);
    expect(sendsOn(received)).toBe(`branchline=${accepted}`);
    expect(on(null, { select }).baggage).toBe(`branchline=${accepted}`);
  });

  test('gives way to the member', () => {
    expect(on('branchline=feature-p', { select: 'feature-x' }).context).toEqual({ namespaces: ['feature-p'] });
    expect(on('branchline=A', { select: 'feature-x' })).toMatchObject({ reject: true });
  });

  test.each(['', ' ', undefined])('may be none: %j', (select) => {
    expect(on('t=7', { select })).toMatchObject({ context: undefined, refusal: null, baggage: 't=7' });
  });

  test.each(['feature-z', 'A', 'feature%2Dx', '"feature-x"', 'branchline=feature-x', 'feature-x,develop'])(
    'is refused by the same rules: %j',
    (select) => {
      expect(on('t=7', { select })).toMatchObject({ context: undefined, reject: true, baggage: 't=7' });
      const known = select === 'feature-z';
      const ignored = on('t=7', { select, refused: 'ignore' });
      expect(ignored.responseHeaders).toEqual({ 'branchline-refused': known ? select : '(malformed)' });
      expect(ignored.baggage).toBe(known ? 'branchline=feature-z,t=7' : 't=7');
    },
  );
});

describe('the decision', () => {
  test('is a choice or a refusal, and the same whatever others wrote, in whatever case the header is spelt', () => {
    const wish = fc.oneof(
      fc.array(fc.constantFrom('feature-x', 'develop', 'billing.feature-y', 'feature-z', 'x.feature-x', 'A', ''), {
        minLength: 1,
        maxLength: 10,
      }),
      fc.array(label(), { minLength: 1, maxLength: 9 }),
    );
    const foreign = fc.array(fc.oneof(fc.constantFrom('t=7;p', '', ' ', '%=%', 'x;y=z', 'Branchline=q'), anyText(20)));
    const spelling = fc.constantFrom('baggage', 'Baggage', 'BAGGAGE', 'bagGage');
    const known = new Set(['feature-x', 'feature-y', 'feature-p', 'develop']);
    fc.assert(
      fc.property(wish, foreign, spelling, fc.constantFrom('reject', 'ignore'), (items, others, name, refused) => {
        const member = `branchline=${items.join('~')}`;
        const alone = on(member, { refused });
        const header = [...others.slice(1), member, ...others.slice(0, 1)].join(',');
        const among = receive({ [name]: header }, { trust: true, refused, resolver: shared });
        expect(among.responseHeaders).toEqual(alone.responseHeaders);
        expect([among.context, among.reject]).toEqual([alone.context, alone.reject]);
        const { namespaces = [], services = {} } = among.context ?? {};
        expect([...namespaces, ...Object.values(services)].every((namespace) => known.has(namespace))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('throws for no header, and changes none', () => {
    fc.assert(
      fc.property(fc.array(anyText()), fc.boolean(), fc.constantFrom('reject', 'ignore'), (lines, trust, refused) => {
        const headers = Object.freeze({ baggage: Object.freeze([...lines]) });
        expect(() => receive(headers, { trust, refused, resolver: shared })).not.toThrow();
        expect(headers.baggage).toEqual(lines);
      }),
    );
    const headers = new Headers({ baggage: 't=7,branchline=feature-x' });
    receive(headers, { trust: false, resolver: shared });
    expect(headers.get('baggage')).toBe('t=7,branchline=feature-x');
  });

  test('is the default resolver’s where none is named', () => {
    onTestFinished(setDefaultResolver(shared));
    expect(receive({ baggage: 'branchline=feature-x' }, { trust: true }).context).toEqual({
      namespaces: ['feature-x'],
    });
  });
});

test.each([
  ['no options', undefined, 'receive takes an object of options, not of type undefined'],
  ['no trust', {}, "receive's trust is of type undefined; want true or false"],
  ['a text for trust', { trust: 'false' }, 'receive\'s trust is "false"'],
  ['a function for trust', { trust: () => true }, "receive's trust is of type function"],
  ['another word for refused', { trust: true, refused: 'drop' }, "refused is \"drop\"; want 'reject' or 'ignore'"],
  ['null for refused', { trust: true, refused: null }, 'refused is null'],
  ['a function for select', { trust: true, select: () => 'feature-x' }, "receive's select is of type function"],
  ['a resolver that is none', { trust: true, resolver: {} }, 'the resolver is an object; want what createResolver()'],
  ['an option that there is not', { trust: true, keys: ['x'] }, 'receive has no option "keys"'],
])('%s is a TypeError', (_, options, message) => {
  const wrong = (): unknown => receive({}, options as ReceiveOptions);
  expect(wrong).toThrow(TypeError);
  expect(wrong).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  expect(wrong).toThrow(message);
});

test.each([undefined, null, 'baggage: branchline=feature-x', ['branchline=feature-x']])(
  'what is no carrier is a TypeError: %j',
  (carrier) => {
    expect(() => receive(carrier as object, { trust: true, resolver: shared })).toThrow(
      /ERR_INVALID_OPTION: receive takes headers/,
    );
  },
);
