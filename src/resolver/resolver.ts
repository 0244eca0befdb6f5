// A resolver: one immutable snapshot that answers, swapped by one assignment when a source has news.

import { isBranchlineError, type Problem } from '../core/errors.ts';
import { concerns, explanation } from '../core/explain.ts';
import { type Routed, ROUTING } from '../core/routing.ts';
import { search } from '../core/search.ts';
import type { SourceTable } from '../core/source-table.ts';
import type { OpenSource, OwnNamespace, OwnNamespaceOffer } from '../core/source.ts';
import { EMPTY_TABLE, merge, serviceNames } from '../core/table.ts';
import type { Explanation, LookupOptions, Resolution, RoutingContext, ServiceName, Step } from '../core/types.ts';
import { createAnswering } from './answering.ts';
import { answersWithin, checkQueryNames, resolutionOf, snapshotOf } from './answers.ts';
import type { Coverage } from './coverage.ts';
import { createEmitter, type Events, type Tiding } from './events.ts';
import { createIntake } from './intake.ts';
import { checkOpen, type CheckedOptions, offerOf } from './options.ts';
import { createProblems } from './problems.ts';
import { createRouting } from './routing.ts';
import { createStaleness } from './staleness.ts';
import { refusal } from './start.ts';
import { settingsOf, type Status } from './status.ts';

export interface Resolver extends AsyncDisposable {
  /**
   * The address of a service, now: `http://my-rest.feature-x.svc:8080`. Synchronous; reads memory only. Call it at
   * the call and do not keep the answer.
   * @throws {BranchlineError} `ERR_INVALID_NAME`, `ERR_SERVICE_NOT_FOUND`, `ERR_SERVICE_DISABLED`,
   * `ERR_ENDPOINT_NOT_FOUND`, `ERR_ENTRY_INVALID`, `ERR_ADDRESS_INVALID`
   * @throws {TypeError} `ERR_INVALID_OPTION`
   */
  resolve(service: ServiceName, options?: LookupOptions): string;
  /** The same with everything that is known about the answer. Throws what `resolve` throws. */
  lookup(service: ServiceName, options?: LookupOptions): Resolution;
  /** Every step considered, and why; prints well. @throws {TypeError} `ERR_INVALID_OPTION`, nothing else */
  explain(service: ServiceName, options?: LookupOptions): Explanation;
  /** Whether anybody on the path has an entry of the service, in whatever state. Throws what `resolve` throws for names. */
  has(service: ServiceName, options?: LookupOptions): boolean;
  /** Every name with an entry, sorted. */
  services(): string[];
  /** The own namespace; `null` when there is none. */
  readonly namespace: string | null;
  /** Whether the own namespace is one of the baseline's. */
  readonly isBaseline: boolean;
  /** Everything about it, as plain data: what is in force, the sources, what is stale, what is wrong. */
  status(): Status;
  /** What was answered so far, by service, namespace and via. */
  coverage(): Coverage;
  /**
   * Listens; returns what stops it. What happened during creation is told one microtask after `createResolver`.
   * @throws {TypeError} `ERR_INVALID_OPTION` for an event that there is not
   */
  on<E extends keyof Events>(event: E, listener: (payload: Events[E]) => void): () => void;
  /** Every source has answered, and its watch is armed or given up. Never rejects. */
  ready(): Promise<void>;
  /** Looks again at every source; resolves when what was found is live. Never rejects for bad content. */
  reload(): Promise<void>;
  /** Stops watching. Idempotent. `resolve` still answers from the last snapshot. */
  close(): Promise<void>;
}

/** Finds the own namespace once the sources are open; `offers` is what they say of it, the lowest rank first. */
export type FindOwnNamespace = (offers: readonly OwnNamespaceOffer[]) => OwnNamespace;

/** The context of the moment, and a way out of it. */
export interface Surroundings {
  ambient(): RoutingContext | undefined;
  /** Runs what belongs to no request: sources and listeners live as long as the resolver, whoever made it. */
  outside<T>(fn: () => T): T;
}

/** @throws {BranchlineError} `ERR_SOURCE_UNREADABLE`, `ERR_INVALID_NAME`, `ERR_CONFIG_INVALID` */
export function openResolver(
  options: CheckedOptions,
  findOwn: FindOwnNamespace,
  { ambient, outside }: Surroundings,
): Resolver & Routed {
  const { pollInterval, watch, settings: code } = options;
  const { now } = Date;
  const emitter = createEmitter(outside);
  let snapshot = snapshotOf(EMPTY_TABLE, 1);
  let closed = false;
  let created = false;

  const commit = (changed: readonly string[]): void => {
    if (!created) return;
    const { table, isNews, changes } = merge(snapshot.table, tables(), code, changed);
    if (table !== snapshot.table) {
      snapshot = snapshotOf(table, snapshot.revision + (isNews ? 1 : 0));
    }
    const { revision, digest } = snapshot;
    const change: Tiding = { event: 'change', payload: () => ({ revision, digest: digest(), changes: changes() }) };
    emitter.emit([...(isNews ? [change] : []), ...news()]);
  };

  const intakes = options.sources.map((source) => createIntake(source, commit, now, () => closed));
  const tables = (): SourceTable[] => intakes.map((intake) => intake.table());
  const opened: OpenSource[] = [];
  // A source that somebody else wrote may throw or reject where it must not: the others are served all the same.
  const each = async (run: (source: OpenSource) => Promise<unknown>): Promise<void> => {
    await outside(() => Promise.allSettled(opened.map(async (source) => run(source))));
  };
  const stop = async (): Promise<void> => {
    closed = true;
    await each((source) => source.close());
  };

  let own: OwnNamespace;
  try {
    for (const intake of intakes) {
      const made = outside(() => intake.open({ pollInterval, watch }));
      opened.push(made);
      checkOpen(made, intake.source.name);
      void Promise.resolve(made.ready).catch(() => undefined);
    }
    own = ownNamespace(options.namespace, findOwn, opened);
    const refused = refusal(intakes, own.fatal);
    if (refused !== null) throw refused;
  } catch (error) {
    void stop();
    throw error;
  }
  const everything = new Set(tables().flatMap(({ entries }) => [...entries.keys()]));
  const { table } = merge(EMPTY_TABLE, tables(), code, [...everything]);
  snapshot = snapshotOf(table, 1);
  const staleness = createStaleness(intakes, now);
  const problems = createProblems(intakes, () => snapshot.table, own);
  created = true;
  // What happened until here is told when the caller had the time to listen.
  const atCreation = news();
  void Promise.resolve().then(() => {
    emitter.emit(atCreation);
  });

  function news(): Tiding[] {
    const { stale, recovered } = staleness.update();
    return [
      ...stale.map((one): Tiding => ({ event: 'stale', payload: () => ({ ...one, problem: { ...one.problem } }) })),
      ...recovered.map((one): Tiding => ({ event: 'recovered', payload: () => ({ ...one }) })),
      ...problems.news().map((one): Tiding => ({ event: 'problem', payload: () => ({ ...one }) })),
    ];
  }

  const answering = createAnswering(() => snapshot, own.namespace, ambient);
  const routing = createRouting(() => snapshot, own.namespace, options.keys, answering.find, emitter);

  const resolver: Resolver & Routed = {
    [ROUTING]: routing,
    // The usual question, asked on every call of an application, is answered without another call: a process that has
    // more than one resolver has several of each function, and the compiler puts none of them into the other.
    resolve(service, lookup) {
      const known = lookup === undefined ? answersWithin(snapshot, ambient()).get(service) : undefined;
      if (known === undefined) return answering.answer(service, lookup).url;
      known.row.count += 1;
      return known.url;
    },
    lookup: (service, lookup) => answering.answer(service, lookup),
    explain(service, lookup) {
      const query = answering.query(service, lookup);
      const { revision, table: current } = snapshot;
      const steps: Step[] = [];
      let resolution: Resolution | null = null;
      let error: Explanation['error'] = null;
      try {
        checkQueryNames(query);
        resolution = resolutionOf(
          query,
          search(current, own.namespace, query, (step) => steps.push(step)),
          revision,
        );
      } catch (thrown) {
        if (!isBranchlineError(thrown)) throw thrown;
        error = { code: thrown.code, message: thrown.message };
      }
      const failed = new Set(staleness.list().flatMap(({ source, key }) => (key === null ? [source] : [])));
      for (const step of steps) step.stale ||= step.source !== null && failed.has(step.source);
      return explanation({
        service,
        endpoint: query.endpoint,
        revision,
        configured: current.configured,
        steps,
        resolution,
        error,
        problems: copies(problems.list().filter((problem) => concerns(problem, service))),
      });
    },
    has: (service, lookup) => answering.has(service, lookup),
    services: () => serviceNames(snapshot.table),
    namespace: own.namespace,
    get isBaseline() {
      return own.namespace !== null && snapshot.table.settings.baseline.includes(own.namespace);
    },
    status: () => ({
      ...settingsOf(snapshot.table),
      configured: snapshot.table.configured,
      namespace: own.namespace,
      revision: snapshot.revision,
      digest: snapshot.digest(),
      entries: snapshot.table.entries.size,
      sources: intakes.map((intake) => intake.status()),
      stale: staleness.list(),
      problems: copies(problems.list()),
      refused: routing.refused(),
      closed,
    }),
    coverage: () => answering.coverage(),
    on: (event, listener) => emitter.on(event, listener),
    ready: () => each((source) => source.ready),
    reload: async () => {
      if (!closed) await each((source) => source.reload());
    },
    close: stop,
    [Symbol.asyncDispose]: stop,
  };
  return resolver;
}

function ownNamespace(
  chosen: string | null | undefined,
  findOwn: FindOwnNamespace,
  opened: readonly OpenSource[],
): OwnNamespace {
  if (chosen !== undefined) return { namespace: chosen, problems: [], fatal: null };
  return findOwn(opened.flatMap((source) => offerOf(source) ?? []));
}

/** What is handed out may be changed by whoever got it. */
function copies(problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem }));
}
