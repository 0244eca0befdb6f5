// A clock that all processes of a machine share.

import process from 'node:process';

/** Milliseconds since the machine was started. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
