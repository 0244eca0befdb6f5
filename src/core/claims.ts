// Who says what about which key, in one reading: keys and documents brought together, before anything is judged.

import { documentProblem, unknownSetting } from './complaints.ts';
import type { Problem } from './errors.ts';
import { type Key, type MalformedKey, parseKey as parseFolderKey } from './keys.ts';
import type { Document, Raw, Reading } from './reading.ts';
import { isSettingName, type SettingName } from './settings.ts';
import type { Entry, SourceTable } from './source-table.ts';

/** What one key says, and where; `other` is a second place that says something else. */
export interface Claim {
  readonly raw: Raw;
  readonly at: string;
  readonly spelling: string;
  readonly line: number | null;
  /** Its document does not parse now: this is what it said before. */
  readonly stale: Problem | null;
  readonly other: { readonly raw: Raw; readonly at: string } | null;
}

export interface MalformedClaim {
  readonly spelling: string;
  readonly key: MalformedKey;
  readonly at: string;
  readonly line: number | null;
}

export interface Claims {
  /** Entries that say what they said before: nothing to judge. */
  readonly same: Map<string, Entry>;
  readonly entries: Map<string, Claim>;
  readonly settings: Map<SettingName, Claim>;
  readonly malformed: MalformedClaim[];
  /** The last good state of each document. */
  readonly documents: Map<string, Document>;
  /** Documents that keep what they last said, and why. */
  readonly stale: Map<string, Problem>;
  readonly problems: Problem[];
  /** Those that a process must not start with. */
  readonly fatal: Problem[];
  /** Characters of all keys and values. */
  size: number;
}

/** How many keys are looked at between two pauses. */
export const PIECE = 256;

export function* collect(previous: SourceTable, reading: Reading): Generator<void, Claims> {
  const { source } = previous;
  const {
    parseKey = parseFolderKey,
    locate = (name: string) => name,
    documents = new Map<string, Document>(),
  } = reading;
  const claims: Claims = {
    same: new Map(),
    entries: new Map(),
    settings: new Map(),
    malformed: [],
    documents: new Map(),
    stale: new Map(),
    problems: [],
    fatal: [],
    size: 0,
  };
  let seen = 0;

  for (const [spelling, raw] of reading.keys) {
    if (++seen % PIECE === 0) yield;
    claims.size += sizeOf(spelling, raw);
    const before = previous.entries.get(spelling);
    if (before !== undefined && before.raw === raw && before.problem === null) claims.same.set(spelling, before);
    else
      add(claims, source, parseKey(spelling), { raw, at: locate(spelling), spelling, line: null, stale: null }, locate);
  }
  for (const [name, document] of documents) {
    const at = locate(name);
    const kept = 'broken' in document ? previous.documents.get(name) : document;
    const problem =
      'broken' in document ? documentProblem(source, name, at, document.broken, kept !== undefined) : null;
    if (problem !== null) {
      claims.problems.push(problem);
      if (kept === undefined) claims.fatal.push(problem);
      else claims.stale.set(name, problem);
    }
    if (kept === undefined || 'broken' in kept) continue;
    claims.documents.set(name, kept);
    for (const { key, value, line } of kept.leaves) {
      if (++seen % PIECE === 0) yield;
      claims.size += sizeOf(key, value);
      add(claims, source, parseKey(key), { raw: value, at, spelling: key, line, stale: problem }, locate);
    }
  }
  return claims;
}

function sizeOf(key: string, raw: Raw): number {
  return key.length + (typeof raw === 'string' ? raw.length : 0);
}

type Made = Omit<Claim, 'other'>;

function add(claims: Claims, source: string, key: Key, made: Made, locate: (name: string) => string): void {
  const { spelling, at, line } = made;
  if (key.kind === 'malformed') {
    claims.malformed.push({ spelling, key, at, line });
  } else if (key.kind === 'entry') {
    const same = claims.same.get(key.key);
    if (same !== undefined) {
      if (sameValue(same.raw, made.raw)) return;
      claims.same.delete(key.key);
      put(claims.entries, key.key, { raw: same.raw, at: locate(key.key), spelling: key.key, line: null, stale: null });
    }
    put(claims.entries, key.key, made);
  } else if (isSettingName(key.key)) {
    put(claims.settings, key.key, made);
  } else {
    claims.problems.push(unknownSetting(source, spelling, at, line));
  }
}

/** A second claim on a key is fine when it says the same, and a conflict otherwise. */
function put<K>(claims: Map<K, Claim>, key: K, made: Made): void {
  const first = claims.get(key);
  if (first === undefined) claims.set(key, { ...made, other: null });
  else if (!sameValue(first.raw, made.raw)) claims.set(key, { ...first, other: { raw: made.raw, at: made.at } });
}

function sameValue(one: Raw, other: Raw): boolean {
  return typeof one === 'string' && typeof other === 'string' && one.trim() === other.trim();
}
