// A parser that is not there: an application that was bundled without it, or pruned.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createResolver, dotenvSource, fileSource } from 'branchline';
import ts from 'typescript';
import { expect, test, vi } from 'vitest';

import * as parsing from '../../src/sources/parsers.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { record } from '../doubles/recorder.ts';

function without(name: keyof typeof parsing.parsers): void {
  vi.spyOn(parsing.parsers, name).mockImplementation(() => {
    throw new Error(
      `the parser ${name} is missing (MODULE_NOT_FOUND); bundle the application with branchline marked as external`,
    );
  });
}

test.each([
  ['zod', 'table.json', '{"services": {"a": {"develop": 1}}}'],
  ['yaml', 'table.yaml', 'a.develop: 1'],
  ['dotenv', '.env', 'BRANCHLINE_A__DEVELOP=1'],
] as const)('without %s the process does not start, and is told what to do', (name, file, text) => {
  without(name);
  const path = join(temporaryFolder(), file);
  writeFileSync(path, text);
  expect(() => createResolver({ sources: [fileSource({ path })], namespace: null })).toThrow(
    /ERR_SOURCE_UNREADABLE: .*the parser \w+ is missing .*branchline marked as external/,
  );
});

test('a .env that appears while its parser is missing is a problem, and nothing reaches the application', async () => {
  without('dotenv');
  const path = join(temporaryFolder(), '.env');
  const resolver = createResolver({ sources: [dotenvSource({ path, optional: true })], namespace: null, watch: false });
  const events = record(resolver);
  writeFileSync(path, 'BRANCHLINE_A__DEVELOP=1\n');
  await resolver.reload();
  expect(events.problem).toMatchObject([{ code: 'ERR_SOURCE_UNREADABLE' }]);
  expect(resolver.resolve('a')).toBe('http://a');
  await resolver.close();
});

test('nothing is required before a document asks for it: a bundle may have no import.meta.url', async () => {
  const text = readFileSync(new URL('../../src/sources/parsers.ts', import.meta.url), 'utf8');
  const compiled = ts.transpile(text.replaceAll('import.meta.url', 'undefined'), {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
  });
  const path = join(temporaryFolder(), 'parsers.mjs');
  writeFileSync(path, compiled);
  const { parsers } = (await import(/* @vite-ignore */ path)) as typeof parsing;
  expect(() => parsers.yaml()).toThrow('bundle the application with branchline marked as external');
});
