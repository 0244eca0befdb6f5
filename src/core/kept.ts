// Which documents of a reading count: each by what it says now or, when it does not parse, by what it last said.

import { documentProblem } from './complaints.ts';
import type { Problem } from './errors.ts';
import { isVariant } from './own.ts';
import type { Document, Leaves } from './reading.ts';
import type { SourceTable } from './source-table.ts';

export interface Kept {
  readonly name: string;
  readonly at: string;
  /** `null`: it does not parse, and never did. */
  readonly leaves: Leaves | null;
  /** Why it does not parse now. */
  readonly problem: Problem | null;
}

export function* keepDocuments(
  previous: SourceTable,
  documents: ReadonlyMap<string, Document>,
  locate: (name: string) => string,
): Generator<Kept, void> {
  for (const [name, document] of withInner(documents, previous)) {
    const at = locate(name);
    if (isVariant(document, 'leaves')) {
      yield { name, at, leaves: document.leaves, problem: null };
      continue;
    }
    const leaves = previous.documents.get(name) ?? null;
    yield { name, at, leaves, problem: documentProblem(previous.source, name, at, document.broken, leaves !== null) };
  }
}

/**
 * The documents of a reading; below one that does not parse now also those that were inside it, which nobody can name
 * any more: they stay with it.
 */
function* withInner(
  documents: ReadonlyMap<string, Document>,
  previous: SourceTable,
): Generator<readonly [string, Document], void> {
  yield* documents;
  const names = [...documents].filter(([, document]) => isVariant(document, 'broken')).map(([name]) => name);
  for (const inner of names.length === 0 ? [] : previous.documents.keys()) {
    const outer = names.find((name) => inner.startsWith(`${name}#`));
    if (outer !== undefined && !documents.has(inner)) yield [inner, { broken: OUTER_BROKEN }];
  }
}

const OUTER_BROKEN = { reason: 'the document that it is in does not parse', line: null };
