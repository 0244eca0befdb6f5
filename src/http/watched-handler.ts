// A handler of undici, watched: who answered goes with an error, and the hops behind a response are gathered. Undici has
// had two generations of handlers; each is told in its own words.

import { type Hops, VIA_HEADER } from '../context/hops.ts';
import type { Resolution } from '../core/types.ts';
import { linesOf } from './headers-of.ts';
import { failed } from './outcome.ts';

type Method = (...args: unknown[]) => unknown;
/** Of both generations: https://undici.nodejs.org/#/docs/api/Dispatcher, `DispatchHandler`. */
export type Handler = Partial<Record<(typeof NEW)[number] | (typeof OLD)[number], Method>>;

const NEW = [
  'onRequestStart',
  'onRequestUpgrade',
  'onResponseStart',
  'onResponseStarted',
  'onResponseData',
  'onResponseEnd',
  'onResponseError',
] as const;
const OLD = [
  'onConnect',
  'onUpgrade',
  'onHeaders',
  'onData',
  'onComplete',
  'onError',
  'onBodySent',
  'onRequestSent',
] as const;

/** The same handler; it has the methods that it had. */
export function watch(handler: Handler, resolution: Resolution, signal: unknown, hops: Hops | undefined): Handler {
  const watched: Handler = {};
  for (const name of [...NEW, ...OLD]) {
    if (typeof handler[name] === 'function') watched[name] = (...args) => handler[name]?.(...args);
  }
  const { onResponseError, onError, onResponseStart, onHeaders } = watched;
  if (onResponseError !== undefined)
    watched.onResponseError = (controller, error) => onResponseError(controller, failed(error, resolution, signal));
  if (onError !== undefined) watched.onError = (error) => onError(failed(error, resolution, signal));
  if (hops === undefined || resolution.namespace === null) return watched;

  const { service, namespace } = resolution;
  const gather = (headers: unknown): void => {
    hops.called({ service, namespace }, linesOf(headers, VIA_HEADER)[0] ?? null);
  };
  if (onResponseStart !== undefined)
    watched.onResponseStart = (controller, status, headers, message) => {
      gather(headers);
      return onResponseStart(controller, status, headers, message);
    };
  if (onHeaders !== undefined)
    watched.onHeaders = (status, headers, resume, message) => {
      gather(headers);
      return onHeaders(status, headers, resume, message);
    };
  return watched;
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
