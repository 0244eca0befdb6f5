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
 * The bytes that a call allocates: the median of `times` × 100,000 calls. Too few at once for a collection to hide any;
 * what asking for the heap's size costs is taken off.
 */
export function bytesOf(call: () => void, times: number): number {
  const empty = (): void => undefined;
  for (let warm = 0; warm < 3; warm += 1) {
    allocated(call);
    allocated(empty);
  }
  const turns = Array.from({ length: times }, () => allocated(call) - allocated(empty));
  return Math.max(0, median(turns)) / CALLS;
}

function allocated(call: () => void): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let done = 0; done < CALLS; done += 1) call();
  return process.memoryUsage().heapUsed - before;
}
