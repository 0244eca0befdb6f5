// Who says what about which key, in one reading: keys and documents brought together, before anything is judged.

import { documentProblem, unknownSetting } from './complaints.ts';
import type { Problem } from './errors.ts';
import { type Key, type MalformedKey, parseKey as parseFolderKey } from './keys.ts';
import { isVariant, ownOf } from './own.ts';
import { type Document, ENTRY_LIMIT, type Raw, type Reading, sizeOf, SOURCE_LIMIT } from './reading.ts';
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
  readonly other: { readonly raw: Raw; readonly at: string; readonly line: number | null } | null;
  /** What the key was until now, once it is known which key is meant. */
  before: Entry | undefined;
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
  /** How many there are, those beyond the limit too. */
  complaints: number;
  /** Those that a process must not start with. */
  readonly fatal: Problem[];
  /** Bytes of all keys and values; or their characters, while those cannot make too many bytes. */
  size: number;
  /** Keys, whatever they are. */
  count: number;
}

/** Entries, settings, and some that are neither. */
export const MOST_KEYS = ENTRY_LIMIT + 100;

/** How many keys are looked at between two pauses. */
export const PIECE = 256;

/** Stops when there are more keys than a source may have: `count` tells. */
export function* collect(previous: SourceTable, reading: Reading): Generator<void, Claims> {
  const { source } = previous;
  const {
    keys,
    parseKey = parseFolderKey,
    locate = (name: string) => name,
    documents = new Map<string, Document>(),
  } = ownOf(reading);
  const claims: Claims = {
    same: new Map(),
    entries: new Map(),
    settings: new Map(),
    malformed: [],
    documents: new Map(),
    stale: new Map(),
    problems: [],
    complaints: 0,
    fatal: [],
    size: 0,
    count: 0,
  };

  // Only where a spelling is the key itself: elsewhere the same spelling may mean another key.
  const isKey = parseKey === parseFolderKey;
  const read = isKey ? parseFolderKey : (spelling: string) => checked(parseKey(spelling));

  for (const [spelling, raw] of keys) {
    if (++claims.count % PIECE === 0) yield;
    if (claims.count > MOST_KEYS) return claims;
    claims.size += lengthOf(spelling, raw);
    const before = isKey ? previous.entries.get(spelling) : undefined;
    if (before !== undefined && before.raw === raw && before.problem === null) {
      claims.same.set(spelling, before);
      continue;
    }
    const made: Claim = { raw, at: locate(spelling), spelling, line: null, stale: null, other: null, before };
    // Among what was said before are legal keys only.
    if (before === undefined) add(claims, previous, read(spelling), made, locate);
    else addEntry(claims, spelling, made, locate);
  }
  for (const [name, document] of withKept(documents, previous)) {
    const at = locate(name);
    const kept = isVariant(document, 'broken') ? previous.documents.get(name) : document;
    const problem = isVariant(document, 'broken')
      ? documentProblem(source, name, at, document.broken, kept !== undefined)
      : null;
    if (problem !== null) {
      complain(claims, () => problem);
      if (kept === undefined) claims.fatal.push(problem);
      else claims.stale.set(name, problem);
    }
    if (kept === undefined || isVariant(kept, 'broken')) continue;
    claims.documents.set(name, kept);
    for (const { key, value, line } of kept.leaves) {
      if (++claims.count % PIECE === 0) yield;
      if (claims.count > MOST_KEYS) return claims;
      claims.size += lengthOf(key, value);
      const before = isKey ? previous.entries.get(key) : undefined;
      const made: Claim = { raw: value, at, spelling: key, line, stale: problem, other: null, before };
      if (before === undefined) add(claims, previous, read(key), made, locate);
      else addEntry(claims, key, made, locate);
    }
  }
  if (claims.size * MOST_BYTES > SOURCE_LIMIT) claims.size = sizeOfAll(keys, claims.documents);
  return claims;
}

/** Of one character in UTF-8, as `length` counts them. */
const MOST_BYTES = 3;

function sizeOfAll(keys: ReadonlyMap<string, Raw>, documents: ReadonlyMap<string, Document>): number {
  let size = 0;
  const count = (key: string, raw: Raw): void => {
    size += sizeOf(key) + (typeof raw === 'string' ? sizeOf(raw) : 0);
  };
  for (const [key, raw] of keys) count(key, raw);
  for (const document of documents.values()) {
    for (const { key, value } of isVariant(document, 'leaves') ? document.leaves : []) count(key, value);
  }
  return size;
}

/**
 * The documents of a reading; below one that does not parse now also those that were inside it, which nobody can name
 * any more: they stay with it.
 */
function* withKept(
  documents: ReadonlyMap<string, Document>,
  previous: SourceTable,
): Generator<readonly [string, Document]> {
  yield* documents;
  const names = [...documents].filter(([, document]) => isVariant(document, 'broken')).map(([name]) => name);
  for (const inner of names.length === 0 ? [] : previous.documents.keys()) {
    const outer = names.find((name) => inner.startsWith(`${name}#`));
    if (outer !== undefined && !documents.has(inner)) yield [inner, { broken: OUTER_BROKEN }];
  }
}

const OUTER_BROKEN = { reason: 'the document that it is in does not parse', line: null };

/** More than these of one source help nobody; the last one says how many there are. */
export const MOST_PROBLEMS = 1000;

/** Notes a problem, as long as there are not too many. */
export function complain(claims: Claims, problem: () => Problem): void {
  claims.complaints += 1;
  if (claims.complaints <= MOST_PROBLEMS) claims.problems.push(problem());
}

function lengthOf(key: string, raw: Raw): number {
  return key.length + (typeof raw === 'string' ? raw.length : 0);
}

const MALFORMED: MalformedKey = { kind: 'malformed', meant: null, wanted: 'its source gives it no legal key' };

/** A source with a spelling of its own says which key it means; whether that is one is not its to decide. */
function checked(key: Key): Key {
  if (key.kind !== 'entry') return key;
  const canonical = parseFolderKey(key.key);
  return canonical.kind === 'setting' ? MALFORMED : canonical;
}

function add(claims: Claims, previous: SourceTable, key: Key, made: Claim, locate: (name: string) => string): void {
  const { spelling, at, line } = made;
  if (key.kind === 'malformed') {
    claims.malformed.push({ spelling, key, at, line });
  } else if (key.kind === 'entry') {
    made.before = previous.entries.get(key.key);
    addEntry(claims, key.key, made, locate);
  } else if (isSettingName(key.key)) {
    put(claims.settings, key.key, made);
  } else {
    complain(claims, () => unknownSetting(previous.source, spelling, at, line));
  }
}

function addEntry(claims: Claims, key: string, made: Claim, locate: (name: string) => string): void {
  const same = claims.same.size === 0 ? undefined : claims.same.get(key);
  if (same !== undefined) {
    if (sameValue(same.raw, made.raw) || made.stale !== null) return;
    claims.same.delete(key);
    const { raw } = same;
    const first = { raw, at: locate(key), spelling: key, line: null, stale: null, other: null, before: same };
    put(claims.entries, key, first);
  }
  put(claims.entries, key, made);
}

/**
 * A second claim on a key is fine when it says the same, and a conflict otherwise. What a document said before it broke
 * yields to what is said now.
 */
function put<K>(claims: Map<K, Claim>, key: K, made: Claim): void {
  const first = claims.get(key);
  if (first === undefined || (first.stale !== null && made.stale === null)) {
    claims.set(key, made);
  } else if ((first.stale !== null || made.stale === null) && !sameValue(first.raw, made.raw)) {
    claims.set(key, { ...first, other: { raw: made.raw, at: made.at, line: made.line } });
  }
}

function sameValue(one: Raw, other: Raw): boolean {
  return typeof one === 'string' && typeof other === 'string' && one.trim() === other.trim();
}
