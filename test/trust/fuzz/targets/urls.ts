// URLs of calls: which name a service, and what they become; `route` and the wrapped fetch decide alike.

import { fixedTable } from '../decisions/fixed.ts';
import { type Place, placeOf } from '../decisions/model.ts';
import { attempt, codeOf, differs, errorFault, firstOf, isEndpoint, isLabel, messageFault, urlIn } from '../oracle.ts';
import { corpus, type Target } from '../target.ts';
import { sentByFetch, sentByRoute } from './clients.ts';

const table = fixedTable('feature-x');

export const urls: Target = {
  name: 'urls',
  seeds: corpus('urls'),
  words: [
    'http',
    'https',
    'ws',
    'file',
    '://',
    'my-rest',
    'orders',
    'queue',
    '_admin.',
    ':8080',
    '/',
    '@',
    '?',
    '#',
    '.',
    '\\',
  ],
  async hold(url) {
    const expected = expectedOf(url);
    const routed = attempt(() => sentByRoute(url, table.resolver), url);
    const fault = firstOf(
      () => ('code' in routed && !isNative(expected) ? routed.fault : null),
      () => differs('the URL', 'value' in routed ? routed.value.url : routed.code, expected ?? 'undefined'),
      () => ('value' in routed && urlIn(url) !== null ? survivalFault(routed.value.url) : null),
      () => ('value' in routed ? baggageFault(url, routed.value) : null),
    );
    return fault ?? (urlIn(url) === null ? null : fetchFault(url, expected));
  },
};

/** A `TypeError` of the platform, or one that fetch would throw. */
function isNative(expected: string | null): boolean {
  return expected === 'ERR_INVALID_URL' || expected === null;
}

/** The URL that a call becomes, or the code of its error; `null` for an error without one. */
function expectedOf(url: string): string | null {
  const parsed = urlIn(url);
  if (parsed === null) return 'ERR_INVALID_URL';
  const named = targetIn(parsed);
  if (named === null) return url;
  if (typeof named === 'string') return named;
  const place = placeOf(table, named.service, named.endpoint, null);
  if (typeof place === 'string') return place;
  if (parsed.username !== '' || parsed.password !== '') return null;
  return rewritten(parsed, place);
}

function targetIn({ protocol, hostname }: URL): { service: string; endpoint: string } | string | null {
  if (protocol === 'file:' || hostname === '' || hostname === 'localhost' || hostname.startsWith('[')) return null;
  const labels = hostname.split('.');
  const [first = '', second = ''] = labels;
  const isNamed = labels.length === 2 && first.startsWith('_');
  if (labels.length > 1 && !isNamed) return null;
  const [service, endpoint] = isNamed ? [second, first.slice(1)] : [first, 'default'];
  if (isNamed && (service === '' || service === 'localhost')) return null;
  return isLabel(service) && isEndpoint(endpoint) ? { service, endpoint } : 'ERR_INVALID_NAME';
}

function rewritten(url: URL, { address, spelt }: Exclude<Place, string>): string {
  const { scheme, host, port, base } = address;
  const own = url.protocol.slice(0, -1);
  const sent = schemeOf(own, scheme);
  if (sent === null) return 'ERR_SCHEME_MISMATCH';
  const named = url.port !== '' && !spelt ? url.port : (port ?? '');
  const path = base === '' ? url.pathname : `${base}/${url.pathname.replace(/^\/+/, '')}`;
  return `${sent}://${host}${named === '' ? '' : `:${named}`}${path}${url.search}${url.hash}`;
}

/** The table's scheme wins over `http:`, and nothing is sent with less encryption than was asked for. */
function schemeOf(own: string, table_: string): string | null {
  if (own === 'http' || own === table_) return table_;
  if (own === 'ws' || own === 'wss') {
    const asSocket = { http: 'ws', https: 'wss' }[table_] ?? table_;
    return asSocket === own || (own === 'ws' && asSocket === 'wss') ? asSocket : null;
  }
  return own !== 'https' && table_ === 'http' ? own : null;
}

/** What is handed to a client is a URL, and nobody is in front of its host. */
function survivalFault(url: string): string | null {
  return urlIn(url) === null ? `a URL is none: ${JSON.stringify(url)}` : null;
}

/** Ours goes to our own, and to nobody else. */
function baggageFault(url: string, sent: { url: string; baggage: string }): string | null {
  const isOurs = targetIn(new URL(url)) !== null;
  return differs('the baggage', sent.baggage, isOurs ? 'branchline=feature-x' : '');
}

async function fetchFault(url: string, expected: string | null): Promise<string | null> {
  try {
    const [sent] = await sentByFetch(url, table.resolver);
    const wanted = targetIn(new URL(url)) === null ? url : expected;
    return firstOf(
      () => differs('the URL of fetch', sent?.url, wanted),
      () => (sent === undefined ? null : baggageFault(url, sent)),
    );
  } catch (error) {
    const isSpoken = expected !== null && /^https?:/.test(expected);
    const code = codeOf(error);
    const isUnspoken = expected !== null && !isSpoken && expected.includes('://') && code === 'ERR_SCHEME_UNSUPPORTED';
    if (expected === null) return messageFault((error as Error).message, url);
    return errorFault(error, url) ?? (isUnspoken ? null : differs('the error of fetch', code, expected));
  }
}
