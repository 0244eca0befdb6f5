// Everything that is wrong now, and what of it was not said before.

import { identityOf } from '../core/complaints.ts';
import type { Problem } from '../core/errors.ts';
import { escape } from '../core/quote.ts';
import type { SettingName } from '../core/settings.ts';
import type { SourceTable } from '../core/source-table.ts';
import { isFixed } from '../core/source.ts';
import { hasEntryIn, type Table } from '../core/table.ts';
import type { Intake } from './intake.ts';

export interface Problems {
  /** All of them now. */
  list(): Problem[];
  /** Those that were not there the last time this was called. */
  news(): Problem[];
}

/** `own` are the problems of finding the own namespace: they stay. */
export function createProblems(
  intakes: readonly Intake[],
  table: () => Table,
  own: { readonly namespace: string | null; readonly problems: readonly Problem[] },
): Problems {
  let said = new Set<string>();
  const list = (): Problem[] => [
    ...own.problems,
    ...intakes
      .flatMap((intake) => [intake.failure(), ...intake.table().problems, intake.watchLost()])
      .filter((problem) => problem !== null),
    ...hidden(intakes),
    ...baselineMissing(table(), own.namespace),
  ];
  return {
    list,
    news() {
      const before = said;
      said = new Set();
      const fresh: Problem[] = [];
      for (const problem of list()) {
        const id = identityOf(problem);
        if (!before.has(id) && !said.has(id)) fresh.push(problem);
        said.add(id);
      }
      return fresh;
    },
  };
}

/** A variable that hides a key of a source that may change: whatever is written there has no effect. */
function hidden(intakes: readonly Intake[]): Problem[] {
  const problems: Problem[] = [];
  for (const [rank, intake] of intakes.entries()) {
    if (!isFixed(intake.source)) continue;
    const { entries, settings } = intake.table();
    for (const key of [...entries.keys(), ...settings.keys()]) {
      const under = intakes.slice(0, rank).find(({ source, table }) => !isFixed(source) && says(table(), key));
      if (under === undefined) continue;
      const [by, from] = [escape(intake.source.name), escape(under.source.name)];
      problems.push({
        code: 'WARN_KEY_HIDDEN',
        message: `${key} in ${from} has no effect: ${by} has it too and decides until the process ends. Remove one.`,
        source: intake.source.name,
        key,
        line: null,
      });
    }
  }
  return problems;
}

function says({ entries, settings }: SourceTable, key: string): boolean {
  return entries.has(key) || settings.has(key as SettingName);
}

/** A branch's copy of the table without the baseline's entries: nobody knows the ports of what the branch did not deploy. */
function baselineMissing(table: Table, own: string | null): Problem[] {
  const { baseline } = table.settings;
  if (
    !table.configured ||
    own === null ||
    baseline.includes(own) ||
    table.entries.size === 0 ||
    hasEntryIn(table, baseline)
  )
    return [];
  const message =
    `the table has no entry in the baseline (${baseline.join(', ')}), and this process runs in ${own}: the ports and addresses of what ` +
    'the branch did not deploy are not known. Copy the whole table of the baseline into the namespace of the branch.';
  return [{ code: 'WARN_BASELINE_MISSING', message, source: null, key: null, line: null }];
}
