// A real pseudo-terminal, by `script` of util-linux: every Debian has it, the slim images too (bsdutils is essential). Where
// it is missing, a run fails: what draws for people was then not tested.

import { type ChildProcess, spawn } from 'node:child_process';

export interface PtyOptions {
  columns?: number;
  rows?: number;
  /** The whole environment besides PATH and TERM. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
}

export interface Pty {
  readonly process: ChildProcess;
  /** Everything that was written to the terminal, by standard output and standard error alike. */
  output(): string;
  /** As if somebody typed it: `\u0003` is Ctrl-C. */
  type(text: string): void;
  /** 128 and the number of the signal when one ended it. */
  exited(): Promise<{ readonly code: number | null; readonly output: string }>;
}

/** Runs a shell command in a terminal of this size; `"$@"` in it are the arguments. */
export function startInTerminal(text: string, args: readonly string[], options: PtyOptions = {}): Pty {
  const { columns = 80, rows = 24, env = {}, cwd } = options;
  const resized = `stty cols ${columns} rows ${rows} && ${text}`;
  // `exec`: else the shell of `script` would take a typed Ctrl-C, too, and tell of it instead.
  const command = `exec ${['sh', '-c', resized, 'sh', ...args].map((word) => quoted(word)).join(' ')}`;
  const child = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
    // Its standard input stays open: at its end the terminal would be typed a Ctrl-D.
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  child.stdin.on('error', () => {}); // it has ended
  const ended = new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child
      .once('error', (cause) => {
        reject(new Error('there is no pseudo-terminal without `script` of util-linux (bsdutils on Debian)', { cause }));
      })
      .once('close', (code) => resolve({ code, output }));
  });
  ended.catch(() => {});
  return {
    process: child,
    output: () => output,
    type: (keys) => void child.stdin.write(keys),
    exited: () => ended,
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
