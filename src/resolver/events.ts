// Who is told, and in which order. A listener that throws or rejects disturbs neither the others nor the resolver.

import { InvalidOptionError, type Problem } from '../core/errors.ts';
import { isThenable } from '../core/own.ts';
import { describe, quote } from '../core/quote.ts';
import type { Change } from '../core/table.ts';

/** What a resolver tells; each listener runs after the swap, in the order of the changes. */
export interface Events {
  /** The answers became different. `from` and `to`: `null` absent, `'invalid'` poisoned; settings by their name. */
  change: { revision: number; digest: string; changes: Change[] };
  /** What a source says now cannot be used; its last good state answers. `keys` is `null` for the whole source. */
  stale: { source: string; keys: string[] | null; problem: Problem };
  /** What was stale is read again, or gone for good. */
  recovered: { source: string; keys: string[] | null };
  /** Something is wrong, said once. Without a listener it becomes a process warning. */
  problem: Problem;
  /** A request asked for what the table does not have. */
  refused: { items: string[]; revision: number };
}

const NAMES: ReadonlySet<string> = new Set([
  'change',
  'stale',
  'recovered',
  'problem',
  'refused',
] satisfies (keyof Events)[]);

/** Problems that nobody listens to are warned of this often; more would flood a log. */
const MOST_WARNINGS = 50;

export interface Emitter {
  on<E extends keyof Events>(event: E, listener: (payload: Events[E]) => void): () => void;
  /**
   * Tells them in this order, after everything that was told before. Re-entrant: what a listener causes comes after all
   * of what caused it.
   */
  emit(tidings: readonly Tiding[]): void;
}

/** An event and what it carries, made anew for each listener. */
export type Tiding = { [E in keyof Events]: { readonly event: E; readonly payload: () => Events[E] } }[keyof Events];

type Listener = (payload: never) => unknown;

/** @param outside runs listeners: what one request caused is everybody's news */
export function createEmitter(outside: <T>(fn: () => T) => T): Emitter {
  const listeners = new Map<keyof Events, Set<{ readonly run: Listener }>>();
  const waiting: (() => void)[] = [];
  const warned = new Set<string>();
  let telling = false;

  const tell = (event: keyof Events, payload: () => Events[keyof Events]): void => {
    const set = listeners.get(event);
    if (set === undefined || set.size === 0) {
      if (event === 'problem') warn(payload() as Problem);
      return;
    }
    // Each its own: what one does to it must not be what the next one hears.
    outside(() => {
      for (const { run } of [...set]) callSafely(run, payload());
    });
  };

  const warn = ({ code, message, source, key }: Problem): void => {
    const id = [code, source, key, message].join('\n');
    if (warned.has(id) || warned.size >= MOST_WARNINGS) return;
    warned.add(id);
    const last = warned.size === MOST_WARNINGS;
    const more = last ? ' Further problems are not printed; see status(), or listen to "problem".' : '';
    process.emitWarning(`${message}${more}`, { type: 'BranchlineWarning', code });
  };

  return {
    on(event, listener) {
      if (!NAMES.has(event))
        throw new InvalidOptionError(`there is no event ${describe(event)}; the events are ${[...NAMES].join(', ')}.`);
      if (typeof listener !== 'function')
        throw new InvalidOptionError(`the listener of ${quote(event)} is ${describe(listener)}; want a function.`);
      const set = listeners.get(event) ?? new Set();
      const entry = { run: listener as Listener };
      listeners.set(event, set.add(entry));
      return () => {
        set.delete(entry);
      };
    },
    emit(tidings) {
      for (const { event, payload } of tidings) waiting.push(() => tell(event, payload));
      if (telling) return;
      telling = true;
      try {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
      } finally {
        telling = false;
      }
    },
  };
}

function callSafely(run: Listener, payload: unknown): void {
  try {
    const result = run(payload as never);
    if (isThenable(result)) result.then(undefined, complain);
  } catch (error) {
    complain(error);
  }
}

/** The listener's error is the application's to see, but not to die of. */
function complain(error: unknown): void {
  let said = 'with an error that cannot be shown';
  try {
    said = error instanceof Error ? String(error.stack) : describe(error);
  } catch {
    // An error may be anything, an object with hostile getters too.
  }
  process.emitWarning(`a listener failed: ${said}`, { type: 'BranchlineWarning', code: 'BRANCHLINE_LISTENER' });
}
