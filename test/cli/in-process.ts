// The command line in this process, with the library's own answers and a table in memory: for what is tried thousands of
// times. Whatever touches files, streams or signals is tested with the built command.

import { createHash } from 'node:crypto';

import { createResolver, memorySource, namespaceOf } from 'branchline';

import { run } from '../../src/cli/program.ts';
import { Failure, type Terminal } from '../../src/cli/terminal.ts';
import type { Tools } from '../../src/cli/tools.ts';
import { rowsOf } from '../../src/core/rows.ts';
import { routingOf } from '../../src/default.ts';
import { textSource } from '../../src/sources/text.ts';
import type { Data } from './kubernetes.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface World {
  /** Standard input. */
  input?: string;
  /** The table that stands in the environment. @default none */
  table?: Data;
  env?: Readonly<Record<string, string>>;
  columns?: number | null;
}

export async function runHere(
  args: readonly string[],
  { input, table = {}, env = {}, columns = null }: World = {},
): Promise<Ran> {
  const written = { out: '', err: '' };
  const terminal: Terminal = {
    out: (text) => void (written.out += `${text}\n`),
    err: (text) => void (written.err += `${text}\n`),
    input: () =>
      input === undefined ? Promise.reject(new Failure('nothing is on standard input')) : Promise.resolve(input),
    file: (path) => Promise.reject(new Failure(`${path} is not there`)),
    columns,
    color: false,
    env,
    ended: new AbortController().signal,
  };
  const tools: Tools = {
    open: ({ own }) => {
      const resolver = createResolver({ sources: [memorySource(table)], namespace: own ?? null });
      resolver.on('problem', () => undefined);
      return Promise.resolve(resolver);
    },
    openMap(map, baseline) {
      const manifest = { apiVersion: 'v1', kind: 'ConfigMap', data: Object.fromEntries(map) };
      const sources = [
        memorySource({ baseline: baseline.join(',') }),
        textSource('standard input', JSON.stringify(manifest)),
      ];
      const resolver = createResolver({ sources, namespace: null, watch: false });
      resolver.on('problem', () => undefined);
      return resolver;
    },
    rows: (resolver) => rowsOf(routingOf(resolver).view().entries),
    wish: () => {
      throw new Failure('no wishes here');
    },
    namespaceOf,
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  };
  const code = await run(args, tools, terminal, '0.0.0');
  return { code, ...written };
}
