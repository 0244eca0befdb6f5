import { join } from 'node:path';

import ts from 'typescript';
import { describe, expect, test } from 'vitest';

import { project } from '../built.ts';
import { branchline } from '../command.ts';
import { configMap, json, README } from '../kubernetes.ts';

describe('branchline types', () => {
  test('prints the declaration of the services, with their endpoints', async () => {
    const data = { ...README, '_grpc.my-rest.feature-x': '1', '_admin.my-rest.feature-x': '2' };
    expect(await branchline(['types', '--config', '-'], { input: json(configMap(data)) })).toEqual({
      code: 0,
      signal: null,
      stdout: [
        "import 'branchline';",
        '',
        "declare module 'branchline' {",
        '  interface ServiceRegistry {',
        "    'billing': never;",
        "    'my-rest': 'admin' | 'grpc';",
        "    'orders': never;",
        '  }',
        '}',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  test('prints what TypeScript takes, and an editor then completes', async () => {
    const { stdout } = await branchline(['types', '--config', '-'], { input: json(configMap(README)) });
    const files = new Map(
      [
        ['services.d.ts', stdout],
        [
          'use.ts',
          "import { type ServiceRegistry, resolve } from 'branchline';\nexport const all: (keyof ServiceRegistry)[] = ['billing', 'my-rest', 'orders'];\nexport const admin: ServiceRegistry['my-rest'] = 'admin';\nresolve('my-rest');\n",
        ],
        [
          'wrong.ts',
          "import type { ServiceRegistry } from 'branchline';\nexport const one: keyof ServiceRegistry = 'invoices';\n",
        ],
      ].map(([name, text]) => [join(project, 'test/cli', name as string), text as string]),
    );
    const { config } = ts.readConfigFile(join(project, 'tsconfig.json'), ts.sys.readFile) as { config: object };
    const { options } = ts.parseJsonConfigFileContent(
      { ...config, include: [], files: [...files.keys()] },
      ts.sys,
      project,
    );
    const host = ts.createCompilerHost(options);
    const { readFile, fileExists, getSourceFile } = host;
    host.readFile = (name) => files.get(name) ?? readFile(name);
    host.fileExists = (name) => files.has(name) || fileExists(name);
    host.getSourceFile = (name, ...rest) => {
      const text = files.get(name);
      return text === undefined
        ? getSourceFile(name, ...rest)
        : ts.createSourceFile(name, text, ts.ScriptTarget.Latest);
    };
    const program = ts.createProgram([...files.keys()], options, host);
    const wrong = [...files.keys()].flatMap((name) => {
      const source = program.getSourceFile(name);
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
        ({ messageText }) => `${name.split('/').at(-1)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      );
    });
    expect(wrong).toEqual([expect.stringMatching(/^wrong\.ts: Type '"invoices"' is not assignable/)]);
  });

  test('of no table is an empty declaration', async () => {
    expect(await branchline(['types'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('interface ServiceRegistry {\n  }') as string,
    });
  });
});
