// A handler of undici, watched: it is called in the context of its dispatch, whoever opened the socket; who answered goes
// with an error; the hops behind a response are gathered. Undici has had two generations of handlers; each is told in
// its own words.

import { AsyncResource } from 'node:async_hooks';

import { type Hops, VIA_HEADER } from '../context/hops.ts';
import { isRefusal, REFUSED_HEADER } from '../context/receive.ts';
import type { Resolution } from '../core/types.ts';
import { linesOf, withHeader } from './headers-of.ts';
import { failed } from './outcome.ts';

type Method = (...args: unknown[]) => unknown;
/** Of both generations: https://undici.nodejs.org/#/docs/api/Dispatcher, `DispatchHandler`. */
export type Handler = Partial<Record<(typeof METHODS)[number], Method>>;

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

/** A request that was routed. */
export interface Routed {
  readonly resolution: Resolution;
  readonly signal: unknown;
  readonly hops: Hops | undefined;
  /** A `Location` of the answer, as whoever follows redirects above must see it. */
  readonly relocate: (location: string) => string;
}

/**
 * The same handler, with the methods that it had. A retry or a redirect dispatches from its callbacks: so they run where
 * the request was made, and not where its socket was.
 */
export function watch(handler: Handler, routed: Routed | null): Handler {
  const here = new AsyncResource('branchline.dispatch');
  const watched: Handler = {};
  for (const name of METHODS) {
    if (typeof handler[name] === 'function')
      watched[name] = (...args) => here.runInAsyncScope(handler[name] as Method, handler, ...args);
  }
  return routed === null ? watched : decorate(watched, routed);
}

function decorate(watched: Handler, { resolution, signal, hops, relocate }: Routed): Handler {
  const { onResponseError, onError, onResponseStart, onHeaders } = watched;
  if (onResponseError !== undefined)
    watched.onResponseError = (controller, error) => onResponseError(controller, failed(error, resolution, signal));
  if (onError !== undefined) watched.onError = (error) => onError(failed(error, resolution, signal));

  const { service, namespace } = resolution;
  const answered = (status: unknown, headers: unknown): unknown => {
    const refused = isRefusal(status, linesOf(headers, REFUSED_HEADER)[0] ?? null);
    if (namespace !== null) hops?.called({ service, namespace }, linesOf(headers, VIA_HEADER)[0] ?? null, refused);
    const location = isRedirect(status) ? linesOf(headers, 'location')[0] : undefined;
    return location === undefined ? headers : withHeader(headers, 'location', relocate(location));
  };
  if (onResponseStart !== undefined)
    watched.onResponseStart = (controller, status, headers, message) => {
      const told = answered(status, headers);
      // The fetch of undici 8 reads the raw ones, which the controller has.
      if (told !== headers) rewriteRaw(controller, relocate);
      return onResponseStart(controller, status, told, message);
    };
  if (onHeaders !== undefined)
    watched.onHeaders = (status, headers, resume, message) =>
      onHeaders(status, raw(answered(status, headers)), resume, message);
  return watched;
}

function rewriteRaw(controller: unknown, relocate: (location: string) => string): void {
  const { rawHeaders } = (controller ?? {}) as { rawHeaders?: unknown };
  const location = Array.isArray(rawHeaders) ? linesOf(rawHeaders, 'location')[0] : undefined;
  if (location !== undefined)
    Reflect.set(controller as object, 'rawHeaders', raw(withHeader(rawHeaders, 'location', relocate(location))));
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
