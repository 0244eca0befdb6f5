// The parts, in the order in which they are run and printed.

import type { Part } from '../harness/part.ts';
import { changing } from './change.ts';
import { within } from './context.ts';
import { dispatching } from './dispatcher.ts';
import { dns } from './dns.ts';
import { fetching } from './fetch.ts';
import { headerRouting } from './header-routing.ts';
import { memory } from './memory.ts';
import { reloading } from './reload.ts';
import { resolving } from './resolve.ts';
import { starting } from './start.ts';
import { swapping } from './swap.ts';

export const PARTS: readonly Part[] = [
  resolving,
  within,
  fetching,
  dispatching,
  headerRouting,
  swapping,
  reloading,
  changing,
  starting,
  memory,
  dns,
];
