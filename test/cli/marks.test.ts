// The table is read as the truth, so its marks must be the library's own answers: a ● where nothing answers is a false green.

import { createResolver, memorySource } from 'branchline';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { label } from '../doubles/arbitraries.ts';
import { runHere } from './in-process.ts';
import type { Data } from './kubernetes.ts';

/** `service endpoint: namespace` for each line of the table as seen from feature-x, where one is marked to answer. */
async function marked(table: Data): Promise<string[]> {
  const { out } = await runHere(['table', '--own', 'feature-x'], { table });
  const [head = '', ...lines] = out.trimEnd().split('\n');
  let service = '';
  return lines.map((line) => {
    const [name = ''] = line.trim().split(/ +/);
    const isNamed = line.startsWith(' ');
    if (!isNamed) service = name;
    const columns = [...head.matchAll(/\S+/g)].slice(1);
    const answering = columns.filter(({ index }) => line[index] === '●').map(([namespace]) => namespace);
    return `${service} ${isNamed ? name.slice(1) : 'default'}: ${answering.join(' ')}`;
  });
}

/** The same from the library: the namespace whose entry answers, and none for an error. */
function answered(table: Data, lines: readonly string[]): string[] {
  const resolver = createResolver({ sources: [memorySource(table)], namespace: 'feature-x' });
  resolver.on('problem', () => undefined);
  return lines.map((line) => {
    const [service = '', endpoint = ''] = line.split(/[ :]+/);
    const { resolution } = resolver.explain(service, { endpoint });
    const namespace = resolution === null || resolution.via === 'convention' ? '' : resolution.namespace;
    return `${service} ${endpoint}: ${namespace}`;
  });
}

describe('what answers', () => {
  test.each<[string, Data]>([
    ['a service that an endpoint alone registers', { '_admin.a.feature-x': '9090', 'a.develop': '80' }],
    [
      'an endpoint that the branch has not, and the baseline neither',
      { 'a.feature-x': '80', '_admin.a.feature-y': '1' },
    ],
    ['an endpoint with the port of the baseline', { 'a.feature-x': '80', '_admin.a.develop': '9090' }],
    ['an endpoint of a disabled service', { 'a.feature-x': 'disabled', '_admin.a.feature-x': '9090' }],
    ['an endpoint that would follow to a spelt host', { 'a.feature-x': 'h.example.com', '_admin.a.develop': '9090' }],
    ['an empty entry on top of one that cannot be read', { 'a.feature-x': '', 'a.develop': 'x y' }],
  ])('is marked so, and nothing else: %s', async (_, table) => {
    const lines = await marked(table);
    expect(lines).toEqual(answered(table, lines));
  });

  test('is marked so in every table', async () => {
    const value = fc.constantFrom('', '80', '81', 'disabled', 'x y', 'h.example.com:9', 'https://h.example.com/v1');
    const key = fc
      .tuple(fc.constantFrom('', '_admin.'), label(2), fc.constantFrom('feature-x', 'develop', 'feature-y'))
      .map((parts) => `${parts[0]}${parts[1]}.${parts[2]}`);
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, value, { minKeys: 1, maxKeys: 8 }), async (table) => {
        const lines = await marked(table);
        expect(lines).toEqual(answered(table, lines));
      }),
      { numRuns: 300 },
    );
  });
});
