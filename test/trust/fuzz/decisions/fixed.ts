// One table that several targets ask: a baseline and two branches, every kind of address.

import { createResolver, memorySource } from 'branchline';

import type { Meaning, Scenario } from './tables.ts';

const DATA = {
  'my-rest.develop': '8080',
  'my-rest.feature-x': '8080',
  'my-rest.feature-y': '8081',
  '_admin.my-rest.develop': '9090',
  'orders.develop': 'https://orders.example.com/v1',
  'billing.feature-y': 'disabled',
  'queue.develop': 'amqp://queue.example.com:5672',
  'broken.develop': '808O',
  'double.develop': 'http://double.example.com//api',
} as const;

const spelt = (scheme: string, host: string, port: number | null, base: string): Meaning => ({
  kind: 'spelt',
  address: { scheme, host, port, base },
});

const MEANINGS: Readonly<Record<keyof typeof DATA, Meaning>> = {
  'my-rest.develop': { kind: 'port', port: 8080 },
  'my-rest.feature-x': { kind: 'port', port: 8080 },
  'my-rest.feature-y': { kind: 'port', port: 8081 },
  '_admin.my-rest.develop': { kind: 'port', port: 9090 },
  'orders.develop': spelt('https', 'orders.example.com', null, '/v1'),
  'billing.feature-y': { kind: 'disabled' },
  'queue.develop': spelt('amqp', 'queue.example.com', 5672, ''),
  'broken.develop': { kind: 'invalid' },
  'double.develop': spelt('http', 'double.example.com', null, '//api'),
};

/** The table, as seen from a namespace. */
export function fixedTable(own: string | null): Scenario {
  const resolver = createResolver({ sources: [memorySource(DATA)], namespace: own });
  resolver.on('problem', () => {});
  return {
    entries: new Map(Object.entries(MEANINGS)),
    own,
    baseline: ['develop'],
    strict: false,
    overrides: true,
    keys: ['branchline'],
    template: {
      text: 'http://{service}.{namespace}.svc',
      render: (service, namespace) => ({ scheme: 'http', host: `${service}.${namespace}.svc`, port: null, base: '' }),
    },
    resolver,
  };
}
