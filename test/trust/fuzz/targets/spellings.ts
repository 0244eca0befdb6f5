// One table in everything that it can be written in: keys, documents flat and nested, manifests, variables, `.env`; in any
// order and with any white space. All have one digest.

import { dotenvSource, envSource, fileSource, memorySource, type Source } from 'branchline';

import { resolverOf, writeBytes } from '../files.ts';
import { attempt, differs, firstOf } from '../oracle.ts';
import { below, corpus, pick, type Target, toBytes } from '../target.ts';
import { saidBy } from './values.ts';

const SERVICES = ['my-rest', 'orders', 'a', '1', 'x--y', 'constructor', 'null', 'true', 'n'];
const NAMESPACES = ['develop', 'feature-x', 'epic-1', '1', 'off', 'tostring'];
const VALUES = corpus('values').filter((value) => {
  const { answer, unsure } = saidBy(value);
  return answer !== 'ERR_ENTRY_INVALID' && !unsure && /^[\x20-\x7e]*$/.test(value);
});

function draw(random: () => number): string {
  const table: [string, string][] = [['baseline', pick(random, ['develop', 'epic-1,develop'])]];
  if (random() < 0.3) table.push(['strict', pick(random, ['on', 'off', 'true', 'false'])]);
  const keys = new Set<string>();
  for (let left = 1 + below(random, 6); left > 0; left -= 1) {
    const home = `${pick(random, SERVICES)}.${pick(random, NAMESPACES)}`;
    keys.add(random() < 0.25 ? `_admin.${home}` : home);
  }
  for (const key of keys) table.push([key, pick(random, VALUES)]);
  return JSON.stringify(table);
}

type Rows = readonly (readonly [key: string, value: string])[];

export const spellings: Target = {
  name: 'spellings',
  seeds: [
    JSON.stringify([
      ['baseline', 'develop'],
      ['my-rest.develop', '8080'],
    ]),
  ],
  words: [],
  draw,
  async hold(input) {
    const rows = rowsIn(input);
    if (rows === null) return null;
    const expected = await digestOf(memorySource(Object.fromEntries(rows)));
    for (const [what, source] of spelt(rows)) {
      const fault = differs(`the digest of ${what}`, await digestOf(source()), expected);
      if (fault !== null) return fault;
    }
    return null;
  },
};

async function digestOf(source: Source): Promise<string> {
  const made = attempt(() => resolverOf(source));
  if ('code' in made) return firstOf(() => made.fault) ?? made.code;
  const { digest, problems } = made.value.status();
  await made.value.close();
  return problems.length === 0 ? digest : (problems[0]?.message ?? '');
}

/** The same backwards, and with white space around each value. */
function spelt(rows: Rows): [what: string, source: () => Source][] {
  const padded = rows.toReversed().map(([key, value]) => [key, ` ${value}\n`] as const);
  const flat = Object.fromEntries(rows);
  const nested = nestedOf(rows.toReversed());
  const file = (name: string, text: string) => (): Source => fileSource({ path: writeBytes(name, toBytes(text)) });
  const env = Object.fromEntries(padded.map(([key, value]) => [variableOf(key), value]));
  const lines = rows.map(([key, value]) => `${variableOf(key)}='${value}'`).join('\n\n');
  return [
    ['keys in another order', () => memorySource(Object.fromEntries(padded))],
    ['flat JSON', file('flat.json', JSON.stringify(flat))],
    ['nested JSON', file('nested.json', JSON.stringify(nested, null, 2))],
    ['numbers in JSON', file('numbers.json', JSON.stringify(flat).replaceAll(/:"([1-9]\d*)"/g, ':$1'))],
    ['a manifest', file('map.json', JSON.stringify({ kind: 'ConfigMap', data: flat }))],
    [
      'a manifest of documents',
      file('maps.json', JSON.stringify({ kind: 'ConfigMap', data: { 'a.json': JSON.stringify(nested) } })),
    ],
    ['YAML in blocks', file('blocks.yaml', blocksOf(nested, ''))],
    ['YAML in flow', file('flow.yml', JSON.stringify(nested, null, 1))],
    ['a manifest in YAML', file('map.yaml', `kind: ConfigMap\ndata:\n${blocksOf(flat, '  ')}`)],
    ['variables', () => envSource({ env })],
    ['.env', () => dotenvSource({ path: writeBytes('table.env', toBytes(`# a table\r\n${lines}\n`)) })],
  ];
}

type Tree = { [key: string]: string | Tree };

function nestedOf(rows: Rows): Tree {
  const services = treeOf();
  const tree: Tree = { services };
  for (const [key, value] of rows) {
    const parts = key.split('.');
    if (parts.length === 1) {
      tree[key] = value;
      continue;
    }
    const [namespace = '', service = '', endpoint = '_default'] = parts.toReversed();
    const deployments = (services[service] ??= treeOf()) as Tree;
    const endpoints = (deployments[namespace] ??= treeOf()) as Tree;
    endpoints[endpoint.slice(1)] = value;
  }
  return tree;
}

/** A service may be called `constructor`. */
function treeOf(): Tree {
  return Object.create(null) as Tree;
}

function blocksOf(tree: Tree, indent: string): string {
  return Object.entries(tree)
    .map(([key, value]) =>
      typeof value === 'string'
        ? `${indent}"${key}":   ${JSON.stringify(value)} # "\n`
        : `${indent}${key === 'null' ? '"null"' : key}:\n${blocksOf(value, `${indent}   `)}`,
    )
    .join('');
}

/** The portable spelling; the raw one where there is none. */
function variableOf(key: string): string {
  const portable = key.replaceAll('-', '_').replaceAll('.', '__').toUpperCase();
  return `BRANCHLINE_${key.includes('--') ? key : portable}`;
}

function rowsIn(input: string): Rows | null {
  try {
    const rows = JSON.parse(input) as Rows;
    const isLegal = rows.every(([key, value]) => {
      const [namespace = '', service = '', endpoint = '_admin', ...more] = key.split('.').toReversed();
      const isEntry =
        NAMESPACES.includes(namespace) && SERVICES.includes(service) && endpoint === '_admin' && more.length === 0;
      if (key.includes('.')) return isEntry && VALUES.includes(value);
      const settings = key === 'baseline' ? ['develop', 'epic-1,develop'] : ['on', 'off', 'true', 'false'];
      return (key === 'baseline' || key === 'strict') && settings.includes(value);
    });
    const keys = rows.map(([key]) => key);
    return isLegal && new Set(keys).size === rows.length ? rows : null;
  } catch {
    return null;
  }
}
