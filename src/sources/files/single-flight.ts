// One at a time: a call during a run makes one more, however many calls there are.

/** The returned function resolves when a run is over that began after the call. `stronger` merges two waiting reasons. */
export function singleFlight<R>(
  run: (reason: R) => Promise<void>,
  stronger: (one: R, other: R) => R,
): (reason: R) => Promise<void> {
  let running: Promise<void> | null = null;
  let waiting: { reason: R; promise: Promise<void> } | null = null;

  const start = (reason: R): Promise<void> => {
    const current = run(reason).finally(() => {
      if (running === current) running = null;
    });
    running = current;
    return current;
  };

  return (reason) => {
    if (running === null) return start(reason);
    if (waiting !== null) {
      waiting.reason = stronger(waiting.reason, reason);
      return waiting.promise;
    }
    const next = { reason, promise: Promise.resolve() };
    const go = (): Promise<void> => {
      waiting = null;
      return start(next.reason);
    };
    next.promise = running.then(go, go);
    waiting = next;
    return next.promise;
  };
}
