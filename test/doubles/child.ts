import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { onTestFinished } from 'vitest';

import { until, within } from './await.ts';

export interface ChildOptions {
  args?: readonly string[];
  /** Added to this process's environment; `undefined` takes a variable out. */
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  /** Flags of Node. */
  nodeOptions?: readonly string[];
  /** Namespaces to leave (`['-r', '-U']`), and a shell command to run in the new ones first. */
  unshare?: { flags: readonly string[]; first: string };
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
  lines(): Line[];
  /** Writes a command to its standard input; the answer is the line of that number. */
  ask(question: string, timeout?: number): Promise<Line>;
  exited(timeout?: number): Promise<Exit>;
}

const projectFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Runs a TypeScript file with the Node that runs the tests. It is killed with the test. */
export function startChild(
  file: URL,
  { args = [], env = {}, cwd, nodeOptions = [], unshare }: ChildOptions = {},
): Child {
  const command = [process.execPath, ...nodeOptions, '--import', tsx, fileURLToPath(file), ...args];
  const [program = '', ...rest] =
    unshare === undefined
      ? command
      : ['unshare', ...unshare.flags, 'sh', '-ec', `${unshare.first}\nexec "$@"`, 'sh', ...command];
  const child = spawn(program, rest, {
    // tsx takes the meaning of 'branchline' from here, wherever the child is started.
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      NODE_EXTRA_CA_CERTS: undefined,
      TSX_TSCONFIG_PATH: projectFile('tsconfig.json'),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {}); // a child that has ended does not listen
  const ended = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject).once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  ended.catch(() => {});
  onTestFinished(() => {
    child.kill('SIGKILL');
  });

  const lines = (): Line[] =>
    stdout
      .split('\n')
      .slice(0, -1)
      .filter((text) => text.startsWith('{'))
      .map((text) => JSON.parse(text) as Line);
  const said = async (field: string, timeout = 20_000): Promise<Line> => {
    await until(
      () => lines().some((line) => field in line),
      () => `the child to say "${field}"; it said:\n${stdout}${stderr}`,
      timeout,
    );
    return lines().find((line) => field in line) ?? {};
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
  };
}
