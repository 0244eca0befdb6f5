// One source's part of the table: entries and settings, good, stale or poisoned.

import type { Problem } from './errors.ts';
import type { Leaves } from './reading.ts';
import type { Setting, SettingName } from './settings.ts';
import type { Value } from './values.ts';

/** One line of the table. Never changed once made; the same object as long as the source says the same. */
export interface Entry {
  readonly key: string;
  /**
   * What kind of value it is. What it says is read from `raw` when it is asked for: that takes less memory than keeping it.
   * `null`: poisoned. The entry cannot be read and never could.
   */
  readonly value: Value['kind'] | null;
  /** As the source gives it; the last good one of a stale entry. */
  readonly raw: string;
  readonly source: string;
  /** The value is the last good one: what the source says now cannot be read, or is gone with its document. */
  readonly stale: boolean;
  /** Why it is stale or poisoned. */
  readonly problem: Problem | null;
}

/** A setting that somebody gave; `setting` is `null` when it cannot be read and never could. */
export interface GivenSetting {
  readonly setting: Setting | null;
  readonly stale: boolean;
  readonly problem: Problem | null;
}

export interface SourceTable {
  readonly source: string;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly settings: ReadonlyMap<SettingName, GivenSetting>;
  /** The last good state of each document. */
  readonly documents: ReadonlyMap<string, Leaves>;
  /** What keeps its last good state, and why: keys, settings and documents. `''` is a document that is the whole source. */
  readonly stale: ReadonlyMap<string, Problem>;
  readonly problems: readonly Problem[];
  /** Those of the problems that a process must not start with. */
  readonly fatal: readonly Problem[];
}

export function emptyTable(source: string): SourceTable {
  return {
    source,
    entries: new Map(),
    settings: new Map(),
    documents: new Map(),
    stale: new Map(),
    problems: [],
    fatal: [],
  };
}

export interface Update {
  readonly table: SourceTable;
  /** The keys whose entry is another one now, or gone. */
  readonly changed: readonly string[];
}
