import { describe, expect, test } from 'vitest';

import { serviceAt } from '../../src/core/hosts.ts';
import { after, reading, tableOf } from '../doubles/said.ts';

const table = tableOf(
  after(
    reading({
      baseline: 'develop',
      'web.develop': '8080',
      '_admin.web.develop': '9090',
      'web.feature-x': '',
      'orders.develop': 'https://orders.dev.example.com',
      'billing.develop': 'http://127.0.0.1:4711',
      'ledger.develop': 'http://[::1]:4712/base',
      'plain.develop': '',
      'secure.develop': 'https://secure.example.com:8443',
      'off.develop': 'disabled',
      'poisoned.develop': 'x y',
      '_grpc.only.develop': '50051',
    }),
  ),
);
const at = (host: string, namespace = 'develop'): string | null => serviceAt(table, namespace, host);

describe('the service at a host', () => {
  test.each([
    ['the address of its entry', 'web.develop.svc:8080', 'web'],
    ['the address of a named endpoint', 'web.develop.svc:9090', 'web'],
    ['the template’s host with another port', 'web.develop.svc:1', 'web'],
    ['the template’s host', 'plain.develop.svc', 'plain'],
    ['a host with the domain of the cluster', 'web.develop.svc.cluster.local:8080', 'web'],
    ['a name alone', 'web', 'web'],
    ['a name and a port', 'web:8080', 'web'],
    ['a host that an entry spells', 'orders.dev.example.com', 'orders'],
    ['a host and port that an entry spells', 'secure.example.com:8443', 'secure'],
    ['a test double', '127.0.0.1:4711', 'billing'],
    ['an IPv6 address', '[::1]:4712', 'ledger'],
    ['the name of what is disabled', 'off', 'off'],
    ['the name of what is poisoned', 'poisoned:80', 'poisoned'],
    ['the name of what has a named endpoint only', 'only:50051', 'only'],
    ['the template’s host of what has no entry', 'nobody.develop.svc', 'nobody'],
  ])('is told by %s', (_, host, service) => {
    expect(at(host)).toBe(service);
  });

  test.each([
    ['nothing', ''],
    ['a name that nobody has', 'nobody'],
    ['a name of another namespace', 'web.feature-y.svc'],
    ['another port of a host that an entry spells', 'secure.example.com'],
    ['another port of a test double', '127.0.0.1:4713'],
    ['a host that only starts like one of ours', 'web.develop.example.com'],
    ['a host of two labels', 'web.develop'],
    ['an address that nobody has', '10.0.0.1:8080'],
    ['what any object has', 'constructor'],
    ['no host', ':80'],
    ['what is no name', '__proto__.develop.svc'],
  ])('is not told by %s', (_, host) => {
    expect(at(host)).toBeNull();
  });

  test('is that of the namespace which is asked for', () => {
    expect(at('web.feature-x.svc:8080', 'feature-x')).toBe('web');
    expect(at('web.feature-x.svc:8080', 'develop')).toBeNull();
    expect(at('orders', 'feature-x')).toBeNull();
    expect(at('127.0.0.1:4711', 'feature-x')).toBeNull();
  });

  test('is nobody where two services share the host: a base path does not tell', () => {
    const gateway = tableOf(
      after(
        reading({
          'orders.develop': 'https://gateway.example.com/orders',
          'billing.develop': 'https://gateway.example.com/billing',
          'web.develop': 'https://web.example.com',
          '_admin.web.develop': 'https://web.example.com/admin',
        }),
      ),
    );
    expect(serviceAt(gateway, 'develop', 'gateway.example.com')).toBeNull();
    expect(serviceAt(gateway, 'develop', 'web.example.com')).toBe('web');
  });

  test('is found in the table of the moment', () => {
    const other = tableOf(after(reading({ 'web.develop': 'http://127.0.0.1:1' })));
    expect(serviceAt(other, 'develop', '127.0.0.1:1')).toBe('web');
    expect(serviceAt(table, 'develop', '127.0.0.1:1')).toBeNull();
  });
});
