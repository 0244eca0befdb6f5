// What a mounted ConfigMap says, one reading after the other: what cannot be read keeps what it last said well, by key
// and by document; what is gone is forgotten; a mount that has gone, or has no key left, keeps everything.

import type { Payload } from '../../doubles/kubelet.ts';
import type { World } from './rules.ts';

/** A ConfigMap as a pipeline writes it: keys, and documents, which are whole or do not parse. */
export interface Written {
  readonly keys: Readonly<Record<string, string>>;
  readonly documents: Readonly<Record<string, Readonly<Record<string, string>> | Broken>>;
}

/** The text of a document that does not parse. */
export type Broken = string;

/** Its files: JSON, and YAML with a line for each key. */
export function payloadOf({ keys, documents }: Written): Payload {
  const files = Object.entries(documents).map(([name, said]) => [
    name,
    typeof said === 'string' ? said : textOf(name, said),
  ]);
  return { ...keys, ...(Object.fromEntries(files) as Record<string, string>) };
}

function textOf(name: string, leaves: Readonly<Record<string, string>>): string {
  const lines = Object.entries(leaves).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return name.endsWith('.json') || lines.length === 0 ? `{${lines.join(',')}}` : lines.join('\n');
}

/** What is remembered between two readings. */
export interface Memory extends World {
  readonly documents: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Keys, settings and documents that answer with what they last said well; `null` for the whole mount. */
  readonly stale: ReadonlySet<string | null>;
  /** Something is wrong with what it says now. */
  readonly isWrong: boolean;
  readonly hasSpoken: boolean;
}

export function nothingSaid(own: string | null): Memory {
  const none = new Map<string, never>();
  return { entries: none, settings: none, documents: none, stale: new Set(), isWrong: false, hasSpoken: false, own };
}

/** The mount has gone, or has no key left. */
export function vanished(before: Memory): Memory {
  return before.hasSpoken ? { ...before, stale: new Set([...before.stale, null]), isWrong: true } : before;
}

interface Claim {
  readonly text: string;
  /** Said by a document that does not parse now. */
  readonly isOld: boolean;
}

export function read(before: Memory, { keys, documents }: Written): Memory {
  const stale = new Set<string>();
  let isWrong = false;
  const claims = new Map<string, Claim[]>();
  const claim = (key: string, text: string, isOld: boolean): unknown =>
    claims.set(key, [...(claims.get(key) ?? []), { text: text.trim(), isOld }]);

  const kept = new Map<string, Readonly<Record<string, string>>>();
  for (const [key, text] of Object.entries(keys)) claim(key, text, false);
  for (const [name, said] of Object.entries(documents)) {
    const isBroken = typeof said === 'string';
    const leaves = isBroken ? before.documents.get(name) : said;
    isWrong ||= isBroken;
    if (leaves === undefined) continue;
    if (isBroken) stale.add(name);
    kept.set(name, leaves);
    for (const [key, text] of Object.entries(leaves)) claim(key, text, isBroken);
  }

  const entries = new Map<string, string | null>();
  const settings = new Map<string, string>();
  for (const [key, all] of claims) {
    const said = agreed(all, (text) => (key.includes('.') ? isGood(text) : isGoodSetting(key, text)));
    isWrong ||= said === null || !isKnown(key);
    const good = key.includes('.') ? before.entries.get(key) : before.settings.get(key);
    // Overrides fail closed.
    const used = said ?? (key === 'overrides' ? 'off' : (good ?? null));
    if (said === null && used !== null) stale.add(key);
    if (isEntry(key)) entries.set(key, used);
    else if (SETTINGS.includes(key) && used !== null) settings.set(key, used);
    if (!isKnown(key)) stale.delete(key);
  }
  for (const [key, meant] of Object.entries(MISSPELT)) {
    if (claims.has(key) && meant !== null && !claims.has(meant)) entries.set(meant, null);
  }
  return { entries, settings, documents: kept, stale, isWrong, hasSpoken: true, own: before.own };
}

/** What is said now counts before what a document said once; two who differ say nothing. */
function agreed(claims: readonly Claim[], good: (text: string) => boolean): string | null {
  const fresh = claims.filter(({ isOld }) => !isOld);
  const [first, ...others] = (fresh.length > 0 ? fresh : claims).map(({ text }) => text);
  return first !== undefined && others.every((text) => text === first) && good(first) ? first : null;
}

/** The values that are drawn, trimmed: those that can be read, and those that cannot. */
export const GOOD = [
  '',
  '8080',
  '9090',
  '80',
  'disabled',
  'h.example.com:9',
  'localhost',
  'https://h.example.com/Base',
];
export const BAD = ['808O', 'x y', '0', 'http://u:p@h', 'http://h/../x', 'Disabled', '\u0000', 'http://1'];

export const GOOD_SETTINGS: Readonly<Record<string, readonly string[]>> = {
  baseline: ['develop', 'epic-1,develop'],
  strict: ['on', 'off'],
  overrides: ['on', 'off'],
  template: ['http://{service}.{namespace}.svc', 'https://{namespace}.{service}.test:8443/base'],
};
export const BAD_SETTINGS: Readonly<Record<string, readonly string[]>> = {
  baseline: ['De velop', 'develop,,', ''],
  strict: ['yes', ''],
  overrides: ['perhaps', ''],
  template: ['http://{service}', '#', ''],
};
const SETTINGS: readonly string[] = Object.keys(GOOD_SETTINGS);

/** Keys that almost read, and what they must have meant. */
export const MISSPELT: Readonly<Record<string, string | null>> = {
  'A.feature-x': 'a.feature-x',
  'b.Develop': 'b.develop',
  '_Admin.c.epic-1': '_admin.c.epic-1',
  '_admin-.b.feature-x': 'b.feature-x',
  'a.b.c.d': null,
  'c-.develop': null,
};

/** Ports from here on tell one version from the other. */
export const FIRST_MARK = 20_000;

const isGood = (text: string): boolean => GOOD.includes(text) || Number(text) >= FIRST_MARK;
const isGoodSetting = (name: string, text: string): boolean => GOOD_SETTINGS[name]?.includes(text) ?? true;
const isEntry = (key: string): boolean => key.includes('.') && !Object.hasOwn(MISSPELT, key);
const isKnown = (key: string): boolean => isEntry(key) || SETTINGS.includes(key);
