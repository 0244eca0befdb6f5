// Keeps a watch armed on a folder that may come, go, or be replaced by another of the same name.

import type { Sink } from '../../core/source.ts';
import { clock } from './clock.ts';
import type { Trigger } from './trigger.ts';

export interface Arming {
  /**
   * Sees to it that the folder of this identity is watched; `null` when it is not there. Does not wait: when the watch
   * is armed, `armed` is called, because something may have happened before.
   */
  keep(identity: string | null): void;
  /** The folder is watched, as far as anybody knows. */
  isArmed(): boolean;
  /** The watch is dead: says so, and arms anew the next time. */
  doubt(): void;
  /** What is under way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface ArmingEvents {
  readonly event: (name: string | null) => void;
  readonly armed: () => void;
}

/** After a watch that could not be armed, the next try waits this long, in milliseconds: at least one poll. */
const NEXT_TRY = 1000;

export function createArming(
  folder: string,
  trigger: Trigger,
  sink: Pick<Sink, 'watching'>,
  { event, armed }: ArmingEvents,
): Arming {
  let armedOn: string | null = null;
  let underWay: Promise<void> | null = null;
  let notBefore = Number.NEGATIVE_INFINITY;
  let closed = false;

  const lose = (reason: string): void => {
    armedOn = null;
    if (!closed) sink.watching('poll', reason);
  };

  const arm = async (identity: string): Promise<void> => {
    armedOn = identity;
    const lost = await trigger.arm(folder, event, lose);
    if (closed) return;
    if (lost === null) {
      sink.watching('native');
      armed();
      return;
    }
    notBefore = clock() + NEXT_TRY;
    await trigger.disarm();
    lose(lost);
  };

  const disarm = async (): Promise<void> => {
    armedOn = null;
    await trigger.disarm();
    if (!closed) sink.watching('poll');
  };

  return {
    keep(identity) {
      if (closed || underWay !== null || identity === armedOn || clock() < notBefore) return;
      underWay = (identity === null ? disarm() : arm(identity)).finally(() => {
        underWay = null;
      });
    },
    isArmed: () => armedOn !== null && underWay === null,
    doubt() {
      lose('it did not tell of changes that were there; it is watched anew');
    },
    settled: async () => {
      await underWay;
    },
    async close() {
      closed = true;
      await trigger.disarm();
      await underWay;
    },
  };
}
