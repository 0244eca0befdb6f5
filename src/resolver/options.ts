// The options of a resolver and of a call: checked once, in one place. A wrong one is the caller's bug, so it throws a
// TypeError that says what is wanted.

import { isBaggageKey } from '../core/baggage.ts';
import { checkContext, DEFAULT_KEYS } from '../core/context.ts';
import { ConfigInvalidError, InvalidNameError, InvalidOptionError, type Problem } from '../core/errors.ts';
import { DEFAULT_ENDPOINT, isNamespace, NAMESPACE_WANTED } from '../core/names.ts';
import { ownOptions } from '../core/own-options.ts';
import { isThenable } from '../core/own.ts';
import type { Query } from '../core/query.ts';
import { describe, quote } from '../core/quote.ts';
import { parseBaseline, parseSetting, type Setting, SETTING_WANTED, type SettingName } from '../core/settings.ts';
import type { OpenSource, OwnNamespaceOffer, Source } from '../core/source.ts';
import type { LookupOptions } from '../core/types.ts';

export interface ResolverOptions {
  /**
   * Where entries come from; of two that have a key, the later one decides. Given, nothing else is read but the own
   * namespace's chain. @default [mountSource(), dotenvSource(), envSource()]
   */
  sources?: readonly Source[] | undefined;
  /** The own namespace; `null` for none, without looking. @default BRANCHLINE_NAMESPACE, POD_NAMESPACE, the Pod's files */
  namespace?: string | null | undefined;
  /** The shared namespaces, in order. Beats the table's. @default 'develop' */
  baseline?: string | readonly string[] | undefined;
  /** The address of an entry that does not spell one. Beats the table's. @default 'http://{service}.{namespace}.svc' */
  template?: string | undefined;
  /** True: a service without an entry is an error, never the convention. Beats the table's. @default false */
  strict?: boolean | undefined;
  /** False: requests cannot bring a search path of their own. Beats the table's. @default true */
  overrides?: boolean | undefined;
  /** How often to look for what the watch missed, in milliseconds, 50 to 3,600,000. @default 5000 */
  pollInterval?: number | undefined;
  /** False: poll only. @default true */
  watch?: boolean | undefined;
  /**
   * The members of the W3C `baggage` header that carry overrides: read in this order, the first one written.
   * @default ['branchline']
   */
  keys?: readonly string[] | undefined;
}

export const DEFAULT_POLL_INTERVAL = 5000;
const SHORTEST_POLL = 50;
const LONGEST_POLL = 3_600_000;

export interface CheckedOptions {
  readonly sources: readonly Source[];
  /** `undefined`: to be found out. */
  readonly namespace: string | null | undefined;
  readonly settings: ReadonlyMap<SettingName, Setting>;
  readonly pollInterval: number;
  readonly watch: boolean;
  readonly keys: readonly string[];
}

const RESOLVER_OPTIONS: readonly string[] = [
  'sources',
  'namespace',
  'baseline',
  'template',
  'strict',
  'overrides',
  'pollInterval',
  'watch',
  'keys',
] satisfies (keyof ResolverOptions)[];

export function checkOptions(options: ResolverOptions, defaults: () => readonly Source[]): CheckedOptions {
  const own = ownOptions('createResolver', options, RESOLVER_OPTIONS);
  const { namespace, pollInterval = DEFAULT_POLL_INTERVAL, watch = true, keys = DEFAULT_KEYS, sources } = own;
  if (typeof pollInterval !== 'number' || !(pollInterval >= SHORTEST_POLL && pollInterval <= LONGEST_POLL)) {
    throw new InvalidOptionError(
      `pollInterval is ${describe(pollInterval)}; want milliseconds, ${SHORTEST_POLL} to ${LONGEST_POLL}.`,
    );
  }
  isBoolean('watch', watch);
  if (namespace !== undefined && namespace !== null) {
    isString('namespace', namespace);
    if (!isNamespace(namespace))
      throw new InvalidNameError(`the option namespace is ${quote(namespace)}; ${NAMESPACE_WANTED}.`, { namespace });
  }
  const settings = checkSettings(own);
  return {
    sources: sources === undefined ? defaults() : checkSources(sources),
    namespace,
    settings,
    pollInterval,
    watch,
    keys: checkKeys(keys),
  };
}

function checkKeys(keys: readonly string[]): readonly string[] {
  const legal =
    isList(keys) && keys.length > 0 && [...keys].every((key) => typeof key === 'string' && isBaggageKey(key));
  if (!legal) {
    throw new InvalidOptionError(
      `keys is ${describe(keys)}; want a list of baggage keys: letters, digits, "-", "." ….`,
    );
  }
  return Object.freeze([...new Set(keys)]);
}

function checkSources(sources: readonly Source[]): readonly Source[] {
  if (!isList(sources)) throw new InvalidOptionError(`sources is ${describe(sources)}; want a list of sources.`);
  for (const source of sources) {
    if (
      typeof (source as Source | undefined)?.name !== 'string' ||
      source.name === '' ||
      typeof source.open !== 'function'
    ) {
      throw new InvalidOptionError(
        `sources holds ${describe(source)}; want what mountSource(), envSource(), memorySource() … return.`,
      );
    }
  }
  return [...sources];
}

/** `Array.isArray`, which would make `any` of a list. */
function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function checkSettings({ baseline, template, strict, overrides }: ResolverOptions): Map<SettingName, Setting> {
  const settings = new Map<SettingName, Setting>();
  if (baseline !== undefined) {
    const list = typeof baseline === 'string' ? baseline.split(',') : baseline;
    if (!Array.isArray(list) || !list.every((name) => typeof name === 'string')) {
      throw new InvalidOptionError(`baseline is ${describe(baseline)}; want a namespace or a list of them.`);
    }
    const value = parseBaseline(list);
    if (value === null)
      throw new InvalidNameError(`the option baseline is ${quote(list.join(','))}; ${SETTING_WANTED.baseline}.`);
    settings.set('baseline', { name: 'baseline', text: value.join(','), value });
  }
  if (template !== undefined) {
    isString('template', template);
    const setting = parseSetting('template', template);
    if (setting === null) {
      const message = `the option template is ${quote(template)}; ${SETTING_WANTED.template}.`;
      const problem: Problem = { code: 'ERR_CONFIG_INVALID', message, source: null, key: 'template', line: null };
      throw new ConfigInvalidError(message, { key: 'template', problems: [problem] });
    }
    settings.set('template', setting);
  }
  for (const [name, value] of [
    ['strict', strict],
    ['overrides', overrides],
  ] as const) {
    if (value === undefined) continue;
    isBoolean(name, value);
    settings.set(name, { name, text: String(value), value });
  }
  return settings;
}

const LOOKUP_OPTIONS: readonly string[] = ['endpoint', 'namespace', 'context'] satisfies (keyof LookupOptions)[];

/** Reads the arguments of a call; names are judged later, types here. */
export function toQuery(service: unknown, options: LookupOptions | undefined): Query {
  if (typeof service !== 'string')
    throw new InvalidOptionError(`the service is ${describe(service)}; want a name, a string.`);
  if (options === undefined) return { service, endpoint: DEFAULT_ENDPOINT, namespace: null, context: null };
  const own = ownOptions('a lookup', options, LOOKUP_OPTIONS);
  const { endpoint = DEFAULT_ENDPOINT, namespace, context } = own;
  isString('endpoint', endpoint);
  if (namespace !== undefined) isString('namespace', namespace);
  return { service, endpoint, namespace: namespace ?? null, context: context == null ? null : checkContext(context) };
}

/** What a source's `open` returned: a source that somebody else wrote may be wrong. */
export function checkOpen(opened: OpenSource, name: string): void {
  const { ready, reload, close } = (opened as OpenSource | undefined) ?? {};
  const namespace = isOpenObject(opened) ? offerOf(opened) : undefined;
  const isOpen = isThenable(ready) && typeof reload === 'function' && typeof close === 'function';
  const isOffer = namespace === undefined || (typeof namespace.value === 'string' && typeof namespace.at === 'string');
  if (isOpen && isOffer) return;
  throw new InvalidOptionError(
    `the source ${quote(name)} opened as ${describe(opened)}; want { ready, reload, close, namespace?: { value, at } }.`,
  );
}

function isOpenObject(opened: unknown): opened is OpenSource {
  return typeof opened === 'object' && opened !== null;
}

/** What it says of the own namespace itself: not somebody else's `Object.prototype`. */
export function offerOf(opened: OpenSource): OwnNamespaceOffer | undefined {
  return Object.hasOwn(opened, 'namespace') ? opened.namespace : undefined;
}

function isString(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw new InvalidOptionError(`${name} is ${describe(value)}; want a string.`);
}

function isBoolean(name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw new InvalidOptionError(`${name} is ${describe(value)}; want true or false.`);
}
