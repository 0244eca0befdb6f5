// What a source says now becomes its part of the table; what cannot be read keeps what it last said well. The unit of
// rejection is the key or the document: one team's typo must neither freeze another's deployment nor look like absence.

import { type Claim, type Claims, collect, complain, type Judge, MOST_KEYS, MOST_PROBLEMS, PIECE } from './claims.ts';
import {
  conflictProblem,
  entryProblem,
  keyProblem,
  limitProblem,
  overflowProblem,
  settingProblem,
} from './complaints.ts';
import type { Problem } from './errors.ts';
import { ENTRY_LIMIT, type Reading, SOURCE_LIMIT } from './reading.ts';
import { parseSetting, type SettingName } from './settings.ts';
import type { Entry, GivenSetting, SourceTable, Update } from './source-table.ts';
import { kindOf } from './values.ts';

/**
 * Reads what a source says, in pieces. An entry that did not change is the same object afterwards. Returns a problem
 * instead when the source says more than it may: then nothing of it counts.
 */
export function* interpret(
  previous: SourceTable,
  reading: Reading,
): Generator<void, Update | { readonly failed: Problem }> {
  const { source } = previous;
  const settled = settleEntries(previous);
  const claims = yield* collect(previous, reading, settled);
  if (claims.size > SOURCE_LIMIT) return { failed: limitProblem(source, `more than ${SOURCE_LIMIT} bytes`) };
  if (claims.count > MOST_KEYS) return { failed: limitProblem(source, `more than ${ENTRY_LIMIT} entries`) };
  yield* settled.finish(claims);
  const { entries, changed } = settled;
  if (entries.size > ENTRY_LIMIT) return { failed: limitProblem(source, `more than ${ENTRY_LIMIT} entries`) };
  const settings = settleSettings(previous, claims);
  if (claims.complaints > MOST_PROBLEMS)
    claims.problems.push(overflowProblem(source, claims.complaints - MOST_PROBLEMS));
  const { documents, stale, problems, fatal } = claims;
  const table: SourceTable = { source, entries, settings, documents, stale, problems, fatal };
  return { table, changed };
}

/** The entries of the next table, as they are heard of. */
interface Entries extends Judge {
  readonly entries: ReadonlyMap<string, Entry>;
  /** The keys whose entry is another one than before; once `finish` ran, those too that have none any more. */
  readonly changed: readonly string[];
  finish(claims: Claims): Generator<void, void>;
}

function settleEntries(previous: SourceTable): Entries {
  const { source } = previous;
  const entries = new Map<string, Entry>();
  const changed: string[] = [];
  /** How many of the keys that were there before still are. */
  let kept = 0;
  const enter = (before: Entry | undefined, entry: Entry): void => {
    entries.set(entry.key, entry);
    if (before !== undefined) kept += 1;
    if (before !== entry) changed.push(entry.key);
  };
  return {
    entries,
    changed,
    same(entry) {
      enter(entry, entry);
    },
    judge(claim, claims) {
      const entry = settle(source, claim);
      enter(claim.before, entry);
      // What its document did wrong is said of the document.
      if (entry.problem === null || entry.problem.message === claim.stale?.message) return;
      const { problem } = entry;
      complain(claims, () => problem);
      if (entry.stale) claims.stale.set(entry.key, problem);
    },
    *finish(claims) {
      // A key that almost reads poisons what it meant, unless its source has that key well-formed.
      for (const { spelling, key, at, line } of claims.malformed) {
        const { meant } = key;
        const there = meant === null ? undefined : entries.get(meant);
        const isWellFormed = there !== undefined && there.problem?.code !== 'ERR_INVALID_NAME';
        const problem = keyProblem(source, spelling, key, at, line, isWellFormed);
        complain(claims, () => problem);
        if (meant === null || there !== undefined) continue;
        const before = previous.entries.get(meant);
        enter(before, unlessSame(before, { key: meant, value: null, raw: '', source, stale: false, problem }));
      }
      let seen = 0;
      for (const key of kept < previous.entries.size ? previous.entries.keys() : []) {
        if (++seen % PIECE === 0) yield;
        if (!entries.has(key)) changed.push(key);
      }
    },
  };
}

function settle(source: string, claim: Claim): Entry {
  const { key, raw, at, spelling, line, stale, other, before } = claim;
  const value = other === null && typeof raw === 'string' ? kindOf(raw) : null;
  if (value !== null) {
    return unlessSame(before, { key, value, raw: raw as string, source, stale: stale !== null, problem: stale });
  }
  const kept = before?.value ?? null;
  const where = { source, spelling, at, line };
  const problem =
    other === null
      ? entryProblem(where, key, raw, kept !== null)
      : conflictProblem(where, key, raw, other, kept !== null);
  return unlessSame(before, {
    key,
    value: kept,
    raw: before?.raw ?? '',
    source,
    stale: kept !== null,
    problem,
  });
}

/** The entry that was there, when it says the same: what did not change is not made anew. */
function unlessSame(before: Entry | undefined, made: Entry): Entry {
  const same =
    before?.raw === made.raw &&
    (before.value === null) === (made.value === null) &&
    before.problem?.message === made.problem?.message;
  return same ? before : made;
}

function settleSettings(previous: SourceTable, claims: Claims): Map<SettingName, GivenSetting> {
  const settings = new Map<SettingName, GivenSetting>();
  for (const [name, claim] of claims.settings) {
    const given = settleSetting(previous.source, name, claim, previous.settings.get(name));
    settings.set(name, given);
    if (given.problem === null || given.problem.message === claim.stale?.message) continue;
    const { problem } = given;
    complain(claims, () => problem);
    claims.fatal.push(given.problem);
    if (given.stale) claims.stale.set(name, given.problem);
  }
  return settings;
}

const OVERRIDES_OFF = parseSetting('overrides', 'off');

function settleSetting(
  source: string,
  name: SettingName,
  claim: Claim,
  before: GivenSetting | undefined,
): GivenSetting {
  const { raw, at, spelling, line, stale, other } = claim;
  const setting = other === null && typeof raw === 'string' ? parseSetting(name, raw) : null;
  if (setting !== null) return { setting, stale: stale !== null, problem: stale };
  const kept = before?.setting ?? null;
  const where = { source, spelling, at, line };
  const problem =
    other === null
      ? settingProblem(where, name, raw, kept !== null)
      : conflictProblem(where, name, raw, other, kept !== null);
  // Overrides fail closed: whoever meant to switch them off must not have them on because of a typo.
  return {
    setting: name === 'overrides' ? OVERRIDES_OFF : kept,
    stale: kept !== null || name === 'overrides',
    problem,
  };
}
