// The route of a request, hop by hop: `web=develop, orders=develop, billing=feature-x`. What each Pod called, and what
// those called in turn, gathered on the way back.

import { isNamespace, isServiceName } from '../core/names.ts';
import type { Resolution } from '../core/types.ts';

/** Asks for the route in a request (`1`), and tells it in the response. */
export const VIA_HEADER = 'branchline-via';
/** At most so many bytes in the header. */
const LONGEST = 2048;
/** Stands where the rest was cut off. */
export const CUT = '...';

/** One deployment that was called. */
export interface Hop {
  readonly service: string;
  readonly namespace: string;
}

/** A call that was sent: told from then on, as what it called cannot be. What fails, and who refuses, has not served. */
export interface SentCall {
  /** What it answered with: the header, and whether it refused the wish. The first answer counts. */
  answered(header: string | null, refused: boolean): void;
  failed(): void;
}

export interface Hops {
  called(hop: Hop): SentCall;
  /** A route that somebody has passed on. */
  heard(header: string): void;
  /** Some of what was called is not known: the route ends with `...`. */
  lost(): void;
  /** An answer points to an address of nobody we know; it is lost when somebody goes there. */
  pointed(href: string): void;
  went(href: string): void;
  /** The header: this Pod first, if its service is known, then what it called. */
  told(self: Hop | null): string;
}

/** More hops than the header can tell are not remembered. */
const MOST_HOPS = LONGEST / 4;

interface Deployment {
  calls: number;
  readonly told: Set<string>;
}

export function createHops(): Hops {
  /** Each deployment that was called: how often, and what its answers told. */
  const called = new Map<string, Deployment>();
  const passedOn = new Set<string>();
  /** Where answers point to, out of the services. */
  const outside = new Set<string>();
  let size = 0;
  let cut = false;

  const hear = (into: Set<string>, header: string): void => {
    const route = parseRoute(header);
    for (const text of route.hops.map((hop) => formatHop(hop))) {
      if (into.has(text)) continue;
      if (++size <= MOST_HOPS) into.add(text);
      else cut = true;
    }
    cut ||= route.cut;
  };

  const deploymentOf = (text: string): Deployment => {
    const known = called.get(text);
    if (known !== undefined) return known;
    const made = { calls: 0, told: new Set<string>() };
    if (++size <= MOST_HOPS) called.set(text, made);
    else cut = true;
    return made;
  };

  return {
    called(hop) {
      const deployment = deploymentOf(formatHop(hop));
      deployment.calls += 1;
      let isOpen = true;
      const end = (hasServed: boolean): void => {
        isOpen = false;
        if (!hasServed) deployment.calls -= 1;
      };
      return {
        answered(header, refused) {
          if (!isOpen) return;
          end(!refused);
          hear(deployment.told, header ?? '');
        },
        failed() {
          if (isOpen) end(false);
        },
      };
    },
    heard(header) {
      hear(passedOn, header);
    },
    lost() {
      cut = true;
    },
    pointed(href) {
      if (outside.size < MOST_HOPS) outside.add(href);
      else cut = true;
    },
    went(href) {
      cut ||= outside.has(href);
    },
    told(self) {
      const all = new Set(self === null ? [] : [formatHop(self)]);
      for (const [text, { calls, told }] of called) for (const one of calls > 0 ? [text, ...told] : told) all.add(one);
      for (const one of passedOn) all.add(one);
      let text = '';
      for (const one of all) {
        const next = text === '' ? one : `${text}, ${one}`;
        if (next.length > LONGEST - CUT.length - 2) return `${text}, ${CUT}`;
        text = next;
      }
      if (!cut) return text;
      return text === '' ? CUT : `${text}, ${CUT}`;
    },
  };
}

/** Tells a call that was resolved; `undefined` where nobody gathers, and for what is none of our services. */
export function tellCall(
  hops: Hops | undefined,
  resolution: Pick<Resolution, 'service' | 'namespace'> | null,
): SentCall | undefined {
  if (resolution === null || resolution.namespace === null) return undefined;
  const { service, namespace } = resolution;
  return hops?.called({ service, namespace });
}

/** Reads the header. What is no hop is left out, as if it were cut off: it may stand for one. */
export function parseRoute(header: string): { readonly hops: readonly Hop[]; readonly cut: boolean } {
  // What is too long is cut between two hops: half a name would be another one.
  let cut = header.length > LONGEST;
  const whole = cut ? header.slice(0, header.lastIndexOf(',', LONGEST) + 1) : header;
  const hops: Hop[] = [];
  for (const item of whole.split(',').map((one) => one.trim())) {
    const [service = '', namespace = '', ...rest] = item.split('=');
    if (rest.length === 0 && isServiceName(service) && isNamespace(namespace)) hops.push({ service, namespace });
    else cut ||= item !== '';
  }
  return { hops, cut };
}

function formatHop({ service, namespace }: Hop): string {
  return `${service}=${namespace}`;
}
