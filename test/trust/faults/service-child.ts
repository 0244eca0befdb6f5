// A TypeScript file in a process of its own, with the package as it is built.

import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { type Child, spawnChild, type Spawning, TSX } from '../../doubles/spawned.ts';
import type { Scope } from './fault.ts';

export type { Child, Exit, Line } from '../../doubles/spawned.ts';

export interface ChildOptions extends Pick<Spawning, 'env'> {
  readonly args?: readonly string[];
  /** Flags of Node. */
  readonly flags?: readonly string[];
  /** A program with its arguments: it is given the child's command to run. */
  readonly under?: readonly string[];
}

/** tsx takes the meaning of 'branchline' from here: the package as it is built. */
const TSCONFIG = fileURLToPath(new URL('../tsconfig.dist.json', import.meta.url));

/** Starts it with the Node that runs here. It is killed when the fault is over. */
export function startChild(
  { after }: Pick<Scope, 'after'>,
  file: URL,
  { args = [], env = {}, flags = [], under = [] }: ChildOptions = {},
): Child {
  const command = [...under, process.execPath, ...flags, '--import', TSX, fileURLToPath(file), ...args];
  const child = spawnChild(command, { env: { TSX_TSCONFIG_PATH: TSCONFIG, ...env } });
  after(child.end);
  return child;
}
