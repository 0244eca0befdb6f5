// The room of long runs: what does not grow, what does not mix, what does not stand still.

import type { Trial } from '../trial.ts';
import { blocking } from './block.ts';
import { churn } from './churn.ts';
import { smallHeap } from './heap.ts';
import { reloads } from './reloads.ts';
import { unique } from './unique.ts';

export const soak: readonly Trial[] = [reloads, churn, smallHeap, unique, blocking];
