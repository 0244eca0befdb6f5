import { setTimeout as pause } from 'node:timers/promises';

import type { Events, Resolver } from 'branchline';

// Taken before a test can fake them.
const { setTimeout: startTimer, clearTimeout: stopTimer, performance } = globalThis;

/** Asks again every few milliseconds until it holds. An exception of `holds` is not a "no". */
export async function until(holds: () => boolean, what: string | (() => string), timeout = 10_000): Promise<void> {
  const start = performance.now();
  while (!holds()) {
    if (performance.now() - start > timeout)
      throw new Error(`waited ${timeout} ms for ${typeof what === 'string' ? what : what()}`);
    await pause(5);
  }
}

/** The promise, or an error that says what was waited for. */
export async function within<T>(promise: PromiseLike<T>, what: string | (() => string), timeout = 10_000): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = startTimer(
      () => reject(new Error(`waited ${timeout} ms for ${typeof what === 'string' ? what : what()}`)),
      timeout,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    stopTimer(timer);
  }
}

/** The next event of this kind that matches. Ask before you do what causes it. */
export async function eventOf<E extends keyof Events>(
  resolver: Resolver,
  event: E,
  matches: (event: Events[E]) => boolean = () => true,
  timeout = 10_000,
): Promise<Events[E]> {
  let off = (): void => {};
  const seen = new Promise<Events[E]>((resolve) => {
    off = resolver.on(event, (happened) => {
      if (matches(happened)) resolve(happened);
    });
  });
  try {
    return await within(seen, `the event "${event}"`, timeout);
  } finally {
    off();
  }
}
