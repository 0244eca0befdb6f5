// Follows a folder or a file: when to look, when to wait, and what to do about a watch that died. The watch is a hint;
// the poll is the truth. One look at a time; a signal during a look makes one more.

import type { OpenOptions, Sink } from '../../core/source.ts';
import { answerLater } from './disk.ts';
import { concerns, fingerprint, folderOf, look, type Look, type Target } from './layout.ts';
import type { CreateTrigger } from './trigger.ts';

export interface Follower {
  /** Resolves when the watch is armed or given up, and what changed meanwhile was looked at. */
  start(): Promise<void>;
  /** Looks again, whatever the signs say. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Takes what was seen; resolves when it is live. */
export type Deliver = (seen: Exclude<Look, { moving: true }>) => Promise<void>;

/** A file that is not swapped as a whole must be quiet for this long before it is read, in milliseconds … */
const SETTLE = 100;
/** … but it is read after this long all the same. */
const MOST_PATIENCE = 1000;
/** After a look that always moved, the next one waits this long, then twice as long, up to the poll interval. */
const FIRST_RETRY = 50;

// Taken when the module is loaded: a test's fake timers must not stop the poll.
const {
  setInterval: startInterval,
  clearInterval: stopInterval,
  setTimeout: startTimer,
  clearTimeout: stopTimer,
  setImmediate: soon,
} = globalThis;

const clock = performance.now.bind(performance);

type Reason = 'event' | 'poll' | 'call';

export interface First {
  readonly version: string;
  readonly atomic: boolean;
}

export function createFollower(
  target: Target,
  { pollInterval, watch }: OpenOptions,
  sink: Pick<Sink, 'checked' | 'watching'>,
  deliver: Deliver,
  createTrigger: CreateTrigger,
  first: First,
): Follower {
  const trigger = createTrigger();
  let closed = false;
  let running: Promise<void> | null = null;
  let again: Reason | null = null;
  /** The folder on which a watch is armed. */
  let armedOn: string | null = null;
  /** What was read last, and whether it needs no second look. */
  let version: string | null = first.version;
  let confirmed = first.atomic;
  let atomic = first.atomic;
  /** What is waited for to become quiet, and since when. */
  let restless: { version: string; since: number; changed: number } | null = null;
  let retry = FIRST_RETRY;
  let timer: NodeJS.Timeout | null = null;
  let poll: NodeJS.Timeout | null = null;
  let signalled = false;
  let suspicious = false;

  const later = (ms: number): void => {
    if (timer !== null) stopTimer(timer);
    timer = startTimer(() => {
      timer = null;
      void lookAgain('event');
    }, ms).unref();
  };

  const onEvent = (name: string | null): void => {
    if (signalled || closed || !concerns(target, name)) return;
    signalled = true;
    suspicious = false;
    soon(() => {
      signalled = false;
      if (!atomic) confirmed = false;
      void lookAgain('event');
    });
  };

  const onLost = (reason: string): void => {
    armedOn = null;
    if (!closed) sink.watching('poll', reason);
  };

  const arm = async (folder: string | null): Promise<void> => {
    armedOn = folder;
    if (folder === null) {
      await trigger.disarm();
      if (!closed) sink.watching('poll');
      return;
    }
    const lost = await trigger.arm(folderOf(target), onEvent, onLost);
    if (closed) return;
    if (lost === null) {
      sink.watching('native');
      return;
    }
    armedOn = null;
    await trigger.disarm();
    sink.watching('poll', lost);
  };

  /** One look. Arms first and reads after, so that nothing falls between. */
  const once = async (reason: Reason): Promise<void> => {
    let print = await answerLater(fingerprint(target));
    if (reason === 'poll') suspect(print.version);
    if (watch && !closed && print.folder !== armedOn) {
      await arm(print.folder);
      print = await answerLater(fingerprint(target));
    }
    if (closed) return;
    if (print.version === version && confirmed && reason !== 'call') {
      restless = null;
      sink.checked();
      return;
    }
    if (!print.atomic && reason !== 'call' && mustSettle(print.version)) return;

    const seen = await answerLater(look(target, atomic));
    if (closed) return;
    if ('moving' in seen) {
      later(retry);
      retry = Math.min(retry * 2, pollInterval);
      return;
    }
    retry = FIRST_RETRY;
    restless = null;
    await deliver(seen);
    const whole = 'files' in seen ? seen.complete : 'missing' in seen;
    // A file that is written twice within a tick of the clock has one stamp for both: look once more.
    confirmed = whole && (print.atomic || print.version === version);
    ({ version, atomic } = print);
  };

  /** A poll that finds what no event told of: if the next one hears of no event either, the watch is dead. */
  const suspect = (seen: string): void => {
    if (armedOn === null) return;
    if (suspicious) armedOn = null;
    suspicious = armedOn !== null && seen !== version;
  };

  const mustSettle = (seen: string): boolean => {
    if (seen === version) return false;
    const now = clock();
    restless ??= { version: seen, since: now, changed: now };
    if (restless.version !== seen) restless = { ...restless, version: seen, changed: now };
    const quiet = now - restless.changed;
    if (quiet >= SETTLE || now - restless.since >= MOST_PATIENCE) return false;
    later(SETTLE - quiet);
    return true;
  };

  const lookAgain = (reason: Reason): Promise<void> => {
    if (closed) return Promise.resolve();
    if (running !== null) {
      if (again !== 'call') again = reason;
      return running;
    }
    running = (async () => {
      let next: Reason | null = reason;
      while (next !== null && !closed) {
        again = null;
        await once(next);
        next = again;
      }
      running = null;
    })();
    return running;
  };

  return {
    async start() {
      sink.watching('poll');
      poll = startInterval(() => {
        void lookAgain('poll');
      }, pollInterval).unref();
      await lookAgain('event');
    },
    reload: () => lookAgain('call'),
    async close() {
      closed = true;
      if (poll !== null) stopInterval(poll);
      if (timer !== null) stopTimer(timer);
      await trigger.disarm();
      await running;
    },
  };
}
