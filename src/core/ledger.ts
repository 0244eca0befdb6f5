// One source's part of the table: what it says now, and for what cannot be read, what it last said well.
// The unit of rejection is the key or the document: one team's typo must neither freeze another's deployment nor look
// like absence.

import {
  entryProblem,
  keyProblem,
  documentProblem,
  settingProblem,
  unknownSetting,
  conflictProblem,
  limitProblem,
} from './complaints.ts';
import type { Problem } from './errors.ts';
import { type Key, type MalformedKey, parseKey as parseFolderKey } from './keys.ts';
import { type Document, ENTRY_LIMIT, type Leaf, type Raw, type Reading, SOURCE_LIMIT } from './reading.ts';
import { isSettingName, parseSetting, type Setting, type SettingName } from './settings.ts';
import { parseValue, type Value } from './values.ts';

/** One line of the table. Never changed once made; the same object as long as the source says the same. */
export interface Entry {
  readonly key: string;
  /** `null`: poisoned. The entry cannot be read and never could. */
  readonly value: Value | null;
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
  readonly raw: string;
  readonly source: string;
  readonly stale: boolean;
  readonly problem: Problem | null;
}

export interface SourceTable {
  readonly source: string;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly settings: ReadonlyMap<SettingName, GivenSetting>;
  /** The last good state of each document. */
  readonly documents: ReadonlyMap<string, Document>;
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
  readonly changed: ReadonlySet<string>;
}

/** What one key says, and where; `other` is a second place that says something else. */
interface Claim {
  readonly raw: Raw;
  readonly at: string;
  readonly spelling: string;
  readonly line: number | null;
  readonly stale: Problem | null;
  readonly other: { readonly raw: Raw; readonly at: string } | null;
}

/** How many keys are looked at between two pauses. */
const PIECE = 256;

/**
 * Reads what a source says, in pieces. An entry that did not change is the same object afterwards. Returns a problem
 * instead when the source says more than it may: then nothing of it counts.
 */
export function* interpret(
  previous: SourceTable,
  reading: Reading,
): Generator<void, Update | { readonly failed: Problem }> {
  const { source } = previous;
  const { parseKey = parseFolderKey, locate = (name: string) => name } = reading;
  const entries = new Map<string, Entry>();
  const settingClaims = new Map<SettingName, Claim>();
  const claims = new Map<string, Claim>();
  const malformed: {
    readonly spelling: string;
    readonly key: MalformedKey;
    readonly at: string;
    readonly line: number | null;
  }[] = [];
  const documents = new Map<string, Document>();
  const stale = new Map<string, Problem>();
  const problems: Problem[] = [];
  const fatal: Problem[] = [];
  let size = 0;
  let seen = 0;

  const claim = (key: Key, made: Omit<Claim, 'other'>): void => {
    if (key.kind === 'malformed') {
      malformed.push({ spelling: made.spelling, key, at: made.at, line: made.line });
    } else if (key.kind === 'entry') {
      const settled = entries.get(key.key);
      if (settled !== undefined) {
        if (sameValue(settled.raw, made.raw) && made.stale === null) return;
        entries.delete(key.key);
        claims.set(key.key, {
          raw: settled.raw,
          at: locate(key.key),
          spelling: key.key,
          line: null,
          stale: null,
          other: null,
        });
      }
      put(claims, key.key, made);
    } else if (isSettingName(key.key)) {
      put(settingClaims, key.key, made);
    } else {
      problems.push(unknownSetting(source, made.spelling, made.at, made.line));
    }
  };

  for (const [spelling, raw] of reading.keys) {
    if (++seen % PIECE === 0) yield;
    size += spelling.length + (typeof raw === 'string' ? raw.length : 0);
    const before = previous.entries.get(spelling);
    if (before !== undefined && before.raw === raw && before.problem === null) entries.set(spelling, before);
    else claim(parseKey(spelling), { raw, at: locate(spelling), spelling, line: null, stale: null });
  }
  for (const [name, document] of reading.documents ?? []) {
    const kept = 'broken' in document ? previous.documents.get(name) : document;
    let outdated: Problem | null = null;
    if ('broken' in document) {
      const problem = documentProblem(source, name, locate(name), document.broken, kept !== undefined);
      problems.push(problem);
      if (kept === undefined) fatal.push(problem);
      else stale.set(name, (outdated = problem));
    }
    if (kept === undefined) continue;
    documents.set(name, kept);
    for (const leaf of leavesOf(kept)) {
      if (++seen % PIECE === 0) yield;
      size += leaf.key.length + (typeof leaf.value === 'string' ? leaf.value.length : 0);
      claim(parseKey(leaf.key), {
        raw: leaf.value,
        at: locate(name),
        spelling: leaf.key,
        line: leaf.line,
        stale: outdated,
      });
    }
  }
  if (size > SOURCE_LIMIT) return { failed: limitProblem(source, `more than ${SOURCE_LIMIT} bytes`) };

  // A key that almost reads poisons what it meant, unless its source has that key well-formed.
  for (const { spelling, key, at, line } of malformed) {
    const problem = keyProblem(source, spelling, key, at, line);
    problems.push(problem);
    if (key.meant === null || entries.has(key.meant) || claims.has(key.meant)) continue;
    entries.set(key.meant, { key: key.meant, value: null, raw: '', source, stale: false, problem });
  }
  for (const [key, made] of claims) {
    if (++seen % PIECE === 0) yield;
    const entry = settle(source, key, made, previous.entries.get(key));
    entries.set(key, entry);
    if (entry.problem === null || entry.problem === made.stale) continue;
    problems.push(entry.problem);
    if (entry.stale) stale.set(key, entry.problem);
  }
  if (entries.size > ENTRY_LIMIT) return { failed: limitProblem(source, `more than ${ENTRY_LIMIT} entries`) };

  const settings = new Map<SettingName, GivenSetting>();
  for (const [name, made] of settingClaims) {
    const given = settleSetting(source, name, made, previous.settings.get(name));
    settings.set(name, given);
    if (given.problem === null || given.problem === made.stale) continue;
    problems.push(given.problem);
    fatal.push(given.problem);
    if (given.stale) stale.set(name, given.problem);
  }
  const table: SourceTable = { source, entries, settings, documents, stale, problems, fatal };
  return { table, changed: yield* differences(previous.entries, entries) };
}

function leavesOf(document: Document): readonly Leaf[] {
  return 'leaves' in document ? document.leaves : [];
}

/** A second claim on a key is fine when it says the same, and a conflict otherwise. */
function put<K>(claims: Map<K, Claim>, key: K, made: Omit<Claim, 'other'>): void {
  const first = claims.get(key);
  if (first === undefined) claims.set(key, { ...made, other: null });
  else if (!sameValue(first.raw, made.raw)) claims.set(key, { ...first, other: { raw: made.raw, at: made.at } });
}

function sameValue(one: Raw, other: Raw): boolean {
  return typeof one === 'string' && typeof other === 'string' && one.trim() === other.trim();
}

function settle(source: string, key: string, made: Claim, before: Entry | undefined): Entry {
  const value = made.other === null && typeof made.raw === 'string' ? parseValue(made.raw) : null;
  if (value !== null) {
    const raw = made.raw as string;
    if (before?.raw === raw && before.problem === made.stale && before.value !== null) return before;
    return { key, value, raw, source, stale: made.stale !== null, problem: made.stale };
  }
  const kept = before?.value ?? null;
  const where = { source, spelling: made.spelling, at: made.at, line: made.line };
  const problem =
    made.other === null
      ? entryProblem(where, key, made.raw, kept !== null)
      : conflictProblem(where, key, made.raw, made.other, kept !== null);
  if (before?.problem?.message === problem.message) return before;
  return { key, value: kept, raw: kept === null ? '' : (before?.raw ?? ''), source, stale: kept !== null, problem };
}

function settleSetting(source: string, name: SettingName, made: Claim, before: GivenSetting | undefined): GivenSetting {
  const setting = made.other === null && typeof made.raw === 'string' ? parseSetting(name, made.raw) : null;
  if (setting !== null)
    return { setting, raw: made.raw as string, source, stale: made.stale !== null, problem: made.stale };
  const kept = before?.setting ?? null;
  const where = { source, spelling: made.spelling, at: made.at, line: made.line };
  const problem =
    made.other === null
      ? settingProblem(where, name, made.raw, kept !== null)
      : conflictProblem(where, name, made.raw, made.other, kept !== null);
  // Overrides fail closed: whoever meant to switch them off must not have them on because of a typo.
  if (name === 'overrides') return { setting: OVERRIDES_OFF, raw: 'off', source, stale: true, problem };
  return { setting: kept, raw: before?.raw ?? '', source, stale: kept !== null, problem };
}

const OVERRIDES_OFF = parseSetting('overrides', 'off');

function* differences(
  before: ReadonlyMap<string, Entry>,
  after: ReadonlyMap<string, Entry>,
): Generator<void, Set<string>> {
  const changed = new Set<string>();
  let seen = 0;
  for (const [key, entry] of after) {
    if (++seen % PIECE === 0) yield;
    if (before.get(key) !== entry) changed.add(key);
  }
  for (const key of before.keys()) {
    if (++seen % PIECE === 0) yield;
    if (!after.has(key)) changed.add(key);
  }
  return changed;
}
