// The route of a request, hop by hop: `web=develop, orders=develop, billing=feature-x`. What each Pod called, and what
// those called in turn, gathered on the way back.

import { isNamespace, isServiceName } from '../core/names.ts';

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

export interface Hops {
  /**
   * A service that was called, and what it answered with: the header, where what it says of itself is believed, and
   * whether it refused the wish. Who refused has not served.
   */
  called(hop: Hop, header: string | null, refused: boolean): void;
  /** The header: this Pod first, if its service is known, then what it called. */
  told(self: Hop | null): string;
}

export function createHops(): Hops {
  const hops = new Map<string, Hop>();
  let cut = false;
  return {
    called(hop, header, refused) {
      const route = parseRoute(header ?? '');
      const own = refused || route.hops[0]?.service === hop.service ? [] : [hop];
      for (const one of [...own, ...route.hops]) {
        if (hops.size < LONGEST / 4) hops.set(formatHop(one), one);
        else cut = true;
      }
      cut ||= route.cut;
    },
    told(self) {
      const all = new Set([...(self === null ? [] : [formatHop(self)]), ...hops.keys()]);
      let text = '';
      for (const one of all) {
        const next = text === '' ? one : `${text}, ${one}`;
        if (next.length > LONGEST - CUT.length - 2) return `${text}, ${CUT}`;
        text = next;
      }
      return cut ? `${text}, ${CUT}` : text;
    },
  };
}

/** Reads the header; what is no hop is left out. */
export function parseRoute(header: string): { readonly hops: readonly Hop[]; readonly cut: boolean } {
  // What is too long is cut between two hops: half a name would be another one.
  const whole = header.length > LONGEST ? header.slice(0, header.lastIndexOf(',', LONGEST) + 1) : header;
  const items = whole.split(',').map((item) => item.trim());
  const hops = items.flatMap((item) => {
    const [service = '', namespace = '', ...rest] = item.split('=');
    return rest.length === 0 && isServiceName(service) && isNamespace(namespace) ? [{ service, namespace }] : [];
  });
  return { hops, cut: items.includes(CUT) || header.length > LONGEST };
}

function formatHop({ service, namespace }: Hop): string {
  return `${service}=${namespace}`;
}
