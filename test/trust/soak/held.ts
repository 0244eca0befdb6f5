// What a process holds at a moment: heap after a collection, handles, descriptors, watches.

import { readdirSync } from 'node:fs';
import process from 'node:process';

import { inotifyWatches } from '../../doubles/inotify.ts';

export interface Held {
  /** What keeps the event loop busy, by kind. */
  readonly resources: readonly string[];
  readonly descriptors: number;
  readonly watches: number;
}

/** Files that are being read at this moment are nobody's leak. */
const PASSING = /^(?:FSReqCallback|FSReqPromise|Immediate)$/;

export function heldNow(): Held {
  return {
    resources: process
      .getActiveResourcesInfo()
      .filter((kind) => !PASSING.test(kind))
      .toSorted(),
    ...(process.platform === 'linux'
      ? { descriptors: readdirSync('/proc/self/fd').length, watches: inotifyWatches() }
      : { descriptors: 0, watches: 0 }),
  };
}

/** Bytes in use after a full collection; needs `--expose-gc`. Twice: what has finalizers goes with the second one. */
export function heapNow(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('run it with --expose-gc');
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}
