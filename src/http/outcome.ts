// Who answered: the resolution goes with the response, or with the error, where nobody sees it who does not ask.

import { InvalidOptionError } from '../core/errors.ts';
import { ownOf } from '../core/own.ts';
import { describe } from '../core/quote.ts';
import type { Resolution } from '../core/types.ts';

const RESOLUTION: unique symbol = Symbol.for('branchline.resolution.v1') as never;
/** The member that was sent with the request, for those who check whether it was confirmed. */
const SENT: unique symbol = Symbol.for('branchline.sent.v1') as never;

interface Marked {
  readonly [RESOLUTION]?: Resolution;
  readonly [SENT]?: string;
}

/**
 * Who answered a call of the wrapped fetch, or who should have; `undefined` when it was not one of our services.
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function resolutionOf(of: Response | Error): Resolution | undefined {
  if (typeof of !== 'object' || of === null)
    throw new InvalidOptionError(`resolutionOf takes a Response or an Error, not ${describe(of)}.`);
  return (of as Marked)[RESOLUTION];
}

/** The member that a response's request carried. */
export function sentWith(response: object): string | undefined {
  return (response as Marked)[SENT];
}

export interface Outcome {
  readonly resolution: Resolution | null;
  readonly sent: string | null;
  /** After a redirect. */
  readonly redirected: boolean;
}

/** Marks a response, and what is cloned from it. */
export function answered(response: Response, outcome: Outcome): Response {
  const { resolution, sent, redirected } = outcome;
  if ((resolution === null && !redirected) || !Object.isExtensible(response)) return response;
  if (resolution !== null) hide(response, RESOLUTION, resolution);
  if (sent !== null) hide(response, SENT, sent);
  // Each hop was a request of its own; the whole was redirected.
  if (redirected) hide(response, 'redirected', true);
  hide(response, 'clone', () => answered(Reflect.apply(cloneOf(response), response, []), outcome));
  return response;
}

function cloneOf(response: Response): () => Response {
  return (Object.getPrototypeOf(response) as Response).clone;
}

/** The same error, with the resolution of the call that failed; but for the reason of a signal, which others share. */
export function failed(error: unknown, resolution: Resolution | null, signal?: unknown): unknown {
  const isShared = signal instanceof AbortSignal && signal.reason === error;
  if (resolution === null || !(error instanceof Error) || !Object.isExtensible(error) || isShared) return error;
  const known = (error as Marked)[RESOLUTION];
  // One error for all who shared a socket: each has its own resolution.
  const own: Error = known === undefined || known === resolution ? error : copyOf(error);
  hide(own, RESOLUTION, resolution);
  hide(own, 'resolution', resolution);
  return own;
}

function copyOf(error: Error): Error {
  return Object.create(Object.getPrototypeOf(error) as object, Object.getOwnPropertyDescriptors(error)) as Error;
}

/** One for all: a new one for each would be felt on every call. */
const hidden: PropertyDescriptor = ownOf({ value: undefined, configurable: true, writable: true });

function hide(of: object, name: PropertyKey, value: unknown): void {
  hidden.value = value;
  Object.defineProperty(of, name, hidden);
  hidden.value = undefined;
}
