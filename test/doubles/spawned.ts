// A process that prints lines of JSON and answers what it is asked on its standard input, by number.

import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import { until, within } from './await.ts';

export interface Spawning {
  /** Added to this process's environment; `undefined` takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string | undefined;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A line of JSON that a child printed. */
export type Line = Readonly<Record<string, unknown>>;

export interface Child {
  readonly process: ChildProcess;
  /** The first line, of those printed already and later, with this field. */
  said(field: string, timeout?: number): Promise<Line>;
  /** All so far. */
  readonly lines: readonly Line[];
  /** Writes a command to its standard input; the answer is the line of that number. */
  ask(question: string, timeout?: number): Promise<Line>;
  exited(timeout?: number): Promise<Exit>;
  /** Kills it, and waits until it is gone. */
  end(): Promise<void>;
}

/** What Node imports first, so that a child may be written in TypeScript. */
export const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

export function spawnChild([program = '', ...args]: readonly string[], { env = {}, cwd }: Spawning = {}): Child {
  const child = spawn(program, args, {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stdout = '';
  let stderr = '';
  const lines: Line[] = [];
  let parsed = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const end = stdout.lastIndexOf('\n') + 1;
    const whole = stdout.slice(parsed, end).split('\n');
    parsed = end;
    lines.push(...whole.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {}); // a child that has ended does not listen
  let isOver = false;
  const ended = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject).once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  }).finally(() => (isOver = true));
  ended.catch(() => {});

  const said = async (field: string, timeout = 20_000): Promise<Line> => {
    const find = (): Line | undefined => lines.find((line) => field in line);
    const what = (): string => `the child to say "${field}"; it said:\n${stdout}${stderr}`;
    await until(() => find() !== undefined || isOver, what, timeout);
    const line = find();
    if (line === undefined) throw new Error(`the child has ended; waited for ${what()}`);
    return line;
  };
  let asked = 0;
  return {
    process: child,
    lines,
    said,
    ask(question, timeout) {
      asked += 1;
      child.stdin.write(`${asked} ${question}\n`);
      return said(`answer ${asked}`, timeout);
    },
    exited: (timeout = 20_000) => within(ended, () => `the child to end; it said:\n${stdout}${stderr}`, timeout),
    async end() {
      child.kill('SIGKILL');
      await ended.catch(() => {});
    },
  };
}
