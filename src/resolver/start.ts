// What a process must not start with: everything at once, so that one look mends it.

import {
  type BranchlineError,
  ConfigInvalidError,
  InvalidNameError,
  type Problem,
  SourceUnreadableError,
} from '../core/errors.ts';
import { isFixed } from '../core/source.ts';
import type { Intake } from './intake.ts';

/**
 * The error that keeps a resolver from being created, or `null`.
 * @param nameless the own namespace, where a variable holds no legal one
 */
export function refusal(intakes: readonly Intake[], nameless: Problem | null): BranchlineError | null {
  const unreadable = intakes.flatMap((intake) => (intake.isGone() ? [] : (intake.failure() ?? [])));
  const invalid = intakes.flatMap((intake) => intake.table().fatal);
  const problems = [...unreadable, ...(nameless === null ? [] : [nameless]), ...invalid];
  const [first] = problems;
  if (first === undefined) return null;
  const { message, source, key, line } = first;
  const details = {
    problems: problems.map((problem) => ({ ...problem })),
    source: source ?? undefined,
    key: key ?? undefined,
    line: line ?? undefined,
  };
  if (problems.length > 1) return new ConfigInvalidError(list(problems), details);
  if (unreadable.length === 1) return new SourceUnreadableError(message, details);
  // A name in a variable is wrong like a name in an option.
  const isVariable = intakes.some((intake) => isFixed(intake.source) && intake.source.name === source);
  const isName = first === nameless || (key === 'baseline' && isVariable);
  return isName ? new InvalidNameError(message, details) : new ConfigInvalidError(message, details);
}

function list(problems: readonly Problem[]): string {
  return `${problems.length} problems:\n${problems.map(({ message }) => `  - ${message}`).join('\n')}`;
}
