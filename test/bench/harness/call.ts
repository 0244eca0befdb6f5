// What one call costs that is over in nanoseconds: its time, and the bytes that it leaves behind.

import { do_not_optimize, measure } from 'mitata';
import { median } from 'simple-statistics';

/** Long enough for the compiler to have settled, in nanoseconds of CPU time. */
const ENOUGH = 40e6;

/** What a call returns is used, or the compiler would not make the call. */
export const use = do_not_optimize;

/** The median of one call, in nanoseconds. The call must `use` what it gets. */
export async function nanoseconds(call: () => void, enough = ENOUGH): Promise<number> {
  return (await measure(call, { min_cpu_time: enough })).p50;
}

const CALLS = 100_000;

/**
 * The bytes that a call allocates: what 100,000 calls take more than half of them, the median of `times`. So what a turn
 * itself costs falls out: asking for the heap's size, and what the engine makes anew after a collection. Too few calls at
 * once for a collection to hide any.
 */
export function bytesOf(call: () => void, times: number): number {
  for (let warm = 0; warm < 3; warm += 1) allocated(call, CALLS);
  const turns = Array.from({ length: times }, () => allocated(call, CALLS) - allocated(call, CALLS / 2));
  return Math.max(0, median(turns)) / (CALLS / 2);
}

function allocated(call: () => void, calls: number): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let done = 0; done < calls; done += 1) call();
  return process.memoryUsage().heapUsed - before;
}
