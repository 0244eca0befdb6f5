// Who says what about which key, in one reading: keys and documents brought together, before anything is judged.

import { unknownSetting } from './complaints.ts';
import { PlainLeaves } from './documents/plain.ts';
import type { Problem } from './errors.ts';
import { type Kept, keepDocuments } from './kept.ts';
import { type Key, type MalformedKey, parseKey as parseFolderKey } from './keys.ts';
import { ownOf } from './own.ts';
import {
  type Document,
  ENTRY_LIMIT,
  KEY_LIMIT,
  type Leaves,
  lengthOf,
  MOST_BYTES,
  type Raw,
  type Reading,
  sizeOf,
  sizeOfAll,
  SOURCE_LIMIT,
} from './reading.ts';
import { isSettingName, type SettingName } from './settings.ts';
import type { Entry, SourceTable } from './source-table.ts';

/** What one key says, and where; `other` is a second place that says something else. */
export interface Claim {
  readonly key: string;
  readonly raw: Raw;
  readonly at: string;
  readonly spelling: string;
  readonly line: number | null;
  /** Its document does not parse now: this is what it said before. */
  readonly stale: Problem | null;
  readonly other: { readonly raw: Raw; readonly at: string; readonly line: number | null } | null;
  /** What the key was until now. */
  readonly before: Entry | undefined;
}

export interface MalformedClaim {
  readonly spelling: string;
  readonly key: MalformedKey;
  readonly at: string;
  readonly line: number | null;
}

export interface Claims {
  readonly settings: Map<SettingName, Claim>;
  readonly malformed: MalformedClaim[];
  /** The last good state of each document. */
  readonly documents: Map<string, Leaves>;
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

/** Hears of each key that means an entry, once, in the order of the reading. */
export interface Judge {
  /** It says what it said before: nothing to judge. */
  same(entry: Entry): void;
  judge(claim: Claim, claims: Claims): void;
}

/** Entries, settings, and some that are neither. */
export const MOST_KEYS = ENTRY_LIMIT + 100;

/** How many keys are looked at between two pauses. */
export const PIECE = 256;

/** Stops when there are more keys than a source may have: `count` tells. */
export function* collect(previous: SourceTable, reading: Reading, judge: Judge): Generator<void, Claims> {
  const {
    keys,
    parseKey = parseFolderKey,
    locate = (name: string) => name,
    documents = new Map<string, Document>(),
  } = ownOf(reading);
  const claims: Claims = {
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
  const kept = [...keepDocuments(previous, documents, locate)];
  for (const document of kept) noteDocument(claims, document);

  // Only where a spelling is the key itself: elsewhere the same spelling may mean another key.
  const isKey = parseKey === parseFolderKey;
  const read = isKey ? parseFolderKey : (spelling: string) => checked(parseKey(spelling));
  const recall = recalling(previous.entries);
  const isSingle = isKey && areDistinct(keys, kept);
  const heard = new Map<string, Claim>();
  const enter = (claim: Claim): void => {
    if (isSingle) judge.judge(claim, claims);
    else put(heard, claim.key, claim);
  };
  const take = (spelling: string, said: Raw, line: number | null, document: Kept | null): void => {
    claims.size += lengthOf(spelling, said);
    const raw = withinLimit(said);
    const stale = document?.problem ?? null;
    const before = isKey ? recall(spelling) : undefined;
    if (isSingle && before !== undefined && saysTheSame(before, raw, stale)) {
      judge.same(before);
      return;
    }
    const at = document?.at ?? locate(spelling);
    const claim: Claim = { key: spelling, raw, at, spelling, line, stale, other: null, before };
    // Among what was said before are legal keys only.
    if (before !== undefined) {
      enter(claim);
      return;
    }
    const key = read(spelling);
    if (key.kind === 'malformed') claims.malformed.push({ spelling, key, at, line });
    else if (key.kind === 'entry') {
      enter(isKey ? claim : { ...claim, key: key.key, before: previous.entries.get(key.key) });
    } else if (isSettingName(key.key)) put(claims.settings, key.key, claim);
    else complain(claims, () => unknownSetting(previous.source, spelling, at, line));
  };

  for (const [spelling, raw] of keys) {
    if (++claims.count % PIECE === 0) yield;
    if (claims.count > MOST_KEYS) return claims;
    take(spelling, raw, null, null);
  }
  for (const document of kept) {
    for (const { key, value, line } of document.leaves ?? []) {
      if (++claims.count % PIECE === 0) yield;
      if (claims.count > MOST_KEYS) return claims;
      take(key, value, line, document);
    }
  }
  let judged = 0;
  for (const claim of heard.values()) {
    if (++judged % PIECE === 0) yield;
    const { before, raw, stale, other } = claim;
    if (before !== undefined && other === null && saysTheSame(before, raw, stale)) judge.same(before);
    else judge.judge(claim, claims);
  }
  if (claims.size * MOST_BYTES > SOURCE_LIMIT) claims.size = sizeOfAll(keys, claims.documents.values());
  return claims;
}

function noteDocument(claims: Claims, { name, leaves, problem }: Kept): void {
  if (leaves !== null) claims.documents.set(name, leaves);
  if (problem === null) return;
  complain(claims, () => problem);
  if (leaves === null) claims.fatal.push(problem);
  else claims.stale.set(name, problem);
}

/** Whether no key can be claimed twice: then each can be told from what was before as soon as it is heard. */
function areDistinct(keys: ReadonlyMap<string, Raw>, documents: readonly Kept[]): boolean {
  const [only, ...others] = documents;
  return only === undefined || (keys.size === 0 && others.length === 0 && only.leaves instanceof PlainLeaves);
}

/** What each key was. Asked in the order of the last time, as usual, it need not look anything up. */
function recalling(entries: ReadonlyMap<string, Entry>): (key: string) => Entry | undefined {
  const inOrder = entries.values();
  let next = inOrder.next().value;
  return (key) => {
    if (next?.key !== key) return entries.get(key);
    const found = next;
    next = inOrder.next().value;
    return found;
  };
}

/** A key says at most so much, whichever source has it. */
function withinLimit(raw: Raw): Raw {
  if (typeof raw !== 'string' || raw.length * MOST_BYTES <= KEY_LIMIT) return raw;
  const size = sizeOf(raw);
  return size <= KEY_LIMIT ? raw : { found: `${size} bytes, more than ${KEY_LIMIT}` };
}

function saysTheSame(before: Entry, raw: Raw, stale: Problem | null): boolean {
  return before.raw === raw && before.problem === null && stale === null;
}

/** More than these of one source help nobody; the last one says how many there are. */
export const MOST_PROBLEMS = 1000;

/** Notes a problem, as long as there are not too many. */
export function complain(claims: Claims, problem: () => Problem): void {
  claims.complaints += 1;
  if (claims.complaints <= MOST_PROBLEMS) claims.problems.push(problem());
}

const MALFORMED: MalformedKey = { kind: 'malformed', meant: null, wanted: 'its source gives it no legal key' };

/** A source with a spelling of its own says which key it means; whether that is one is not its to decide. */
function checked(key: Key): Key {
  if (key.kind !== 'entry') return key;
  const canonical = parseFolderKey(key.key);
  return canonical.kind === 'setting' ? MALFORMED : canonical;
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
