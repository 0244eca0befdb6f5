// The tests themselves, again and again, and on every version of Node: one that fails now and then is found here.

import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

import type { Trial } from '../trial.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const RUNS = 20;
const MAJORS = ['20', '22', '24', '26'];

export const flakes: Trial = {
  axis: 'predictable',
  name: 'the tests pass, each time',
  from: 'long',
  async run({ progress }) {
    const breaches: string[] = [];
    for (let run = 1; run <= RUNS; run += 1) {
      const { code, output } = await runIt('npm', ['test']);
      progress(`run ${run} of ${RUNS}: ${closingLine(output)}`);
      if (code !== 0)
        breaches.push(`run ${run} ended with ${code}: ${closingLine(output)}\n${failuresIn(output).join('\n')}`);
    }
    return { figure: `flaky in ${RUNS} runs: ${breaches.length}`, breaches };
  },
};

export const versions: Trial = {
  axis: 'predictable',
  name: 'the tests pass on every version of Node that is supported',
  from: 'long',
  async run({ progress }) {
    const rows: string[][] = [];
    const breaches: string[] = [];
    for (const major of MAJORS) {
      const { code, output } = await runIt('bash', ['.ci/matrix', major]);
      const summary = closingLine(output, /^Node .*/gm);
      progress(summary);
      rows.push([summary]);
      if (code !== 0) breaches.push(`${summary}\n${failuresIn(output).join('\n')}`);
    }
    return { figure: `${MAJORS.length - breaches.length} of ${MAJORS.length} versions`, breaches, rows };
  },
};

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** As from a terminal: the tests are to find the sources, and not what 'branchline' means to this process. */
async function runIt(program: string, args: readonly string[]): Promise<Ran> {
  const { TSX_TSCONFIG_PATH: _ownMeaning, ...env } = process.env;
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return { code, output: stripVTControlCharacters(output) };
}

/** `N passed, N failed`, which is all that the tests promise of their output. */
function closingLine(output: string, pattern = /^\d+ passed, .*$/gm): string {
  return output.match(pattern)?.at(-1) ?? output.slice(-200);
}

/** The names of the tests that failed. */
function failuresIn(output: string): string[] {
  return [...new Set(output.match(/^\s*FAIL .*$/gm)?.map((line) => line.trim()))].slice(0, 50);
}
