import {
  context,
  createResolver,
  isBranchlineError,
  memorySource,
  type Resolver,
  type ResolverOptions,
  route,
  setDefaultResolver,
} from 'branchline';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';

import { anyText, label } from '../doubles/arbitraries.ts';
import { record } from '../doubles/recorder.ts';

function open(data: Record<string, string>, options: ResolverOptions = {}): Resolver {
  const resolver = createResolver({ namespace: null, sources: [memorySource(data)], ...options });
  record(resolver);
  return resolver;
}

function urlOf(data: Record<string, string>, url: string, options: ResolverOptions = {}): string {
  return route(url, {}, { resolver: open(data, options) }).url;
}

describe('the address', () => {
  test.each([
    ['8080', 'http://my-rest/', 'http://my-rest.develop.svc:8080/'],
    ['8080', 'http://my-rest', 'http://my-rest.develop.svc:8080/'],
    ['', 'http://my-rest/x', 'http://my-rest.develop.svc/x'],
    ['8080', 'http://my-rest/a/b?c=d&e#f', 'http://my-rest.develop.svc:8080/a/b?c=d&e#f'],
    ['8080', 'http://MY-REST/X', 'http://my-rest.develop.svc:8080/X'],
    ['h.example.com', 'http://my-rest/x', 'http://h.example.com/x'],
    ['https://h.example.com', 'http://my-rest/x', 'https://h.example.com/x'],
    ['[::1]:81', 'http://my-rest/x', 'http://[::1]:81/x'],
    ['10.0.0.7:9000', 'http://my-rest/x', 'http://10.0.0.7:9000/x'],
  ])('of an entry that is %j, called as %s, is %s', (value, url, address) => {
    expect(urlOf({ 'my-rest.develop': value }, url)).toBe(address);
  });

  test.each([
    ['/base', '/x', '/base/x'],
    ['/base/', '/x', '/base/x'],
    ['/base', '', '/base/'],
    ['/base', '/', '/base/'],
    ['/base', '//x', '/base/x'],
    ['/base', '///x//y', '/base/x//y'],
    ['/base/more', '/x?y=/../z', '/base/more/x?y=/../z'],
    ['/base', '/../../x', '/base/x'],
    ['/base', '/%2e%2e/%2E./x', '/base/x'],
    ['/base', '/\\../x', '/base/x'],
    ['/base', '?y', '/base/?y'],
    ['', '//evil.example.com/x', '//evil.example.com/x'],
  ])('has the base %j and the path %j joined by exactly one slash: %s', (base, path, joined) => {
    expect(urlOf({ 'my-rest.develop': `https://h.example.com${base}` }, `http://my-rest${path}`)).toBe(
      `https://h.example.com${joined}`,
    );
  });

  test('of a named endpoint is called by its label', () => {
    const data = { 'my-rest.develop': '8080', '_admin.my-rest.develop': '9090' };
    expect(urlOf(data, 'http://_admin.my-rest/x')).toBe('http://my-rest.develop.svc:9090/x');
    expect(() => urlOf(data, 'http://_grpc.my-rest/x')).toThrow(
      expect.objectContaining({ code: 'ERR_ENDPOINT_NOT_FOUND', endpoint: 'grpc' }),
    );
  });

  test('is the one of the branch, of the context, or of the convention, and the resolution says so', () => {
    const data = { 'my-rest.develop': '1', 'my-rest.feature-x': '2', 'my-rest.feature-y': '3' };
    const resolver = open(data, { namespace: 'feature-x' });
    const ask = (url: string) => route(url, {}, { resolver }).resolution;
    expect(ask('http://my-rest/')).toMatchObject({ namespace: 'feature-x', via: 'branch', port: 2 });
    expect(context.run({ namespaces: ['feature-y'] }, () => ask('http://my-rest/'))).toMatchObject({
      namespace: 'feature-y',
      via: 'override',
    });
    expect(ask('http://unknown/')).toMatchObject({ namespace: 'develop', via: 'convention', source: null });
    expect(resolver.coverage().counts.map(({ service, via }) => `${service} ${via}`)).toEqual(
      expect.arrayContaining(['my-rest branch', 'my-rest override', 'unknown convention']),
    );
  });

  test('of what is disabled, poisoned or nowhere in strict mode is an error', () => {
    const data = { 'a.develop': 'disabled', 'b.develop': 'x y', strict: 'on' };
    const codes = ['http://a/', 'http://b/', 'http://c/'].map((url) => {
      try {
        return urlOf(data, url);
      } catch (error) {
        return isBranchlineError(error) ? error.code : error;
      }
    });
    expect(codes).toEqual(['ERR_SERVICE_DISABLED', 'ERR_ENTRY_INVALID', 'ERR_SERVICE_NOT_FOUND']);
  });
});

describe("a port in the caller's URL", () => {
  test.each([
    ['the template has none', '', {}, 'http://my-rest.develop.svc:3000/x'],
    ['the entry is a bare port', '8080', {}, 'http://my-rest.develop.svc:3000/x'],
    [
      'the template has one',
      '',
      { template: 'https://{service}.{namespace}.example.com:8443/b' },
      'https://my-rest.develop.example.com:3000/b/x',
    ],
  ])('counts where %s', (_, value, options, address) => {
    expect(urlOf({ 'my-rest.develop': value }, 'http://my-rest:3000/x', options)).toBe(address);
  });

  test('counts for what the convention answers', () => {
    expect(urlOf({ baseline: 'develop' }, 'http://my-rest:3000/x')).toBe('http://my-rest.develop.svc:3000/x');
  });

  test.each([
    ['h.example.com', 'http://h.example.com/x'],
    ['h.example.com:81', 'http://h.example.com:81/x'],
    ['http://127.0.0.1:49152', 'http://127.0.0.1:49152/x'],
    ['https://h.example.com/b', 'https://h.example.com/b/x'],
    ['localhost:3000', 'http://localhost:3000/x'],
    ['[::1]:81', 'http://[::1]:81/x'],
  ])('has no say where the entry spells the host: %s', (value, address) => {
    expect(urlOf({ 'my-rest.develop': value }, 'http://my-rest:8080/x')).toBe(address);
  });

  test('replaces that of an endpoint, too', () => {
    expect(urlOf({ 'my-rest.develop': '8080', '_admin.my-rest.develop': '9090' }, 'http://_admin.my-rest:3000/x')).toBe(
      'http://my-rest.develop.svc:3000/x',
    );
  });
});

describe('the scheme', () => {
  test.each([
    ['http', '8080', 'http://my-rest.develop.svc:8080/'],
    ['http', 'https://h.example.com', 'https://h.example.com/'],
    ['http', 'grpc://h.example.com:50051', 'grpc://h.example.com:50051/'],
    ['http', 'postgres://db.example.com/orders', 'postgres://db.example.com/orders/'],
    ['http', 'ws://h.example.com', 'ws://h.example.com/'],
    ['https', 'https://h.example.com', 'https://h.example.com/'],
    ['ws', '8080', 'ws://my-rest.develop.svc:8080/'],
    ['ws', 'https://h.example.com', 'wss://h.example.com/'],
    ['ws', 'wss://h.example.com', 'wss://h.example.com/'],
    ['wss', 'https://h.example.com', 'wss://h.example.com/'],
    ['wss', 'wss://h.example.com', 'wss://h.example.com/'],
    ['grpc', '8080', 'grpc://my-rest.develop.svc:8080/'],
    ['grpc', 'grpc://h.example.com:50051', 'grpc://h.example.com:50051/'],
  ])('%s:// to an entry that is %j makes %s', (scheme, value, address) => {
    expect(urlOf({ 'my-rest.develop': value }, `${scheme}://my-rest/`)).toBe(address);
  });

  test.each([
    ['https', '8080'],
    ['https', 'http://h.example.com'],
    ['https', 'ws://h.example.com'],
    ['https', 'grpc://h.example.com'],
    ['wss', '8080'],
    ['wss', 'http://h.example.com'],
    ['wss', 'ws://h.example.com'],
    ['grpc', 'https://h.example.com'],
    ['grpcs', 'grpc://h.example.com'],
    ['ws', 'grpc://h.example.com'],
  ])('%s:// is never another one: an entry that is %j is an error', (scheme, value) => {
    expect(() => urlOf({ 'my-rest.develop': value }, `${scheme}://my-rest/`)).toThrow(
      expect.objectContaining({
        code: 'ERR_SCHEME_MISMATCH',
        service: 'my-rest',
        namespace: 'develop',
        message: expect.stringContaining(`${scheme}://`),
      }),
    );
  });

  test('https:// goes to a template that is encrypted', () => {
    const template = 'https://{service}.{namespace}.example.com';
    expect(urlOf({ 'my-rest.develop': '8443' }, 'https://my-rest/x', { template })).toBe(
      'https://my-rest.develop.example.com:8443/x',
    );
  });
});

describe('what names no service', () => {
  test.each([
    'https://example.com/x?y#z',
    'http://my-rest.develop.svc:8080/x',
    'http://localhost:3000/x',
    'http://127.0.0.1/x',
    'http://[::1]:3000/x',
    'http://my-rest./',
    'data:text/plain,x',
    'file://my-rest/x',
  ])('passes through as it is: %s', (url) => {
    const headers = { baggage: 'branchline=feature-x,a=1' };
    const resolver = open({ 'my-rest.develop': '8080' }, { namespace: 'feature-x' });
    expect(context.run({ namespaces: ['develop'] }, () => route(url, headers, { resolver }))).toEqual({
      url,
      headers,
      resolution: null,
    });
    expect(resolver.coverage().counts).toEqual([]);
  });

  test('is an error where it is no URL at all', () => {
    expect(() => route('/x', {}, { resolver: open({ 'a.develop': '1' }) })).toThrow(TypeError);
    expect(() => route('my-rest', {}, { resolver: open({ 'a.develop': '1' }) })).toThrow(TypeError);
  });
});

describe('a canonical name', () => {
  test.each([
    'http://my-rest.develop.svc/x',
    'http://my-rest.develop.svc.cluster.local/x',
    'http://my-rest.develop.svc:8080/x',
  ])('is the service only where that is asked for: %s', (url) => {
    const resolver = open({ 'my-rest.develop': '8080', 'my-rest.feature-x': '8080' }, { namespace: 'feature-x' });
    expect(route(url, {}, { resolver }).resolution).toBeNull();
    expect(route(url, {}, { resolver, canonical: true })).toMatchObject({
      url: 'http://my-rest.feature-x.svc:8080/x',
      resolution: { namespace: 'feature-x' },
    });
  });

  test('of a branch is that branch, and nobody else', () => {
    const resolver = open({ 'my-rest.develop': '8080', 'my-rest.feature-x': '8080' });
    expect(route('http://my-rest.feature-x.svc/', {}, { resolver, canonical: true }).resolution).toBeNull();
  });
});

describe('credentials in the URL of a service', () => {
  test.each(['http://user:SECRET@my-rest/', 'http://SECRET@my-rest/', 'http://:SECRET@my-rest/'])(
    'are refused as fetch refuses them, and not shown: %s',
    (url) => {
      const resolver = open({ 'my-rest.develop': '8080' });
      expect(() => route(url, {}, { resolver })).toThrow(TypeError);
      expect(() => route(url, {}, { resolver })).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('SECRET') }),
      );
    },
  );
});

describe('the headers', () => {
  const resolver = (): Resolver => open({ 'my-rest.develop': '8080', 'my-rest.feature-x': '8080' });
  const inBranch = { namespaces: ['feature-x'] };

  test('are a copy with our member in the baggage, first, and foreign members as they were', () => {
    const headers = { Accept: '*/*', Baggage: 'a=1;p=q , b=%20' };
    const routed = context.run(inBranch, () => route('http://my-rest/', headers, { resolver: resolver() }));
    expect(routed.headers).toEqual({ Accept: '*/*', Baggage: 'branchline=feature-x,a=1;p=q , b=%20' });
    expect(headers).toEqual({ Accept: '*/*', Baggage: 'a=1;p=q , b=%20' });
  });

  test('may be Headers, and are Headers then', () => {
    const headers = new Headers({ baggage: 'a=1', accept: '*/*' });
    const routed = context.run(inBranch, () => route('http://my-rest/', headers, { resolver: resolver() }));
    expect(routed.headers).toBeInstanceOf(Headers);
    expect(routed.headers).not.toBe(headers);
    expect([...routed.headers]).toEqual([
      ['accept', '*/*'],
      ['baggage', 'branchline=feature-x,a=1'],
    ]);
    expect(headers.get('baggage')).toBe('a=1');
  });

  test('of a class with get and set are not lost, whatever its constructor takes', () => {
    class Bag {
      readonly #kept = new Map<string, string>();
      constructor(initial: Record<string, string> = {}) {
        for (const [name, value] of Object.entries(initial)) this.set(name, value);
      }
      get(name: string): string | undefined {
        return this.#kept.get(name);
      }
      set(name: string, value: string): void {
        this.#kept.set(name, value);
      }
      all(): Record<string, string> {
        return Object.fromEntries(this.#kept);
      }
    }
    class Copied extends Bag {
      clone(): Copied {
        return new Copied(this.all());
      }
    }
    const foreign = new Bag({ authorization: 'Bearer t' });
    expect(route('http://x.example.com/', foreign, { resolver: resolver() }).headers.all()).toEqual({
      authorization: 'Bearer t',
    });
    for (const headers of [new Bag({ authorization: 'Bearer t' }), new Copied({ authorization: 'Bearer t' })]) {
      const routed = context.run(inBranch, () => route('http://my-rest/', headers, { resolver: resolver() }));
      expect(routed.headers.all()).toEqual({ authorization: 'Bearer t', baggage: 'branchline=feature-x' });
      expect(routed.headers === headers).toBe(!(headers instanceof Copied));
      if (headers instanceof Copied) expect(headers.all()).toEqual({ authorization: 'Bearer t' });
    }
  });

  test('may be left out', () => {
    expect(context.run(inBranch, () => route('http://my-rest/', undefined, { resolver: resolver() })).headers).toEqual({
      baggage: 'branchline=feature-x',
    });
    expect(route('http://my-rest/', undefined, { resolver: resolver() }).headers).toEqual({});
  });

  test('carry the own namespace of a branch, and none of the baseline', () => {
    const data = { 'my-rest.develop': '8080', 'my-rest.feature-x': '8080' };
    const headersIn = (namespace: string) =>
      route('http://my-rest/', {}, { resolver: open(data, { namespace }) }).headers;
    expect(headersIn('feature-x')).toEqual({ baggage: 'branchline=feature-x' });
    expect(headersIn('develop')).toEqual({});
  });

  test.each<[string, unknown]>([
    ['a list', [['a', 'b']]],
    ['a text', 'a: b'],
  ])('that are %s are refused', (_, headers) => {
    expect(() => route('http://my-rest/', headers as never, { resolver: resolver() })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
    );
  });
});

test("a URL object is taken as it is, and stays the caller's", () => {
  const url = new URL('http://my-rest:81/x#y');
  const routed = route(url, {}, { resolver: open({ 'my-rest.develop': '8080' }) });
  expect(routed.url).toBe('http://my-rest.develop.svc:81/x#y');
  expect(url.href).toBe('http://my-rest:81/x#y');
});

test('the default resolver answers where none is named', () => {
  onTestFinished(setDefaultResolver(open({ 'my-rest.develop': '8080' })));
  expect(route('http://my-rest/x').url).toBe('http://my-rest.develop.svc:8080/x');
});

test.each<[string, object, RegExp]>([
  ['an unknown one', { fetch }, /"fetch"/],
  ['a resolver that is none', { resolver: {} }, /resolver/],
  ['canonical that is no boolean', { canonical: 'yes' }, /canonical/],
])('an option that makes no sense is a TypeError: %s', (_, options, message) => {
  expect(() => route('http://my-rest/', {}, options)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION', message: expect.stringMatching(message) }),
  );
});

describe('without a table', () => {
  test('nothing changes, and the resolution says so', () => {
    const headers = { baggage: 'branchline=feature-x' };
    const ask = () => route('http://my-rest:81/x?y#z', headers, { resolver: open({}, { namespace: 'feature-y' }) });
    expect(context.run({ namespaces: ['feature-x'] }, ask)).toMatchObject({
      url: 'http://my-rest:81/x?y#z',
      headers,
      resolution: { via: 'unconfigured', namespace: null },
    });
  });

  test('strict mode is an error', () => {
    expect(() => urlOf({ strict: 'on' }, 'http://my-rest/')).toThrow(
      expect.objectContaining({ code: 'ERR_SERVICE_NOT_FOUND' }),
    );
  });
});

/** What is no URL, or has credentials, is fetch's to refuse: a TypeError. The rest is ours. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (!isBranchlineError(error) && !(error instanceof TypeError)) throw error;
    return null;
  }
}

test('every URL that it makes has an origin of the table, or of its template with legal names', () => {
  const names = ['a', 'b', 'my-rest', '0', 'c--d'];
  const data = {
    'a.develop': '8080',
    'a.feature-x': 'https://a.example.com/base',
    'b.develop': '[::1]:81',
    'b.feature-x': 'http://127.0.0.1:49152/b//c',
    'my-rest.develop': '',
    '_admin.my-rest.develop': '9090',
    '0.feature-x': '',
  };
  const resolver = open(data, { namespace: 'feature-x' });
  const spelt = new Set([
    'https://a.example.com',
    'http://a.develop.svc:8080',
    'http://[::1]:81',
    'http://127.0.0.1:49152',
    'http://my-rest.develop.svc',
    'http://my-rest.develop.svc:9090',
    'http://0.feature-x.svc',
  ]);
  const byTemplate = /^http:\/\/([a-z\d]([-a-z\d]{0,61}[a-z\d])?)\.(develop|feature-x)\.svc(:\d+)?$/;

  const host = fc.oneof(
    fc.constantFrom(...names, '_admin.my-rest', '_admin.a', 'A', 'xn--a', 'a_b'),
    label(20),
    anyText(20),
  );
  const scheme = fc.constantFrom('http://', 'https://', 'http:', 'http:/', 'http:\\\\', 'ws://', '');
  const port = fc.constantFrom('', ':', ':80', ':3000', ':65536', ':@evil.example.com', '@evil.example.com');
  const path = fc.oneof(
    anyText(),
    anyText().map((text) => `/${text}`),
    fc
      .array(fc.constantFrom('/', '\\', '..', '%2e', '//evil.example.com', '@', '?', '#', '\t', '\n', 'x'), {
        maxLength: 8,
      })
      .map((parts) => parts.join('')),
  );
  const baggage = fc.oneof(anyText(), fc.constantFrom('branchline=develop', 'branchline=x@evil.example.com%23'));
  let resolved = 0;
  fc.assert(
    fc.property(scheme, host, port, path, baggage, (...[before, name, after, rest, member]) => {
      const text = `${before}${name}${after}${rest}`;
      const routed = attempt(() => route(text, { baggage: member }, { resolver }));
      if (routed === null) return;
      const { url, resolution } = routed;
      if (resolution === null) {
        expect(url).toBe(text);
        return;
      }
      resolved += 1;
      const { origin, protocol, host: at, username, password } = new URL(url);
      const whole = origin === 'null' ? `${protocol}//${at}` : origin;
      // A scheme of the caller's own, where the table only says that there is no encryption.
      const asked = new URL(text).protocol;
      expect(['http:', 'https:', asked, ...(asked === 'ws:' ? ['wss:'] : [])]).toContain(protocol);
      const inHttp = whole.replace(/^ws(?=s?:)/, 'http').replace(/^(?!https?:)[^:]+/, 'http');
      expect(spelt.has(inHttp) || byTemplate.test(inHttp)).toBe(true);
      expect(username + password).toBe('');
    }),
    { numRuns: 5000 },
  );
  expect(resolved).toBeGreaterThan(100);
});
