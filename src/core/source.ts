// The contract between a resolver and whatever entries come from.

import type { Problem } from './errors.ts';
import type { Report, Work } from './reading.ts';

/**
 * Where entries come from. A resolver opens each of its sources once; several resolvers may open the same one.
 *
 * A source reads and watches; it does not judge. It hands over whole readings, and the resolver decides what of them
 * counts. Entries of one reading may stem from many objects: each object is a document of the reading, kept as a whole
 * when it cannot be read.
 */
export interface Source {
  /** Fit for a message: `mount:/etc/branchline`, `env`. Two of one name cannot be told apart in it. */
  readonly name: string;
  /** True when what it says can never change, as a process's environment. @default false */
  readonly fixed?: boolean | undefined;
  /**
   * Starts reading for one resolver. What can be had at once is handed over before `open` returns, with `pushNow`: the
   * first answers are made from it. A source that answers later returns first and pushes when it can. `open` does not
   * throw for bad content; it reports it. Nothing that it starts may keep the process alive.
   */
  open(sink: Sink, options: OpenOptions): OpenSource;
}

/** Whether it says so itself: not somebody else's `Object.prototype`. */
export function isFixed(source: Source): boolean {
  return Object.hasOwn(source, 'fixed') && source.fixed === true;
}

export interface OpenOptions {
  /** How often to look for what a watch missed, in milliseconds. */
  readonly pollInterval: number;
  /** False: poll only. */
  readonly watch: boolean;
}

/** What an open source tells its resolver. After `close` every call is ignored. None of them throws. */
export interface Sink {
  /**
   * All that the source says now; it replaces what it said before, key by key. Taken in piece by piece, so that a
   * large table does not hold up the event loop; resolves when it is live. Of several that wait only the newest counts.
   */
  push(report: Report | Work): Promise<void>;
  /**
   * The same, live when it returns. During `open` a failure, a document that does not parse and an invalid setting
   * keep the resolver from being created; having vanished does not.
   */
  pushNow(report: Report | Work): void;
  /** Looked, and nothing is new. */
  checked(): void;
  /** How changes are noticed; with `lost` the reason why no watch is possible. */
  watching(how: Watching, lost?: string): void;
}

/** `native`: told by the system. `poll`: looked for at intervals. `none`: cannot change, or only by a call. */
export type Watching = 'native' | 'poll' | 'none';

/** What a source says of the own namespace. */
export interface OwnNamespaceOffer {
  readonly value: string;
  /** Where it stands, for a message. */
  readonly at: string;
  /** True: a value that is no name keeps the process from starting, instead of being skipped. @default false */
  readonly binding?: boolean | undefined;
}

/** What was found out of the own namespace. */
export interface OwnNamespace {
  readonly namespace: string | null;
  /** What was skipped, or that nothing was found inside a cluster. */
  readonly problems: readonly Problem[];
  /** A variable that holds no legal name: the process must not start. */
  readonly fatal: Problem | null;
}

export interface OpenSource {
  /** Resolves when the source has answered once, and its watch is armed or given up. Never rejects. */
  readonly ready: Promise<void>;
  /** What the source says of the own namespace (`BRANCHLINE_NAMESPACE`), and where. Read once, after `open`. */
  readonly namespace?: OwnNamespaceOffer | undefined;
  /** Looks again, and resolves when what was found is live. Never rejects. After `close` it does nothing. */
  reload(): Promise<void>;
  /** Stops. Idempotent; afterwards no handle, timer or listener is left. Never rejects. */
  close(): Promise<void>;
}
