// A call on its way: sent, and its redirects followed hop by hop. Across origins fetch keeps `baggage`, so each hop is
// resolved again, or nothing of ours goes there.

import { BAGGAGE } from '../context/carrier.ts';
import { type SentCall, tellCall, VIA_HEADER } from '../context/hops.ts';
import { isRefusal, REFUSED_HEADER } from '../context/receive.ts';
import { canonicalNamesAreRouted, type Frame, NO_FRAME, runIn } from '../context/store.ts';
import { withMemberInStep } from '../context/telemetry.ts';
import { membersOf, withoutMembers } from '../core/baggage.ts';
import { SchemeUnsupportedError } from '../core/errors.ts';
import { withoutQuery } from '../core/quote.ts';
import type { Routing } from '../core/routing.ts';
import type { Call, Init } from './call.ts';
import { answered, failed } from './outcome.ts';
import { dropCredentials, locate, locationOf, MOST_REDIRECTS, networkError, redirected } from './redirects.ts';
import { type Hop, hopOn, hopTo } from './routed.ts';
import { baseOf, isForeign, isHttp, leaves } from './target.ts';

/** What fetch is called like: a plain function type, which fits the fetch of every runtime. */
export type FetchLike = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** What a call needs until its end: read once, when it was made. */
export interface Sender {
  readonly send: FetchLike;
  /** What sends is somebody's own: it may call us, or look at what it is given. */
  readonly replaced: boolean;
  readonly routing: Routing;
  readonly frame: Frame | undefined;
  readonly canonical: boolean;
  /** The members that are ours: none while wishes are not sent. */
  readonly keys: readonly string[];
}

/** Sends a call whose first hop was resolved, to its end. Rejects as fetch does, and with what resolving throws. */
export async function follow(sender: Sender, call: Call, firstHop: Hop): Promise<Response> {
  const { routing, frame, canonical } = sender;
  const follows = (call.init.redirect ?? 'follow') === 'follow';
  const headers = call.init.headers == null ? null : new Headers(call.init.headers);
  const callers = headers?.get(BAGGAGE) ?? null;
  // A copy is kept only where a redirect may want the body again. Copied before it is read: copying replaces the stream.
  let spare = follows && call.request !== null ? call.request.clone() : null;
  /** As the caller has it: what is ours is put into a copy, for each hop anew. */
  let init: Init = call.init;
  if (headers !== null) init.headers = headers;
  if (follows) init.redirect = 'manual';
  if (call.request !== null) init = { ...init, body: call.request.body, duplex: 'half' };
  let hop: Hop | null = firstHop;
  let href = firstHop.url;

  for (let hops = 0; ; hops += 1) {
    const { ready, member } = laden(init, callers, sender, hop);
    const sentCall = tellCall(frame?.hops, hop?.resolution ?? null);
    let response: Response;
    try {
      response = await sendHop(sender, href, ready, hop);
    } catch (error) {
      sentCall?.failed();
      throw failed(error, hop?.resolution ?? null, init.signal);
    }
    if (sentCall !== undefined) hear(sentCall, response);
    const location = follows ? locationOf(response) : null;
    if (location === null) {
      discard(spare);
      return answered(response, { resolution: hop?.resolution ?? null, sent: member, redirected: hops > 0 });
    }
    discard(response);
    const current = new URL(href);
    const next: URL = ofCall(hop, () => {
      if (hops === MOST_REDIRECTS) throw networkError('redirect count exceeded');
      return locate(location, current);
    });
    const before: Hop | null = hop;
    const isSame: boolean = before !== null && next.origin === current.origin;
    hop = isSame ? hopOn(next, before as Hop) : hopTo(next, canonical, routing, frame?.context);
    // Whoever answers there is not known by its address.
    if (before !== null && (hop === null || (isSame && isBeside(next, before)))) frame?.hops?.lost();

    const target = new URL(hop?.url ?? next);
    const replay = spare;
    spare = replay?.clone() ?? null;
    const sent = init;
    const again = ofCall(before, () => redirected(sent, response.status, replay?.body ?? null));
    if (target.origin !== current.origin) dropCredentials(again.headers);
    init = again;
    if (init.body == null) {
      discard(replay);
      discard(spare);
      spare = null;
    }
    href = target.href;
  }
}

/** An error of a redirect is the call's, too. */
function ofCall<T>(hop: Hop | null, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw failed(error, hop?.resolution ?? null);
  }
}

/** What goes with this hop: our member exactly if we resolved it. Where nothing is to be said, the init is the caller's. */
function laden(
  init: Init,
  callers: string | null,
  { keys, frame }: Sender,
  hop: Hop | null,
): { ready: Init; member: string | null } {
  const others = callers === null ? null : withoutMembers(callers, keys);
  const baggage = hop === null ? others : hop.baggage(callers);
  const member = hop === null || baggage === null ? null : (membersOf(baggage, keys)[0]?.value ?? null);
  if (baggage === callers && frame?.hops === undefined) return { ready: init, member };
  if (init.headers == null) return { ready: { ...init, headers: headersOf(baggage, frame, hop) }, member };
  const headers = new Headers(init.headers);
  if (baggage === null) headers.delete(BAGGAGE);
  else headers.set(BAGGAGE, baggage);
  if (frame?.hops !== undefined && hop !== null) headers.set(VIA_HEADER, '1');
  if (frame?.hops !== undefined && hop === null) headers.delete(VIA_HEADER);
  return { ready: { ...init, headers }, member };
}

/** Where the caller has none, for fetch to make its own of: one more of these objects is felt. */
function headersOf(baggage: string | null, frame: Frame | undefined, hop: Hop | null): Record<string, string> {
  return {
    ...(baggage === null ? {} : { [BAGGAGE]: baggage }),
    ...(frame?.hops === undefined || hop === null ? {} : { [VIA_HEADER]: '1' }),
  };
}

/** No function of its own to wait in: each one more is felt, on every call. */
function sendHop(sender: Sender, href: string, init: Init, hop: Hop | null): Promise<Response> {
  const { send, keys, frame } = sender;
  const resolution = hop?.resolution ?? null;
  if (resolution !== null && !isHttp(href)) {
    throw new SchemeUnsupportedError(
      `${withoutQuery(href)} is the address of ${resolution.service}, and fetch speaks http and https only. Ask lookup() for it, and use a client of that protocol.`,
      { service: resolution.service, endpoint: resolution.endpoint },
    );
  }
  if (!mayBeTaken(sender, href, hop)) return withMemberInStep(keys, null, () => send(href, init));
  return withMemberInStep(keys, null, () => sending(href, frame, () => send(href, init)));
}

/** Whether a redirect within an address leaves its base path. */
function isBeside({ pathname }: URL, { resolution }: Hop): boolean {
  return resolution !== null && leaves(pathname, baseOf(resolution.url));
}

/** Gathers the hops behind a response. */
function hear(call: SentCall, { status, headers }: Response): void {
  call.answered(headers.get(VIA_HEADER), isRefusal(status, headers.get(REFUSED_HEADER)));
}

/**
 * Whether somebody below could take this address for the name of a service. A frame that says what it is costs more than
 * all the rest of us, while nobody else in the process keeps contexts.
 */
function mayBeTaken({ replaced }: Sender, href: string, hop: Hop | null): boolean {
  return replaced || !isForeign(hop?.resolution ?? new URL(href), canonicalNamesAreRouted());
}

/** In a frame that knows the URL: nobody below routes it again, and we do not when we are called by what we call. */
export function sending(
  href: string | undefined,
  frame: Frame | undefined,
  fetch: () => Promise<Response>,
): Promise<Response> {
  return href === undefined ? fetch() : runIn({ ...NO_FRAME, ...frame, sent: href }, fetch);
}

/** Frees what will not be read. */
function discard(unread: Response | Request | null): void {
  void unread?.body?.cancel().catch(() => undefined);
}
