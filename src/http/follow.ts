// A call on its way: sent, and its redirects followed hop by hop. Across origins fetch keeps `baggage`, so each hop is
// resolved again, or nothing of ours goes there.

import { BAGGAGE } from '../context/carrier.ts';
import { VIA_HEADER } from '../context/hops.ts';
import { isRefusal, REFUSED_HEADER } from '../context/receive.ts';
import { type Frame, runIn } from '../context/store.ts';
import { withMemberInStep } from '../context/telemetry.ts';
import { membersOf, withoutMembers } from '../core/baggage.ts';
import { SchemeUnsupportedError } from '../core/errors.ts';
import type { Routing } from '../core/routing.ts';
import type { Call, Init } from './call.ts';
import { answered, failed } from './outcome.ts';
import { dropCredentials, locate, locationOf, MOST_REDIRECTS, networkError, redirected } from './redirects.ts';
import { type Hop, hopOn, hopTo } from './routed.ts';

/** What fetch is called like: a plain function type, which fits the fetch of every runtime. */
export type FetchLike = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** What a call needs until its end: read once, when it was made. */
export interface Sender {
  readonly send: FetchLike;
  readonly routing: Routing;
  readonly frame: Frame | undefined;
  readonly canonical: boolean;
  /** The members that are ours: none while wishes are not sent. */
  readonly keys: readonly string[];
}

/** An init whose headers are ours to write. */
type Ready = Init & { headers: Headers };

/** Sends a call whose first hop was resolved, to its end. Rejects as fetch does, and with what resolving throws. */
export async function follow(sender: Sender, call: Call, firstHop: Hop): Promise<Response> {
  const { routing, frame, canonical } = sender;
  const follows = (call.init.redirect ?? 'follow') === 'follow';
  const headers = new Headers(call.init.headers);
  const callers = headers.get(BAGGAGE);
  // A copy is kept only where a redirect may want the body again. Copied before it is read: copying replaces the stream.
  let spare = follows && call.request !== null ? call.request.clone() : null;
  let init: Ready = { ...call.init, headers, ...(follows ? { redirect: 'manual' } : {}) };
  if (call.request !== null) init = { ...init, body: call.request.body, duplex: 'half' };
  let hop: Hop | null = firstHop;
  let href = firstHop.url;

  for (let hops = 0; ; hops += 1) {
    const member = write(init.headers, callers, sender, hop);
    const response = await sendHop(sender, href, init, hop);
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

    const target = new URL(hop?.url ?? next);
    const replay = spare;
    spare = replay?.clone() ?? null;
    const sent: Ready = init;
    init = ofCall(before, () => redirected(sent, response.status, replay?.body ?? null));
    if (target.origin !== current.origin) dropCredentials(init.headers);
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

/** What goes with this hop, in the headers: our member exactly if we resolved it. Returns the member. */
function write(headers: Headers, callers: string | null, { keys, frame }: Sender, hop: Hop | null): string | null {
  const others = callers === null ? null : withoutMembers(callers, keys);
  const baggage = hop === null ? others : hop.baggage(callers);
  if (baggage === null) headers.delete(BAGGAGE);
  else headers.set(BAGGAGE, baggage);
  if (frame?.hops !== undefined && hop !== null) headers.set(VIA_HEADER, '1');
  if (frame?.hops !== undefined && hop === null) headers.delete(VIA_HEADER);
  return hop === null || baggage === null ? null : (membersOf(baggage, keys)[0]?.value ?? null);
}

async function sendHop({ send, keys, frame }: Sender, href: string, init: Ready, hop: Hop | null): Promise<Response> {
  const resolution = hop?.resolution ?? null;
  if (resolution !== null && !/^https?:/.test(href)) {
    throw new SchemeUnsupportedError(
      `${href} is the address of ${resolution.service}, and fetch speaks http and https only. Ask lookup() for it, and use a client of that protocol.`,
      { service: resolution.service, endpoint: resolution.endpoint },
    );
  }
  try {
    const response = await withMemberInStep(keys, null, () => sending(href, frame, () => send(href, init)));
    const hops = frame?.hops;
    if (hops !== undefined && resolution !== null && resolution.namespace !== null) {
      const { service, namespace } = resolution;
      const refused = isRefusal(response.status, response.headers.get(REFUSED_HEADER));
      hops.called({ service, namespace }, response.headers.get(VIA_HEADER), refused);
    }
    return response;
  } catch (error) {
    throw failed(error, resolution, init.signal);
  }
}

/** In a frame that knows the URL: nobody below routes it again, and we do not when we are called by what we call. */
export function sending(
  href: string | undefined,
  frame: Frame | undefined,
  fetch: () => Promise<Response>,
): Promise<Response> {
  return href === undefined ? fetch() : runIn({ context: undefined, hops: undefined, ...frame, sent: href }, fetch);
}

/** Frees what will not be read. */
function discard(unread: Response | Request | null): void {
  void unread?.body?.cancel().catch(() => undefined);
}
