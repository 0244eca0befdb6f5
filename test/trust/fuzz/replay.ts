// Runs one kept input again: prints what is wrong, and ends with 1, or says that it holds.

import process from 'node:process';

import { readReplay } from './replays.ts';
import { holds } from './run.ts';
import { TARGETS } from './targets/index.ts';

const [path] = process.argv.slice(2);
if (path === undefined) {
  process.stderr.write('want the path of a replay, like test/replays/values-0a1b2c3d.json\n');
  process.exitCode = 2;
} else {
  const { target: name, input } = readReplay(path);
  const target = TARGETS.find((candidate) => candidate.name === name);
  if (target === undefined)
    throw new Error(`there is no target ${name}; there are ${TARGETS.map((one) => one.name).join(', ')}`);
  const fault = await holds(target, input);
  process.stdout.write(`${JSON.stringify(input)}\n${fault ?? 'holds'}\n`);
  process.exitCode = fault === null ? 0 : 1;
}
