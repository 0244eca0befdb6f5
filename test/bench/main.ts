// npm run bench: every figure is a ratio of one run, or a count.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { machine } from './harness/machine.ts';
import type { Part, Row } from './harness/part.ts';
import { tableOf } from './harness/table.ts';
import { PARTS } from './parts/index.ts';

const USAGE = `npm run bench -- [--json] [--smoke] [PART…]
  --json   the rows, the machine and the versions as JSON, on standard output
  --smoke  just enough to see that each part runs: its figures mean nothing
  PART     all when none is named:
${PARTS.map(({ name, title }) => `    ${name.padEnd(14)} ${title}`).join('\n')}`;

interface Measured {
  readonly part: string;
  readonly seconds: number;
  readonly rows: readonly Row[];
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, smoke: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    say(USAGE);
    return;
  }
  const unknown = positionals.find((name) => PARTS.every((part) => part.name !== name));
  if (unknown !== undefined) throw new TypeError(`there is no part ${unknown}\n${USAGE}`);

  const on = machine();
  note(`Node ${on.node} (V8 ${on.v8}), ${on.system}, ${on.cores} × ${on.cpu}, ${on.memory}, load ${on.load}`);
  note(
    Object.entries(on.versions)
      .map((pair) => pair.join(' '))
      .join(', '),
  );
  const parts = PARTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const measured: Measured[] = [];
  for (const part of parts) {
    note(`\n${part.title}`);
    const start = performance.now();
    const rows = await rowsOf(part, values.smoke === true);
    measured.push({ part: part.name, seconds: Math.round((performance.now() - start) / 100) / 10, rows });
    if (values.json !== true) say(`\n${part.title}\n${tableOf(rows)}`);
  }
  const seconds = Math.round(measured.reduce((sum, part) => sum + part.seconds, 0));
  if (values.json)
    say(JSON.stringify({ machine: on, smoke: values.smoke === true, seconds, parts: measured }, null, 2));
  else say(`\n${summary(measured)}, ${seconds} s`);
}

async function rowsOf({ name }: Part, smoke: boolean): Promise<readonly Row[]> {
  const file = fileURLToPath(new URL('run.js', import.meta.url));
  const child = fork(file, [name, smoke ? 'smoke' : 'whole'], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  let rows: readonly Row[] | null = null;
  child.on('message', (message) => {
    rows = message as readonly Row[];
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0 || rows === null) throw new Error(`the part ${name} ended with ${String(code)}`);
  return rows;
}

function summary(measured: readonly Measured[]): string {
  const targets = measured.flatMap(({ rows }) => rows).filter(({ met }) => met !== null);
  return `${targets.filter(({ met }) => met).length} of ${targets.length} targets met`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

await main();
