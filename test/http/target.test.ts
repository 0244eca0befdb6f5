// Unit tests of what a host names, and of a path that nobody has parsed: undici's interceptor is given one as it came.

import { createResolver, isBranchlineError, memorySource } from 'branchline';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { View } from '../../src/core/routing.ts';
import { routingOf } from '../../src/default.ts';
import { addressed, rewrite, targetOf } from '../../src/http/target.ts';
import { anyText } from '../doubles/arbitraries.ts';
import { expectLinear } from '../doubles/linear.ts';

function viewOf(data: Record<string, string> = { 'my-rest.develop': '8080' }): View {
  return routingOf(createResolver({ sources: [memorySource(data)], namespace: null })).view();
}

describe('a host', () => {
  test.each([
    ['http://my-rest/', 'my-rest', 'default'],
    ['http://MY-REST/', 'my-rest', 'default'],
    ['http://a/', 'a', 'default'],
    ['http://_admin.my-rest/', 'my-rest', 'admin'],
    ['http://_0.my-rest/', 'my-rest', '0'],
    ['grpc://my-rest/', 'my-rest', 'default'],
    [`http://${'a'.repeat(63)}/`, 'a'.repeat(63), 'default'],
  ])('of one label, with or without an endpoint, names a service: %s', (url, service, endpoint) => {
    expect(targetOf(new URL(url), false, viewOf())).toEqual({ service, endpoint });
  });

  test.each([
    'http://my-rest.develop/',
    'http://my-rest.develop.svc/',
    'http://my-rest./',
    'http://_admin.my-rest.develop/',
    'http://my-rest.develop.svc.cluster.local./',
    'http://example.com/',
    'http://127.0.0.1/',
    'http://127/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://localhost/',
    'http://LOCALHOST:8080/',
    'http://[::1]/',
    'http://[::ffff:7f00:1]/',
    'data:text/plain,my-rest',
    'file:///my-rest',
    'blob:http://my-rest/0',
    'mailto:my-rest',
  ])('with a dot, an address, localhost or none at all names none: %s', (url) => {
    expect(targetOf(new URL(url), false, viewOf())).toBeNull();
  });

  test.each([
    ['http://my_rest/', '"my_rest"'],
    ['http://-my-rest/', '"-my-rest"'],
    ['http://my-rest-/', '"my-rest-"'],
    ['http://_admin/', '"_admin"'],
    [`http://${'a'.repeat(64)}/`, 'aaa'],
    ['http://bücher/', '"xn--bcher-kva"'],
    ['http://xn--bcher-kva/', '"xn--bcher-kva"'],
    ['http://_x_.my-rest/', '"_x_.my-rest"'],
    ['http://_.my-rest/', '"_.my-rest"'],
    ['http://_averyveryverylong.my-rest/', '"_averyveryverylong.my-rest"'],
    ['http://_admin.my_rest/', '"_admin.my_rest"'],
    ['grpc://My-Rest/', '"My-Rest"'],
  ])('that is nearly a name is an error, and not somebody else: %s', (url, shown) => {
    expect(() => targetOf(new URL(url), false, viewOf())).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_NAME', message: expect.stringContaining(shown) }),
    );
  });

  test.each(['http://my_rest/', 'http://_admin/', 'http://_x_.my-rest/'])(
    'that is nearly a name is somebody else while there is no table: %s',
    (url) => {
      expect(targetOf(new URL(url), false, viewOf({}))).toBeNull();
      expect(() => targetOf(new URL(url), false, viewOf({ strict: 'on' }))).toThrow(/ERR_INVALID_NAME/);
    },
  );

  test.each([
    ['http://my-rest.develop.svc/', 'my-rest'],
    ['http://my-rest.epic-1.svc/', 'my-rest'],
    ['http://my-rest.develop.svc.cluster.local/', 'my-rest'],
    ['http://my-rest.develop.svc.example.org/', 'my-rest'],
    ['http://my-rest.feature-x.svc/', null],
    ['http://my-rest.develop/', null],
    ['http://my-rest.develop.pod/', null],
    ['http://my-rest.develop.svcs/', null],
    ['http://my_rest.develop.svc/', null],
    ['http://_admin.my-rest.develop.svc/', null],
    ['http://x.my-rest.develop.svc/', null],
    ['http://my-rest.develop.example.com/', null],
  ])('in its canonical form names the service where that is asked for, in a baseline only: %s', (url, service) => {
    const view = viewOf({ baseline: 'epic-1,develop', 'my-rest.feature-x': '1' });
    expect(targetOf(new URL(url), true, view)?.service ?? null).toBe(service);
    expect(targetOf(new URL(url), false, view)).toBeNull();
  });
});

describe('a path that nobody has parsed', () => {
  const located = (value: string) => viewOf({ 'my-rest.develop': value }).find('my-rest', 'default', undefined);
  const url = new URL('http://my-rest/');

  test.each([
    ['/x?y=1', '/x?y=1', '/base/x?y=1'],
    ['/', '/', '/base/'],
    ['//evil.example.com/x', '//evil.example.com/x', '/base/evil.example.com/x'],
    ['/x/../y', '/x/../y', '/base/x/../y'],
    ['/%2e%2e/x', '/%2e%2e/x', null],
    ['/..', '/..', null],
    ['/x/../../y', '/x/../../y', null],
    ['/\\..\\..', '/\\..\\..', null],
    ['@evil.example.com/', null, '/base/@evil.example.com/'],
    ['.evil.example.com/', null, '/base/.evil.example.com/'],
    [':81/', null, '/base/:81/'],
    ['\t.evil.example.com', null, '/base/\t.evil.example.com'],
  ])('is joined to the address, or refused where it would leave: %j', (path, bare, withBase) => {
    for (const [address, base, expected] of [
      ['http://h.example.com', '', bare],
      ['http://h.example.com/base', '/base', withBase],
    ] as const) {
      if (expected === null) {
        expect(() => addressed(url, located(address), path)).toThrow(
          expect.objectContaining({ code: 'ERR_CROSS_ORIGIN_PATH', service: 'my-rest' }),
        );
      } else {
        expect(addressed(url, located(address), path)).toEqual({
          origin: 'http://h.example.com',
          path: expected,
          base,
        });
        expect(expected.startsWith(base)).toBe(true);
      }
    }
  });

  test('is joined to a base that begins with two slashes', () => {
    expect(addressed(url, located('http://h.example.com//api'), '/x')).toEqual({
      origin: 'http://h.example.com',
      path: '//api/x',
      base: '//api',
    });
    expect(() => addressed(url, located('http://h.example.com//api'), '/../x')).toThrow(
      expect.objectContaining({ code: 'ERR_CROSS_ORIGIN_PATH' }),
    );
  });

  test('is shown without its query when it is refused', () => {
    const refused = (path: string) => () => addressed(url, located('http://h.example.com/base'), path);
    expect(refused('/%2e%2e/x?token=SECRET')).toThrow(/"\/%2e%2e\/x" would leave/);
    expect(refused('/%2e%2e/x#SECRET')).not.toThrow(/SECRET/);
  });

  test('never leaves the origin and the base of the entry, whatever it is', () => {
    const start = fc.constantFrom('/', '', '//', '/\\', '\\\\', '@', ':', '.', '?', '#', '/../', '/%2e%2E/', '\t//');
    const host = fc.constantFrom('', 'evil.example.com', '0:@evil.example.com', '../..', '..%2f..', '%5c..');
    const paths = fc.tuple(start, host, start, anyText(30)).map((parts) => parts.join(''));
    const addresses = ['8080', 'https://h.example.com', 'http://h.example.com:81/base', '[::1]:82'];
    const all = addresses.map((address) => located(address));
    fc.assert(
      fc.property(fc.constantFrom(...all), paths, (place, path) => {
        const { resolution } = place;
        try {
          const { origin, path: joined } = addressed(url, place, path);
          const whole = new URL(origin + joined);
          expect(whole.origin).toBe(new URL(resolution.url).origin);
          expect(whole.username + whole.password).toBe('');
          const base = new URL(resolution.url).pathname.replace(/\/$/, '');
          expect(`${whole.pathname}/`.startsWith(`${base}/`)).toBe(true);
        } catch (error) {
          if (!isBranchlineError(error)) throw error;
          expect(error.code).toBe('ERR_CROSS_ORIGIN_PATH');
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('is joined in linear time', () => {
    const place = located('http://h.example.com/base');
    expectLinear((length) => addressed(url, place, '/'.repeat(length)));
    expectLinear((length) => rewrite(new URL(`http://my-rest/${'../'.repeat(length / 3)}`), place));
  });
});
