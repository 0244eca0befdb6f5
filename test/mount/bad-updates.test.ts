import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';

import { temporaryFolder } from '../doubles/folder.ts';
import { createKubelet, type Payload } from '../doubles/kubelet.ts';
import { mounted, open, type Opened, pollOnly, portOf } from './mounted.ts';

// Each update is looked at with reload(): nothing here depends on time.

const json =
  '{"baseline":"develop","services":{"my-rest":{"develop":8080,"feature-x":{"default":8081,"admin":"\\u0039090"}}}}';
const yaml = [
  'services:',
  '  my-rest: { develop: 8080, feature-x: { default: 8081, admin: "9090" } }',
  "  'orders':",
  '    develop: "https://orders.example.com"',
].join('\n');
const dotenv = 'BRANCHLINE_BASELINE=develop\nBRANCHLINE_MY_REST__FEATURE_X="8081"\nBRANCHLINE_MY_REST__DEVELOP=8080\n';

const answersOf = ({ resolver }: Opened) => ({
  urls: [resolver.resolve('my-rest'), resolver.resolve('my-rest', { namespace: 'develop' })],
  revision: resolver.status().revision,
  digest: resolver.status().digest,
});

const isReadable = (text: string, read: (text: string) => unknown): boolean => {
  try {
    const value = read(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
};

const prefixesOf = (text: string): string[] => Array.from(text, (_, length) => text.slice(0, length));

describe('a truncated document', () => {
  const documents: readonly (readonly [string, string, (prefix: string) => boolean])[] = [
    ['routes.json', json, () => true],
    ['routes.yaml', yaml, (prefix) => !isReadable(prefix, load)],
  ];

  test.for(documents)(
    '%s, in a mounted ConfigMap, changes nothing wherever it ends',
    async ([name, whole, isBroken]) => {
      const opened = await mounted({ [name]: whole }, pollOnly);
      const before = answersOf(opened);
      const broken = prefixesOf(whole).filter(isBroken);
      expect(broken.length).toBeGreaterThan(20);
      for (const prefix of broken) {
        opened.kubelet.write({ [name]: prefix });
        await opened.resolver.reload();
        expect({ prefix, ...answersOf(opened), isStale: opened.resolver.status().stale.length > 0 }).toEqual({
          prefix,
          ...before,
          isStale: true,
        });
      }
      expect(opened.events.recovered).toEqual([]);
      opened.kubelet.write({ [name]: whole });
      await opened.resolver.reload();
      expect(opened.resolver.status()).toMatchObject({ stale: [], problems: [] });
      expect(opened.events.recovered).toHaveLength(1);
      expect(opened.events.change).toEqual([]);
    },
  );

  const files: typeof documents = [
    ...documents,
    // dotenv takes every text: what does not parse is blank, or ends within a name of ours or within a quotation.
    ['routes.env', dotenv, (prefix) => prefix === '' || /(?:^|\n)(?:BRANCHLINE_[^=\n]*|.*="[^"]*)$/.test(prefix)],
  ];

  test.for(files)('%s, a file of its own, changes nothing wherever it ends', async ([name, whole, isBroken]) => {
    const file = join(temporaryFolder(), name);
    writeFileSync(file, whole);
    const opened = open(file, pollOnly);
    const before = answersOf(opened);
    for (const prefix of prefixesOf(whole).filter(isBroken)) {
      writeFileSync(file, prefix);
      await opened.resolver.reload();
      expect({ prefix, ...answersOf(opened), isStale: opened.resolver.status().stale.length > 0 }).toEqual({
        prefix,
        ...before,
        isStale: true,
      });
    }
    writeFileSync(file, whole);
    await opened.resolver.reload();
    expect(opened.resolver.status()).toMatchObject({ stale: [], problems: [] });
    expect(opened.events.change).toEqual([]);
  });
});

describe.each([
  ['routes.json', json],
  ['routes.yaml', yaml],
  ['routes.env', dotenv],
])('%s, a file of its own', (name, whole) => {
  test.each<[what: string, text: string | Uint8Array]>([
    ['is no UTF-8', Buffer.concat([Buffer.from(whole), Buffer.from([0x23, 0xe4, 0x0a])])],
    ['has NUL bytes', `${whole}#\0\n`],
    ['is over 1 MiB', whole.padEnd(1_024 * 1_024 + 1, '\n')],
  ])('changes nothing when it %s', async (_, text) => {
    const file = join(temporaryFolder(), name);
    writeFileSync(file, whole);
    const opened = open(file, pollOnly);
    const before = answersOf(opened);
    writeFileSync(file, text);
    await opened.resolver.reload();
    expect(answersOf(opened)).toEqual(before);
    expect(opened.resolver.status().stale).toHaveLength(1);
    expect(opened.events.change).toEqual([]);
  });
});

const good: Payload = { 'my-rest.develop': '8080', 'my-rest.feature-x': '8081' };
const inDocument = { 'my-rest.develop': '8080', 'routes.json': '{"my-rest.feature-x":8081}' };
const inYaml = { 'my-rest.develop': '8080', 'routes.yaml': 'my-rest.feature-x: 8081' };
const padded = (text: string, size: number): string => text.padEnd(size, ' ');
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const KiB = 1_024;
const MiB = 1_024 * KiB;

/** What happens, the table before, the update. The update says 9999 wherever it could be read. */
const updates: Readonly<Record<string, readonly [Payload, Payload]>> = {
  'a document that is zero bytes long': [inDocument, { ...inDocument, 'routes.json': '' }],
  'a document of white space': [inDocument, { ...inDocument, 'routes.json': ' \n\t\n' }],
  'a YAML document that is zero bytes long': [inYaml, { ...inYaml, 'routes.yaml': '' }],
  'a YAML document of comments': [inYaml, { ...inYaml, 'routes.yaml': '# soon\n' }],
  'a document that is a list': [inDocument, { ...inDocument, 'routes.json': '[{"my-rest.feature-x":9999}]' }],
  'a document that is null': [inDocument, { ...inDocument, 'routes.json': 'null' }],
  'a document with one key twice': [
    inDocument,
    { ...inDocument, 'routes.json': '{"my-rest.feature-x":9999,"my-rest.feature-x":9998}' },
  ],
  'an entry over 1 MiB': [good, { ...good, 'my-rest.feature-x': padded('9999', MiB + 1) }],
  'a document over 1 MiB': [
    inDocument,
    { ...inDocument, 'routes.json': padded('{"my-rest.feature-x":9999}', MiB + 1) },
  ],
  'a YAML document over 256 KiB': [
    inYaml,
    { ...inYaml, 'routes.yaml': padded('my-rest.feature-x: 9999\n#', 256 * KiB + 1) },
  ],
  'a document that is too deep': [
    inDocument,
    { ...inDocument, 'routes.json': `{"my-rest.feature-x":9999,"deep":${nested(40)}}` },
  ],
  'a document of nothing but brackets': [inDocument, { ...inDocument, 'routes.json': '['.repeat(500_000) }],
  'a YAML document of nothing but brackets': [inYaml, { ...inYaml, 'routes.yaml': '['.repeat(4_096) }],
  'a YAML document with an alias': [inYaml, { ...inYaml, 'routes.yaml': 'a.develop: &p 9999\nmy-rest.feature-x: *p' }],
  'a YAML document with a tag': [inYaml, { ...inYaml, 'routes.yaml': 'my-rest.feature-x: !!int 9999' }],
  'a YAML document with a merge key': [
    inYaml,
    { ...inYaml, 'routes.yaml': 'services:\n  my-rest:\n    <<: { feature-x: 9999 }' },
  ],
  'an entry that is not UTF-8': [good, { ...good, 'my-rest.feature-x': Uint8Array.of(0x39, 0xff, 0x39) }],
  'an entry with a NUL': [good, { ...good, 'my-rest.feature-x': '9999\0' }],
};

describe('an update that cannot be used', () => {
  test.for(Object.entries(updates))('%s keeps the last good value', async ([, [before, update]]) => {
    const { resolver, events, kubelet } = await mounted(before, pollOnly);
    expect(portOf(resolver)).toBe(8081);
    kubelet.write(update);
    await resolver.reload();
    expect(portOf(resolver)).toBe(8081);
    expect(events.stale).toHaveLength(1);
    expect(resolver.status().stale).not.toEqual([]);
    expect(resolver.lookup('my-rest', { namespace: 'develop' }).port).toBe(8080);

    kubelet.write(before);
    await resolver.reload();
    expect(resolver.status()).toMatchObject({ stale: [], problems: [] });
    expect(events.recovered).toHaveLength(1);
    expect(events.change).toEqual([]);
  });

  const many = (count: number): string =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}.develop`, ''])));
  const tooMuch: Readonly<Record<string, Payload>> = {
    'more than 20,000 entries': { ...good, 'my-rest.feature-x': '9999', 'routes.json': many(20_000) },
    'more than 4 MiB': {
      ...good,
      'my-rest.feature-x': '9999',
      ...Object.fromEntries(
        ['a', 'b', 'c', 'd', 'e'].map((name) => [`${name}.json`, padded(`{"${name}.develop":1}`, 900 * KiB)]),
      ),
    },
  };

  test.for(Object.entries(tooMuch))('%s are a failed read: everything stays', async ([, update]) => {
    const { resolver, events, kubelet } = await mounted(good, pollOnly);
    kubelet.write(update);
    await resolver.reload();
    expect(portOf(resolver)).toBe(8081);
    expect(resolver.services()).toEqual(['my-rest']);
    expect(events.stale).toMatchObject([{ keys: null }]);
    expect(resolver.status()).toMatchObject({ stale: [{ key: null }], sources: [{ state: 'stale' }] });
    kubelet.write({ ...good, 'my-rest.feature-x': '8082' });
    await resolver.reload();
    expect(portOf(resolver)).toBe(8082);
    expect(resolver.status()).toMatchObject({ stale: [], problems: [] });
  });

  test('takes exactly 20,000 entries', async () => {
    const { resolver, events, kubelet } = await mounted(good, pollOnly);
    kubelet.write({ ...good, 'routes.json': many(19_998) });
    await resolver.reload();
    expect(resolver.status().entries).toBe(20_000);
    expect(events.stale).toEqual([]);
  });
});

describe('at the start', () => {
  test('everything that is wrong is said at once', () => {
    const kubelet = createKubelet(temporaryFolder());
    kubelet.write({ ...good, 'a.json': '{', 'b.yaml': 'x: [', strict: 'perhaps' });
    let thrown: unknown;
    try {
      open(kubelet.mount, pollOnly);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'ERR_CONFIG_INVALID' });
    const { problems } = thrown as { problems: { key: string; source: string; message: string }[] };
    expect(problems.map(({ key }) => key).toSorted()).toEqual(['a.json', 'b.yaml', 'strict']);
    for (const { key, source, message } of problems) {
      expect(source).toBe(`mount:${kubelet.mount}`);
      expect(message).toContain(key);
    }
  });

  test('an invalid entry throws nothing: it is poisoned, and said to listeners that come right after', async () => {
    const kubelet = createKubelet(temporaryFolder());
    kubelet.write({ ...good, 'my-rest.feature-x': '80 80' });
    const { resolver, events } = open(kubelet.mount, pollOnly);
    expect(() => resolver.resolve('my-rest')).toThrow(
      expect.objectContaining({ code: 'ERR_ENTRY_INVALID', key: 'my-rest.feature-x' }),
    );
    expect(resolver.resolve('my-rest', { namespace: 'develop' })).toBe('http://my-rest.develop.svc:8080');
    await resolver.ready();
    expect(events.problem).toMatchObject([
      { code: 'ERR_ENTRY_INVALID', key: 'my-rest.feature-x', source: `mount:${kubelet.mount}` },
    ]);
  });
});
