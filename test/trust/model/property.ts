// A property that did not hold, as a breach: why, what was drawn, and the seed and path that draw it again.

import fc from 'fast-check';

export function breachesOf<T>(what: string, details: fc.RunDetails<T>): string[] {
  if (!details.failed) return [];
  const { errorInstance: error, counterexample, seed, counterexamplePath: path } = details;
  const why = error instanceof Error ? error.message : details.interrupted ? 'it took too long' : String(error);
  return [
    `${what}: ${why}\ndrawn: ${fc.stringify(counterexample)}\nagain: { seed: ${seed}, path: ${fc.stringify(path)} }`,
  ];
}
