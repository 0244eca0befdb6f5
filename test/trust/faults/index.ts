// The room of faults: each is injected for real, none is imagined.

import type { Trial } from '../trial.ts';
import { badUpdates } from './configuration-bad.ts';
import { missingDefault, missingNamed } from './configuration-missing.ts';
import { everyPrefix } from './configuration-prefixes.ts';
import { trialsOf } from './fault.ts';
import { disks } from './files-disk.ts';
import { overwritten, rewritten } from './files-rewritten.ts';
import { endless, special, specialAtStart } from './files-special.ts';
import { gone, swapped } from './mount-gone.ts';
import { torn } from './mount-torn.ts';
import { serviceFaults } from './service-faults.ts';
import { faultOf, type Row } from './service-row.ts';
import { exhausted } from './watching-exhausted.ts';
import { silent } from './watching-silent.ts';

/** They wait most of the time: for a poll, for a file to be quiet, for a process to start. */
const beside = [
  missingNamed,
  missingDefault,
  ...badUpdates,
  ...gone,
  ...swapped,
  ...exhausted,
  ...silent,
  specialAtStart,
  endless,
].map((row): Row => ({ ...row, beside: true }));

const alone = [everyPrefix, torn, rewritten, overwritten, ...special, ...disks];

export const faults: readonly Trial[] = trialsOf([...[...beside, ...alone].map(faultOf), ...serviceFaults]);
