// Runs the built command as its users do: as a process of its own, in a clean environment, in an empty folder.

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { onTestFinished } from 'vitest';

import { until, within } from '../doubles/await.ts';
import type { Exit } from '../doubles/child.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { builtCommand } from './built.ts';

export interface CommandOptions {
  /** Standard input. @default '' */
  input?: string;
  /** All that it has besides a PATH: what this machine says of branches and colours is not the test's. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
}

export interface Running {
  readonly process: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Waits until it has said this. */
  says(words: string | RegExp): Promise<void>;
  exited(timeout?: number): Promise<Exit>;
}

/** Runs it to its end. */
export async function branchline(
  args: readonly string[],
  { input = '', ...options }: CommandOptions = {},
): Promise<Exit> {
  const running = await start(args, options);
  running.process.stdin?.end(input);
  return running.exited();
}

/** Starts it; its standard input stays open. It is killed with the test. */
export async function start(args: readonly string[], options: Omit<CommandOptions, 'input'> = {}): Promise<Running> {
  return follow(process.execPath, [await builtCommand(), ...args], options);
}

export interface ShellOptions extends CommandOptions {
  /** Further programs: a name, and a script for `sh`. */
  programs?: Readonly<Record<string, string>>;
  /** Milliseconds that it may take. */
  timeout?: number;
}

/** Runs a shell command in which `branchline` is on the PATH, as npm links it. */
export async function shell(
  text: string,
  { programs = {}, input = '', timeout, ...options }: ShellOptions = {},
): Promise<Exit> {
  const bin = join(temporaryFolder(), 'bin');
  mkdirSync(bin);
  symlinkSync(await builtCommand(), join(bin, 'branchline'));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const env = { PATH: `${bin}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, ...options.env };
  const running = follow('sh', ['-c', text], { ...options, env });
  running.process.stdin?.end(input);
  return running.exited(timeout);
}

function follow(program: string, args: readonly string[], { env = {}, cwd }: Omit<CommandOptions, 'input'>): Running {
  const child = spawn(program, args, {
    cwd: cwd ?? temporaryFolder(),
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {}); // it need not read what it is given
  const ended = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject).once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  ended.catch(() => {});
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const soFar = (): string => `it said:\n${stdout}${stderr}`;
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    says: (words) =>
      until(
        () => (typeof words === 'string' ? `${stdout}${stderr}`.includes(words) : words.test(`${stdout}${stderr}`)),
        () => `${String(words)}; ${soFar()}`,
        20_000,
      ),
    exited: (timeout = 20_000) => within(ended, () => `the command to end; ${soFar()}`, timeout),
  };
}

/** A folder with these files. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
