// A source on a disk: the first load at once, then following. What the files mean is the source's own.

import { isVariant } from '../../core/own.ts';
import type { Raw, Report, Work } from '../../core/reading.ts';
import type { OpenOptions, OpenSource, Sink } from '../../core/source.ts';
import { clock } from './clock.ts';
import { answerNow } from './disk.ts';
import { createFollower, type Deliver } from './follower.ts';
import { frozenBy } from './frozen.ts';
import { fingerprint, look, patiently, type Target } from './layout.ts';
import { chokidarTrigger, type CreateTrigger } from './trigger.ts';

export interface TargetSource {
  readonly target: Target;
  /** May be missing at start. */
  readonly optional: boolean;
  /** Takes something that is no file for nothing. */
  readonly lenient?: boolean | undefined;
  /** What to do about it when it is missing. */
  readonly remedy: string;
  /** Makes a report of the files, by name; a file that is the target itself is called `''`. */
  readonly read: (files: ReadonlyMap<string, Raw>) => Work | Report;
}

export function openTarget(
  { target, optional, lenient = false, remedy, read }: TargetSource,
  sink: Sink,
  options: OpenOptions,
  createTrigger: CreateTrigger = chokidarTrigger,
): OpenSource {
  const report = (seen: Parameters<Deliver>[0]): Work | Report => {
    if (isVariant(seen, 'files')) return read(seen.files);
    if (isVariant(seen, 'special') && lenient) return { vanished: `it is ${seen.special}` };
    if (isVariant(seen, 'special')) return { failed: `it cannot be read: it is ${seen.special}` };
    if (isVariant(seen, 'unreadable')) return { failed: `it cannot be read: ${seen.unreadable}` };
    const missing = `it is not there; ${remedy}`;
    return optional ? { vanished: missing } : { failed: missing };
  };

  const frozen = frozenBy(target);
  const told: Sink = frozen === null ? sink : { ...sink, watching: () => sink.watching('none', frozen) };

  const first = answerNow(fingerprint(target));
  const seen = answerNow(look(target, false, patiently(clock)));
  sink.pushNow(isVariant(seen, 'moving') ? { failed: 'it changed at every try to read it; try again' } : report(seen));

  const follower = createFollower(target, options, told, (next) => sink.push(report(next)), createTrigger, first);
  return { ready: follower.start(), reload: follower.reload, close: follower.close };
}
