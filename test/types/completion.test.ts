// What an editor offers: the names that a user registered, at every call that takes one.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const file = join(root, 'test', 'types', 'editor.ts');
const text = `
import { createResolver, explain, lookup, resolve } from 'branchline';
declare module 'branchline' { interface ServiceRegistry { 'my-rest': 'admin'; orders: never } }
const services = createResolver();
resolve('/*resolve*/');
lookup('/*lookup*/');
explain('/*explain*/');
services.resolve('/*method*/');
services.has('/*has*/');
services.on('/*on*/', () => undefined);
const other: string = 'other';
resolve(other);
resolve('unheard-of');
`;

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as { config: object };
const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [file] }, ts.sys, root);
const host: ts.LanguageServiceHost = {
  ...ts.sys,
  useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
  getCompilationSettings: () => options,
  getScriptFileNames: () => [file],
  getScriptVersion: () => '1',
  getScriptSnapshot: (name) => {
    const content = name === file ? text : ts.sys.readFile(name);
    return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
  },
  fileExists: (name) => name === file || ts.sys.fileExists(name),
  readFile: (name) => (name === file ? text : ts.sys.readFile(name)),
  getCurrentDirectory: () => dirname(file),
  getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
};
const service = ts.createLanguageService(host);

function offered(mark: string): string[] {
  const at = text.indexOf(`/*${mark}*/`);
  return (service.getCompletionsAtPosition(file, at, {})?.entries ?? []).map(({ name }) => name).toSorted();
}

describe('an editor', () => {
  test.each(['resolve', 'lookup', 'explain', 'method', 'has'])('offers the known names at %s', (mark) => {
    expect(offered(mark)).toEqual(['my-rest', 'orders']);
  });

  test('offers the names of events', () => {
    expect(offered('on')).toEqual(['change', 'problem', 'recovered', 'refused', 'stale']);
  });

  test('finds nothing wrong with any other name', () => {
    const wrong = [...service.getSemanticDiagnostics(file), ...service.getSyntacticDiagnostics(file)];
    expect(wrong.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([
      expect.stringContaining('\'"/*on*/"\' is not assignable'),
    ]);
  });
});
