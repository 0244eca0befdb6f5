// A handler of undici, watched: it is called in the context of its dispatch, whoever opened the socket; who answered goes
// with an error; the hops behind a response are gathered. Undici has had two generations of handlers; each is told in
// its own words.

import { AsyncResource } from 'node:async_hooks';

import { linesOf, withHeader } from '../context/headers-of.ts';
import { type SentCall, VIA_HEADER } from '../context/hops.ts';
import { isRefusal, REFUSED_HEADER } from '../context/receive.ts';
import { contextsAreKept, currentFrame, type Frame, NO_FRAME, runIn } from '../context/store.ts';
import type { Resolution } from '../core/types.ts';
import { failed } from './outcome.ts';

type Method = (...args: unknown[]) => unknown;
/** Of both generations: https://undici.nodejs.org/#/docs/api/Dispatcher, `DispatchHandler`. */
export type Handler = Partial<Record<Name, Method>>;

const METHODS = [
  'onRequestStart',
  'onRequestUpgrade',
  'onResponseStart',
  'onResponseStarted',
  'onResponseData',
  'onResponseEnd',
  'onResponseError',
  // The older generation.
  'onConnect',
  'onUpgrade',
  'onHeaders',
  'onData',
  'onComplete',
  'onError',
  'onBodySent',
  'onRequestSent',
] as const;
type Name = (typeof METHODS)[number];

/** A request that was routed. */
export interface Routed {
  readonly resolution: Resolution;
  readonly signal: unknown;
  /** Where the hops of a request are gathered. */
  readonly call: SentCall | undefined;
  /** A `Location` of the answer, as whoever follows redirects above must see it. */
  readonly relocate: (location: string) => string;
  /** The frame in which a redirected answer is told: a redirect to the address that was called is the same call. */
  readonly redirected: () => Frame;
}

/**
 * The same handler, with the methods that it had. A retry or a redirect dispatches from its callbacks: so they run where
 * the request was made, and not where its socket was; or in a frame of their own.
 */
export function watch(handler: Handler, routed: Routed | null, frame: Frame | null = null): Handler {
  const watched = Object.create(likeness(handler)) as Watched;
  watched.handler = handler;
  watched.routed = routed;
  watched.here = contextsAreKept() ? new AsyncResource('branchline.dispatch') : null;
  watched.frame = frame;
  return watched;
}

interface Watch {
  handler: Handler;
  routed: Routed | null;
  /** Where the request was made; `null` while nobody in the process keeps contexts. */
  here: AsyncResource | null;
  /** Where it is told, or where the rest is after a redirect; `null` for where the request was made. */
  frame: Frame | null;
}
type Watched = Watch & Handler;

/** One object with the methods for each set of them that handlers have: there are few, and many handlers. */
const likenesses = new Map<number, Handler>();

function likeness(handler: Handler): Handler {
  let methods = 0;
  for (let index = 0; index < METHODS.length; index += 1)
    if (typeof handler[METHODS[index] as Name] === 'function') methods |= 1 << index;
  const known = likenesses.get(methods);
  if (known !== undefined) return known;
  const made: Handler = {};
  for (const [index, name] of METHODS.entries())
    if ((methods & (1 << index)) !== 0) made[name] = SPECIAL[name] ?? passingOn(name);
  likenesses.set(methods, made);
  return made;
}

function passingOn(name: Name): Method {
  return function passOn(this: Watched, ...args) {
    return tell(this, name, args);
  };
}

/** What is told otherwise than it was heard. */
const SPECIAL: Handler = {
  onResponseError(this: Watched, controller, error) {
    return tell(this, 'onResponseError', [controller, failedOf(this, error)]);
  },
  onError(this: Watched, error) {
    return tell(this, 'onError', [failedOf(this, error)]);
  },
  onResponseStart(this: Watched, controller, status, headers, message) {
    const told = answered(this, status, headers);
    // The fetch of undici 8 reads the raw ones, which the controller has.
    if (told !== headers && this.routed !== null) rewriteRaw(controller, this.routed.relocate);
    return tell(this, 'onResponseStart', [controller, status, told, message]);
  },
  onHeaders(this: Watched, status, headers, resume, message) {
    const told = answered(this, status, headers);
    return tell(this, 'onHeaders', [status, told === headers ? headers : raw(told), resume, message]);
  },
};

/** Tells the handler, where its request was made. */
function tell({ handler, here, frame }: Watched, name: Name, args: unknown[]): unknown {
  const method = handler[name] as Method;
  if (here === null && frame === null && currentFrame() === undefined) return Reflect.apply(method, handler, args);
  const told = frame === null ? method : (...all: unknown[]) => runIn(frame, () => Reflect.apply(method, handler, all));
  // Nobody kept contexts when the request was made; whoever opened its socket since then may.
  if (here === null) return runIn(frame ?? NO_FRAME, () => Reflect.apply(method, handler, args));
  return here.runInAsyncScope(told, handler, ...args);
}

function failedOf({ routed }: Watched, error: unknown): unknown {
  routed?.call?.failed();
  return routed === null ? error : failed(error, routed.resolution, routed.signal);
}

/** What the head of a response says, to us and to whoever follows redirects above. */
function answered(watched: Watched, status: unknown, headers: unknown): unknown {
  const { routed } = watched;
  if (routed === null) return headers;
  const { call, relocate, redirected } = routed;
  if (call !== undefined && !isInformational(status)) {
    const refused = isRefusal(status, linesOf(headers, REFUSED_HEADER)[0] ?? null);
    call.answered(linesOf(headers, VIA_HEADER).join(','), refused);
  }
  if (!isRedirect(status)) return headers;
  watched.frame = redirected();
  const location = linesOf(headers, 'location')[0];
  return location === undefined ? headers : withHeader(headers, 'location', relocate(location));
}

function rewriteRaw(controller: unknown, relocate: (location: string) => string): void {
  const { rawHeaders } = (controller ?? {}) as { rawHeaders?: unknown };
  const location = Array.isArray(rawHeaders) ? linesOf(rawHeaders, 'location')[0] : undefined;
  if (location !== undefined)
    Reflect.set(controller as object, 'rawHeaders', raw(withHeader(rawHeaders, 'location', relocate(location))));
}

/** The head of the answer is still to come. */
function isInformational(status: unknown): boolean {
  return typeof status === 'number' && status < 200;
}

function isRedirect(status: unknown): boolean {
  return typeof status === 'number' && status >= 300 && status < 400;
}

/** What the older generation expects: bytes. */
function raw(headers: unknown): unknown {
  if (!Array.isArray(headers)) return headers;
  return headers.map((part: unknown) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part));
}

/** Tells a handler of a request that was never sent. */
export function fail(handler: Handler, error: Error): false {
  if (typeof handler.onRequestStart === 'function' && typeof handler.onResponseError === 'function')
    handler.onResponseError(neverSent(error), error);
  else if (typeof handler.onError === 'function') handler.onError(error);
  else throw error;
  return false;
}

const nothing = (): void => undefined;

/** The controller of a request that is over before it began. */
function neverSent(reason: Error): object {
  return { aborted: true, paused: false, reason, abort: nothing, pause: nothing, resume: nothing };
}
