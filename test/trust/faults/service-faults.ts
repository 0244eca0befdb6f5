// The faults of what surrounds a resolver that works: bursts, listeners, clocks, threads, networks, ends, small heaps.

import type { Fault } from './fault.ts';
import { burst } from './service-burst.ts';
import { clockJumps } from './service-clock.ts';
import { copies } from './service-copies.ts';
import { closings, exits, terminations } from './service-ends.ts';
import { smallHeaps } from './service-heap.ts';
import { listeners } from './service-listeners.ts';
import { networks } from './service-network.ts';
import { faultOf } from './service-row.ts';
import { clusterWorkers, workerThreads } from './service-units.ts';

export const serviceFaults: readonly Fault[] = [
  burst,
  listeners,
  clockJumps,
  workerThreads,
  clusterWorkers,
  copies,
  ...networks,
  exits,
  terminations,
  closings,
  ...smallHeaps,
].map(faultOf);
