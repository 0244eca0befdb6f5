// What becomes of a request's wish: honoured, refused, or not listened to. A refused wish is not the baseline.

import { withMember, withoutMembers } from '../core/baggage.ts';
import { type Asked, asked, askedFor } from '../core/choice.ts';
import { type BranchlineError, InvalidOptionError, OverrideRefusedError } from '../core/errors.ts';
import { describe, escape, quote } from '../core/quote.ts';
import type { Routing, View } from '../core/routing.ts';
import type { RoutingContext } from '../core/types.ts';
import { formatWish, WISH_WANTED } from '../core/wish.ts';

/** What becomes of a request whose wish is refused: it is rejected, or served from the baseline. */
export type Refused = 'reject' | 'ignore';

/** The response header that confirms a wish: without it nobody may conclude that it was honoured. */
export const ACCEPTED_HEADER = 'branchline-accepted';
/** The response header that says which items were refused; `(malformed)` for what is no wish. */
export const REFUSED_HEADER = 'branchline-refused';
const MALFORMED = '(malformed)';
/** Precondition Failed. Not 421, which fetch silently sends once more. */
export const REJECTED = 412;

/** Whether a response rejects the wish of its request. */
export function isRefusal(status: unknown, refused: string | null): boolean {
  return status === REJECTED && refused !== null;
}

/** What became of a request's wish. */
export interface Received {
  /** To run the request in; `undefined` without a wish. */
  context: RoutingContext | undefined;
  trusted: boolean;
  /** Why the wish was refused; `null` when it was not. */
  refusal: BranchlineError | null;
  /** Answer 412 with the refusal, and do nothing else. */
  reject: boolean;
  /** The `baggage` header to go on with; `null` for none. */
  baggage: string | null;
  /** To be set on the response. */
  responseHeaders: Record<string, string>;
}

export interface Request {
  /** The `baggage` header as it came. */
  readonly header: string | null;
  readonly trust: boolean;
  readonly refused: Refused;
  /** The wish of a trusted request that brings none. */
  readonly select: string | undefined;
}

/** @throws {TypeError} `ERR_INVALID_OPTION` */
export function checkRefused(refused: unknown): asserts refused is Refused {
  if (refused === 'reject' || refused === 'ignore') return;
  throw new InvalidOptionError(`refused is ${describe(refused)}; want 'reject' or 'ignore'.`);
}

export function decide({ keys, view }: Routing, { header, trust, refused, select }: Request): Received {
  const at = view();
  const nothing: Received = {
    context: undefined,
    trusted: trust,
    refusal: null,
    reject: false,
    baggage: header,
    responseHeaders: {},
  };
  const without = header === null ? null : withoutMembers(header, keys);
  if (!trust) return { ...nothing, baggage: without };
  if (!at.active) return nothing;

  const inHeader = askedFor(header, keys);
  const wanted = inHeader ?? (select === undefined || select.trim() === '' ? null : asked(select.trim()));
  if (wanted === null) return { ...nothing, baggage: without };
  const goingOn = (text: string): string | null =>
    inHeader === null ? withMember(without, keys, keys[0] as string, text) : header;
  const { wish } = wanted;
  const unknown = wish === null ? [] : at.unknown(wish);
  if (wish !== null && unknown.length === 0) {
    const context = at.accept(wish);
    const text = formatWish(wish);
    return { ...nothing, context, baggage: goingOn(text), responseHeaders: { [ACCEPTED_HEADER]: text } };
  }

  const refusal = refusalOf(at, wanted, unknown);
  const told = { [REFUSED_HEADER]: unknown.length === 0 ? MALFORMED : unknown.join('~') };
  const refusing = { ...nothing, refusal, reject: refused === 'reject', responseHeaders: told };
  if (wish === null || refusing.reject) return { ...refusing, baggage: without };
  // Another Pod may know it.
  return { ...refusing, context: at.pass(wish), baggage: goingOn(formatWish(wish)) };
}

/** The error for a wish that is refused, after it was counted and told. */
function refusalOf(at: View, { text, wish }: Asked, unknown: readonly string[]): BranchlineError {
  const { revision, digest } = at;
  const items = wish === null ? [escape(text.slice(0, LONGEST_SHOWN))] : [...unknown];
  at.refuse(items);
  const why =
    wish === null
      ? `${quote(text)} is no wish: ${WISH_WANTED}`
      : `this table does not have ${unknown.join(', ')}: register it, or wait until the ConfigMap has reached this Pod`;
  return new OverrideRefusedError(`the request's wish is refused, ${why} (revision ${revision}, digest ${digest}).`, {
    items,
    revision,
    digest,
  });
}

/** Of what is no wish. */
const LONGEST_SHOWN = 128;
