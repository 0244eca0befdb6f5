// Runs the README's shell commands, with doubles of the programs that need a cluster or a registry.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { temporaryFolder } from '../doubles/folder.ts';
import { project } from './markdown.ts';

/** One start of a program. */
export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  /** Of `-f -`. */
  readonly stdin: string;
}

/** Writes down how it was called; `kubectl get` answers with the ConfigMap's data, as `-o jsonpath={.data}` prints it. */
const DOUBLE = `
const fs = require('node:fs');
const [program, ...args] = process.argv.slice(2);
const stdin = args.includes('-') ? fs.readFileSync(0, 'utf8') : '';
fs.appendFileSync(process.env.CALLS, JSON.stringify({ program, args, stdin }) + '\\n');
if (program === 'kubectl' && args[0] === 'get') process.stdout.write(process.env.DATA);
`;

/** Every call, in order. Throws when a command fails, is not found, or uses a variable that is not set. */
export function runShell(
  text: string,
  variables: Readonly<Record<string, string>>,
  data: Readonly<Record<string, string>>,
): Call[] {
  const folder = temporaryFolder();
  const at = (path: string): string => join(folder, path);
  mkdirSync(at('bin'));
  writeFileSync(at('double.cjs'), DOUBLE);
  for (const program of ['kubectl', 'npm']) {
    writeFileSync(
      at(`bin/${program}`),
      `#!/bin/sh\nexec '${process.execPath}' '${at('double.cjs')}' ${program} "$@"\n`,
    );
    chmodSync(at(`bin/${program}`), 0o755);
  }
  // The package as a project has it that installed it, from the sources.
  mkdirSync(at('node_modules/branchline'), { recursive: true });
  const tsx = createRequire(import.meta.url).resolve('tsx/cjs/api');
  const entry = JSON.stringify(join(project, 'src/index.ts'));
  writeFileSync(
    at('node_modules/branchline/index.js'),
    `module.exports = require(${JSON.stringify(tsx)}).require(${entry}, __filename);`,
  );
  writeFileSync(at('calls'), '');
  const { status, stderr } = spawnSync('sh', ['-eu', '-c', text], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${at('bin')}:${join(process.execPath, '..')}:/usr/bin:/bin`,
      CALLS: at('calls'),
      DATA: JSON.stringify(data),
      ...variables,
    },
  });
  if (status !== 0 || stderr !== '') throw new Error(`sh ended with ${status}: ${stderr}`);
  return readFileSync(at('calls'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Call);
}
