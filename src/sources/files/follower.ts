// Follows a folder or a file: when to look, and when to wait. The watch is a hint, the poll is the truth. One look at a
// time; a signal during a look makes one more.

import timers from 'node:timers';

import { isVariant } from '../../core/own.ts';
import type { OpenOptions, Sink } from '../../core/source.ts';
import { createArming } from './arming.ts';
import { clock } from './clock.ts';
import { answerLater } from './disk.ts';
import { concerns, type Fingerprint, fingerprint, folderOf, look, type Look, type Target } from './layout.ts';
import { singleFlight } from './single-flight.ts';
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

/** What moved at every look for this long, in milliseconds, and for a poll, cannot be read. */
const LONG_RESTLESS = 5000;

// Taken when the module is loaded: a test's fake timers must not stop the poll.
const {
  setInterval: startInterval,
  clearInterval: stopInterval,
  setTimeout: startTimer,
  clearTimeout: stopTimer,
  setImmediate: soon,
} = timers;

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
  let closed = false;
  /** What was read last, and whether it needs no second look. */
  let version: string | null = first.version;
  let confirmed = first.atomic;
  let atomic = first.atomic;
  let print: Fingerprint | null = null;
  /** What is waited for to become quiet, and since when. */
  let restless: { version: string; since: number; changed: number } | null = null;
  let retry = FIRST_RETRY;
  /** Since when it moved at every look. */
  let movingSince: number | null = null;
  let timer: NodeJS.Timeout | null = null;
  let poll: NodeJS.Timeout | null = null;
  let signalled = false;
  /** A poll found what no event told of. */
  let suspicious = false;

  const arming = createArming(folderOf(target), createTrigger(), sink, {
    event(name) {
      if (signalled || closed || !concerns(target, name)) return;
      signalled = true;
      suspicious = false;
      soon(() => {
        signalled = false;
        if (!atomic) confirmed = false;
        void lookAgain('event');
      });
    },
    armed: () => void lookAgain('event'),
  });

  const later = (ms: number): void => {
    if (timer !== null) stopTimer(timer);
    timer = startTimer(() => {
      timer = null;
      void lookAgain('event');
    }, ms).unref();
  };

  const once = async (reason: Reason): Promise<void> => {
    if (closed) return;
    print = await answerLater(fingerprint(target, reason === 'poll' ? print : null));
    if (closed) return;
    if (reason === 'poll') suspect(print.version);
    if (watch) arming.keep(print.folder);
    if (print.version === version && confirmed && reason !== 'call') {
      restless = null;
      sink.checked();
      return;
    }
    if (!print.atomic && reason !== 'call' && mustSettle(print.version)) return;

    const seen = await answerLater(look(target, atomic));
    if (closed) return;
    if (isVariant(seen, 'moving')) {
      movingSince ??= clock();
      later(retry);
      retry = Math.min(retry * 2, pollInterval);
      // Never silent: what cannot be read for so long is said to be so.
      if (clock() - movingSince > Math.max(pollInterval, LONG_RESTLESS))
        await deliver({ unreadable: 'it changes at every try to read it' });
      return;
    }
    movingSince = null;
    retry = FIRST_RETRY;
    restless = null;
    await deliver(seen);
    const whole = isVariant(seen, 'files') ? seen.complete : isVariant(seen, 'missing');
    // A file that is written twice within a tick of the clock has one stamp for both: look once more. What was seen must
    // be what the print is of, too: it may come, and go again, and then the print is the same as before.
    const isOfPrint = (print.atomic && isVariant(seen, 'files')) || (await printNow()) === print.version;
    confirmed = whole && isOfPrint && (print.atomic || print.version === version);
    ({ version, atomic } = print);
  };

  const printNow = async (): Promise<string> => (await answerLater(fingerprint(target))).version;

  /** If the next poll hears of no event either, the watch is dead. What is being waited for was told of. */
  const suspect = (seen: string): void => {
    if (!arming.isArmed()) return;
    if (suspicious) arming.doubt();
    suspicious = !suspicious && seen !== version && restless === null && movingSince === null;
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

  const lookAgain = singleFlight(once, (one, other) => (one === 'call' ? one : other));

  return {
    async start() {
      sink.watching('poll');
      poll = startInterval(() => void lookAgain('poll'), pollInterval).unref();
      await lookAgain('event');
      await arming.settled();
      // What was changed while the watch was being armed.
      await lookAgain('event');
    },
    reload: () => lookAgain('call'),
    async close() {
      closed = true;
      if (poll !== null) stopInterval(poll);
      if (timer !== null) stopTimer(timer);
      await arming.close();
      await lookAgain('event');
    },
  };
}
