// Long work in pieces: at once where an answer depends on it, otherwise with the event loop let through in between.

import timers from 'node:timers';

/** How long one piece may take, in milliseconds. */
const SLICE = 4;

// Taken when the module is loaded: a test's fake timers must not stop a reload.
const { setImmediate } = timers;
const now = performance.now.bind(performance);

/** Does all of it now. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** Does a few milliseconds of it at a time. A rejection is the work's own error. */
export async function inPieces<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const until = now() + SLICE;
    do {
      const { done, value } = work.next();
      if (done === true) return value;
    } while (now() < until);
    await new Promise<void>((resume) => {
      setImmediate(resume);
    });
  }
}
