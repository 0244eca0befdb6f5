// Environment variables as a reading: the names that say something about the table.

import { isTableVariable, parseVariable } from '../core/keys.ts';
import type { Reading } from '../core/reading.ts';

/** `where` tells, for messages, where a variable stands. */
export function readVariables(
  variables: Iterable<readonly [string, string | undefined]>,
  where: (name: string) => string,
): Reading {
  const keys = new Map<string, string>();
  for (const [name, value] of variables) {
    if (value !== undefined && isTableVariable(name, value)) keys.set(name, value);
  }
  return { keys, parseKey: parseVariable, locate: where };
}
