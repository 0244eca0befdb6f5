// ConfigMaps in which every entry spells the same number, so that a table mixed from two versions shows.

import type { Resolver } from 'branchline';

import type { Payload } from './kubelet.ts';

const serviceOf = (index: number): string => `svc-${String(index).padStart(2, '0')}`;

/**
 * As many services, in the baseline `develop` and the branch `feature-x` by turns, every one of them at
 * `http://h-<sequence>.example.com`.
 */
export function numberedPayload(entries: number, sequence: number): Payload {
  const payload: Record<string, string> = { baseline: 'develop' };
  for (let index = 0; index < entries; index += 1) {
    const namespace = index % 2 === 0 ? 'develop' : 'feature-x';
    payload[`${serviceOf(index)}.${namespace}`] = `http://h-${sequence}.example.com`;
  }
  return payload;
}

/** The same as one JSON document. */
export const numberedDocument = (entries: number, sequence: number): string =>
  JSON.stringify(numberedPayload(entries, sequence));

export interface Sight {
  readonly sequence: number;
  readonly revision: number;
}

/** Asks for every service in one synchronous loop. Throws when two of the answers are not of one version. */
export function look(resolver: Resolver, entries: number): Sight {
  let first: Sight | null = null;
  for (let index = 0; index < entries; index += 1) {
    const { url, revision } = resolver.lookup(serviceOf(index));
    const sequence = Number(/^http:\/\/h-(\d+)\.example\.com$/.exec(url)?.[1]);
    if (Number.isNaN(sequence)) throw new Error(`${serviceOf(index)} is at ${url}, which nobody wrote`);
    first ??= { sequence, revision };
    if (sequence !== first.sequence || revision !== first.revision) {
      throw new Error(
        `torn: number ${first.sequence} at revision ${first.revision}, then ${sequence} at ${revision} for ${serviceOf(index)}`,
      );
    }
  }
  if (first === null) throw new Error('nothing to look at');
  return first;
}
