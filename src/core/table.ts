// The table that answers: the entries of all sources, the highest one that has a key deciding, its poison included.

import { type EntryKey, entryKey, parseKey } from './keys.ts';
import { type Setting, type SettingName, type Settings, settle } from './settings.ts';
import type { Entry, SourceTable } from './source-table.ts';

export interface Table {
  readonly entries: ReadonlyMap<string, Entry>;
  /** `service.namespace` → how many named endpoints it has, where it has any. */
  readonly endpoints: ReadonlyMap<string, number>;
  readonly settings: Settings;
  /** The settings that a source or the code gives, by name. */
  readonly given: ReadonlyMap<SettingName, Setting>;
  /** False while nobody gives an entry or a baseline: then nothing is changed at all. */
  readonly configured: boolean;
}

/** What the `change` event says of a key: `null` absent, `invalid` poisoned. */
export interface Change {
  key: string;
  from: string | null;
  to: string | null;
}

/** What an entry counts as, in the digest and in a `change`. */
export function textOf(entry: Entry | undefined): string | null {
  if (entry === undefined) return null;
  return entry.value === null ? 'invalid' : entry.raw.trim();
}

/** Settings given in code; they beat those of every source. */
export type CodeSettings = ReadonlyMap<SettingName, Setting>;

export const EMPTY_TABLE: Table = {
  entries: new Map(),
  endpoints: new Map(),
  settings: settle(new Map()),
  given: new Map(),
  configured: false,
};

export interface Merged {
  /** The same object when nothing became different. */
  readonly table: Table;
  /** Whether an answer or a setting became another one. */
  readonly isNews: boolean;
  /** What became different, made anew at each call: a whole ConfigMap's changes are many, and often nobody asks. */
  readonly changes: () => Change[];
}

/**
 * The next table, from the sources' parts in the order of rank, the last the highest. Only the keys in `changed` are
 * looked at: everything else is as in `previous`.
 */
export function merge(
  previous: Table,
  sources: readonly SourceTable[],
  code: CodeSettings,
  changed: readonly string[],
): Merged {
  const given = giveSettings(sources, code);
  const changesOfSettings = (): Change[] =>
    [...new Set([...previous.given.keys(), ...given.keys()])]
      .map((key) => ({ key, from: previous.given.get(key)?.text ?? null, to: given.get(key)?.text ?? null }))
      .filter((change) => isNews(change));
  const isSet = changesOfSettings().length > 0;
  if (!isSet && changed.every((key) => previous.entries.get(key) === decide(key, sources))) {
    return { table: previous, isNews: false, changes: () => [] };
  }

  const entries = replace(previous.entries, sources, changed);
  const endpoints = new Map(previous.endpoints);
  for (const key of changed) {
    if (!key.startsWith('_')) continue;
    countEndpoint(endpoints, key, Number(entries.has(key)) - Number(previous.entries.has(key)));
  }
  const configured = entries.size > 0 || given.has('baseline');
  const changeOf = (key: string): Change => ({
    key,
    from: textOf(previous.entries.get(key)),
    to: textOf(entries.get(key)),
  });
  return {
    table: { entries, endpoints, settings: settle(given), given, configured },
    isNews: isSet || changed.some((key) => isNews(changeOf(key))),
    changes: () => [...changed.map((key) => changeOf(key)).filter((change) => isNews(change)), ...changesOfSettings()],
  };
}

function isNews({ from, to }: Change): boolean {
  return from !== to;
}

/** Where only one source has entries, they are the table: nothing is copied, and nothing is kept twice. */
function replace(
  previous: Table['entries'],
  sources: readonly SourceTable[],
  changed: readonly string[],
): Table['entries'] {
  const [only, ...others] = sources.filter(({ entries }) => entries.size > 0);
  if (only !== undefined && others.length === 0) return only.entries;
  const entries = new Map(previous);
  for (const key of changed) {
    const entry = decide(key, sources);
    if (entry === undefined) entries.delete(key);
    else entries.set(key, entry);
  }
  return entries;
}

function decide(key: string, sources: readonly SourceTable[]): Entry | undefined {
  for (let rank = sources.length - 1; rank >= 0; rank -= 1) {
    const entry = (sources[rank] as SourceTable).entries.get(key);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function giveSettings(sources: readonly SourceTable[], code: CodeSettings): Map<SettingName, Setting> {
  const given = new Map<SettingName, Setting>();
  for (const source of sources) {
    for (const [name, { setting }] of source.settings) {
      if (setting !== null) given.set(name, setting);
    }
  }
  for (const [name, setting] of code) given.set(name, setting);
  return given;
}

function countEndpoint(endpoints: Map<string, number>, key: string, change: number): void {
  const { service, namespace } = parseKey(key) as EntryKey;
  const place = entryKey(service, namespace);
  const count = (endpoints.get(place) ?? 0) + change;
  if (count === 0) endpoints.delete(place);
  else endpoints.set(place, count);
}

/** Whether a namespace has any entry of a service, whatever its state. */
export function livesIn(table: Table, service: string, namespace: string): boolean {
  const key = entryKey(service, namespace);
  return table.entries.has(key) || table.endpoints.has(key);
}

/** The entry of a service's endpoint in a namespace. */
export function entryOf(table: Table, service: string, namespace: string, endpoint: string): Entry | undefined {
  return table.entries.get(entryKey(service, namespace, endpoint));
}

interface Index {
  /** Service → the namespaces in which it has an entry. */
  readonly services: ReadonlyMap<string, ReadonlySet<string>>;
  readonly namespaces: ReadonlySet<string>;
}

const indices = new WeakMap<Table, Index>();

/** Made when a table is first asked for it. */
function indexOf(table: Table): Index {
  const known = indices.get(table);
  if (known !== undefined) return known;
  const services = new Map<string, Set<string>>();
  const all = new Set<string>();
  for (const key of table.entries.keys()) {
    const { service, namespace } = parseKey(key) as EntryKey;
    const namespaces = services.get(service);
    if (namespaces === undefined) services.set(service, new Set([namespace]));
    else namespaces.add(namespace);
    all.add(namespace);
  }
  const index = { services, namespaces: all };
  indices.set(table, index);
  return index;
}

/** Every name that has an entry, sorted. */
export function serviceNames(table: Table): string[] {
  return [...indexOf(table).services.keys()].toSorted();
}

/** The namespaces in which a service has an entry, sorted. */
export function namespacesOf(table: Table, service: string): string[] {
  return [...(indexOf(table).services.get(service) ?? [])].toSorted();
}

/** Whether any entry, in whatever state, is in this namespace. */
export function hasNamespace(table: Table, namespace: string): boolean {
  return indexOf(table).namespaces.has(namespace);
}

/** Whether any entry is in one of these namespaces. */
export function hasEntryIn(table: Table, namespaces: readonly string[]): boolean {
  for (const key of table.entries.keys()) {
    if (namespaces.includes(key.slice(key.lastIndexOf('.') + 1))) return true;
  }
  return false;
}

/** What the digest is made of: the sorted lines `key=value`, given settings included, the own namespace left out. */
export function digestText(table: Table): string {
  const lines: string[] = [];
  for (const [key, entry] of table.entries) lines.push(`${key}=${textOf(entry) as string}\n`);
  for (const [name, setting] of table.given) lines.push(`${name}=${setting.text}\n`);
  return lines.toSorted().join('');
}
