// The arrows between the folders, from every import of the sources: static, dynamic, of types, and re-exports.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';
import { describe, expect, test } from 'vitest';

type Files = ReadonlyMap<string, string>;
interface Import {
  readonly from: string;
  /** A file of ours by its path in src, or a package. */
  readonly to: string;
  readonly ours: boolean;
  /** Gone when it is compiled. */
  readonly typeOnly: boolean;
}

const root = fileURLToPath(new URL('../src', import.meta.url));
const sources: Files = new Map(
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name.replaceAll('\\', '/'), readFileSync(join(root, name), 'utf8')]),
);

const LINES = 250;
/** What a user imports, and what makes up its parts. */
const ENTRIES = new Set(['index.ts', 'testing.ts', 'undici.ts', 'express.ts', 'cli.ts']);
const ADAPTERS = new Set(['http', 'express', 'cli']);
/** What the adapters of calls and requests stand on. */
const BELOW_ADAPTERS = ['core', 'context', 'resolver', 'default.ts'];
const AMBIENT = new Set([
  'process',
  'global',
  'globalThis',
  'Buffer',
  'console',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'performance',
  'crypto',
  'require',
  '__dirname',
]);

const layerOf = (path: string): string => (path.includes('/') ? (path.split('/')[0] as string) : 'root');

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** A node and all below it; the list grows while it is walked. */
function nodesOf(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [node];
  for (const parent of found) ts.forEachChild(parent, (child) => void found.push(child));
  return found;
}

/**
 * The module that a node imports, and whether nothing of it is left when it is compiled. `import { type X } from` does
 * not count: `verbatimModuleSyntax` leaves an import of the file behind.
 */
function importOf(node: ts.Node): { specifier: ts.Node; typeOnly: boolean } | null {
  if (ts.isImportDeclaration(node)) {
    return {
      specifier: node.moduleSpecifier,
      typeOnly: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
    };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { specifier: node.moduleSpecifier, typeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node)) return { specifier: node.argument, typeOnly: true };
  if (ts.isExternalModuleReference(node)) return { specifier: node.expression, typeOnly: false };
  const calls =
    ts.isCallExpression(node) &&
    (node.expression.kind === ts.SyntaxKind.ImportKeyword ||
      (ts.isIdentifier(node.expression) && node.expression.text === 'require'));
  return calls && node.arguments[0] !== undefined ? { specifier: node.arguments[0], typeOnly: false } : null;
}

/** What was found before, by path and text: the rules are asked of nearly the same files again and again. */
const known = new Map<string, readonly Import[]>();

function importsOf(from: string, text: string): readonly Import[] {
  const id = `${from}\n${text}`;
  const found = known.get(id) ?? findImports(from, text);
  known.set(id, found);
  return found;
}

function findImports(from: string, text: string): Import[] {
  return nodesOf(parse(from, text)).flatMap((node) => {
    const found = importOf(node);
    if (found === null) return [];
    const literal = ts.isLiteralTypeNode(found.specifier) ? found.specifier.literal : found.specifier;
    const specifier = ts.isStringLiteralLike(literal) ? literal.text : '(computed)';
    const ours = specifier.startsWith('.');
    return [{ from, to: ours ? posix.join(dirname(from), specifier) : specifier, ours, typeOnly: found.typeOnly }];
  });
}

const all = (files: Files): Import[] => [...files].flatMap(([path, text]) => importsOf(path, text));
const shown = ({ from, to }: Import): string => `${from} → ${to}`;

/** Each rule lists what breaks it. */
const rules: Readonly<Record<string, (files: Files) => string[]>> = {
  'every import of ours is of a file that is there, by its full name': (files) =>
    all(files)
      .filter(({ to, ours }) => ours && !files.has(to))
      .map(shown),
  'core imports nothing but core, and of packages only types': (files) =>
    all(files)
      .filter(
        ({ from, to, ours, typeOnly }) =>
          layerOf(from) === 'core' && (ours ? layerOf(to) !== 'core' : !typeOnly || to.startsWith('node:')),
      )
      .map(shown),
  'core waits for nothing, and touches nothing that is ambient': (files) =>
    [...files]
      .filter(([path]) => layerOf(path) === 'core')
      .flatMap(([path, text]) =>
        nodesOf(parse(path, text)).flatMap((node) => {
          if (ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AsyncKeyword || ts.isMetaProperty(node))
            return [`${path}: ${node.getText()}`];
          const used = ts.isIdentifier(node) && AMBIENT.has(node.text) && !isName(node);
          return used ? [`${path}: ${node.text}`] : [];
        }),
      ),
  'sources import nothing of ours but core and sources': (files) => escaping(files, 'sources', ['core', 'sources']),
  'the resolver imports nothing of ours but core and the resolver': (files) =>
    escaping(files, 'resolver', ['core', 'resolver']),
  'context imports nothing of ours but core and context': (files) => escaping(files, 'context', ['core', 'context']),
  'http and express import nothing of ours but core, context, the resolver and default.ts': (files) =>
    ['http', 'express'].flatMap((layer) => escaping(files, layer, [...BELOW_ADAPTERS, layer])),
  'only default.ts, and entries that pass on what it made, know both sources and the resolver': (files) =>
    [...files].flatMap(([path, text]) => {
      const ours = importsOf(path, text).filter((found) => found.ours);
      const layers = new Set(ours.map(({ to }) => layerOf(to)));
      const knows = layers.has('sources') && layers.has('resolver');
      return knows && path !== 'default.ts' && !ENTRIES.has(path) ? [path] : [];
    }),
  'adapters import no other adapter': (files) =>
    all(files)
      .filter(
        ({ from, to, ours }) =>
          ours && ADAPTERS.has(layerOf(from)) && ADAPTERS.has(layerOf(to)) && layerOf(from) !== layerOf(to),
      )
      .map(shown),
  'nobody imports an entry file': (files) =>
    all(files)
      .filter(({ to, ours }) => ours && ENTRIES.has(to))
      .map(shown),
  'default.ts is imported only from above it: adapters, entries and their parts': (files) =>
    all(files)
      .filter(
        ({ from, to, ours }) =>
          ours && to === 'default.ts' && ['core', 'sources', 'resolver', 'context'].includes(layerOf(from)),
      )
      .map(shown),
  'imports make no circle': (files) => circles(files),
  // It opens the streams of the process: a pipe that the application reads as it likes must stay as it was.
  'nobody but the command imports node:process': (files) =>
    all(files)
      .filter(({ from, to }) => to === 'node:process' && from !== 'cli.ts')
      .map(shown),
  // Compiled, that of Node 20 and 22 refuses hosts beyond ASCII.
  'nobody asks URL.canParse': (files) =>
    [...files].flatMap(([path, text]) =>
      nodesOf(parse(path, text))
        .filter((node) => ts.isPropertyAccessExpression(node) && node.name.text === 'canParse')
        .map((node) => `${path}: ${node.getText()}`),
    ),
  [`no file is longer than ${LINES} lines`]: (files) =>
    [...files]
      .map(([path, text]) => `${path}: ${text.trimEnd().split('\n').length}`)
      .filter((line) => Number(line.split(': ')[1]) > LINES),
  'no file is named for being of use': (files) =>
    [...files.keys()].filter((path) =>
      path
        .split('/')
        .some((part) =>
          /^(?:utils?|helpers?|commons?|misc|managers?)$/.test(part.replace(/\.ts$/, '').split('-').at(-1) as string),
        ),
    ),
  'every file starts with a comment that says what it decides': (files) =>
    [...files]
      .map(([path, text]) => [path, text.replace(/^#!.*\n/, '')] as const)
      .filter(([, text]) => !/^\/\/ \S.{20,}/.test(text) || !/[.:?)]$/.test(firstComment(text)))
      .map(([path]) => path),
};

/** @param allowed folders, and files in none */
function escaping(files: Files, layer: string, allowed: readonly string[]): string[] {
  return all(files)
    .filter(
      ({ from, to, ours }) => ours && layerOf(from) === layer && !allowed.includes(to.includes('/') ? layerOf(to) : to),
    )
    .map(shown);
}

/** Whether an identifier is a name of a property or a declaration, and no use of what is ambient. */
function isName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isMethodDeclaration(parent)) &&
    parent.name === node
  );
}

function firstComment(text: string): string {
  const lines = text.split('\n');
  return lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith('//')),
    )
    .join(' ')
    .trimEnd();
}

function circles(files: Files): string[] {
  const next = new Map(
    [...files].map(([path, text]) => [
      path,
      importsOf(path, text)
        .filter(({ ours, typeOnly }) => ours && !typeOnly)
        .map(({ to }) => to),
    ]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (trail.includes(path) || done.has(path)) return;
    for (const to of next.get(path) ?? []) visit(to, [...trail, path]);
    done.add(path);
  };
  for (const path of files.keys()) visit(path, []);
  return found;
}

describe('the sources', () => {
  test('are all here, and so are their imports', () => {
    expect(sources.size).toBeGreaterThan(40);
    expect(all(sources).filter(({ ours }) => ours).length).toBeGreaterThan(100);
    const layers = ['core', 'sources', 'resolver', 'context', 'http', 'express', 'root'];
    expect([...sources.keys()].map(layerOf)).toEqual(expect.arrayContaining(layers));
  });

  test.each(Object.entries(rules))('hold that %s', (_, broken) => {
    expect(broken(sources)).toEqual([]);
  });
});

describe('the rules', () => {
  const start = '// What this file is about, in one whole sentence.\n';
  const core = 'core imports nothing but core, and of packages only types';
  const ambient = 'core waits for nothing, and touches nothing that is ambient';
  const ofSources = 'sources import nothing of ours but core and sources';
  const ofResolver = 'the resolver imports nothing of ours but core and the resolver';
  const ofContext = 'context imports nothing of ours but core and context';
  const ofAdapters = 'http and express import nothing of ours but core, context, the resolver and default.ts';
  const onlyAbove = 'default.ts is imported only from above it: adapters, entries and their parts';
  const both = 'only default.ts, and entries that pass on what it made, know both sources and the resolver';
  const comment = 'every file starts with a comment that says what it decides';
  const named = 'no file is named for being of use';

  test.each<[rule: string, path: string, text: string]>([
    ['every import of ours is of a file that is there, by its full name', 'core/new.ts', `import './keys';`],
    ['every import of ours is of a file that is there, by its full name', 'core/new.ts', `import './gone.ts';`],
    [core, 'core/new.ts', `import { open } from '../resolver/resolver.ts';`],
    [core, 'core/new.ts', `import type { Resolver } from '../resolver/resolver.ts';`],
    [core, 'core/new.ts', `export * from '../default.ts';`],
    [core, 'core/documents/new.ts', `export type { Intake } from '../../resolver/intake.ts';`],
    [core, 'core/new.ts', `const load = () => import('../sources/env.ts');`],
    [core, 'core/new.ts', `let x: import('../sources/env.ts').EnvSourceOptions;`],
    [core, 'core/new.ts', `import yaml = require('js-yaml');`],
    [core, 'core/new.ts', `import { join } from 'node:path';`],
    [core, 'core/new.ts', `import type { Stats } from 'node:fs';`],
    [core, 'core/new.ts', `import { load } from 'js-yaml';`],
    [core, 'core/new.ts', `import { type Event, load } from 'js-yaml';`],
    [core, 'core/new.ts', `import { type Event } from 'js-yaml';`],
    [core, 'core/new.ts', `import 'js-yaml';`],
    [core, 'core/new.ts', `const yaml = require('js-yaml');`],
    [core, 'core/new.ts', `const yaml = await import('js-' + 'yaml');`],
    [ambient, 'core/new.ts', `export const now = () => performance.now();`],
    [ambient, 'core/new.ts', `export async function later() {}`],
    [ambient, 'core/new.ts', `export const own = process.env['X'];`],
    [ambient, 'core/new.ts', `setTimeout(() => 1, 1);`],
    [ambient, 'core/new.ts', `export const x = globalThis;`],
    [ambient, 'core/new.ts', `export const here = import.meta.url;`],
    [core, 'core/new.ts', `import type { Context } from '../context/store.ts';`],
    [ofSources, 'sources/new.ts', `import type { Intake } from '../resolver/intake.ts';`],
    [ofSources, 'sources/new.ts', `import { context } from '../context/store.ts';`],
    [ofSources, 'sources/files/new.ts', `import { createResolver } from '../../default.ts';`],
    [ofResolver, 'resolver/new.ts', `import { envSource } from '../sources/env.ts';`],
    [ofResolver, 'resolver/new.ts', `export type { Data } from '../sources/memory.ts';`],
    [ofResolver, 'resolver/new.ts', `const load = () => import('../context/store.ts');`],
    [ofResolver, 'resolver/new.ts', `export type { Carrier } from '../context/carriers.ts';`],
    [ofContext, 'context/new.ts', `import type { Resolver } from '../resolver/resolver.ts';`],
    [ofContext, 'context/new.ts', `import { memorySource } from '../sources/memory.ts';`],
    [ofContext, 'context/new.ts', `import { defaultResolver } from '../default.ts';`],
    [ofContext, 'context/parts/new.ts', `export * from '../../http/fetch.ts';`],
    [ofContext, 'context/new.ts', `import '../testing/source-conformance.ts';`],
    [ofAdapters, 'http/new.ts', `import { memorySource } from '../sources/memory.ts';`],
    [ofAdapters, 'http/new.ts', `import type { Middleware } from '../express/middleware.ts';`],
    [ofAdapters, 'http/new.ts', `import type { Resolver } from '../index.ts';`],
    [ofAdapters, 'express/new.ts', `import { createFetch } from '../http/fetch.ts';`],
    [ofAdapters, 'express/new.ts', `const load = () => import('../sources/mount.ts');`],
    [ofAdapters, 'express/parts/new.ts', `import { useEntries } from '../../testing.ts';`],
    [
      both,
      'second.ts',
      `import '../src/sources/env.ts'; import './sources/env.ts'; import type { Resolver } from './resolver/resolver.ts';`,
    ],
    [both, 'http/new.ts', `import '../sources/env.ts'; import '../resolver/resolver.ts';`],
    ['adapters import no other adapter', 'http/new.ts', `import '../express/middleware.ts';`],
    ['adapters import no other adapter', 'express/new.ts', `export type { FetchLike } from '../http/fetch.ts';`],
    ['nobody imports an entry file', 'resolver/new.ts', `import type { Resolver } from '../index.ts';`],
    ['nobody imports an entry file', 'testing.ts', `export * from './index.ts';`],
    [onlyAbove, 'resolver/new.ts', `import '../default.ts';`],
    [onlyAbove, 'context/new.ts', `import '../default.ts';`],
    ['imports make no circle', 'core/keys.ts', `import './table.ts';`],
    ['nobody but the command imports node:process', 'http/new.ts', `import process from 'node:process';`],
    ['nobody asks URL.canParse', 'http/new.ts', `export const x = URL.canParse('http://h');`],
    [`no file is longer than ${LINES} lines`, 'core/new.ts', 'const x = 1;\n'.repeat(LINES)],
    [named, 'core/utils.ts', ''],
    [named, 'core/helpers/new.ts', ''],
    [named, 'sources/file-helper.ts', ''],
    [named, 'common.ts', ''],
    [named, 'core/misc.ts', ''],
    [named, 'resolver/source-manager.ts', ''],
  ])('would notice: %s, in %s with %s', (rule, path, text) => {
    const broken = (rules[rule] as (files: Files) => string[])(new Map([...sources, [path, `${start}${text}`]]));
    expect(broken.length).toBeGreaterThan(0);
  });

  test.each([
    '',
    '// ',
    '// Keys',
    '/** A block that documents what follows it. */',
    '// a sentence without an end\nexport const x = 1;',
    `import './keys.ts';\n${start}`,
  ])('would notice a file that starts with %j', (text) => {
    expect((rules[comment] as (files: Files) => string[])(new Map([...sources, ['core/new.ts', `${text}\n`]]))).toEqual(
      ['core/new.ts'],
    );
  });

  test('let pass what is right', () => {
    const right: [string, string][] = [
      [
        'core/new.ts',
        `${start}import type { Event } from 'js-yaml';\nimport { type Key, parseKey } from './keys.ts';\nexport const x = { process: 1, fetch: parseKey };\nexport type Y = Key | Event;\n`,
      ],
      [
        'sources/new.ts',
        `${start}import { readFileSync } from 'node:fs';\nimport { parseKey } from '../core/keys.ts';\nexport const x = [readFileSync, parseKey];\n`,
      ],
      [
        'context/new.ts',
        `${start}import { AsyncLocalStorage } from 'node:async_hooks';\nimport { parseKey } from '../core/keys.ts';\nexport const x = [AsyncLocalStorage, parseKey];\n`,
      ],
      ...['http', 'express'].map((layer): [string, string] => [
        `${layer}/new.ts`,
        `${start}import { x } from '../context/new.ts';\nimport { defaultResolver } from '../default.ts';\nimport type { Resolver } from '../resolver/resolver.ts';\nexport const y: [typeof x, Resolver] = [x, defaultResolver()];\n`,
      ]),
    ];
    for (const broken of Object.values(rules)) expect(broken(new Map([...sources, ...right]))).toEqual([]);
  });
});
