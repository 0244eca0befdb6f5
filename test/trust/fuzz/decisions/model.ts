// What must come of a request, by the contract alone: which wish it brings, whether it is a choice, and where its calls go.

import { isLabel, isNamespace } from '../oracle.ts';
import type { Address, Meaning, Scenario } from './tables.ts';

export interface Wish {
  readonly namespaces: readonly string[];
  readonly services: ReadonlyMap<string, string>;
}

export interface Judgement {
  /** What is searched first; `null` without a wish that is honoured. */
  readonly context: Wish | null;
  /** What goes on; `null`: nothing that the request brought. */
  readonly carried: Wish | null;
  readonly reject: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

const NOTHING: Judgement = { context: null, carried: null, reject: false, headers: {} };

export interface Received {
  readonly lines: readonly string[];
  readonly trust: boolean;
  readonly refused: 'reject' | 'ignore';
  readonly select: string | undefined;
}

export function judge(scenario: Scenario, { lines, trust, refused, select }: Received): Judgement {
  if (!trust || !scenario.overrides) return NOTHING;
  const values = valuesIn(lines, scenario.keys);
  const selected = select === undefined || select.trim() === '' ? [] : [select.trim()];
  const asked = values.length > 0 ? values : selected;
  if (asked.length === 0) return NOTHING;
  const wishes = asked.map((value) => (value === null ? null : wishIn(value)));
  const [wish = null] = wishes;
  const isOne = wish !== null && wishes.every((other) => other !== null && format(other) === format(wish));
  const reject = refused === 'reject';
  if (!isOne) return { ...NOTHING, reject, headers: { 'branchline-refused': '(malformed)' } };
  const unknown = unknownIn(scenario, wish);
  if (unknown.length > 0)
    return {
      context: null,
      carried: reject ? null : wish,
      reject,
      headers: { 'branchline-refused': unknown.join('~') },
    };
  return { context: wish, carried: wish, reject: false, headers: { 'branchline-accepted': format(wish) } };
}

const SPACE = /^[ \t]+|[ \t]+$/g;

/** The members of others, byte for byte, in their order. */
export function foreignIn(header: string, keys: readonly string[]): string[] {
  return header.split(',').filter((member) => !keys.includes(keyIn(member)));
}

/** Without spaces and tabs, as HTTP has it, and no other white space. */
export function keyIn(member: string): string {
  return (member.split(/[=;]/)[0] as string).replaceAll(SPACE, '');
}

/** What stands under the first of our keys that says anything; `null` for a member without a value. */
function valuesIn(lines: readonly string[], keys: readonly string[]): (string | null)[] {
  const members = lines.flatMap((line) => line.split(','));
  for (const key of keys) {
    const values = members.filter((member) => keyIn(member) === key).map((member) => valueIn(member));
    const told = values.filter((value) => value !== '');
    if (told.length > 0) return told;
  }
  return [];
}

function valueIn(member: string): string | null {
  const [item = ''] = member.split(';');
  const at = item.indexOf('=');
  if (at === -1) return null;
  const text = item.slice(at + 1).replaceAll(SPACE, '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `null` for what is no wish. */
function wishIn(text: string): Wish | null {
  const namespaces = new Set<string>();
  const services = new Map<string, string>();
  if (text.length > 8 * 127 + 7) return null;
  for (const item of text.split('~')) {
    const parts = item.split('.');
    const [service = '', namespace = service] = parts;
    if (parts.length > 2 || !isNamespace(namespace)) return null;
    if (parts.length === 1) namespaces.add(namespace);
    else if (!isLabel(service) || (services.has(service) && services.get(service) !== namespace)) return null;
    else services.set(service, namespace);
  }
  return namespaces.size + services.size > 8 ? null : { namespaces: [...namespaces], services };
}

function format({ namespaces, services }: Wish): string {
  return [...namespaces, ...[...services].map(([service, namespace]) => `${service}.${namespace}`).toSorted()].join(
    '~',
  );
}

function unknownIn({ entries, baseline, own }: Scenario, { namespaces, services }: Wish): string[] {
  const known = new Set([...baseline, own, ...[...entries.keys()].map((key) => key.split('.').at(-1))]);
  return [
    ...namespaces.filter((namespace) => !known.has(namespace)),
    ...[...services].map(([service, namespace]) => `${service}.${namespace}`).filter((home) => !lives(entries, home)),
  ];
}

function lives(entries: ReadonlyMap<string, Meaning>, home: string): boolean {
  return entries.has(home) || entries.has(`_admin.${home}`);
}

/** Where a service is, or the code of the error. `spelt`: its entry says the host. */
export type Place = { readonly address: Address; readonly spelt: boolean } | string;

export function placeOf(scenario: Scenario, service: string, endpoint: string, context: Wish | null): Place {
  const { entries, own, baseline, strict, template } = scenario;
  const within = scenario.overrides ? context : null;
  const start = own === null ? -1 : baseline.indexOf(own);
  const path = [
    ...(within?.services.has(service) ? [within.services.get(service) as string] : []),
    ...(within?.namespaces ?? []),
    ...(own !== null && start === -1 ? [own] : []),
    ...baseline.slice(Math.max(0, start)),
  ];
  const namespace = path.find((candidate) => lives(entries, `${service}.${candidate}`));
  if (namespace !== undefined) return placeAt(scenario, service, endpoint, namespace);
  if (strict) return 'ERR_SERVICE_NOT_FOUND';
  if (endpoint !== 'default') return 'ERR_ENDPOINT_NOT_FOUND';
  const address = template.render(service, baseline.at(-1) as string);
  return address === null ? 'ERR_ADDRESS_INVALID' : { address, spelt: false };
}

function placeAt(
  { entries, baseline, template }: Scenario,
  service: string,
  endpoint: string,
  namespace: string,
): Place {
  const of = (at: string): Meaning | undefined =>
    entries.get(`${endpoint === 'default' ? '' : `_${endpoint}.`}${service}.${at}`);
  const main = entries.get(`${service}.${namespace}`);
  const entry = of(namespace);
  if (main?.kind === 'disabled' || entry?.kind === 'disabled') return 'ERR_SERVICE_DISABLED';
  if (entry?.kind === 'invalid') return 'ERR_ENTRY_INVALID';
  if (entry?.kind === 'spelt') return { address: entry.address, spelt: true };
  let port = entry?.kind === 'port' ? entry.port : null;
  if (port === null) {
    if (endpoint !== 'default' && main?.kind === 'invalid') return 'ERR_ENTRY_INVALID';
    if (endpoint !== 'default' && main?.kind === 'spelt') return 'ERR_ENDPOINT_NOT_FOUND';
    const giver = baseline.map(of).find((candidate) => candidate !== undefined && candidate.kind !== 'empty');
    if (giver?.kind === 'invalid') return 'ERR_ENTRY_INVALID';
    port = giver?.kind === 'port' ? giver.port : null;
    if (port === null && endpoint !== 'default') return 'ERR_ENDPOINT_NOT_FOUND';
  }
  const address = template.render(service, namespace);
  if (address === null) return 'ERR_ADDRESS_INVALID';
  return { address: port === null ? address : { ...address, port }, spelt: false };
}

/** What goes with the calls of a request; `null` for more than eight items, which are refused. */
export function memberOf({ own, baseline }: Scenario, carried: Wish | null): string | null {
  const wish: Wish = carried ?? { namespaces: [], services: new Map() };
  const isBranch = own !== null && !baseline.includes(own) && !wish.namespaces.includes(own);
  const whole = isBranch ? { ...wish, namespaces: [...wish.namespaces, own] } : wish;
  return whole.namespaces.length + whole.services.size > 8 ? null : format(whole);
}
