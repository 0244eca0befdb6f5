// Every input that once broke something, run again through its target.

import { afterAll, describe, expect, test } from 'vitest';

import { removeFiles } from '../trust/fuzz/files.ts';
import { replays } from '../trust/fuzz/replays.ts';
import { holds } from '../trust/fuzz/run.ts';
import { TARGETS } from '../trust/fuzz/targets/index.ts';

const kept = replays();

afterAll(removeFiles);

describe('what once broke', () => {
  test('is kept', () => {
    expect(kept.size).toBeGreaterThan(0);
  });

  test.each([...kept])('holds: %s', async (_, { target: name, input }) => {
    const target = TARGETS.find((candidate) => candidate.name === name);
    if (target === undefined) throw new Error(`there is no target ${name}`);
    expect(await holds(target, input)).toBeNull();
  });

  test('would be seen to break', async () => {
    const broken = {
      name: 'broken',
      seeds: [],
      words: [],
      hold: (input: string) => (input === 'x' ? 'x is wrong' : null),
    };
    const throwing = { ...broken, hold: (input: string) => JSON.parse(input) as null };
    expect(await holds(broken, 'x')).toBe('x is wrong');
    expect(await holds(broken, 'y')).toBeNull();
    expect(await holds(throwing, '{')).toMatch(/^thrown past the oracle: SyntaxError/);
  });
});
