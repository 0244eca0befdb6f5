import {
  createResolver,
  envSource,
  fileSource,
  type LookupOptions,
  memorySource,
  mountSource,
  namespaceOf,
  type OpenSource,
  type ResolverOptions,
  setDefaultResolver,
} from 'branchline';
import { useEntries } from 'branchline/testing';
import { describe, expect, test } from 'vitest';

const sources = [memorySource({ 'a.develop': '1' })];
const invalidOption = { name: 'TypeError', code: 'ERR_INVALID_OPTION' };

describe('createResolver', () => {
  test.each<[string, unknown, RegExp]>([
    ['an unknown option', { source: [] }, /createResolver has no option "source"; it has sources, namespace, baseline/],
    ['no object', 'mount', /createResolver takes an object of options, not "mount"/],
    ['a list', [], /not a list/],
    ['sources that are no list', { sources: memorySource() }, /sources is an object; want a list/],
    ['a source that is none', { sources: [{ name: 'x' }] }, /sources holds an object; want what mountSource\(\)/],
    ['a missing source', { sources: [undefined] }, /sources holds of type undefined/],
    ['a number for the namespace', { namespace: 5 }, /namespace is 5; want a string/],
    ['a wrong baseline', { baseline: { a: 1 } }, /baseline is an object/],
    ['a wrong baseline in a list', { baseline: ['a', 1] }, /baseline is a list/],
    ['a number for the template', { template: 5 }, /template is 5/],
    ['a word for strict', { strict: 'on' }, /strict is "on"; want true or false/],
    ['a word for overrides', { overrides: 'on' }, /overrides is "on"/],
    ['a poll that is too fast', { pollInterval: 49 }, /pollInterval is 49; want milliseconds, 50 to 3600000/],
    ['a poll that is too slow', { pollInterval: 3_600_001 }, /want milliseconds/],
    ['a poll that is no number', { pollInterval: Number.NaN }, /pollInterval is NaN/],
    ['a poll that is a word', { pollInterval: '5s' }, /pollInterval is "5s"/],
    ['a word for watch', { watch: 'poll' }, /watch is "poll"/],
  ])('refuses %s', (_, options, message) => {
    const create = (): unknown =>
      createResolver({
        ...(typeof options === 'object' && !Array.isArray(options) ? { sources } : {}),
        ...(options as ResolverOptions),
      });
    const make = typeof options === 'object' && !Array.isArray(options) ? create : () => createResolver(options);
    expect(make).toThrow(expect.objectContaining(invalidOption));
    expect(make).toThrow(message);
  });

  test.each<[string, ResolverOptions, string, string]>([
    ['a namespace', { namespace: 'Feature_X' }, 'ERR_INVALID_NAME', 'the option namespace is "Feature_X"; a namespace'],
    ['a reserved namespace', { namespace: 'json' }, 'ERR_INVALID_NAME', 'the option namespace is "json"; a namespace'],
    [
      'a baseline',
      { baseline: ['develop', 'De velop'] },
      'ERR_INVALID_NAME',
      'the option baseline is "develop,De velop"; want',
    ],
    ['no baseline at all', { baseline: [] }, 'ERR_INVALID_NAME', 'the option baseline is ""; want'],
    [
      'a template',
      { template: 'http://{service}.svc' },
      'ERR_CONFIG_INVALID',
      'the option template is "http://{service}.svc"; want',
    ],
  ])('refuses %s that is not well-formed', (_, options, code, message) => {
    const create = (): unknown => createResolver({ sources, ...options });
    expect(create).toThrow(expect.objectContaining({ code, name: 'BranchlineError' }));
    expect(create).toThrow(message);
  });

  test('says which option is wrong, in a form for programs too', () => {
    const thrown = (options: ResolverOptions): unknown => {
      try {
        return createResolver({ sources, ...options });
      } catch (error) {
        return error;
      }
    };
    expect(thrown({ namespace: 'Feature_X' })).toMatchObject({ namespace: 'Feature_X' });
    const problem = { code: 'ERR_CONFIG_INVALID', source: null, key: 'template', line: null };
    expect(thrown({ template: 'x' })).toMatchObject({ key: 'template', problems: [problem] });
  });

  test('takes the shortest and the longest poll', () => {
    for (const pollInterval of [50, 3_600_000]) {
      expect(createResolver({ sources, namespace: null, pollInterval }).status().entries).toBe(1);
    }
  });

  test('shows a baseline of several as it is written', () => {
    const resolver = createResolver({ sources, namespace: null, baseline: ['epic-1', 'develop'] });
    const { digest } = resolver.status();
    const written = createResolver({
      sources: [memorySource({ 'a.develop': '1', baseline: 'epic-1,develop' })],
      namespace: null,
    });
    expect(written.status().digest).toBe(digest);
  });

  test('takes undefined as not given', () => {
    const resolver = createResolver({
      sources,
      namespace: null,
      baseline: undefined,
      strict: undefined,
      pollInterval: undefined,
      watch: undefined,
    });
    expect(resolver.status()).toMatchObject({ baseline: ['develop'], strict: false });
  });

  test('takes any iterable text of a baseline list with white space', () => {
    expect(createResolver({ sources, namespace: null, baseline: ' epic-1 , develop' }).status().baseline).toEqual([
      'epic-1',
      'develop',
    ]);
  });
});

describe('a source that somebody else wrote', () => {
  const idle = (): Promise<void> => Promise.resolve();
  const whole = { ready: idle(), reload: idle, close: idle };
  const create = (opened: unknown) =>
    createResolver({ sources: [{ name: 'odd\n', open: () => opened as OpenSource }] });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'of type undefined'],
    ['null', null, 'null'],
    ['a text', 'open', '"open"'],
    ['an object without ready', { ...whole, ready: undefined }, 'an object'],
    ['an object whose ready is no promise', { ...whole, ready: 'now' }, 'an object'],
    ['an object without reload', { ...whole, reload: undefined }, 'an object'],
    ['an object without close', { ...whole, close: 'x' }, 'an object'],
    ['a namespace that is a text', { ...whole, namespace: 'feature-x' }, 'an object'],
    ['a namespace without a value', { ...whole, namespace: { at: 'x' } }, 'an object'],
    ['a namespace without a place', { ...whole, namespace: { value: 'feature-x' } }, 'an object'],
  ])('may not open as %s', (_, opened, shown) => {
    expect(() => create(opened)).toThrow(expect.objectContaining(invalidOption));
    expect(() => create(opened)).toThrow(
      `the source "odd\\u{a}" opened as ${shown}; want { ready, reload, close, namespace?: { value, at } }.`,
    );
  });

  test('may say what the own namespace is, or nothing', () => {
    expect(create({ ...whole, namespace: { value: 'feature-x', at: 'x' } }).namespace).toBe('feature-x');
    expect(create({ ...whole, namespace: undefined }).namespace).toBeNull();
  });

  test.each<[string, unknown]>([
    ['without a name', { open: () => whole }],
    ['with an empty name', { name: '', open: () => whole }],
    ['that cannot be opened', { name: 'x', open: whole }],
  ])('is none %s', (_, source) => {
    expect(() => createResolver({ sources: [source as never] })).toThrow(
      'sources holds an object; want what mountSource(), envSource(), memorySource() … return.',
    );
  });
});

describe('a lookup', () => {
  const resolver = createResolver({ sources, namespace: 'feature-x' });

  test.each<[string, unknown[], RegExp]>([
    ['no name', [undefined], /the service is of type undefined; want a name/],
    ['a number', [5], /the service is 5/],
    ['an index, as from map(resolve)', ['a', 0], /a lookup takes an object of options, not 0/],
    ['an unknown option', ['a', { ns: 'x' }], /a lookup has no option "ns"; it has endpoint, namespace, context/],
    ['an endpoint that is no text', ['a', { endpoint: 1 }], /endpoint is 1/],
    ['a namespace that is no text', ['a', { namespace: null }], /namespace is null/],
    ['a context that is none', ['a', { context: 'feature-x' }], /the context is "feature-x"; want a plain object/],
    [
      'a context with an unknown field',
      ['a', { context: { namespace: 'x' } }],
      /context has no option "namespace"; it has namespaces, services/,
    ],
    ['namespaces that are no list', ['a', { context: { namespaces: 'x' } }], /context.namespaces is "x"/],
    ['pins that are no object', ['a', { context: { services: ['x'] } }], /context.services is/],
    ['pins that are no texts', ['a', { context: { services: { a: 1 } } }], /context.services is an object/],
  ])('refuses %s', (_, args, message) => {
    for (const method of [resolver.resolve, resolver.lookup, resolver.explain, resolver.has] as ((
      ...args: unknown[]
    ) => unknown)[]) {
      expect(() => method(...args)).toThrow(expect.objectContaining(invalidOption));
      expect(() => method(...args)).toThrow(message);
    }
  });

  test('of a name that is none is an error with the nearest legal one, and explain does not throw', () => {
    expect(() => resolver.resolve('My_Rest')).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_NAME', service: 'My_Rest', suggestion: 'my-rest' }),
    );
    expect(resolver.explain('My_Rest')).toMatchObject({
      resolution: null,
      error: { code: 'ERR_INVALID_NAME' },
      steps: [],
    });
    expect(() => resolver.resolve('a', { context: { namespaces: ['evil.com'] } })).toThrow(/ERR_INVALID_NAME/);
    expect(() => resolver.resolve('a', { context: { services: { b: '-x' } } })).toThrow(/ERR_INVALID_NAME/);
    expect(() => resolver.resolve('a', { namespace: '' })).toThrow(/ERR_INVALID_NAME/);
  });

  test.each<[string, LookupOptions | undefined, object, RegExp]>([
    [
      'Feature_X',
      undefined,
      { service: 'Feature_X', suggestion: 'feature-x' },
      /: the service "Feature_X" is no name: a service name is 1 to 63 .*\. Did you mean feature-x\?$/,
    ],
    [
      'a',
      { endpoint: 'My_Admin' },
      { service: 'a', endpoint: 'My_Admin', suggestion: 'my-admin' },
      /: the endpoint "My_Admin" of a is no name: an endpoint name is 1 to 15 .*\. Did you mean my-admin\?$/,
    ],
    [
      'a',
      { namespace: 'Feature_X' },
      { service: 'a', namespace: 'Feature_X', suggestion: 'feature-x' },
      /: the namespace "Feature_X", asked for a, is no name: a namespace is .*\. Did you mean feature-x\?$/,
    ],
  ])('of a name that is none says which, and what was meant: %s, %j', (service, options, details, message) => {
    expect(() => resolver.resolve(service, options)).toThrow(expect.objectContaining(details));
    expect(() => resolver.resolve(service, options)).toThrow(message);
  });

  test('of a name that is just short enough is guessed, and one that is reserved is not', () => {
    expect(() => resolver.resolve('A'.repeat(63))).toThrow(expect.objectContaining({ suggestion: 'a'.repeat(63) }));
    expect(() => resolver.resolve('a', { namespace: 'json' })).toThrow(/none of json, yaml, yml\.$/);
  });

  test.each(['A'.repeat(64), 'x y', '-a', 'a.b', ''])(
    'of a name that means no other one guesses none: %j',
    (service) => {
      expect(() => resolver.resolve(service)).toThrow(/no name: [^?]*\.$/);
      expect(() => resolver.resolve(service)).toThrow(expect.not.objectContaining({ suggestion: expect.anything() }));
    },
  );

  test.each([
    ['http://h.example.com', 'http:', 80],
    ['https://h.example.com', 'https:', 443],
    ['https://h.example.com:8443/base', 'https:', 8443],
    ['postgres://h.example.com', 'postgres:', null],
  ])('says the protocol, the host and the port of %s', (value, protocol, port) => {
    const answer = createResolver({ sources: [memorySource({ 'a.develop': value })], namespace: null }).lookup('a');
    expect(answer).toMatchObject({ protocol, hostname: 'h.example.com', port, source: 'memory' });
    expect(Object.isFrozen(answer)).toBe(true);
  });

  test('accepts the endpoint "default", and null for no context', () => {
    expect(resolver.resolve('a', { endpoint: 'default', context: null })).toBe('http://a.develop.svc:1');
  });
});

describe('sources', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['a path that is none', () => mountSource({ path: '' }), /path of mountSource is ""/],
    ['a path with NUL', () => mountSource({ path: 'a\0b' }), /path of mountSource is "a\\u\{0\}b"/],
    [
      'an unknown option',
      () => mountSource({ folder: 'x' } as never),
      /mountSource has no option "folder"; it has path, optional/,
    ],
    ['a wrong optional', () => mountSource({ path: 'x', optional: 1 as never }), /optional of mountSource is 1/],
    ['no path', () => fileSource({} as never), /fileSource has no path/],
    ['no object', () => fileSource('x.json' as never), /takes an object of options/],
    ['no environment', () => envSource({ env: 'x' as never }), /env is "x"/],
    ['data that is none', () => memorySource('x' as never), /data of memorySource is "x"/],
    [
      'a promise of data',
      () => memorySource(Promise.resolve({ 'a.develop': 1 }) as never),
      /was a promise not awaited/,
    ],
    ['a promise that is set', () => memorySource().set(Promise.resolve({}) as never), /was a promise not awaited/],
    ['an instance for data', () => memorySource(new Date() as never), /is an object; want a plain object/],
    ['inherited data', () => memorySource(Object.create({ 'a.develop': 1 }) as never), /want a plain object/],
    [
      'a value that is none',
      () => memorySource({ 'a.develop': null as never }),
      /"a.develop" in memorySource is null; want a string, a finite number or a boolean/,
    ],
    ['a number that is none', () => memorySource({ 'a.develop': Number.NaN }), /"a.develop" in memorySource is NaN/],
    ['a resolver that is none', () => setDefaultResolver({} as never), /the default resolver is an object/],
    ['entries that are none', () => useEntries({ 'a.develop': [] as never }), /is a list/],
    ['a branch that is none', () => namespaceOf(5 as never), /a branch is a string, not 5/],
    ['a prefix that is none', () => namespaceOf('x', { prefix: 'A/' }), /prefix is "A\/"/],
    ['an option that is none', () => namespaceOf('x', { prefx: 'a' } as never), /namespaceOf has no option "prefx"/],
  ])('refuse %s', (_, make, message) => {
    expect(make).toThrow(expect.objectContaining(invalidOption));
    expect(make).toThrow(message);
  });

  test('refuse a file whose ending says nothing', () => {
    expect(() => fileSource({ path: '/x/table.toml' })).toThrow(
      /ERR_CONFIG_INVALID.*"\/x\/table.toml"; want a file that ends with .json, .yaml, .yml or .env/,
    );
  });

  test('a set that is refused changes nothing', () => {
    const source = memorySource({ 'a.develop': '1' });
    const resolver = createResolver({ sources: [source], namespace: null });
    expect(() => source.set({ 'a.develop': '2', 'b.develop': {} as never })).toThrow(/ERR_INVALID_OPTION/);
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:1');
  });
});
