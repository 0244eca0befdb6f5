import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { toUrl } from '../../src/core/address.ts';
import { DEFAULT_TEMPLATE, parseTemplate, type Template } from '../../src/core/template.ts';
import { anyText, label } from '../doubles/arbitraries.ts';
import { expectLinear } from '../doubles/linear.ts';

const rendered = (template: string, service = 'my-rest', namespace = 'feature-x'): string | null => {
  const address = (parseTemplate(template) as Template).render(service, namespace);
  return address === null ? null : toUrl(address);
};

describe('a template', () => {
  test.each([
    [DEFAULT_TEMPLATE, 'http://my-rest.feature-x.svc'],
    ['http://{namespace}.{service}', 'http://feature-x.my-rest'],
    ['https://{service}-{namespace}.example.com:8443/api/', 'https://my-rest-feature-x.example.com:8443/api'],
    ['HTTPS://{service}.{namespace}.Example.COM/Base', 'https://my-rest.feature-x.example.com/Base'],
    ['https://{service}.{namespace}.dev:443', 'https://my-rest.feature-x.dev'],
    ['grpc://{service}.{namespace}:50051', 'grpc://my-rest.feature-x:50051'],
    ['http://{service}.{namespace}.x/{namespace}/{service}', 'http://my-rest.feature-x.x/feature-x/my-rest'],
    ['http://{service}.{service}.{namespace}', 'http://my-rest.my-rest.feature-x'],
    ['  http://{service}.{namespace}.svc\n', 'http://my-rest.feature-x.svc'],
  ])('%j makes %s', (template, url) => {
    expect(rendered(template)).toBe(url);
  });

  test.each([
    '',
    'http://example.com',
    'http://{service}.svc',
    'http://{namespace}.svc',
    'http://example.com/{service}/{namespace}',
    'http://{service}.x/{namespace}',
    '{service}.{namespace}.svc',
    'http://{Service}.{namespace}',
    'http://{service}.{ namespace }',
    'http://{service}.{namespace}.{endpoint}',
    'http://{service}.{namespace}.{}',
    'http://${service}.{namespace}',
    'http://{service}.{namespace}.',
    'http://{service}.{namespace}..svc',
    'http://{service}.{namespace}.a_b',
    'http://{service}.{namespace}:{service}',
    'http://{service}.{namespace}:0',
    'http://{service}.{namespace}:65536',
    'http://u:p@{service}.{namespace}',
    'http://{service}@{namespace}',
    'http://{service}:{namespace}@evil.example.com',
    'http://{service}.{namespace}?x={service}',
    'http://{service}.{namespace}#x',
    'http://{service}.{namespace}/../x',
    'http://{service}.{namespace}/a b',
    'http://{service}.{namespace}\\x',
    'http:{service}.{namespace}',
    'http:///{service}.{namespace}',
    '{service}://{service}.{namespace}',
    'http://[{service}::{namespace}]',
    'http://é.{service}.{namespace}',
    'http://{service}.{namespace}.1',
    'http://{service}.{namespace}/{',
    'http://{{service}}.{namespace}',
    `http://{service}.{namespace}.svc/${'a'.repeat(992)}`,
  ])('is not %j', (template) => {
    expect(parseTemplate(template)).toBeNull();
  });

  test('renders no host where a label is over 63, or the last one is a number', () => {
    const long = 'a'.repeat(60);
    expect(rendered('http://{service}-{namespace}.svc', long, 'bb')).toBe(`http://${long}-bb.svc`);
    expect(rendered('http://{service}-{namespace}.svc', long, 'bbb')).toBeNull();
    expect(rendered('http://{service}.{namespace}', '127', '1')).toBeNull();
    expect(rendered('http://{service}.{namespace}', 'a', '0x7f')).toBeNull();
    expect(rendered('http://{namespace}.{service}', '0', 'a')).toBeNull();
    expect(rendered('http://{service}.0x{namespace}', 'a', 'b')).toBeNull();
    expect(rendered('http://{service}.{namespace}.svc', '127', '1')).toBe('http://127.1.svc');
  });

  test('renders no IPv4 address, whatever its names are: it would be another host', () => {
    const digits = 'http://10.0.{service}.{namespace}';
    expect(rendered(digits)).toBe('http://10.0.my-rest.feature-x');
    expect(rendered(digits, '0', '7')).toBeNull();
    expect(rendered(digits, '0', '10')).toBeNull();
    // A number at the end of a name is none.
    expect(rendered(digits, 'a', 'feature-1')).toBe('http://10.0.a.feature-1');
  });

  test('is at most 1,024 characters long', () => {
    expect(parseTemplate(`http://{service}.{namespace}.svc/${'a'.repeat(991)}`)).not.toBeNull();
  });

  test('renders no host over 253 characters', () => {
    const template = `http://{service}.{namespace}.${'a.'.repeat(64)}b`;
    expect(rendered(template, 's', 'n')).not.toBeNull();
    expect(rendered(template, 's'.repeat(63), 'n'.repeat(63))).toBeNull();
  });

  const middle = fc.constantFrom('', '.svc', '.svc.cluster.local', '.dev.example.com');
  const whole = fc
    .tuple(
      fc.constantFrom('{service}.{namespace}', '{namespace}.{service}', 'a.{service}.b.{namespace}'),
      middle,
      fc.constantFrom('', ':8080'),
      fc.constantFrom('', '/api', '/{service}'),
    )
    .map(([host, domain, port, base]) => `http://${host}${domain}${port}${base}`);

  test('whose placeholders are whole labels makes of different names different addresses', () => {
    fc.assert(
      fc.property(
        whole,
        label(),
        label(),
        label(),
        label(),
        (text, service, namespace, otherService, otherNamespace) => {
          fc.pre(service !== otherService || namespace !== otherNamespace);
          const [one, other] = [rendered(text, service, namespace), rendered(text, otherService, otherNamespace)];
          expect(one === null || one !== other).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
    // Where they are not, nobody can tell.
    expect(rendered('http://{service}-{namespace}.svc', 'a-b', 'c')).toBe(
      rendered('http://{service}-{namespace}.svc', 'a', 'b-c'),
    );
  });

  test('makes of legal names an address that new URL leaves as it is, or none', () => {
    const odd = fc.constantFrom(
      'http://{service}-{namespace}.x',
      'http://0x{service}.{namespace}',
      'https://{service}{namespace}',
      'http://x--{service}.{namespace}.1a',
    );
    fc.assert(
      fc.property(fc.oneof(whole, odd), label(63), label(63), (text, service, namespace) => {
        const url = rendered(text, service, namespace);
        if (url === null) return;
        const { hostname, href } = new URL(url);
        const host = /^https?:\/\/([^/:]+)/.exec(text)?.[1] as string;
        expect(hostname).toBe(host.replaceAll('{service}', service).replaceAll('{namespace}', namespace));
        expect([url, `${url}/`]).toContain(href);
      }),
      { numRuns: 500 },
    );
  });

  test.each(['/%2{namespace}/x', '/%{service}', '/%2{service}%2{namespace}/x'])(
    'whose path %s a name would complete to an escaped dot is refused, or renders what survives',
    (path) => {
      const address = parseTemplate(`http://{service}.{namespace}${path}`)?.render('2e', 'e') ?? null;
      const url = address === null ? 'http://refused/' : toUrl(address);
      expect(new URL(url).href).toBe(url);
    },
  );

  test('of any text is refused, or has both names in its host and renders what survives', () => {
    const part = fc.constantFrom(
      '{service}',
      '{namespace}',
      '.',
      '-',
      '/',
      ':',
      'http://',
      'svc',
      '8080',
      '@',
      '?',
      '{',
      '}',
      '%',
      'A',
      '[',
      '\\',
    );
    const near = fc.array(part, { maxLength: 8 }).map((parts) => `http://${parts.join('')}`);
    fc.assert(
      fc.property(fc.oneof(anyText(), near), (text) => {
        const template = parseTemplate(text);
        if (template === null) return;
        const address = template.render('my-rest', 'feature-x');
        if (address === null) return;
        expect(address.hostname).toContain('my-rest');
        expect(address.hostname).toContain('feature-x');
        const { hostname, username, password, search, hash } = new URL(toUrl(address));
        expect([hostname, username, password, search, hash]).toEqual([address.hostname, '', '', '', '']);
      }),
      { numRuns: 2000 },
    );
  });

  test('of any length is read in linear time', () => {
    for (const unit of ['{', '}', '{}', '{service}', '.', '/', ':', 'a']) {
      expectLinear((length) => parseTemplate(`http://${unit.repeat(length / unit.length)}`));
      // Up to the longest that is looked at.
      expect(parseTemplate(`http://${unit.repeat(1000 / unit.length)}`)).toBeNull();
    }
  });
});
