// What the root costs a process that starts: its import, the first answer, and its size.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { createKubelet } from '../../doubles/kubelet.ts';
import { numberedPayload } from '../../doubles/numbered.ts';
import { interleave, type Rounds, spread, typical } from '../harness/interleave.ts';
import { count, type Figure, type Part, type Row, row } from '../harness/part.ts';

const ENTRIES = 50;

export const starting: Part = {
  name: 'start',
  title: 'import of the root, and the first answer, in fresh processes',
  async run({ times, progress }) {
    const mount = mkdtempSync(join(tmpdir(), 'branchline-bench-'));
    createKubelet(mount).write(numberedPayload(ENTRIES, 1));
    progress('processes');
    const processes = {
      empty: () => lifeOf('start-empty', mount),
      import: () => lifeOf('start-import', mount),
      resolve: () => lifeOf('start-resolve', mount),
      ready: () => lifeOf('start-ready', mount),
    };
    try {
      await interleave(processes, times(2, 0));
      const rounds = await interleave(processes, times(60, 2));
      const ms = (name: keyof typeof processes): string => `${typical(rounds, name).toFixed(1)} ms`;
      const target = { most: 15 };
      return [
        row("import 'branchline'", 'an empty module', more(rounds, 'import', 'empty'), {
          unit: 'ms more',
          target,
          note: `${ms('import')} beside ${ms('empty')}: a process of Node, from its start to its end`,
        }),
        row(`first resolve(name), ${ENTRIES} key files`, 'the import alone', more(rounds, 'resolve', 'import'), {
          unit: 'ms more',
          target,
          note: `${ms('resolve')}; the mount, the environment and .env are read`,
        }),
        row('ready()', 'the first resolve(name)', more(rounds, 'ready', 'resolve'), {
          unit: 'ms more',
          note: `${ms('ready')}; chokidar is loaded after the first answer, which does not wait for it`,
        }),
        sizeOfRoot(),
      ];
    } finally {
      rmSync(mount, { recursive: true, force: true });
    }
  },
};

/** From the start of a process to its end, in milliseconds. Its environment is that of a Pod's container. */
function lifeOf(name: string, mount: string): number {
  const file = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  const env = { PATH: process.env['PATH'], BRANCHLINE_CONFIG: mount, BRANCHLINE_NAMESPACE: 'develop' };
  const before = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [file], { cwd: mount, env, encoding: 'utf8' });
  const ms = performance.now() - before;
  if (status !== 0) throw new Error(`${name} ended with ${String(status)}: ${stderr}`);
  return ms;
}

/** Rounds and not medians: what slows one process slows the next. */
function more<Name extends string>(rounds: Rounds<Name>, one: Name, other: Name): Figure {
  return spread(rounds.map((round) => round[one] - round[other]));
}

/** As the project's own gate counts it. */
function sizeOfRoot(): Row {
  const gate = fileURLToPath(new URL('../../../.ci/check-root-entry', import.meta.url));
  const { stdout } = spawnSync(process.execPath, [gate], { encoding: 'utf8' });
  const [, files, bytes, budget] = /^dist\/index\.js: (\d+) files, (\d+) of (\d+) bytes/m.exec(stdout) ?? [];
  if (bytes === undefined) throw new Error(`${gate} does not tell the size of the root`);
  return row('size of the root and what it imports', null, count(Number(bytes) / 1000), {
    unit: 'kB gzipped',
    target: { most: Number(budget) / 1000 },
    note: `${files} files, not minified; the budget is that of .ci/check-root-entry`,
  });
}
