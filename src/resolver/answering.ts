// Questions and their answers: what a caller asks for, within which context, and how often it was answered.

import { debuglog } from 'node:util';

import { DEFAULT_ENDPOINT } from '../core/names.ts';
import type { Query } from '../core/query.ts';
import { isOnPath } from '../core/search.ts';
import type { LookupOptions, Resolution, RoutingContext } from '../core/types.ts';
import { type Answer, answerOf, answersWithin, checkQueryNames, keep, type Snapshot } from './answers.ts';
import { type Coverage, createCounter } from './coverage.ts';
import { toQuery } from './options.ts';

export interface Answering {
  /** Answers a caller, and counts it. */
  answer(service: string, lookup: LookupOptions | undefined): Resolution;
  /** Answers from this snapshot, within exactly this context, and counts it. */
  find(at: Snapshot, service: string, endpoint: string, context: RoutingContext | undefined): Answer;
  has(service: string, lookup: LookupOptions | undefined): boolean;
  /** What a caller asks, the context that it is in included. */
  query(service: string, lookup: LookupOptions | undefined): Query;
  coverage(): Coverage;
}

const debug = debuglog('branchline');

/** One line with `NODE_DEBUG=branchline` for every new service, namespace and via. */
function firstSeen({ service, namespace, via, url }: Resolution): void {
  debug('%s → %s (%s%s)', service, url, via, namespace === null ? '' : ` ${namespace}`);
}

/** With overrides off, and without a table, no context is looked at. */
function effective({ table }: Snapshot, query: Query): Query {
  return table.configured && table.settings.overrides ? query : { ...query, context: null };
}

export function createAnswering(
  snapshot: () => Snapshot,
  own: string | null,
  ambient: () => RoutingContext | undefined,
): Answering {
  const counter = createCounter(Date.now());

  const query = (service: string, lookup: LookupOptions | undefined): Query => {
    const asked = toQuery(service, lookup);
    const within = lookup === undefined || lookup.context === undefined;
    return effective(snapshot(), within ? { ...asked, context: ambient() ?? null } : asked);
  };

  const answered = (at: Snapshot, asked: Query): Answer => answerOf(at, own, effective(at, asked), counter, firstSeen);

  const find: Answering['find'] = (at, service, endpoint, context) => {
    const answers = endpoint === DEFAULT_ENDPOINT ? answersWithin(at, context) : undefined;
    let found = answers?.get(service);
    if (found === undefined) {
      found = answered(at, { ...toQuery(service, undefined), endpoint, context: context ?? null });
      if (answers !== undefined) keep(answers, service, found);
    }
    found.row.count += 1;
    return found;
  };

  return {
    answer(service, lookup) {
      if (lookup === undefined) return find(snapshot(), service, DEFAULT_ENDPOINT, ambient()).resolution;
      const { resolution, row } = answered(snapshot(), query(service, lookup));
      row.count += 1;
      return resolution;
    },
    find,
    has(service, lookup) {
      const asked = query(service, lookup);
      checkQueryNames(asked);
      return isOnPath(snapshot().table, own, asked);
    },
    query,
    coverage: () => counter.read(),
  };
}
