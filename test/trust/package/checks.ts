// The checks of the package that CI runs, as lines of the report card: each prints a line on a subject, or what is wrong.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import type { Outcome } from '../trial.ts';
import { project } from './run.ts';

interface Said {
  readonly figures: readonly string[];
  readonly problems: readonly string[];
}

const said = new Map<string, Said>();

/** What `.ci/SCRIPT` says on the subject; it is run once. */
export function checked(script: string, subject: string): Outcome {
  const { figures, problems } = runOnce(script);
  const about = (line: string): boolean => line.startsWith(`${subject}: `);
  const [figure, ...more] = figures.filter(about).map((line) => line.slice(subject.length + 2));
  const breaches = problems.filter(about);
  if (breaches.length === 0 && (figure === undefined || more.length > 0)) {
    throw new Error(`.ci/${script} does not say one line on "${subject}":\n${[...figures, ...problems].join('\n')}`);
  }
  return { figure: figure ?? `${breaches.length} found`, breaches };
}

function runOnce(script: string): Said {
  const known = said.get(script);
  if (known !== undefined) return known;
  const command = [join(project, '.ci', script)];
  const { stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', timeout: 120_000 });
  const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');
  const all = { figures: linesOf(stdout), problems: linesOf(stderr) };
  said.set(script, all);
  return all;
}
