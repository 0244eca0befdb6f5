// One source in a resolver: takes its readings in, the newest last, and keeps what it last said well.

import { InvalidOptionError, isBranchlineError, type Problem, SourceUnreadableError } from '../core/errors.ts';
import { interpret } from '../core/interpret.ts';
import { isVariant } from '../core/own.ts';
import { describe, escape } from '../core/quote.ts';
import type { Report, Work } from '../core/reading.ts';
import { emptyTable, type SourceTable, type Update } from '../core/source-table.ts';
import { isFixed, type OpenOptions, type OpenSource, type Sink, type Source, type Watching } from '../core/source.ts';
import { atOnce, inPieces } from './pieces.ts';

/** How a source is doing, for `status()`. */
export interface SourceStatus {
  name: string;
  /** `live`, `fixed` (it cannot change), `stale` (its last good state answers), `missing` (it never said anything). */
  state: 'live' | 'fixed' | 'stale' | 'missing';
  watch: Watching;
  entries: number;
  /** When it was last looked at, in epoch milliseconds. */
  lastCheck: number | null;
  /** When it last said something new, in epoch milliseconds. */
  lastChange: number | null;
}

export interface Intake {
  readonly source: Source;
  readonly table: () => SourceTable;
  /** Why the source as a whole cannot be read, or is gone. */
  readonly failure: () => Problem | null;
  /** It is that it has gone, which is no reason not to start. */
  readonly isGone: () => boolean;
  /** Why changes are not noticed by the system. */
  readonly watchLost: () => Problem | null;
  /** Said something once. */
  readonly hasSpoken: () => boolean;
  status(): SourceStatus;
  open(options: OpenOptions): OpenSource;
}

/** What the resolver does when a source has something to say; `changed` is the keys whose entry is another one now. */
export type Commit = (changed: readonly string[]) => void;

type Outcome = Update | { readonly failed: Problem | null; readonly gone?: boolean };

const NOTHING: readonly string[] = [];

export function createIntake(source: Source, commit: Commit, now: () => number, isClosed: () => boolean): Intake {
  const { name } = source;
  let table = emptyTable(name);
  let failure: Problem | null = null;
  let gone = false;
  let watchLost: Problem | null = null;
  let spoken = false;
  let watch: Watching = 'none';
  let lastCheck: number | null = null;
  let lastChange: number | null = null;
  /** Counts readings, so that one that took long does not undo a newer one. */
  let newest = 0;
  let next: { readonly report: Report | Work } | null = null;
  let running: Promise<void> | null = null;

  const problem = (code: Problem['code'], message: string): Problem => ({
    code,
    message,
    source: name,
    key: null,
    line: null,
  });

  const unreadable = (reason: string): Problem =>
    problem(
      'ERR_SOURCE_UNREADABLE',
      `${escape(name)}: ${escape(reason)}.${spoken ? ' What it said before stays.' : ''}`,
    );

  const failWith = (said: Problem | null): void => {
    lastCheck = now();
    if (said?.message === failure?.message) return;
    failure = said;
    commit(NOTHING);
  };

  const apply = (result: Outcome): void => {
    gone = isVariant(result, 'failed') && result.gone === true;
    if (isVariant(result, 'failed')) {
      failWith(result.failed);
      return;
    }
    const news = result.changed.length > 0 || !sameSettings(table, result.table);
    table = result.table;
    failure = null;
    spoken = true;
    lastCheck = now();
    if (news || lastChange === null) lastChange = lastCheck;
    commit(result.changed);
  };

  /** Makes of a report what is to be applied; the long way from text to table, in pieces. */
  function* outcomeOf(report: Report | Work): Generator<void, Outcome> {
    try {
      const said = Symbol.iterator in report ? yield* report : report;
      if (isVariant(said, 'vanished')) return { failed: spoken ? unreadable(said.vanished) : null, gone: true };
      if (isVariant(said, 'failed')) return { failed: unreadable(said.failed) };
      return yield* interpret(table, said);
    } catch (error) {
      // A parser that is not installed, a source that throws: nothing of it may reach the application.
      return { failed: unreadable(error instanceof Error ? error.message : describe(error)) };
    }
  }

  const takeIn = async (): Promise<void> => {
    try {
      for (let waiting = next; waiting !== null; waiting = next) {
        next = null;
        const turn = ++newest;
        const result = await inPieces(outcomeOf(waiting.report));
        if (turn === newest && !isClosed()) apply(result);
      }
    } finally {
      running = null;
    }
  };

  const sink: Sink = {
    push(report) {
      if (isClosed()) return Promise.resolve();
      next = { report };
      // Begun a microtask later, so that `running` is set before it can end.
      return (running ??= Promise.resolve().then(takeIn));
    },
    pushNow(report) {
      if (isClosed()) return;
      next = null;
      newest += 1;
      apply(atOnce(outcomeOf(report)));
    },
    checked() {
      if (!isClosed()) lastCheck = now();
    },
    watching(how, lost) {
      if (isClosed()) return;
      watch = how;
      const before = watchLost;
      watchLost =
        lost === undefined
          ? null
          : problem(
              'WARN_WATCH_LOST',
              `${escape(name)} is not watched: ${escape(lost)}.${how === 'poll' ? ' It is polled.' : ''}`,
            );
      if (before?.message !== watchLost?.message) commit(NOTHING);
    },
  };

  const state = (): SourceStatus['state'] => {
    if (!spoken) return 'missing';
    if (failure !== null || table.stale.has('')) return 'stale';
    return isFixed(source) ? 'fixed' : 'live';
  };

  return {
    source,
    table: () => table,
    failure: () => failure,
    isGone: () => gone,
    watchLost: () => watchLost,
    hasSpoken: () => spoken,
    status: () => ({ name, state: state(), watch, entries: table.entries.size, lastCheck, lastChange }),
    open(options) {
      try {
        return source.open(sink, options);
      } catch (error) {
        if (isBranchlineError(error) || error instanceof InvalidOptionError) throw error;
        const why = error instanceof Error ? error.message : describe(error);
        throw new SourceUnreadableError(`${escape(name)}: it cannot be opened: ${escape(why)}.`, {
          source: name,
          cause: error,
        });
      }
    },
  };
}

function sameSettings(one: SourceTable, other: SourceTable): boolean {
  return settingsText(one) === settingsText(other);
}

function settingsText({ settings }: SourceTable): string {
  return [...settings].map(([name, { setting }]) => `${name}=${setting?.text ?? ''}`).join('\n');
}
