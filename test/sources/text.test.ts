import { createResolver, type Resolver } from 'branchline';
import { describe, expect, test } from 'vitest';

import { textSource } from '../../src/sources/text.ts';

const open = (text: string): Resolver =>
  createResolver({ sources: [textSource('standard input', text)], namespace: 'feature-x' });
const manifest = {
  kind: 'ConfigMap',
  metadata: { name: 'branchline' },
  data: { 'a.develop': '8080', 'a.feature-x': '' },
};

describe('a table that is handed over as a text', () => {
  test.each([
    ['JSON', '{"a.develop": 8080, "a.feature-x": null}'],
    ['JSON with white space in front', '\n\t {"a.develop": 8080, "a.feature-x": null}\n'],
    ['YAML', 'a.develop: 8080\na.feature-x:\n'],
    ['YAML, nested', 'services:\n  a: { develop: 8080, feature-x: "" }\n'],
    [
      'YAML as kubectl prints it',
      '---\r\napiVersion: v1\r\nkind: ConfigMap\r\ndata: { a.develop: "8080", a.feature-x: "" }\r\n',
    ],
    ['a manifest in JSON', JSON.stringify(manifest, null, 4)],
    [
      'a manifest in JSON of a document',
      JSON.stringify({ ...manifest, data: { 't.json': JSON.stringify(manifest.data) } }),
    ],
  ])('is %s', (_, text) => {
    const resolver = open(text);
    expect(resolver.resolve('a')).toBe('http://a.feature-x.svc:8080');
    expect(resolver.status().sources).toMatchObject([
      { name: 'standard input', state: 'fixed', watch: 'none', entries: 2 },
    ]);
  });

  test.each([
    ['is empty', '', 'it is empty'],
    ['is no JSON', '{"a.develop": }', 'standard input:1 does not parse'],
    ['is no YAML', 'a: [', 'standard input:1 does not parse'],
    ['has a key twice', '{"a.develop": 1, "a.develop": 2}', 'a.develop'],
    ['has a key twice in YAML', 'a.develop: 1\na.develop: 2\n', 'standard input:2'],
    ['is a list', '[]', 'standard input does not parse'],
    ['is another object', '{"kind": "Secret", "data": {}}', 'Secret'],
    ['is too large', ' '.repeat(1024 * 1024 + 1), 'standard input does not parse'],
  ])('is refused when it %s, with its name', (_, text, why) => {
    expect(() => open(text)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }));
    expect(() => open(text)).toThrow('standard input');
    expect(() => open(text)).toThrow(why);
  });

  test('tells where in it an entry is wrong', () => {
    const resolver = open('a.develop: 8080\na.feature-x: 808O\n');
    resolver.on('problem', () => undefined);
    expect(resolver.status().problems).toMatchObject([{ code: 'ERR_ENTRY_INVALID', key: 'a.feature-x', line: 2 }]);
    expect(() => resolver.resolve('a')).toThrow('standard input');
  });

  test('is no table when it has no key', () => {
    expect(open('{}').lookup('a').via).toBe('unconfigured');
  });

  test('never changes, and leaves nothing behind', async () => {
    const resolver = open('a.develop: 1');
    await resolver.ready();
    await resolver.reload();
    expect(resolver.status()).toMatchObject({ revision: 1, stale: [], problems: [] });
    await resolver.close();
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:1');
  });
});
