// Listeners that throw, reject, block and never come back, of every event: the others hear everything, once and in order,
// and the process lives.

import { join } from 'node:path';

import type { Row } from './service-row.ts';

interface Over {
  readonly heard: Readonly<Record<string, number>>;
  /** Until the last listener was told, in milliseconds. */
  readonly times: readonly number[];
  /** How many failed at each event, and how long a slow one kept the event loop. */
  readonly bad: number;
  readonly slow: number;
}

/** What the child makes happen. A stale entry is a problem too. */
const HAPPENED = [
  'change 9001',
  'change 9002',
  'stale 9002',
  'problem 9002',
  'recovered 9002',
  'change 9003',
  'refused 9003',
];
/** One that is put on while it happens hears the next one only. */
const HEARD = { change: 3, stale: 1, problem: 1, recovered: 1, refused: 1, 'change, later': 2 };

export const listeners: Row = {
  name: 'listeners that throw, reject, block, never return',
  required: 'the others are told everything in order, each failure is one warning, and nothing ends the process',
  how: 'eight bad listeners of each of the five events, in a child process',
  async run({ folder, start, same, must }) {
    const child = start('service-listeners-child.ts', { args: [join(folder(), 'config')] });
    const over = (await child.said('over', 30_000))['over'] as Over;
    const { code } = await child.exited();
    same(code, 0, 'the end of the process');
    const lines = child.lines;
    const fatal = lines.filter((line) => 'uncaught' in line || 'unhandled' in line);
    same(fatal, [], 'what reached the process');
    const told = lines
      .filter((line) => 'heard' in line)
      .map((line) => `${String(line['heard'])} ${String(line['port'])}`);
    same(told, HAPPENED, 'what the listener after the bad ones heard, and what was answered then');
    same(over.heard, HEARD, 'how often which was heard');
    const warnings = lines.filter((line) => line['warning'] === 'BRANCHLINE_LISTENER').length;
    same(warnings, HAPPENED.length * over.bad, 'the warnings BRANCHLINE_LISTENER');
    const slowest = Math.max(...over.times);
    must(slowest < over.slow + 1_000, `the last listener was told after ${slowest} ms`);
    return { noticed: 'BRANCHLINE_LISTENER', milliseconds: slowest };
  },
};
