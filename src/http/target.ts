// Which URL names a service, and what it becomes: the scheme, host, port and base path of the answer, with the path of
// the caller.

import { urlOf } from '../core/address.ts';
import { CrossOriginPathError, type ErrorDetails, InvalidNameError, SchemeMismatchError } from '../core/errors.ts';
import { DEFAULT_ENDPOINT, ENDPOINT_WANTED, isEndpoint, isServiceName, SERVICE_WANTED } from '../core/names.ts';
import { quote, withoutQuery } from '../core/quote.ts';
import type { Located, View } from '../core/routing.ts';

export interface Target {
  readonly service: string;
  readonly endpoint: string;
}

/**
 * The service that a host names; `null` for every other host: with a dot, an IP address, localhost. Without a table a
 * name that is none of ours is somebody else's.
 * @throws `ERR_INVALID_NAME`
 */
export function targetOf({ hostname }: URL, canonical: boolean, view: View): Target | null {
  const known = named.get(hostname);
  if (known !== undefined) return known;
  const labels = hostname.split('.');
  const [first = '', second = ''] = labels;
  if (labels.length === 1) return read(first, DEFAULT_ENDPOINT, hostname, view);
  if (labels.length === 2 && first.startsWith('_')) return read(second, first.slice(1), hostname, view);
  const isCanonical = canonical && labels.length >= 3 && labels[2] === 'svc' && view.baseline.includes(second);
  return isCanonical && isServiceName(first) ? { service: first, endpoint: DEFAULT_ENDPOINT } : null;
}

/**
 * Whether a host is somebody else's, whatever the table says: no single label, no endpoint, and no canonical name. The host
 * of a file: URL is no service, and has no port.
 */
export function isForeign({ protocol, hostname }: Pick<URL, 'protocol' | 'hostname'>, canonical: boolean): boolean {
  if (named.has(hostname) && protocol !== 'file:') return false;
  if (hostname.startsWith('[') || hostname === 'localhost' || protocol === 'file:') return true;
  if (!hostname.includes('.') || hostname.startsWith('_')) return false;
  return !canonical || hostname.split('.', 3)[2] !== 'svc';
}

/** Hosts that name a service whatever the table says. An application calls few, again and again. */
const named = new Map<string, Target>();
const MOST_NAMED = 500;

function read(service: string, endpoint: string, hostname: string, view: View): Target | null {
  if (service === '' || service === 'localhost' || hostname.startsWith('[')) return null;
  if (isServiceName(service) && isEndpoint(endpoint)) {
    if (named.size >= MOST_NAMED) named.clear();
    const target = { service, endpoint };
    named.set(hostname, target);
    return target;
  }
  if (!view.configured && !view.strict) return null;
  const wanted = isServiceName(service) ? ENDPOINT_WANTED : SERVICE_WANTED;
  throw new InvalidNameError(`the host ${quote(hostname)} names no service: ${wanted}.`, { service, endpoint });
}

/** The URL of a call. Its path was parsed: it has no dot segments, and cannot leave. @throws `ERR_SCHEME_MISMATCH` */
export function rewrite(url: URL, located: Located): string {
  const { pathname, search, hash } = url;
  const { origin, base } = addressOf(url, located);
  return `${origin}${join(base, pathname)}${search}${hash}`;
}

/** What is within its origin at a glance: one slash, and the characters of RFC 3986 for a path and a query. */
const PLAIN_PATH = /^\/(?!\/)[\w\-.~!$&'()*+,;=:@%/?]*$/;

/**
 * The same for a path that nobody has parsed: it may be anything.
 * @throws `ERR_SCHEME_MISMATCH`, `ERR_CROSS_ORIGIN_PATH`
 */
export function addressed(url: URL, located: Located, path: string): { origin: string; path: string; base: string } {
  const { origin, base } = addressOf(url, located);
  if (base === '' && PLAIN_PATH.test(path)) return { origin, path, base };
  const joined = join(base, path);
  const whole = urlOf(`${origin}${joined}`);
  if (whole === null || originOf(whole) !== originOf(new URL(origin)) || leaves(joined, base)) {
    const { service } = located.resolution;
    throw new CrossOriginPathError(
      `the path ${quote(withoutQuery(path))} would leave ${origin}${base}, the address of ${service}. Want a path that starts with one "/".`,
      detailsOf(located),
    );
  }
  return { origin, path: joined, base };
}

/** Whether fetch and undici speak its scheme. */
export function isHttp(url: string): boolean {
  return url.startsWith('http:') || url.startsWith('https:');
}

/** Scheme, host and port, and the base path that an entry may have. */
function addressOf({ protocol, port }: URL, located: Located): { origin: string; base: string } {
  const { resolution, spelt } = located;
  const scheme = schemeOf(protocol, located);
  const { authority, base } = partsOf(resolution.url);
  return { origin: `${scheme}//${port !== '' && !spelt ? `${resolution.hostname}:${port}` : authority}`, base };
}

/** By exactly one slash. */
function join(base: string, path: string): string {
  return base === '' ? path : `${base}/${path.replace(/^\/+/, '')}`;
}

function detailsOf({ resolution: { service, endpoint, namespace } }: Located): ErrorDetails {
  return { service, endpoint, namespace: namespace ?? undefined };
}

/** What comes before the path: also for schemes whose `origin` is opaque. */
function originOf({ protocol, username, password, host }: URL): string {
  return `${protocol}//${username}${password}@${host}`;
}

/** Whether a path, which nobody need have parsed, steps out of the base. */
export function leaves(path: string, base: string): boolean {
  return base !== '' && !`${urlOf(`http://x${path}`)?.pathname ?? ''}/`.startsWith(`${base}/`);
}

/** The path that an address has; empty for none. */
export function baseOf(url: string): string {
  return partsOf(url).base;
}

function partsOf(url: string): { authority: string; base: string } {
  const start = url.indexOf('//') + 2;
  const slash = url.indexOf('/', start);
  return slash === -1
    ? { authority: url.slice(start), base: '' }
    : { authority: url.slice(start, slash), base: url.slice(slash) };
}

const WEB_SOCKET: ReadonlyMap<string, string> = new Map([
  ['http:', 'ws:'],
  ['https:', 'wss:'],
]);

/** The table's scheme wins over `http:`; a caller that wants encryption, or another protocol, gets that or an error. */
function schemeOf(caller: string, located: Located): string {
  const { protocol: table, service } = located.resolution;
  if (caller === 'http:' || caller === table) return table;
  const isWebSocket = caller === 'ws:' || caller === 'wss:';
  const answered = isWebSocket ? (WEB_SOCKET.get(table) ?? table) : table;
  if (answered === caller || (caller === 'ws:' && answered === 'wss:')) return answered;
  // A template says http: where it only says that there is no encryption.
  if (!isWebSocket && caller !== 'https:' && table === 'http:') return caller;
  throw new SchemeMismatchError(
    `the call wants ${caller}// and the address of ${service} is ${table}//. Call it with ${table}//, or give its entry a URL with ${caller}//.`,
    detailsOf(located),
  );
}
