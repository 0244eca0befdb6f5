import { describe, expect, test } from 'vitest';

import { parseObjects } from '../../src/cli/objects.ts';
import { type DeployedService, entriesOf, servicesOf } from '../../src/cli/services.ts';
import { json, services } from './kubernetes.ts';

const deployed = (ports: object[], name = 'my-rest', namespace: unknown = 'feature-x'): DeployedService[] =>
  servicesOf(parseObjects(json({ kind: 'Service', metadata: { name, namespace }, spec: { ports } }), 'here'));
const entries = (ports: object[]): Record<string, string> =>
  Object.fromEntries(entriesOf(deployed(ports)[0] as DeployedService));

describe('a Service', () => {
  test('stands for the entry of its only port, whatever its name', () => {
    expect(entries([{ port: 8080 }])).toEqual({ 'my-rest.feature-x': '8080' });
    expect(entries([{ name: 'web', port: 80 }])).toEqual({ 'my-rest.feature-x': '80' });
  });

  test('stands for its port named http or default, else its first, and for each other named one', () => {
    expect(
      entries([
        { name: 'admin', port: 9090 },
        { name: 'http', port: 8080 },
      ]),
    ).toEqual({
      'my-rest.feature-x': '8080',
      '_admin.my-rest.feature-x': '9090',
    });
    expect(
      entries([
        { name: 'admin', port: 9090 },
        { name: 'default', port: 8080 },
      ]),
    ).toEqual({
      'my-rest.feature-x': '8080',
      '_admin.my-rest.feature-x': '9090',
    });
    expect(
      entries([
        { name: 'grpc', port: 50051 },
        { name: 'admin', port: 9090 },
      ]),
    ).toEqual({
      'my-rest.feature-x': '50051',
      '_admin.my-rest.feature-x': '9090',
    });
  });

  test('without a port that can be called stands for an empty entry', () => {
    for (const ports of [
      [],
      [{ name: 'dns', port: 53, protocol: 'UDP' }],
      [{ port: 0 }],
      [{ port: 65_536 }],
      [{ port: 'x' }],
      [{}],
      [null as never],
    ])
      expect(entries(ports)).toEqual({ 'my-rest.feature-x': '' });
    const [external] = servicesOf(
      parseObjects('{"kind":"Service","metadata":{"name":"a","namespace":"b"},"spec":{"type":"ExternalName"}}', 'here'),
    );
    expect(entriesOf(external as DeployedService)).toEqual(new Map([['a.b', '']]));
  });

  test('has no endpoint of a port that is not TCP, or whose name is none', () => {
    expect(
      entries([
        { name: 'http', port: 80 },
        { name: 'quic', port: 443, protocol: 'UDP' },
        { name: 'https', port: 443, protocol: 'TCP' },
        { name: 'no_name', port: 1 },
        { name: '', port: 2 },
        { port: 3 },
      ]),
    ).toEqual({ 'my-rest.feature-x': '80', '_https.my-rest.feature-x': '443' });
  });
});

test('the Services that the table could name are those with a name and a namespace of ours', () => {
  expect(servicesOf(parseObjects(json(services({ 'a.develop': [{ port: 1 }], 'b.feature-x': [] })), 'here'))).toEqual([
    { service: 'a', namespace: 'develop', ports: [{ name: null, port: 1 }] },
    { service: 'b', namespace: 'feature-x', ports: [] },
  ]);
  for (const [name, namespace] of [
    ['A', 'develop'],
    ['a.b', 'develop'],
    ['xn--a', 'develop'],
    ['a', 'json'],
    ['a', null],
    ['a', 5],
  ] as const)
    expect(deployed([], name, namespace)).toEqual([]);
  expect(servicesOf(parseObjects('{"kind":"Pod","metadata":{"name":"a","namespace":"b"}}', 'here'))).toEqual([]);
});
