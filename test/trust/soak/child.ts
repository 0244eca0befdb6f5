// Runs a file in a process of its own until it ends, and returns the line of JSON that it printed last.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** tsx takes the meaning of 'branchline' from here: the package as it is built. */
const TSCONFIG = fileURLToPath(new URL('../tsconfig.dist.json', import.meta.url));

export interface ChildOptions {
  readonly args?: readonly string[];
  /** Flags of Node. */
  readonly flags?: readonly string[];
  /** In milliseconds; then it is killed. */
  readonly timeout?: number;
}

/** @throws when it ends with an error, is killed, or has printed no such line */
export async function runChild<T>(
  file: URL,
  { args = [], flags = [], timeout = 300_000 }: ChildOptions = {},
): Promise<T> {
  const child = spawn(process.execPath, [...flags, '--import', TSX, fileURLToPath(file), ...args], {
    env: { ...process.env, NODE_OPTIONS: '', TSX_TSCONFIG_PATH: TSCONFIG },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)));
  const end = await new Promise<string>((resolve, reject) => {
    child.once('error', reject).once('close', (code, signal) => resolve(signal ?? String(code)));
  });
  const line = stdout.split('\n').findLast((text) => text.startsWith('{'));
  if (end !== '0' || line === undefined)
    throw new Error(`${file.pathname.split('/').at(-1)} ended with ${end}: ${stderr}`);
  return JSON.parse(line) as T;
}
