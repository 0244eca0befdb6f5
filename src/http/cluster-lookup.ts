// A DNS lookup for names in a cluster. A Pod's resolver tries its search domains first, and asks for three or five names
// where the absolute one, with a final dot, is one: a question each for A and AAAA. The dot is put on here, where neither
// the Host header nor TLS sees it.

import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';

import { InvalidOptionError } from '../core/errors.ts';
import { ownOptions } from '../core/own-options.ts';
import { describe } from '../core/quote.ts';
import { clusterDomain } from '../core/resolv-conf.ts';

export interface LookupCacheOptions {
  /** How long an answer is used, in milliseconds, 0 to 60,000. @default 5000 */
  ttl?: number | undefined;
}

const DEFAULT_TTL = 5000;
const LONGEST_TTL = 60_000;
const MOST_NAMES = 1000;

interface Known {
  readonly answer: Promise<LookupAddress[]>;
  until: number;
}

/**
 * A `lookup` for `net.connect`, `http.Agent` and undici's `connect`: the names of a cluster, `….svc` and
 * `….svc.<the cluster's domain>`, are asked for as absolute ones, once for all who wait, and used for a moment. Every
 * other name, and everything outside a cluster, is `dns.lookup`'s.
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function clusterLookup(options: LookupCacheOptions = {}): LookupFunction {
  const { ttl = DEFAULT_TTL } = ownOptions('clusterLookup', options, ['ttl']);
  if (typeof ttl !== 'number' || !(ttl >= 0 && ttl <= LONGEST_TTL))
    throw new InvalidOptionError(`clusterLookup's ttl is ${describe(ttl)}; want milliseconds, 0 to ${LONGEST_TTL}.`);
  const domain = readDomain();
  const known = new Map<string, Known>();

  const ask = (name: string, { family, hints }: LookupOptions): Promise<LookupAddress[]> => {
    const id = [name, family, hints].join(' ');
    const found = known.get(id);
    if (found !== undefined && performance.now() < found.until) return found.answer;
    const answer = new Promise<LookupAddress[]>((resolve, reject) => {
      dnsLookup(name, { family: family ?? 0, hints: hints ?? 0, all: true }, (error, addresses) => {
        if (error === null) resolve(addresses);
        else reject(error);
      });
    });
    const asked: Known = { answer, until: Infinity };
    known.delete(id);
    known.set(id, asked);
    if (known.size > MOST_NAMES) known.delete(known.keys().next().value as string);
    answer.then(
      () => {
        asked.until = performance.now() + ttl;
      },
      () => {
        // A name that is not there yet may be there at the next call.
        if (known.get(id) === asked) known.delete(id);
      },
    );
    return answer;
  };

  return function lookup(hostname, given, callback) {
    const name = absolute(hostname, domain);
    if (name === null) {
      dnsLookup(hostname, given, callback);
      return;
    }
    ask(name, given).then(
      (addresses) => {
        const [first] = addresses;
        if (given.all === true) process.nextTick(callback, null, [...addresses]);
        else process.nextTick(callback, null, first?.address, first?.family);
      },
      (error: unknown) => {
        // Each its own: what is said of the call of one is not true of the others.
        process.nextTick(callback, Object.assign(new Error((error as Error).message), error));
      },
    );
  };
}

/** The absolute name of a Service; `null` for what is none. */
function absolute(hostname: string, domain: string | null): string | null {
  if (domain === null) return null;
  if (hostname.endsWith('.svc')) return `${hostname}.${domain}.`;
  return hostname.endsWith(`.svc.${domain}`) ? `${hostname}.` : null;
}

function readDomain(): string | null {
  try {
    return clusterDomain(readFileSync('/etc/resolv.conf', 'utf8'));
  } catch {
    return null;
  }
}
