// The address of an entry that does not spell one: a URL with `{service}` and `{namespace}` in its host.

import { type Address, isHost, isNumeric, withoutTrailingSlashes } from './address.ts';
import { parseAddress } from './values.ts';

/** 6 DNS queries in a Pod where `.svc.cluster.local` costs 10, free of the cluster's domain, and no public name. */
export const DEFAULT_TEMPLATE = 'http://{service}.{namespace}.svc';

/** For a message. */
export const TEMPLATE_WANTED = `want a URL with {service} and {namespace} in its host, like "${DEFAULT_TEMPLATE}"`;

export interface Template {
  readonly text: string;
  /** The scheme, for entries that spell a host only. */
  readonly protocol: string;
  /** The address for two labels; `null` when they make no legal host (a label over 63, a numeric last label). */
  render(service: string, namespace: string): Address | null;
}

const LONGEST_TEMPLATE = 1024;
/** Addresses that are kept: whether a host is legal costs more than all the rest of an answer. */
const MOST_RENDERED = 10_000;

/** Reads a template; `null` when it is none. */
export function parseTemplate(untrimmed: string): Template | null {
  const text = untrimmed.trim();
  if (text.length > LONGEST_TEMPLATE) return null;

  // With a letter for each name the template must be an address, which has no other braces.
  const sample = parseAddress(fill(text, 's', 'n'));
  const host = hostOf(text);
  if (sample === null || host === null) return null;
  if (!host.includes('{service}') || !host.includes('{namespace}')) return null;

  const { protocol, port } = sample;
  const base = baseOf(text);
  const render = (service: string, namespace: string): Address | null => {
    const hostname = fill(host, service, namespace);
    const isLegal = isHost(hostname) && !isNumeric(hostname);
    return isLegal ? { protocol, hostname, port, base: fill(base, service, namespace) } : null;
  };
  const rendered = new Map<string, Address | null>();
  return {
    text,
    protocol,
    render(service, namespace) {
      const key = `${service}.${namespace}`;
      const known = rendered.get(key);
      if (known !== undefined) return known;
      if (rendered.size >= MOST_RENDERED) rendered.clear();
      const address = render(service, namespace);
      rendered.set(key, address);
      return address;
    },
  };
}

function fill(pattern: string, service: string, namespace: string): string {
  return pattern.replaceAll('{service}', service).replaceAll('{namespace}', namespace);
}

const AUTHORITY = /^[^:/{]+:\/\/([^/:]+)/;

function hostOf(text: string): string | null {
  return AUTHORITY.exec(text)?.[1]?.toLowerCase() ?? null;
}

function baseOf(text: string): string {
  const slash = text.indexOf('/', text.indexOf('://') + 3);
  return slash === -1 ? '' : withoutTrailingSlashes(text.slice(slash));
}
