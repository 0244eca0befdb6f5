// Every worked example, through every source that can spell it, with the same answers.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  createResolver,
  dotenvSource,
  envSource,
  fileSource,
  isBranchlineError,
  type LookupOptions,
  memorySource,
  mountSource,
  type Resolver,
  type Source,
} from 'branchline';
import { afterAll, describe, expect, test } from 'vitest';

import { parseKey, portableVariable } from '../../src/core/keys.ts';
import { createKubelet } from '../doubles/kubelet.ts';

interface Case {
  title: string;
  query: { service: string } & LookupOptions;
  expect: { url?: string; namespace?: string | null; via?: string; error?: string };
}

interface Group {
  name: string;
  entries: Record<string, string>;
  settings: { namespace?: string; baseline?: string[]; template?: string; strict?: boolean };
  cases: Case[];
}

const { groups } = JSON.parse(readFileSync(new URL('resolution.json', import.meta.url), 'utf8')) as { groups: Group[] };

const folder = mkdtempSync(join(tmpdir(), 'branchline-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let files = 0;
function file(name: string, text: string): string {
  const path = join(folder, `${++files}-${name}`);
  writeFileSync(path, text);
  return path;
}

/** Settings and entries as the keys of a folder. */
function flat({ entries, settings }: Group): Record<string, string> {
  const keys = { ...entries };
  if (settings.baseline !== undefined) keys['baseline'] = settings.baseline.join(', ');
  if (settings.template !== undefined) keys['template'] = settings.template;
  if (settings.strict !== undefined) keys['strict'] = String(settings.strict);
  return keys;
}

/** The nested form of what has one; other keys stay flat beside it. */
function nested(group: Group): Record<string, unknown> {
  const { baseline } = group.settings;
  const services: Record<string, Record<string, Record<string, string>>> = {};
  const document: Record<string, unknown> = { services };
  for (const [key, value] of Object.entries(flat(group))) {
    const [service, namespace, ...more] = key.split('.');
    const parsed = parseKey(key);
    if (parsed.kind === 'entry') ((services[parsed.service] ??= {})[parsed.namespace] ??= {})[parsed.endpoint] = value;
    else if (parsed.kind === 'malformed' && more.length === 0)
      (services[service as string] ??= {})[namespace as string] = { default: value };
    else document[key] = value;
  }
  return baseline === undefined ? document : { ...document, baseline };
}

/** YAML with every scalar quoted: JSON strings are YAML's. */
function yaml(value: unknown, indent = ''): string {
  if (Array.isArray(value)) return value.map((item) => `\n${indent}- ${JSON.stringify(item)}`).join('');
  if (typeof value !== 'object' || value === null) return ` ${JSON.stringify(value)}`;
  const lines = Object.entries(value).map(
    ([key, item]) => `\n${indent}${JSON.stringify(key)}:${yaml(item, `${indent}  `)}`,
  );
  return lines.length > 0 ? lines.join('') : indent === '' ? '\n{}' : ' {}';
}

function manifest(group: Group): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'branchline', namespace: 'develop' },
    data: flat(group),
  };
}

function variables(group: Group, portable: boolean): Record<string, string> {
  const name = (key: string): string => {
    if (!key.includes('.')) return `BRANCHLINE_${portable ? key.toUpperCase() : key}`;
    return (portable && parseKey(key).kind === 'entry' ? portableVariable(key) : null) ?? `BRANCHLINE_${key}`;
  };
  return Object.fromEntries(Object.entries(flat(group)).map(([key, value]) => [name(key), value]));
}

const spellings: Record<string, (group: Group) => Source> = {
  memory: (group) => memorySource(flat(group)),
  'a mounted folder': (group) => {
    const path = mkdtempSync(join(folder, 'mount-'));
    createKubelet(path).write(flat(group));
    return mountSource({ path });
  },
  'JSON, flat': (group) => fileSource({ path: file('flat.json', JSON.stringify(flat(group))) }),
  'JSON, nested': (group) => fileSource({ path: file('nested.json', JSON.stringify(nested(group), null, 2)) }),
  'YAML, flat': (group) => fileSource({ path: file('flat.yaml', `# a table\n${yaml(flat(group))}\n`) }),
  'YAML, nested': (group) => fileSource({ path: file('nested.yml', `# a table\n${yaml(nested(group))}\n`) }),
  'a manifest in JSON': (group) => fileSource({ path: file('manifest.json', JSON.stringify(manifest(group))) }),
  'a manifest in YAML': (group) =>
    mountSource({ path: file('manifest.yaml', `# a table\n${yaml(manifest(group))}\n`) }),
  'the environment, raw': (group) => envSource({ env: variables(group, false) }),
  'the environment, portable': (group) => envSource({ env: variables(group, true) }),
  '.env': (group) => {
    const lines = Object.entries(variables(group, true)).map(([name, value]) => `${name}='${value}'\n`);
    return dotenvSource({ path: file('.env', `# table\nOTHER=1\n${lines.join('')}`) });
  },
};

/** What a document of a folder says, a key file may not: the folder holds all of them as one document. */
spellings['a document in a mounted folder'] = (group) => {
  const path = mkdtempSync(join(folder, 'mount-'));
  createKubelet(path).write({ 'table.json': JSON.stringify(nested(group)) });
  return mountSource({ path });
};

function outcome(resolver: Resolver, { service, ...options }: Case['query']): Case['expect'] {
  try {
    const { url, namespace, via } = resolver.lookup(service, options);
    expect(resolver.resolve(service, options)).toBe(url);
    expect(resolver.explain(service, options).resolution?.url).toBe(url);
    return { url, namespace, via };
  } catch (error) {
    if (!isBranchlineError(error)) throw error;
    expect(resolver.explain(service, options).error?.code).toBe(error.code);
    return { error: error.code, ...(error.namespace === undefined ? {} : { namespace: error.namespace }) };
  }
}

test('the examples are all there', () => {
  expect(groups.flatMap((group) => group.cases)).toHaveLength(108);
});

describe.each(Object.keys(spellings))('from %s', (spelling) => {
  describe.each(groups)('$name', (group) => {
    const unspeakable = spelling === '.env' && Object.values(group.entries).some((value) => value.includes("'"));
    test.skipIf(unspeakable).each(group.cases)('$title: $query.service', async (example) => {
      const resolver = createResolver({
        sources: [(spellings[spelling] as (group: Group) => Source)(group)],
        namespace: group.settings.namespace ?? null,
      });
      resolver.on('problem', () => undefined);
      try {
        const { service, ...options } = example.query;
        const seen = outcome(resolver, example.query);
        expect(seen).toMatchObject(example.expect);
        if (example.expect.error === undefined)
          expect(resolver.has(service, options)).toBe(seen.via !== 'convention' && seen.via !== 'unconfigured');
      } finally {
        await resolver.close();
      }
    });
  });
});
