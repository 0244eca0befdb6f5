// Paths of calls: behind the base path of the answer, with one slash, and never out of its origin; in `route`, in the
// wrapped fetch, and in undici, where nobody has parsed them.

import { fixedTable } from '../decisions/fixed.ts';
import { attempt, differs, errorFault, firstOf, holdsSecret, SECRET, urlIn } from '../oracle.ts';
import { corpus, type Target } from '../target.ts';
import { sentByFetch, sentByRoute, sentByUndici } from './clients.ts';

const { resolver } = fixedTable(null);

const PLACES = [
  { service: 'my-rest', origin: 'http://my-rest.develop.svc:8080', base: '' },
  { service: 'invoices', origin: 'http://invoices.develop.svc', base: '' },
  { service: 'orders', origin: 'https://orders.example.com', base: '/v1' },
  { service: 'double', origin: 'http://double.example.com', base: '//api' },
] as const;
type Place = (typeof PLACES)[number];

export const paths: Target = {
  name: 'paths',
  seeds: corpus('paths'),
  words: ['/', '\\', '..', '.', '%2e', '%2f', '%5c', '?', '#', '@', ':', '\t', 'evil.example', 'x', 'v1', ';'],
  async hold(path) {
    for (const place of PLACES) {
      const url = `http://${place.service}/${path}`;
      const expected = expectedOf(url, place);
      const fault = firstOf(
        () => differs('the URL of route', sentByRoute(url, resolver).url, expected),
        () => leaving(expected, place),
        () => undiciFault(path, place),
        () => undiciFault(`/${path}`, place),
      );
      if (fault !== null) return fault;
      const [sent] = await sentByFetch(url, resolver);
      const inFetch = differs('the URL of fetch', sent?.url, expected);
      if (inFetch !== null) return inFetch;
    }
    return null;
  },
};

function expectedOf(url: string, { origin, base }: Place): string {
  const { pathname, search, hash } = new URL(url);
  return `${origin}${base === '' ? pathname : `${base}/${pathname.replace(/^\/+/, '')}`}${search}${hash}`;
}

/** A URL that is read as one of another origin, or out of the base. */
function leaving(url: string, { origin, base }: Place): string | null {
  const parsed = urlIn(url);
  if (parsed === null) return `a URL is none: ${JSON.stringify(url)}`;
  const isWithin = base === '' || `${parsed.pathname}/`.startsWith(`${base}/`);
  const isOurs = parsed.origin === origin && parsed.username === '' && parsed.password === '';
  return isOurs && isWithin ? null : `${JSON.stringify(url)} leaves ${origin}${base}`;
}

function undiciFault(path: string, place: Place): string | null {
  const { service, origin, base } = place;
  const answer = attempt(() => sentByUndici(`http://${service}`, path, resolver));
  const wanted = `${origin}${base === '' ? path : `${base}/${path.replace(/^\/+/, '')}`}`;
  if ('value' in answer)
    return leaving(answer.value.url, place) ?? differs('the URL of undici', answer.value.url, wanted);
  // A path that would have stayed is nobody's to refuse.
  const stays = path.startsWith('/') && leaving(wanted, place) === null;
  return firstOf(
    () => answer.fault,
    () => (stays ? `undici refuses ${JSON.stringify(path)}, which stays in ${origin}${base}: ${answer.code}` : null),
    () => differs('the error of undici', answer.code, 'ERR_CROSS_ORIGIN_PATH'),
    () => secretFault(path, service),
  );
}

/** The query of a path is shown to nobody. */
function secretFault(path: string, service: string): string | null {
  if (!holdsSecret(path, 'http://x')) return null;
  try {
    sentByUndici(`http://${service}`, path, resolver);
    return null;
  } catch (error) {
    const { message } = error as Error;
    return message.includes(SECRET) ? `a message shows the secret: ${JSON.stringify(message)}` : errorFault(error);
  }
}
