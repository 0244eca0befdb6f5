// branchline wait: until an application confirms a wish, several times in a row, because it has several Pods and each has
// a table of its own. A mere 200 confirms nothing.

import { setTimeout as sleep } from 'node:timers/promises';

import { ACCEPTED_HEADER, REFUSED_HEADER } from '../../context/receive.ts';
import { urlOf } from '../../core/address.ts';
import { isBaggageKey } from '../../core/baggage.ts';
import { place, quote } from '../../core/quote.ts';
import { formatWish, parseWish, WISH_WANTED } from '../../core/wish.ts';
import { type ExitCode, Failure, type Terminal } from '../terminal.ts';

export interface WaitOptions {
  readonly request: string;
  readonly consecutive: number;
  /** Seconds. */
  readonly timeout: number;
  /** Milliseconds between two questions. */
  readonly interval: number;
  /** The member of `baggage` that carries the wish. */
  readonly key: string;
}

const NOTHING = 'nothing was answered';
/** One answer must be there by then, in milliseconds. */
const PATIENCE = 10_000;

export async function wait(url: string, options: WaitOptions, terminal: Terminal): Promise<ExitCode> {
  const parsed = urlOf(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw new Failure(`${quote(url)} is no URL; want http://… or https://…, a path behind the middleware.`);
  if (parsed.username !== '' || parsed.password !== '')
    throw new Failure(`${quote(url)} includes credentials; want a URL without.`);
  const { request, consecutive, timeout, interval, key } = options;
  if (!isBaggageKey(key)) throw new Failure(`${quote(key)} is no key of baggage; want letters, digits, "-", "." ….`);
  const wish = parseWish(request);
  if (wish === null) throw new Failure(`${quote(request)} is no wish: ${WISH_WANTED}.`);
  const wanted = formatWish(wish);
  const deadline = performance.now() + timeout * 1000;
  let confirmed = 0;
  let last = NOTHING;
  while (!terminal.ended.aborted) {
    const patience = Math.max(Math.ceil(Math.min(PATIENCE, deadline - performance.now())), 1);
    const signal = AbortSignal.any([terminal.ended, AbortSignal.timeout(patience)]);
    const answer = await ask(url, `${key}=${wanted}`, wanted, signal);
    confirmed = answer === null ? confirmed + 1 : 0;
    // A question that the end cut off says nothing of the application.
    const isCutOff = performance.now() >= deadline && last !== NOTHING;
    if (answer !== null && answer !== last && !isCutOff) {
      terminal.err(`branchline: not yet: ${answer}`);
      last = answer;
    }
    if (confirmed >= consecutive) {
      terminal.err(`branchline: ${place(url)} has confirmed ${wanted} ${consecutive} times in a row.`);
      return 0;
    }
    if (performance.now() + interval >= deadline) break;
    await sleep(interval, undefined, { signal: terminal.ended }).catch(() => undefined);
  }
  terminal.err(`branchline: ${place(url)} has not confirmed ${wanted} ${consecutive} times in a row: ${last}.`);
  return 1;
}

/** Asks once; `null` when the wish was confirmed, else why not. */
async function ask(url: string, baggage: string, wanted: string, signal: AbortSignal): Promise<string | null> {
  try {
    // A connection each: a Service picks the Pod per connection, and one Pod asked ten times says nothing of the others.
    const headers = { baggage, connection: 'close', 'cache-control': 'no-cache' };
    const response = await fetch(url, { headers, redirect: 'manual', signal });
    await response.body?.cancel();
    const accepted = response.headers.get(ACCEPTED_HEADER);
    const refused = response.headers.get(REFUSED_HEADER);
    if (refused !== null) return `${response.status}, it refuses ${refused}`;
    if (accepted === null) return `${response.status}, without ${ACCEPTED_HEADER}`;
    if (accepted !== wanted) return `${response.status}, it confirms ${accepted}`;
    return response.status < 500 ? null : `${response.status}, though it confirms the wish`;
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error ? `${message} (${cause.message})` : message;
  }
}
