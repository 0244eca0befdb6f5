// Where a call goes: scheme, host, port and base path, and which of them are legal.

export interface Address {
  /** With its colon, as `URL.protocol`: `http:`. */
  readonly protocol: string;
  /** As `URL.hostname`: in lower case, IPv6 in brackets. */
  readonly hostname: string;
  /** `null` when it is the scheme's default, or none is known. */
  readonly port: number | null;
  /** Empty, or a path without a trailing slash. */
  readonly base: string;
}

/** The ports that a URL leaves out. */
export const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http:', 80],
  ['https:', 443],
  ['ws:', 80],
  ['wss:', 443],
]);

const PORT = /^[1-9]\d{0,4}$/;

/** 1 to 65535, no leading zero; otherwise `null`. */
export function parsePort(text: string): number | null {
  if (!PORT.test(text)) return null;
  const port = Number(text);
  return port <= 65_535 ? port : null;
}

const HOST_LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
/** A last label that makes WHATWG URL read the whole host as an IPv4 address. */
const NUMERIC = /^(?:\d+|0x[0-9a-f]*)$/;
const OCTET = /^(?:0|[1-9]\d{0,2})$/;

/** A name that `new URL` leaves as it is: no punycode, and nothing that reads as a number at its end. */
const PLAIN_HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export function isIPv6(hostname: string): boolean {
  return hostname.startsWith('[');
}

/** Whether `new URL` would read the host as an IPv4 address. */
export function isNumeric(hostname: string): boolean {
  return NUMERIC.test(hostname.slice(hostname.lastIndexOf('.') + 1));
}

function isIPv4(labels: readonly string[]): boolean {
  return labels.length === 4 && labels.every((label) => OCTET.test(label) && Number(label) <= 255);
}

/** A DNS name, an IPv4 address of four decimals, or a canonical IPv6 address in brackets; in lower case. */
export function isHost(hostname: string): boolean {
  if (hostname.length === 0 || hostname.length > 253) return false;
  if (PLAIN_HOST.test(hostname) && !hostname.includes('xn--')) return true;
  if (!isIPv6(hostname)) {
    const labels = hostname.split('.');
    if (NUMERIC.test(labels.at(-1) as string)) return isIPv4(labels);
    if (!labels.every((label) => label.length <= 63 && HOST_LABEL.test(label))) return false;
  }
  // The last word is `new URL`'s: it knows the one spelling of an IPv6 address, and punycode, at which newer versions of
  // Node look only where another label is none of ASCII.
  if (isIPv6(hostname)) return urlOf(`http://${hostname}`)?.hostname === hostname;
  return urlOf(`http://ü.${hostname}`)?.hostname === `xn--tda.${hostname}`;
}

/**
 * A URL; `null` for what is none. Parsed once, and never asked first with `URL.canParse`: on Node 20 and 22 that says no to
 * hosts beyond ASCII as soon as it is compiled (https://github.com/AikidoSec/firewall-node/pull/1086).
 */
export function urlOf(text: string, base?: URL): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}

/** `scheme://host[:port][/base]`. */
export function toUrl(address: Address): string {
  const { protocol, hostname, port, base } = address;
  return `${protocol}//${hostname}${port === null || port === DEFAULT_PORTS.get(protocol) ? '' : `:${port}`}${base}`;
}

export function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}
