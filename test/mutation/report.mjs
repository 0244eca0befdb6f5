// The figures of the last runs, room by room, and every mutant that nothing noticed.
import { existsSync, readFileSync } from 'node:fs';

import { CACHE, ROOMS } from './rooms.mjs';

const DETECTED = new Set(['Killed', 'Timeout']);
const COUNTED = new Set(['Killed', 'Timeout', 'Survived', 'NoCoverage']);

const lines = ['| folder | mutants | killed | left | score | without string literals |', '|---|--:|--:|--:|--:|--:|'];
const left = [];
const all = [];

function row(name, mutants) {
  const killed = mutants.filter(({ status }) => DETECTED.has(status)).length;
  const score = (list) =>
    `${((100 * list.filter(({ status }) => DETECTED.has(status)).length) / Math.max(1, list.length)).toFixed(1)} %`;
  const logic = mutants.filter(({ mutatorName }) => mutatorName !== 'StringLiteral');
  lines.push(
    `| ${name} | ${mutants.length} | ${killed} | ${mutants.length - killed} | ${score(mutants)} | ${score(logic)} |`,
  );
}

/** The text that a mutant stood for, on its first line. */
function original(source, { start, end }) {
  const line = source.split('\n')[start.line - 1];
  return line.slice(start.column - 1, start.line === end.line ? end.column - 1 : undefined);
}

for (const name of Object.keys(ROOMS)) {
  const path = `${CACHE}/${name}.json`;
  if (!existsSync(path)) continue;
  const mutants = [];
  for (const [file, { source, mutants: found }] of Object.entries(JSON.parse(readFileSync(path, 'utf8')).files)) {
    for (const mutant of found) {
      if (!COUNTED.has(mutant.status)) continue;
      mutants.push(mutant);
      if (DETECTED.has(mutant.status)) continue;
      const { line, column } = mutant.location.start;
      const to = mutant.replacement.replaceAll(/\s+/g, ' ');
      left.push(`${file}:${line}:${column} ${mutant.mutatorName}: ${original(source, mutant.location)} => ${to}`);
    }
  }
  row(name, mutants);
  all.push(...mutants);
}
row('all', all);
process.stdout.write(`${[...left, '', ...lines].join('\n')}\n`);
