import process from 'node:process';

import { expect } from 'vitest';

/**
 * Holds that work on eight times as much text costs about eight times as much, in processor time: quadratic work would
 * cost 64 times. The bound is three times what linear work costs, and a tenth of a second besides.
 */
export function expectLinear(work: (length: number) => unknown, length = 32_768): void {
  const few = cheapest(() => work(length));
  const many = cheapest(() => work(8 * length));
  expect(many).toBeLessThan(24 * few + 100);
}

/** Of three runs, in milliseconds of the process: what others do on the machine does not count. */
function cheapest(work: () => unknown): number {
  const costs = [0, 1, 2].map(() => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...costs);
}
