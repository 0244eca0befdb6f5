// The time that sources count in: one that no test's fake timers stop, whether they come before the import or after it.

/** Milliseconds since some moment; never goes back. */
export function clock(): number {
  return process.uptime() * 1000;
}
