// "Did my test really reach the branch?", of a whole route: what a response tells, compared with what is meant. Nothing
// told is a failure, not a pass.

import { AssertionError } from 'node:assert';

import { checkCarrier, readHeader } from '../context/carrier.ts';
import { type Hop, parseRoute, VIA_HEADER } from '../context/hops.ts';
import { ACCEPTED_HEADER, REFUSED_HEADER } from '../context/receive.ts';
import { checkContext, checkNames } from '../core/context.ts';
import { InvalidOptionError } from '../core/errors.ts';
import { isNamespace, isServiceName } from '../core/names.ts';
import { isPlain, isThenable } from '../core/own.ts';
import { describe, place, quote } from '../core/quote.ts';
import type { RoutingContext } from '../core/types.ts';
import { formatWish, parseWish, wishOf } from '../core/wish.ts';
import { sentWith } from '../http/outcome.ts';

/** A response with headers: of fetch, of supertest, of axios. */
export interface WithHeaders {
  readonly headers: object;
}

/**
 * The headers of a request that wishes for a context and asks for its route, for clients that are not the wrapped fetch.
 *
 * @example
 * ```ts
 * const response = await request(app).get('/orders').set(routeHeaders({ namespaces: ['feature-x'] }));
 * expectVia(response, { billing: 'feature-x' });
 * ```
 * @throws {BranchlineError} `ERR_INVALID_NAME`
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function routeHeaders(context: RoutingContext = {}): Record<string, string> {
  const checked = checkContext(context);
  checkNames(checked);
  const wish = formatWish(wishOf(checked));
  return { ...(wish === '' ? {} : { baggage: `branchline=${wish}` }), [VIA_HEADER]: '1' };
}

/**
 * The route that a response tells, in order; empty when it tells none.
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function routeOf(response: WithHeaders): Hop[] {
  return [...parseRoute(header(response, VIA_HEADER) ?? '').hops];
}

/**
 * Fails unless the route that a response tells has each of these services, in this namespace and no other, and the wish
 * of the request was confirmed. A response that tells nothing fails: its request must bring `branchline-via: 1`, and what
 * it passes through must have the middleware with `via: true`, and trust it.
 *
 * @param expected service → namespace
 * @throws {AssertionError} that says what was told, and what may be the reason
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function expectVia(response: WithHeaders, expected: Readonly<Record<string, string>>): void {
  checkExpected(expected);
  const told = header(response, VIA_HEADER);
  const fail = (why: string): never => {
    const actual = told === null ? '(no route)' : place(told);
    const wanted = Object.entries(expected).map(([service, namespace]) => `${service}=${namespace}`);
    throw new AssertionError({
      message: `${why}\n  told:   ${actual}\n  wanted: ${wanted.join(', ')}`,
      actual,
      expected: wanted.join(', '),
      operator: 'expectVia',
      stackStartFn: expectVia,
    });
  };

  const refused = header(response, REFUSED_HEADER);
  if (refused !== null) fail(`The wish was refused: ${quote(refused)}. The table of that Pod does not have it (yet).`);
  unconfirmed(response, fail);
  if (told === null)
    fail(
      'The response tells no route. The request must bring "branchline-via: 1", and the service must use branchline({ trust, via: true }) and trust it.',
    );
  const { hops, cut } = parseRoute(told ?? '');
  if (cut)
    fail(
      'The route is not whole, and what is missing may have gone elsewhere: it was too long for its header, a redirect left for an address that is no service, or a part of it is no "service=namespace".',
    );
  for (const [service, namespace] of Object.entries(expected)) {
    const seen = hops.filter((hop) => hop.service === service).map((hop) => hop.namespace);
    if (seen.length === 0) fail(`${service} was not called, or not with the wrapped fetch, or it refused the wish.`);
    const elsewhere = seen.find((other) => other !== namespace);
    if (elsewhere !== undefined) fail(`${service} answered in ${elsewhere}, not in ${namespace} alone.`);
  }
}

/** What the wrapped fetch sent must have been confirmed. */
function unconfirmed(response: WithHeaders, fail: (why: string) => void): void {
  const sent = sentWith(response);
  if (sent === undefined) return;
  const wish = parseWish(sent);
  const accepted = header(response, ACCEPTED_HEADER);
  if (accepted === null)
    fail(
      `Nobody confirmed the wish ${quote(sent)}: the service that answered has no middleware, does not trust the request, or has overrides off.`,
    );
  else if (wish === null || accepted !== formatWish(wish))
    fail(`The wish ${quote(sent)} was confirmed as ${quote(accepted)}.`);
}

function header(response: WithHeaders, name: string): string | null {
  if (isThenable(response)) throw new InvalidOptionError('want a response, not a promise of one; await it.');
  const headers: unknown = (response as Partial<WithHeaders> | null | undefined)?.headers;
  if (typeof headers !== 'object' || headers === null)
    throw new InvalidOptionError(`want a response with headers, not ${describe(response)}.`);
  checkCarrier('expectVia', headers);
  return readHeader(headers, name);
}

function checkExpected(expected: unknown): void {
  if (!isPlain(expected)) throw notExpected(describe(expected));
  const pairs: [string, unknown][] = Object.entries(expected);
  if (pairs.length === 0) throw notExpected('nothing');
  for (const [service, namespace] of pairs) {
    const isLegal = isServiceName(service) && typeof namespace === 'string' && isNamespace(namespace);
    if (!isLegal) throw notExpected(`${quote(service)}: ${describe(namespace)}`);
  }
}

function notExpected(given: string): InvalidOptionError {
  return new InvalidOptionError(`expectVia wants service → namespace, { billing: 'feature-x' }, not ${given}.`);
}
