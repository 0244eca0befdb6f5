// Inputs that broke something once: files that are run again, one at a time or all with the tests.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Replay {
  readonly target: string;
  readonly input: string;
  /** What was wrong. */
  readonly fault: string;
  /** What runs it again. */
  readonly command: string;
}

const FOLDER = new URL('../../replays/', import.meta.url);

/** Keeps an input; returns how to see it again. */
export function writeReplay(target: string, input: string, fault: string): string {
  const hash = createHash('sha256').update(input).digest('hex').slice(0, 8);
  const name = `${target}-${hash}.json`;
  const command = `npx tsx --tsconfig test/trust/tsconfig.dist.json test/trust/fuzz/replay.ts test/replays/${name}`;
  const replay: Replay = { target, input, fault: withoutPlaces(fault), command };
  writeFileSync(new URL(name, FOLDER), `${JSON.stringify(replay, null, 2)}\n`);
  return `input ${JSON.stringify(input)}\n${command}`;
}

/** Where the code and the files stood then helps nobody later. */
function withoutPlaces(fault: string): string {
  return (fault.split('\n    at ')[0] as string).replaceAll(/\/\S*branchline-fuzz-\w+\//g, '');
}

export function readReplay(path: string | URL): Replay {
  return JSON.parse(readFileSync(path, 'utf8')) as Replay;
}

/** All that are kept, by name. */
export function replays(): ReadonlyMap<string, Replay> {
  const names = readdirSync(fileURLToPath(FOLDER)).filter((name) => name.endsWith('.json'));
  return new Map(names.toSorted().map((name) => [name, readReplay(new URL(name, FOLDER))]));
}
