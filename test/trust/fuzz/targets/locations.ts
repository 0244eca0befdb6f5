// `Location` headers that a call of ours is answered with: nothing of ours goes with a hop to others, no credentials to
// another origin, and what cannot be followed is an error that shows nothing.

import { isBranchlineError } from 'branchline';

import { fixedTable } from '../decisions/fixed.ts';
import { differs, errorFault, firstOf, messageFault, SECRET } from '../oracle.ts';
import { corpus, type Target, toBytes } from '../target.ts';
import { sentByFetch } from './clients.ts';

const { resolver } = fixedTable('feature-x');

export const locations: Target = {
  name: 'locations',
  seeds: corpus('locations').map((text) => toBytes(text)),
  words: [
    'http',
    'https',
    '://',
    'my-rest',
    'orders',
    'evil.example',
    '/',
    '//',
    '\\',
    '@',
    ':',
    '?',
    '#',
    '..',
    '.svc',
  ],
  async hold(location) {
    // Bytes that no header can have.
    if (/[\0\r\n]|[^\0-\u00ff]/.test(location)) return null;
    const moved = new Response(null, { status: 307, headers: { location } });
    const headers = { baggage: 'user=7', authorization: 'Bearer x', cookie: 'a=b' };
    try {
      const sent = await sentByFetch('http://my-rest/x', resolver, [moved], { headers });
      const [first, next] = sent;
      if (first === undefined || sent.length > 2) return `${sent.length} requests were sent`;
      return next === undefined ? null : hopFault(first.url, next);
    } catch (error) {
      return thrownFault(error, location);
    }
  },
};

function hopFault(from: string, next: { url: string; baggage: string; headers: Headers }): string | null {
  const { origin, hostname, username, password, protocol } = new URL(next.url);
  const isSame = origin === new URL(from).origin;
  // Where a service is that was named: by the template, or by an entry that spells it.
  const isOurs =
    isSame || hostname.endsWith('.svc') || hostname === 'orders.example.com' || hostname === 'double.example.com';
  const members = next.baggage.split(',');
  return firstOf(
    () => differs('what others say', members.at(-1), 'user=7'),
    () => (isOurs ? null : differs(`the baggage of a hop to ${origin}`, next.baggage, 'user=7')),
    () => (isSame ? differs(`the baggage of a hop to ${origin}`, members[0], 'branchline=feature-x') : null),
    () =>
      differs(`the credentials of a hop to ${origin}`, next.headers.get('authorization'), isSame ? 'Bearer x' : null),
    () => differs(`the cookie of a hop to ${origin}`, next.headers.get('cookie'), isSame ? 'a=b' : null),
    () => differs('the user info of a hop', username + password, ''),
    () => differs('whether a hop is HTTP', /^https?:$/.test(protocol), true),
  );
}

/** An error of fetch, or of the table; neither shows what it should not. */
function thrownFault(error: unknown, location: string): string | null {
  if (isBranchlineError(error)) return errorFault(error, location);
  if (!(error instanceof TypeError)) return `thrown: ${String(error)}`;
  const { cause } = error as { cause?: Error };
  const texts = [error.message, cause?.message ?? ''];
  // Elsewhere as well it is none.
  const isOnce = location.indexOf(SECRET) === location.lastIndexOf(SECRET);
  const isUserInfo = isOnce && new RegExp(`//[^/?#]*${SECRET}[^/?#]*@`).test(location);
  return firstOf(...texts.map((text) => () => messageFault(text, location)), () =>
    isUserInfo && texts.some((text) => text.includes(SECRET))
      ? `a message shows the secret: ${JSON.stringify(texts.join(': '))}`
      : null,
  );
}
