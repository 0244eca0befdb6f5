// What a key says: an entry `service.namespace`, a named port `_endpoint.service.namespace`, or a setting.
// A key that almost says one is malformed, and names the key that it must have meant.

import {
  DEFAULT_ENDPOINT,
  ENDPOINT_WANTED,
  isEndpoint,
  isNamespace,
  isServiceName,
  NAMESPACE_WANTED,
  SERVICE_WANTED,
} from './names.ts';

/** `key` is the canonical spelling, by which sources are compared. */
export interface EntryKey {
  readonly kind: 'entry';
  readonly key: string;
  readonly service: string;
  readonly namespace: string;
  readonly endpoint: string;
}

export interface SettingKey {
  readonly kind: 'setting';
  readonly key: string;
}

export interface MalformedKey {
  readonly kind: 'malformed';
  /** The canonical key that this one would be in lower case and with `-` for `_`, or `null`. */
  readonly meant: string | null;
  /** What is wanted, for a message. */
  readonly wanted: string;
}

export type Key = EntryKey | SettingKey | MalformedKey;

/** `default` is never spelt: its key is just `service.namespace`. */
export function entryKey(service: string, namespace: string, endpoint: string = DEFAULT_ENDPOINT): string {
  return endpoint === DEFAULT_ENDPOINT ? `${service}.${namespace}` : `_${endpoint}.${service}.${namespace}`;
}

/** Parts of a key, without a word on whether they are legal; `null` when it has not the shape of an entry's key. */
function split(text: string): { endpoint: string; service: string; namespace: string } | null {
  const labels = text.split('.', 4);
  const [first = '', second = '', third = ''] = labels;
  if (labels.length === 2) return { endpoint: DEFAULT_ENDPOINT, service: first, namespace: second };
  if (labels.length === 3 && first.startsWith('_'))
    return { endpoint: first.slice(1), service: second, namespace: third };
  return null;
}

const SHAPE_WANTED = 'an entry is keyed "service.namespace" or "_endpoint.service.namespace"';

/** Why these parts are no entry's, or `null`. */
function fault(text: string): string | null {
  const parts = split(text);
  if (parts === null) return SHAPE_WANTED;
  if (!isServiceName(parts.service)) return SERVICE_WANTED;
  if (!isNamespace(parts.namespace)) return NAMESPACE_WANTED;
  if (!isEndpoint(parts.endpoint)) return ENDPOINT_WANTED;
  const spelt = text.startsWith('_');
  return spelt && parts.endpoint === DEFAULT_ENDPOINT ? 'the default endpoint is keyed "service.namespace"' : null;
}

/** The longest key that can be legal: `_endpoint.service.namespace`. */
const LONGEST_KEY = 1 + 15 + 1 + 63 + 1 + 63;

/** Reads a key as a mounted folder spells it. Linear; the length is looked at first. */
export function parseKey(text: string): Key {
  if (!text.includes('.')) {
    return text.startsWith('_')
      ? { kind: 'malformed', meant: null, wanted: SHAPE_WANTED }
      : { kind: 'setting', key: text };
  }
  if (text.length > LONGEST_KEY) {
    return { kind: 'malformed', meant: null, wanted: `a key is at most ${LONGEST_KEY} characters` };
  }
  const wanted = fault(text);
  if (wanted !== null) return { kind: 'malformed', meant: meantBy(text), wanted };
  return { kind: 'entry', key: text, ...(split(text) as { endpoint: string; service: string; namespace: string }) };
}

/**
 * In lower case and with `-` for `_`. Where only the endpoint is no name, the service is deployed there all the same, and
 * must not look absent: then its own key is meant.
 */
function meantBy(text: string): string | null {
  const lower = text.toLowerCase();
  const named = lower.startsWith('_') && lower.split('.').length === 3;
  const key = named ? `_${lower.slice(1).replaceAll('_', '-')}` : lower.replaceAll('_', '-');
  if (fault(key) === null) return key;
  const home = key.slice(key.indexOf('.') + 1);
  return named && fault(home) === null ? home : null;
}

// ---- environment variables -------------------------------------------------------------------------------------

/** Every variable of ours starts so. */
export const VARIABLE_PREFIX = 'BRANCHLINE_';

/** Variables that steer the library and are no part of the table. */
const STEERING: ReadonlySet<string> = new Set(['BRANCHLINE_CONFIG', 'BRANCHLINE_NAMESPACE']);

/**
 * What Kubernetes sets for a Service whose name starts with `branchline`
 * (https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables).
 */
const SERVICE_LINK =
  /_SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)$|_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?$/;
/** What only a link holds: an address with a protocol, or a bare one. A number may be an entry's. */
const LINK_VALUE = /^(?:tcp|udp|sctp):\/\/|^\d+\.\d+\.\d+\.\d+$|^(?:tcp|udp|sctp)$/;
/** Longer ones are no names of ours, and not looked at by a pattern. */
const LONGEST_VARIABLE = 512;

/**
 * A variable that says something about the table. A name with `__` is a service link only if it holds what one holds:
 * `BRANCHLINE_MY_REST__FEATURE_PORT=8080` is the entry of a branch called feature-port.
 */
export function isTableVariable(name: string, value: string): boolean {
  if (!name.startsWith(VARIABLE_PREFIX) || STEERING.has(name)) return false;
  // A dot is in no name that Kubernetes sets: that is a raw key.
  if (name.includes('.') || name.length > LONGEST_VARIABLE || !SERVICE_LINK.test(name)) return true;
  return name.includes('__') && !LINK_VALUE.test(value.trim());
}

const UPPER_CASE = /^[A-Z0-9_]+$/;

/**
 * Reads the name of a variable: with a dot it is the raw key after the prefix, with `__` the portable spelling
 * (`__` for the dot, `_` for `-`, upper case), otherwise a setting.
 */
export function parseVariable(name: string): Key {
  const rest = name.slice(VARIABLE_PREFIX.length);
  if (rest.includes('.')) return parseKey(rest);
  if (!rest.includes('__')) return { kind: 'setting', key: rest.toLowerCase() };
  const key = parseKey(fromPortable(rest.toLowerCase()));
  if (key.kind === 'entry' && !UPPER_CASE.test(rest)) {
    return {
      kind: 'malformed',
      meant: key.key,
      wanted: `want upper case, ${portableVariable(key.key) ?? 'or the raw key'}`,
    };
  }
  if (key.kind === 'malformed') {
    return {
      ...key,
      wanted:
        'want BRANCHLINE_SERVICE__NAMESPACE or BRANCHLINE__ENDPOINT__SERVICE__NAMESPACE: "__" for ".", "_" for "-"',
    };
  }
  return key;
}

/** `my_rest__feature_x` → `my-rest.feature-x`; a leading `_` (of `__endpoint__…`) stays, it marks a named port. */
function fromPortable(rest: string): string {
  const named = rest.startsWith('_');
  const key = (named ? rest.slice(1) : rest).split('__').join('.').replaceAll('_', '-');
  return named ? `_${key}` : key;
}

/** The upper-case variable of an entry's key; `null` for a name with `--`, which has none. */
export function portableVariable(key: string): string | null {
  if (key.includes('--')) return null;
  return VARIABLE_PREFIX + key.replaceAll('-', '_').replaceAll('.', '__').toUpperCase();
}
