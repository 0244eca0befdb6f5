// npm run trust: the report card, from one seeded run. Ends with 1 when a promise was broken.

import { cpus } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { faults } from './faults/index.ts';
import { fuzzing } from './fuzz/index.ts';
import { model } from './model/index.ts';
import { packaging } from './package/index.ts';
import { soak } from './soak/index.ts';
import { AXES, type Form, FORMS, type Given, type Outcome, type Trial } from './trial.ts';

const ROOMS: Readonly<Record<string, readonly Trial[]>> = { fuzzing, model, faults, soak, packaging };

const USAGE = `npm run trust -- [--seed N] [--short | --long] [--json] [ROOM…]
  --seed N   repeats the run that printed this seed
  --short    what CI runs, about three minutes
  --long     with what takes hours: 20 runs of the tests, four versions of Node, 100,000 reloads
  --json     the card as JSON, on standard output
  ROOM       ${Object.keys(ROOMS).join(', ')}; all when none is named`;

interface Line {
  readonly trial: Trial;
  readonly outcome: Outcome;
  readonly seconds: number;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      short: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(USAGE);
    return;
  }
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new TypeError(`--seed ${values.seed} is no whole number`);
  const unknown = positionals.find((room) => !Object.hasOwn(ROOMS, room));
  if (unknown !== undefined) throw new TypeError(`there is no room ${unknown}\n${USAGE}`);
  const form: Form = values.long ? 'long' : values.short ? 'short' : 'full';

  const note = (text: string): void => void process.stderr.write(`${text}\n`);
  note(`seed ${seed}, ${form}, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`);
  const rooms = positionals.length === 0 ? Object.keys(ROOMS) : positionals;
  const trials = rooms
    .flatMap((room) => ROOMS[room] ?? [])
    .filter(({ from }) => FORMS.indexOf(from) <= FORMS.indexOf(form));
  const lines: Line[] = [];
  for (const trial of trials) {
    const start = performance.now();
    const outcome = await attempt(trial, givenOf(form, seed, note));
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    note(`${outcome.breaches.length === 0 ? 'held  ' : 'BROKEN'}  ${trial.name} (${seconds} s)`);
    lines.push({ trial, outcome, seconds });
  }
  const breaches = lines.flatMap(({ outcome }) => outcome.breaches);
  if (values.json) say(JSON.stringify({ seed, form, node: process.versions.node, lines }, null, 2));
  else say(cardOf(lines, `seed ${seed}, ${form}, Node ${process.versions.node}`));
  if (breaches.length > 0 || lines.length === 0) process.exitCode = 1;
}

/** A trial that cannot be run has not shown that the promise holds. */
async function attempt(trial: Trial, given: Given): Promise<Outcome> {
  try {
    return await trial.run(given);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { figure: 'not run', breaches: [`the trial itself failed: ${text}`] };
  }
}

function givenOf(form: Form, seed: number, note: (text: string) => void): Given {
  return {
    form,
    seed,
    times: (short, full, long = full) => ({ short, full, long })[form],
    progress: (text) => note(`        ${text}`),
  };
}

function cardOf(lines: readonly Line[], how: string): string {
  const width = Math.max(...lines.map(({ trial }) => trial.name.length));
  const text = AXES.flatMap((axis) => {
    const own = lines.filter(({ trial }) => trial.axis === axis);
    return own.length === 0 ? [] : ['', axis, ...own.flatMap((line) => linesOf(line, width))];
  });
  const broken = lines.filter(({ outcome }) => outcome.breaches.length > 0).length;
  return [...text, '', `${lines.length - broken} of ${lines.length} promises held (${how})`].join('\n');
}

function linesOf({ trial, outcome }: Line, width: number): string[] {
  const { figure, breaches, rows = [] } = outcome;
  const columns = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? [];
  return [
    `  ${breaches.length === 0 ? 'held  ' : 'BROKEN'}  ${trial.name.padEnd(width)}  ${figure}`,
    ...rows.map((row) =>
      `            ${row.map((cell, column) => cell.padEnd(columns[column] ?? 0)).join('  ')}`.trimEnd(),
    ),
    ...breaches.flatMap((breach) =>
      breach.split('\n').map((line, index) => `          ${index === 0 ? '! ' : '  '}${line}`),
    ),
  ];
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
