import { createResolver, type LookupOptions, memorySource, type Resolver } from 'branchline';
import { describe, expect, test } from 'vitest';

import { search } from '../../src/core/search.ts';
import { EMPTY_TABLE } from '../../src/core/table.ts';
import { failure } from '../doubles/failure.ts';
import { after, reading, tableOf } from '../doubles/said.ts';

const open = (data: Record<string, string>): Resolver => {
  const resolver = createResolver({ namespace: 'feature-x', sources: [memorySource(data)] });
  resolver.on('problem', () => undefined);
  return resolver;
};

const table = tableOf(
  after(
    reading({
      'url.feature-x': 'https://h.example.com',
      'host.feature-x': 'h.example.com',
      'port.feature-x': '8080',
      'empty.feature-x': '',
      '_admin.empty.feature-x': 'admin.example.com:1',
      '_grpc.host.feature-x': '50051',
    }),
  ),
);

test.each([
  ['url', 'default', true],
  ['host', 'default', true],
  ['host', 'grpc', false],
  ['port', 'default', false],
  ['empty', 'default', false],
  ['empty', 'admin', true],
  ['nobody', 'default', false],
])('whether an entry spells the host, where a port of the caller has no say: %s, %s', (service, endpoint, spelt) => {
  const query = { service, endpoint, namespace: null, context: null };
  expect(search(table, 'feature-x', query).spelt).toBe(spelt);
});

test('nobody spells a host without a table', () => {
  const query = { service: 'a', endpoint: 'default', namespace: null, context: null };
  expect(search(EMPTY_TABLE, null, query).spelt).toBe(false);
});

describe('an address', () => {
  test('has the port of the template, where no entry gives one', () => {
    const resolver = open({ template: 'https://{service}.{namespace}.x:8443', 'a.feature-x': '', 'b.feature-x': '90' });
    expect(resolver.resolve('a')).toBe('https://a.feature-x.x:8443');
    expect(resolver.resolve('b')).toBe('https://b.feature-x.x:90');
  });

  test('says where it comes from', () => {
    const resolver = open({
      'url.feature-x': 'https://h.example.com',
      'host.feature-x': 'h.example.com',
      'port.feature-x': '8080',
      'empty.feature-x': '',
      'given.feature-x': '',
      'given.develop': '8080',
      '_admin.given.develop': '9090',
    });
    const note = (service: string, lookup?: LookupOptions): string | undefined =>
      resolver.explain(service, lookup).steps.at(-1)?.note;
    expect(['url', 'host', 'port', 'empty', 'given'].map((service) => note(service))).toEqual([
      'the entry spells the address',
      "the entry spells the host, the template's scheme",
      'the template with the port of the entry',
      'an empty entry: the template as it is',
      'an empty entry: the template with the port of given.develop',
    ]);
    expect(note('given', { endpoint: 'admin' })).toBe(
      'no entry for the endpoint: the template with the port of _admin.given.develop',
    );
    expect(note('empty', { endpoint: 'admin' })).toBe('neither feature-x nor the baseline gives it a port');
    expect(note('host', { endpoint: 'admin' })).toBe(
      'host.feature-x spells a host, and an endpoint does not follow to it',
    );
  });
});

describe('an error', () => {
  test('of an entry in a document has its line', () => {
    const text = '{\n"a.feature-x": "x y"}';
    const invalid = tableOf(after(reading({ 'b.feature-x': 'x y' }, 'd.json', text)));
    const ask = (service: string) => () =>
      search(invalid, 'feature-x', { service, endpoint: 'default', namespace: null, context: null });
    expect(ask('a')).toThrow(expect.objectContaining({ code: 'ERR_ENTRY_INVALID', key: 'a.feature-x', line: 2 }));
    expect(ask('b')).toThrow(expect.objectContaining({ code: 'ERR_ENTRY_INVALID', key: 'b.feature-x' }));
  });

  test('of an address that the template does not make says where it was looked for', () => {
    const service = 'a'.repeat(60);
    const resolver = open({ [`${service}.feature-x`]: '', template: 'http://{service}-{namespace}.x' });
    expect(failure(resolver, service)).toMatchObject({ code: 'ERR_ADDRESS_INVALID', considered: ['feature-x'] });
  });
});
