// What the value of an entry says, and which values are none: what `new URL` would rewrite is not what somebody meant.

import { type Address, DEFAULT_PORTS, isHost, isIPv6, parsePort, urlOf, withoutTrailingSlashes } from './address.ts';

export type Value =
  | { readonly kind: 'empty' }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'port'; readonly port: number }
  /** A host, and perhaps a port: the scheme is the template's. */
  | { readonly kind: 'host'; readonly hostname: string; readonly port: number | null }
  | { readonly kind: 'url'; readonly address: Address };

/** For a message. */
export const VALUE_WANTED =
  'want empty, a port (1 to 65535), a host, "host:port", a URL without user info, query and fragment, or "disabled"';

const LONGEST_VALUE = 2048;
const EMPTY: Value = { kind: 'empty' };
const DISABLED: Value = { kind: 'disabled' };

/** What is beyond printable ASCII, and the backslash, which `new URL` takes for a slash. */
const FOREIGN = /[^\x21-\x7e]|\\/;
/** RFC 3986, section 3.3. What else `new URL` would take depends on its version. */
const PATH = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;
/** What `new URL` leaves as it is: no dot segments, nothing empty, nothing encoded. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9_~-]+)*$/;
const DIGITS = /^\d+$/;
const URL_SHAPE = /^([a-z][a-z0-9+.-]*):\/\/(\[[^\]/]*\]|[^:/?#@[\]]*)(?::(\d*))?(\/[^?#]*)?$/i;
const HOST_SHAPE = /^(\[[^\]/]*\]|[^:/?#@[\]]+)(?::(\d*))?$/;

/**
 * What most values are, a URL of names and a port and nothing else, told by one look: a whole ConfigMap is judged by its
 * values' kinds, and what they say is read when it is asked for.
 */
const USUAL_URL =
  /^https?:\/\/(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?(?::(?:[1-9]\d{0,3}|[1-5]\d{4}))?$/;
/** So long that no host in it is too long. */
const LONGEST_USUAL = 253;

/** The kind of a value, `null` when it is none: `parseValue(text)?.kind`. */
export function kindOf(text: string): Value['kind'] | null {
  if (text.length <= LONGEST_USUAL && USUAL_URL.test(text) && !text.includes('xn--')) return 'url';
  return parseValue(text)?.kind ?? null;
}

/** Reads a value, white space at its ends aside; `null` when it is none. Linear; the length is looked at first. */
export function parseValue(untrimmed: string): Value | null {
  const text = untrimmed.trim();
  if (text === '') return EMPTY;
  if (text === 'disabled') return DISABLED;
  if (text.length > LONGEST_VALUE || FOREIGN.test(text)) return null;
  if (DIGITS.test(text)) return parsePortValue(text);
  return text.includes('://') ? parseUrl(text) : parseHost(text);
}

function parsePortValue(text: string): Value | null {
  const port = parsePort(text);
  return port === null ? null : { kind: 'port', port };
}

function parseHost(text: string): Value | null {
  const match = HOST_SHAPE.exec(text);
  if (match === null) return null;
  const hostname = (match[1] as string).toLowerCase();
  const port = match[2] === undefined ? null : parsePort(match[2]);
  if (port === null && match[2] !== undefined) return null;
  const unmistakable = hostname.includes('.') || hostname === 'localhost' || isIPv6(hostname);
  return unmistakable && isHost(hostname) ? { kind: 'host', hostname, port } : null;
}

function parseUrl(text: string): Value | null {
  const address = readAddress(text);
  return address === null ? null : { kind: 'url', address };
}

/** `scheme://host[:port][/base]`, exactly as `new URL` has it, case, default port and trailing slashes aside. */
export function parseAddress(text: string): Address | null {
  return FOREIGN.test(text) ? null : readAddress(text);
}

function readAddress(text: string): Address | null {
  const match = URL_SHAPE.exec(text);
  if (match === null) return null;
  const protocol = `${(match[1] as string).toLowerCase()}:`;
  if (protocol === 'file:') return null; // it has no ports, and its host is no server
  const hostname = (match[2] as string).toLowerCase();
  const port = match[3] === undefined ? null : parsePort(match[3]);
  if ((port === null && match[3] !== undefined) || !isHost(hostname)) return null;
  const path = match[4] ?? '';
  if (!PATH.test(path)) return null;
  if (!survives(text, protocol, hostname, path)) return null;
  return {
    protocol,
    hostname,
    port: port === DEFAULT_PORTS.get(protocol) ? null : port,
    base: withoutTrailingSlashes(path),
  };
}

function survives(text: string, protocol: string, hostname: string, path: string): boolean {
  if (DEFAULT_PORTS.has(protocol) && PLAIN_PATH.test(path)) return true;
  const url = urlOf(text);
  if (url === null) return false;
  const pathname = path === '' && url.pathname === '/' ? '' : url.pathname;
  return url.hostname.toLowerCase() === hostname && pathname === path;
}
