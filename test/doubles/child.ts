import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

import { type Child, spawnChild, type Spawning, TSX } from './spawned.ts';

export type { Child, Exit } from './spawned.ts';

export interface ChildOptions extends Spawning {
  readonly args?: readonly string[];
  /** Flags of Node. */
  readonly nodeOptions?: readonly string[];
  /** Namespaces to leave (`['-r', '-U']`), and a shell command to run in the new ones first. */
  readonly unshare?: { readonly flags: readonly string[]; readonly first: string };
}

const TSCONFIG = fileURLToPath(new URL('../../tsconfig.json', import.meta.url));

/** Runs a TypeScript file with the Node that runs the tests. It is killed with the test. */
export function startChild(
  file: URL,
  { args = [], env = {}, cwd, nodeOptions = [], unshare }: ChildOptions = {},
): Child {
  const command = [process.execPath, ...nodeOptions, '--import', TSX, fileURLToPath(file), ...args];
  const apart =
    unshare === undefined ? [] : ['unshare', ...unshare.flags, 'sh', '-ec', `${unshare.first}\nexec "$@"`, 'sh'];
  const child = spawnChild([...apart, ...command], {
    // tsx takes the meaning of 'branchline' from here, wherever the child is started.
    env: { NODE_EXTRA_CA_CERTS: undefined, TSX_TSCONFIG_PATH: TSCONFIG, ...env },
    cwd,
  });
  onTestFinished(child.end);
  return child;
}
