import {
  createResolver,
  isBranchlineError,
  type LookupOptions,
  memorySource,
  type Resolver,
  type ResolverOptions,
} from 'branchline';
import { describe, expect, test } from 'vitest';

import { isOnPath } from '../../src/core/search.ts';
import { failure } from '../doubles/failure.ts';
import { after, reading, saying, tableOf } from '../doubles/said.ts';

const open = (data: Record<string, string>, options: ResolverOptions = {}): Resolver => {
  const resolver = createResolver({ namespace: 'feature-x', sources: [memorySource(data)], ...options });
  resolver.on('problem', () => undefined);
  return resolver;
};

/** `via namespace url`, or the error's code and where the search stopped. */
function ask(
  data: Record<string, string>,
  service: string,
  lookup: LookupOptions = {},
  options: ResolverOptions = {},
): string {
  try {
    const { via, namespace, url } = open(data, options).lookup(service, lookup);
    return `${via} ${namespace} ${url}`;
  } catch (error) {
    if (!isBranchlineError(error)) throw error;
    return error.namespace === undefined ? error.code : `${error.code} ${error.namespace}`;
  }
}

describe('where a service lives', () => {
  test.each([
    ['a poisoned entry', { 'a.feature-x': 'x y' }, 'ERR_ENTRY_INVALID feature-x'],
    ['a disabled entry', { 'a.feature-x': 'disabled' }, 'ERR_SERVICE_DISABLED feature-x'],
    ['an endpoint alone', { '_admin.a.feature-x': '9090' }, 'branch feature-x http://a.feature-x.svc:8080'],
    ['a poisoned endpoint alone', { '_admin.a.feature-x': 'x y' }, 'branch feature-x http://a.feature-x.svc:8080'],
    ['a disabled endpoint alone', { '_admin.a.feature-x': 'disabled' }, 'branch feature-x http://a.feature-x.svc:8080'],
    ['nothing', {}, 'baseline develop http://a.develop.svc:8080'],
  ])('is the first namespace of the path that has any entry of it: %s', (_, data, answer) => {
    expect(ask({ 'a.develop': '8080', ...data }, 'a')).toBe(answer);
  });

  test('is decided by the order of the path before the order of the sources', () => {
    const sources = [memorySource({ 'a.feature-x': '1' }), { ...memorySource({ 'a.develop': '2' }), name: 'higher' }];
    expect(createResolver({ namespace: 'feature-x', sources }).resolve('a')).toBe('http://a.feature-x.svc:1');
  });

  test('is told by a prefix of another name in no case', () => {
    expect(ask({ 'aa.feature-x': '1', 'a-a.feature-x': '1', 'a.feature-xx': '1', 'a.feature': '1' }, 'a')).toBe(
      'convention develop http://a.develop.svc',
    );
  });
});

describe('an empty entry', () => {
  test.each([
    ['a bare port', { 'a.develop': '3000' }, 'branch feature-x http://a.feature-x.svc:3000'],
    ['an empty one', { 'a.develop': '' }, 'branch feature-x http://a.feature-x.svc'],
    ['none', {}, 'branch feature-x http://a.feature-x.svc'],
    ['a host', { 'a.develop': 'h.example.com:9' }, 'branch feature-x http://a.feature-x.svc'],
    ['a URL', { 'a.develop': 'https://h.example.com:9/base' }, 'branch feature-x http://a.feature-x.svc'],
    ['a disabled one', { 'a.develop': 'disabled' }, 'branch feature-x http://a.feature-x.svc'],
    ['a poisoned one', { 'a.develop': '300O' }, 'ERR_ENTRY_INVALID feature-x'],
  ])('takes from the baseline a bare port and nothing else: %s', (_, data, answer) => {
    expect(ask({ 'a.feature-x': '', ...data }, 'a')).toBe(answer);
  });

  test('takes it from the first baseline namespace whose entry is not empty', () => {
    const chain = { baseline: 'epic-1,epic-2,develop', 'a.feature-x': '' };
    expect(ask({ ...chain, 'a.develop': '3' }, 'a')).toBe('branch feature-x http://a.feature-x.svc:3');
    expect(ask({ ...chain, 'a.epic-1': '', 'a.epic-2': '2', 'a.develop': '3' }, 'a')).toBe(
      'branch feature-x http://a.feature-x.svc:2',
    );
    expect(ask({ ...chain, 'a.epic-1': 'h.example.com', 'a.develop': '3' }, 'a')).toBe(
      'branch feature-x http://a.feature-x.svc',
    );
    expect(ask({ ...chain, 'a.epic-2': 'x y', 'a.develop': '3' }, 'a')).toBe('ERR_ENTRY_INVALID feature-x');
    expect(ask({ ...chain, 'a.epic-1': '1', 'a.epic-2': 'x y' }, 'a')).toBe(
      'branch feature-x http://a.feature-x.svc:1',
    );
  });

  test('of the baseline itself takes it from the rest of the baseline', () => {
    expect(ask({ baseline: 'epic-1,develop', 'a.epic-1': '', 'a.develop': '3' }, 'a')).toBe(
      'baseline epic-1 http://a.epic-1.svc:3',
    );
  });

  test('of another branch, asked for, takes it from the baseline too', () => {
    expect(ask({ 'a.feature-y': '', 'a.develop': '3' }, 'a', { namespace: 'feature-y' })).toBe(
      'override feature-y http://a.feature-y.svc:3',
    );
  });

  test('takes no port from the branch into the baseline', () => {
    expect(ask({ 'a.feature-x': '9', 'a.develop': '' }, 'a', { namespace: 'develop' })).toBe(
      'baseline develop http://a.develop.svc',
    );
  });
});

describe('a named endpoint', () => {
  const admin = { endpoint: 'admin' };

  test.each([
    [
      'its own port',
      { 'a.feature-x': '8080', '_admin.a.feature-x': '9090' },
      'branch feature-x http://a.feature-x.svc:9090',
    ],
    [
      'its own host',
      { 'a.feature-x': '8080', '_admin.a.feature-x': 'admin.example.com:1' },
      'branch feature-x http://admin.example.com:1',
    ],
    [
      'its own URL',
      { 'a.feature-x': '8080', '_admin.a.feature-x': 'https://admin.example.com/x/' },
      'branch feature-x https://admin.example.com/x',
    ],
    [
      "the baseline's port, missing here",
      { 'a.feature-x': '8080', '_admin.a.develop': '9090' },
      'branch feature-x http://a.feature-x.svc:9090',
    ],
    [
      "the baseline's port, empty here",
      { '_admin.a.feature-x': '', '_admin.a.develop': '9090' },
      'branch feature-x http://a.feature-x.svc:9090',
    ],
    [
      'no port of the default endpoint',
      { 'a.feature-x': '8080', 'a.develop': '8080' },
      'ERR_ENDPOINT_NOT_FOUND feature-x',
    ],
    [
      "no host of the baseline's",
      { 'a.feature-x': '8080', '_admin.a.develop': 'h.example.com:9' },
      'ERR_ENDPOINT_NOT_FOUND feature-x',
    ],
    ['nothing empty', { '_admin.a.feature-x': '', '_admin.a.develop': '' }, 'ERR_ENDPOINT_NOT_FOUND feature-x'],
    [
      'nothing of a host that the default entry spells',
      { 'a.feature-x': 'h.example.com', '_admin.a.develop': '9090' },
      'ERR_ENDPOINT_NOT_FOUND feature-x',
    ],
    [
      'nothing of a URL that it spells, empty here',
      { 'a.feature-x': 'http://h.example.com', '_admin.a.feature-x': '', '_admin.a.develop': '9090' },
      'ERR_ENDPOINT_NOT_FOUND feature-x',
    ],
    [
      'its own port beside such a host',
      { 'a.feature-x': 'h.example.com', '_admin.a.feature-x': '9090' },
      'branch feature-x http://a.feature-x.svc:9090',
    ],
    [
      'an error of a disabled service',
      { 'a.feature-x': 'disabled', '_admin.a.feature-x': '9090' },
      'ERR_SERVICE_DISABLED feature-x',
    ],
    [
      'an error where it is disabled itself',
      { 'a.feature-x': '8080', '_admin.a.feature-x': 'disabled' },
      'ERR_SERVICE_DISABLED feature-x',
    ],
    [
      'an error where it is poisoned itself',
      { 'a.feature-x': '8080', '_admin.a.feature-x': 'x y' },
      'ERR_ENTRY_INVALID feature-x',
    ],
    [
      'its own port of a poisoned service',
      { 'a.feature-x': 'x y', '_admin.a.feature-x': '9090' },
      'branch feature-x http://a.feature-x.svc:9090',
    ],
    ['an error of a poisoned service', { 'a.feature-x': 'x y' }, 'ERR_ENTRY_INVALID feature-x'],
    [
      'an error of a poisoned baseline',
      { 'a.feature-x': '', '_admin.a.develop': 'x y' },
      'ERR_ENTRY_INVALID feature-x',
    ],
    [
      'nothing of another namespace',
      { 'a.feature-x': '', '_admin.a.feature-y': '9090' },
      'ERR_ENDPOINT_NOT_FOUND feature-x',
    ],
    ['nothing by convention', { 'b.develop': '1', baseline: 'develop' }, 'ERR_ENDPOINT_NOT_FOUND'],
  ])('has %s', (_, data, answer) => {
    expect(ask(data, 'a', admin)).toBe(answer);
  });

  test('does not disturb the default one', () => {
    expect(ask({ 'a.feature-x': '8080', '_admin.a.feature-x': 'disabled', '_grpc.a.feature-x': 'x y' }, 'a')).toBe(
      'branch feature-x http://a.feature-x.svc:8080',
    );
  });

  test('called "default" is the default one', () => {
    expect(ask({ 'a.feature-x': '8080' }, 'a', { endpoint: 'default' })).toBe(
      'branch feature-x http://a.feature-x.svc:8080',
    );
    expect(open({ 'a.feature-x': '1' }).lookup('a', { endpoint: 'default' }).endpoint).toBe('default');
  });
});

describe('a namespace asked for in a call', () => {
  test('is exact, and beats the request', () => {
    const data = { 'a.feature-x': '1', 'a.feature-y': '2', 'a.develop': '3' };
    const context = { namespaces: ['feature-y'], services: { a: 'feature-y' } };
    expect(ask(data, 'a', { namespace: 'feature-x', context })).toBe('branch feature-x http://a.feature-x.svc:1');
    expect(ask(data, 'a', { namespace: 'develop' })).toBe('baseline develop http://a.develop.svc:3');
    expect(ask(data, 'b', { namespace: 'feature-x' })).toBe('ERR_SERVICE_NOT_FOUND feature-x');
    expect(ask(data, 'b', { namespace: 'nowhere' })).toBe('ERR_SERVICE_NOT_FOUND nowhere');
  });

  test('that is a baseline one may follow the convention there, unless strict', () => {
    const data = { baseline: 'epic-1,develop', 'a.develop': '1' };
    expect(ask(data, 'b', { namespace: 'epic-1' })).toBe('convention epic-1 http://b.epic-1.svc');
    expect(ask(data, 'a', { namespace: 'epic-1' })).toBe('convention epic-1 http://a.epic-1.svc');
    expect(ask({ ...data, strict: 'on' }, 'b', { namespace: 'epic-1' })).toBe('ERR_SERVICE_NOT_FOUND epic-1');
    expect(ask(data, 'b', { namespace: 'epic-1', endpoint: 'admin' })).toBe('ERR_ENDPOINT_NOT_FOUND');
  });

  test('still works where overrides are off', () => {
    expect(ask({ 'a.feature-y': '2', overrides: 'off' }, 'a', { namespace: 'feature-y' })).toBe(
      'override feature-y http://a.feature-y.svc:2',
    );
  });
});

test('somebody on the path has an entry of the service, or of the endpoint that is asked for', () => {
  const table = tableOf(after(reading({ '_admin.a.feature-x': 'x y', 'b.develop': '1', 'c.feature-y': '1' })));
  const isThere = (service: string, endpoint = 'default', namespace: string | null = null): boolean =>
    isOnPath(table, 'feature-x', { service, endpoint, namespace, context: null });
  expect([isThere('a'), isThere('a', 'admin'), isThere('a', 'grpc')]).toEqual([true, true, false]);
  expect([isThere('b'), isThere('b', 'admin'), isThere('c'), isThere('d')]).toEqual([true, false, false, false]);
  expect([isThere('a', 'admin', 'develop'), isThere('c', 'default', 'feature-y')]).toEqual([false, true]);
});

describe('without an entry on the path', () => {
  test('the convention is the template with the last baseline namespace', () => {
    expect(ask({ baseline: 'epic-1,develop', 'a.feature-y': '9' }, 'a')).toBe(
      'convention develop http://a.develop.svc',
    );
    expect(ask({ baseline: 'epic-1,develop', template: 'https://{service}-{namespace}.x:8443/b' }, 'a')).toBe(
      'convention develop https://a-develop.x:8443/b',
    );
  });

  test('strict mode is an error that says what was considered, and the nearest name', () => {
    const resolver = open({ 'my-rest.develop': '1', 'orders.develop': '1', strict: 'on' });
    const error = failure(resolver, 'my-rst', { context: { namespaces: ['feature-y'] } });
    expect(error).toMatchObject({
      code: 'ERR_SERVICE_NOT_FOUND',
      service: 'my-rst',
      endpoint: 'default',
      considered: ['feature-y', 'feature-x', 'develop'],
      suggestion: 'my-rest',
    });
    expect(error.message).toMatch(
      saying('ERR_SERVICE_NOT_FOUND: my-rst', 'feature-y, feature-x, develop', 'strict', 'my-rest'),
    );
    expect(failure(resolver, 'nobody').suggestion).toBeUndefined();
  });

  test('an error says where the service does have an entry, and then suggests no other name', () => {
    const resolver = open({
      ...{
        'a.n1': '1',
        'a.n2': '1',
        '_admin.a.n3': '1',
        'b.n1': '1',
        'b.n2': '1',
        'b.n3': '1',
        'b.n4': '1',
        'b.n5': '1',
      },
      ...{ 'my-rest.n1': '1', 'my-rst.n1': '1', strict: 'on' },
    });
    const message = (service: string): string => {
      const { suggestion, message: text } = failure(resolver, service);
      expect(suggestion).toBeUndefined();
      return text;
    };
    expect(message('a')).toBe(
      'ERR_SERVICE_NOT_FOUND: a has no entry in feature-x, develop, but in n1, n2, n3; strict mode wants an entry for every service. Add a.feature-x to the table.',
    );
    expect(message('b')).toContain(' in feature-x, develop, but in n1, n2, n3 and 2 more; strict');
    expect(message('my-rest')).toContain(', but in n1; strict mode wants an entry for every service. Add my-rest.');
    expect(message('none')).toContain(' in feature-x, develop; strict mode wants an entry for every service. Add');
  });

  test('an error of another namespace says which ones need no entry', () => {
    const error = failure(open({ baseline: 'epic-1,develop', 'b.epic-1': '1' }), 'a', { namespace: 'feature-y' });
    expect(error.message).toContain(
      'in feature-y; only a baseline namespace (epic-1, develop) needs no entry. Add a.feature-y',
    );
  });

  test('every step of a search says why, the convention too', () => {
    const resolver = open({ 'a.n1': '1', baseline: 'epic-1,develop' });
    const last = (service: string, lookup?: LookupOptions) => resolver.explain(service, lookup).steps.at(-1);
    expect(last('a')).toMatchObject({
      namespace: 'develop',
      outcome: 'taken',
      note: 'nobody on the path has an entry, but in n1: the convention answers',
    });
    expect(last('b')?.note).toBe('nobody on the path has an entry: the convention answers');
    expect(last('a', { endpoint: 'admin' })).toMatchObject({
      because: 'convention',
      outcome: 'no-endpoint',
      note: 'the convention has no port for the endpoint admin',
    });
    expect(failure(resolver, 'a', { endpoint: 'admin' }).message).toBe(
      'ERR_ENDPOINT_NOT_FOUND: a has no entry in feature-x, epic-1, develop, so its endpoint admin has no port. Add _admin.a.develop with a port.',
    );
  });

  test('has() says so, and does not count the convention', () => {
    const resolver = open({ 'a.develop': '1', 'b.feature-y': '1', 'c.develop': 'disabled', 'd.develop': 'x y' });
    expect(['a', 'b', 'c', 'd', 'e'].map((service) => resolver.has(service))).toEqual([true, false, true, true, false]);
    expect(resolver.has('b', { namespace: 'feature-y' })).toBe(true);
    expect(resolver.has('a', { namespace: 'feature-x' })).toBe(false);
  });
});

describe('without a table', () => {
  test.each<[string, LookupOptions, ResolverOptions, string]>([
    ['the name as it is', {}, {}, 'unconfigured null http://a'],
    ['an error for a namespace, baseline or not', { namespace: 'develop' }, {}, 'ERR_SERVICE_NOT_FOUND develop'],
    ['an error for an endpoint', { endpoint: 'admin' }, {}, 'ERR_ENDPOINT_NOT_FOUND'],
    ['an error in strict mode', {}, { strict: true }, 'ERR_SERVICE_NOT_FOUND'],
    [
      'the request ignored',
      { context: { namespaces: ['feature-y'], services: { a: 'feature-y' } } },
      {},
      'unconfigured null http://a',
    ],
    ['the template ignored', {}, { template: 'https://{service}.{namespace}.x' }, 'unconfigured null http://a'],
    [
      'the convention, given a baseline in code',
      {},
      { baseline: 'develop' },
      'convention develop http://a.develop.svc',
    ],
  ])('there is %s', (_, lookup, options, answer) => {
    expect(ask({}, 'a', lookup, options)).toBe(answer);
  });

  test('an error says so, and what to do', () => {
    const why = 'there is no table: no source gives an entry or a baseline';
    const resolver = open({});
    const error = failure(resolver, 'a', { namespace: 'feature-y' });
    expect([error.message, error.considered]).toEqual([
      `ERR_SERVICE_NOT_FOUND: a in feature-y is not known, because ${why}. Mount the ConfigMap or name it in BRANCHLINE_CONFIG.`,
      [],
    ]);
    expect(failure(open({}, { strict: true }), 'a').message).toContain(`: a is not known, because ${why}.`);
    expect(failure(resolver, 'a', { endpoint: 'admin' }).message).toContain(
      `the port of a's endpoint admin is not known, because ${why}.`,
    );
  });

  test('there is none while settings that are no baseline are all there is', () => {
    expect(ask({ template: 'https://{service}.{namespace}.x', overrides: 'off' }, 'a')).toBe(
      'unconfigured null http://a',
    );
    expect(ask({ strict: 'on' }, 'a')).toBe('ERR_SERVICE_NOT_FOUND');
  });

  test('there is one with an entry of any service, poisoned or not', () => {
    expect(ask({ 'b.feature-y': 'x y' }, 'a')).toBe('convention develop http://a.develop.svc');
    expect(ask({ 'B.feature-y': '1' }, 'a')).toBe('convention develop http://a.develop.svc');
  });

  test('an answer says so in every field', () => {
    expect(open({}).lookup('a')).toEqual({
      service: 'a',
      endpoint: 'default',
      namespace: null,
      url: 'http://a',
      protocol: 'http:',
      hostname: 'a',
      port: 80,
      via: 'unconfigured',
      source: null,
      revision: 1,
    });
  });
});

describe('an error', () => {
  test('of an entry says which, where, what, and what holds', () => {
    const error = failure(open({ 'my-rest.feature-x': '808O' }), 'my-rest');
    expect(error).toMatchObject({
      code: 'ERR_ENTRY_INVALID',
      service: 'my-rest',
      endpoint: 'default',
      namespace: 'feature-x',
      source: 'memory',
      key: 'my-rest.feature-x',
    });
    expect(error.message).toMatch(
      saying('ERR_ENTRY_INVALID: "my-rest.feature-x" is "808O" in memory', 'want empty, a port'),
    );
  });

  test('of an inherited entry names the one who broke it', () => {
    const error = failure(open({ 'a.feature-x': '', 'a.develop': '300O' }), 'a');
    expect(error).toMatchObject({ namespace: 'feature-x', key: 'a.develop' });
    expect(error.message).toMatch(saying('a in feature-x', '"a.develop" is "300O"'));
  });

  test('of a disabled service says by whom, and what to do', () => {
    const error = failure(open({ 'cart.feature-x': 'disabled' }), 'cart', { endpoint: 'admin' });
    expect(error).toMatchObject({
      code: 'ERR_SERVICE_DISABLED',
      service: 'cart',
      endpoint: 'admin',
      namespace: 'feature-x',
      key: 'cart.feature-x',
      source: 'memory',
    });
    expect(error.message).toMatch(saying('cart.feature-x is "disabled" in memory', 'remove the entry'));
  });

  test('of an endpoint says which key to add', () => {
    expect(failure(open({ 'a.feature-x': '1' }), 'a', { endpoint: 'admin' })).toMatchObject({
      code: 'ERR_ENDPOINT_NOT_FOUND',
      endpoint: 'admin',
      namespace: 'feature-x',
      key: '_admin.a.feature-x',
      message: expect.stringContaining('_admin.a.feature-x'),
    });
    expect(failure(open({ baseline: 'develop' }), 'a', { endpoint: 'admin' })).toMatchObject({
      considered: ['feature-x', 'develop'],
      message: expect.stringContaining('_admin.a.develop'),
    });
  });

  test.each([
    ['by convention', { baseline: 'develop' }, 'develop'],
    ['by an empty entry', { [`${'a'.repeat(60)}.feature-x`]: '' }, 'feature-x'],
    ['by a port', { [`${'a'.repeat(60)}.feature-x`]: '80' }, 'feature-x'],
  ])('of a template that makes no host of legal names says so: %s', (_, data, namespace) => {
    const service = 'a'.repeat(60);
    const resolver = open({ ...data, template: 'http://{service}-{namespace}.x' });
    expect(failure(resolver, service)).toMatchObject({
      code: 'ERR_ADDRESS_INVALID',
      service,
      namespace,
      message: expect.stringMatching(saying('http://{service}-{namespace}.x', 'no legal host')),
    });
    expect(resolver.resolve('a')).toBe('http://a-develop.x');
  });
});

describe('an answer', () => {
  test('has the source that answered: of the endpoint, else of the service, else none', () => {
    const sources = [
      { ...memorySource({ 'a.feature-x': '', '_admin.a.develop': '9', 'b.develop': '1' }), name: 'low' },
      { ...memorySource({ '_grpc.a.feature-x': '5', 'b.feature-x': '' }), name: 'high' },
    ];
    const resolver = createResolver({ namespace: 'feature-x', sources });
    expect(resolver.lookup('a').source).toBe('low');
    expect(resolver.lookup('a', { endpoint: 'grpc' }).source).toBe('high');
    expect(resolver.lookup('a', { endpoint: 'admin' }).source).toBe('low');
    expect(resolver.lookup('b').source).toBe('high');
    expect(resolver.lookup('c').source).toBeNull();
  });

  test.each([
    ['8080', 'http:', 'a.feature-x.svc', 8080],
    ['', 'http:', 'a.feature-x.svc', 80],
    ['https://H.example.com/', 'https:', 'h.example.com', 443],
    ['[::1]:5', 'http:', '[::1]', 5],
    ['postgres://db.x/orders', 'postgres:', 'db.x', null],
    ['wss://h.x:443', 'wss:', 'h.x', 443],
  ])('to %j has protocol, host and port as a URL has them', (value, protocol, hostname, port) => {
    expect(open({ 'a.feature-x': value }).lookup('a')).toMatchObject({ protocol, hostname, port });
  });
});
