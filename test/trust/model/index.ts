// The room of invariants: what holds for any table, any question and any order of events.

import type { Trial } from '../trial.ts';
import { agreement } from './agree.ts';
import { answers } from './answers.ts';
import { branches } from './branches.ts';
import { headers } from './headers.ts';
import { trialOf } from './invariant.ts';
import { leaving } from './leaving.ts';
import { linearity } from './linear.ts';
import { order } from './order.ts';
import { snapshots } from './snapshots.ts';
import { flakes, versions } from './suite.ts';

const invariants = trialOf([...answers, ...branches, ...headers, ...snapshots]);

export const model: readonly Trial[] = [agreement, invariants, order, leaving, linearity, flakes, versions];
