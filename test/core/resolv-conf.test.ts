import { describe, expect, test } from 'vitest';

import { clusterDomain, searchDomains } from '../../src/core/resolv-conf.ts';
import { expectLinear } from '../doubles/linear.ts';

const pod = `search feature-x.svc.cluster.local svc.cluster.local cluster.local
nameserver 10.96.0.10
options ndots:5
`;

describe('the search domains', () => {
  test.each([
    ['of a Pod', pod, ['feature-x.svc.cluster.local', 'svc.cluster.local', 'cluster.local']],
    ['of the last search line', 'search a.example b.example\nsearch c.example\n', ['c.example']],
    [
      'between any white space',
      'nameserver 1.1.1.1\n  search \t a.example\t\tb.example  \n',
      ['a.example', 'b.example'],
    ],
    ['of a file without a final line break', 'search a.example', ['a.example']],
    [
      'of a file with line ends of Windows',
      'search a.example b.example\r\nnameserver 1.1.1.1\r\n',
      ['a.example', 'b.example'],
    ],
    ['of a search line that is empty: none', 'search\nnameserver 1.1.1.1\n', []],
    ['of a comment: none', '# search a.example\n; search b.example\n', []],
    ['of another word: none', 'searching a.example\ndomain b.example\n', []],
    ['of nothing: none', '', []],
  ])('are those %s', (_, text, domains) => {
    expect(searchDomains(text)).toEqual(domains);
  });
});

describe('the domain of the cluster', () => {
  test.each([
    ['is what follows svc', pod, 'cluster.local'],
    ['may be any', 'search x.svc.corp.example svc.corp.example corp.example\n', 'corp.example'],
    ['may be one label', 'search x.svc.k8s svc.k8s k8s\n', 'k8s'],
    ['has no final dot', 'search x.svc.cluster.local. svc.cluster.local. cluster.local.\n', 'cluster.local'],
    [
      'is found behind those of the machine',
      'search corp.example x.svc.a.example svc.a.example a.example\n',
      'a.example',
    ],
    ['is none on a laptop', 'search corp.example.com\nnameserver 1.1.1.1\n', null],
    ['is none where only a namespace is searched', 'search x.svc.cluster.local\n', null],
    ['is none of a domain that only ends like one', 'search mysvc.cluster.local\n', null],
    ['is none without a search line', 'nameserver 10.96.0.10\noptions ndots:5\n', null],
    ['is none of nothing', '', null],
  ])('%s', (_, text, domain) => {
    expect(clusterDomain(text)).toBe(domain);
  });
});

test('a long file costs no more than its length', () => {
  for (const unit of [' ', '\n', 'search ', 'search svc.', '\t\n'])
    expectLinear((length) => clusterDomain(unit.repeat(length / unit.length)));
});
