// The answers of one snapshot. The usual question is answered from a map; everything else is searched for.

import { DEFAULT_PORTS, toUrl } from '../core/address.ts';
import { InvalidNameError } from '../core/errors.ts';
import {
  ENDPOINT_WANTED,
  isEndpoint,
  isNamespace,
  isServiceName,
  NAMESPACE_WANTED,
  SERVICE_WANTED,
} from '../core/names.ts';
import type { Found, Query } from '../core/query.ts';
import { quote } from '../core/quote.ts';
import type { Located } from '../core/routing.ts';
import { search } from '../core/search.ts';
import { digestText, type Table } from '../core/table.ts';
import type { Resolution, RoutingContext } from '../core/types.ts';
import type { Counter, Row } from './coverage.ts';

/** One table, and the answers made from it so far. */
export interface Snapshot {
  readonly table: Table;
  readonly revision: number;
  /** Compares tables between processes: 16 hex digits of SHA-256. Made when somebody asks. */
  readonly digest: () => string;
  /** Answers to a plain name: no options, no context. */
  readonly plain: Answers;
  /** Answers to a plain name within a context, while the context is in use. */
  readonly within: WeakMap<RoutingContext, Answers>;
  /** The context that was asked for last, and its answers: a request asks more than once. */
  recent: { readonly context: RoutingContext; readonly answers: Answers } | null;
}

export type Answers = Map<string, Answer>;

export interface Answer extends Located {
  readonly row: Row;
  /** That of the resolution, a step nearer. */
  readonly url: string;
}

/** Names that a caller makes up are answered by convention; more of them than this are not kept. */
const MOST_KEPT = 25_000;

export function snapshotOf(table: Table, revision: number): Snapshot {
  let digest: string | null = null;
  return {
    table,
    revision,
    digest: () => (digest ??= hashOf(digestText(table))),
    plain: new Map(),
    within: new WeakMap(),
    recent: null,
  };
}

/** Answers a query, or throws the error that says why not. */
export function answerOf(
  snapshot: Snapshot,
  own: string | null,
  query: Query,
  counter: Counter,
  isNew: (resolution: Resolution) => void,
): Answer {
  checkQueryNames(query);
  const found = search(snapshot.table, own, query);
  const resolution = resolutionOf(query, found, snapshot.revision);
  const { service, namespace, via, url } = resolution;
  const row = counter.row(service, namespace, via, () => {
    isNew(resolution);
  });
  return { resolution, row, url, spelt: found.spelt };
}

/** The kept answers to plain names within a context. */
export function answersWithin(snapshot: Snapshot, context: RoutingContext | undefined): Answers {
  if (context === undefined) return snapshot.plain;
  return snapshot.recent?.context === context ? snapshot.recent.answers : answersOf(snapshot, context);
}

function answersOf(snapshot: Snapshot, context: RoutingContext): Answers {
  const { table, within, plain } = snapshot;
  if (!table.configured || !table.settings.overrides) return plain;
  const answers: Answers = within.get(context) ?? new Map();
  within.set(context, answers);
  snapshot.recent = { context, answers };
  return answers;
}

/** Keeps the answer to a plain name. */
export function keep(answers: Answers, service: string, answer: Answer): void {
  if (answers.size < MOST_KEPT) answers.set(asLiteral(service), answer);
}

/**
 * The same text, as the engine keeps it for the source code and for names of properties: once. A key that is asked for
 * by a literal is then known by its place; a text that came out of a URL would be compared character by character.
 */
function asLiteral(text: string): string {
  return Object.keys({ [text]: true })[0] as string;
}

export function resolutionOf(query: Query, found: Found, revision: number): Resolution {
  const { namespace, address, via, source } = found;
  const { protocol, hostname } = address;
  return Object.freeze({
    service: query.service,
    endpoint: query.endpoint,
    namespace,
    url: toUrl(address),
    protocol,
    hostname,
    port: address.port ?? DEFAULT_PORTS.get(protocol) ?? null,
    via,
    source,
    revision,
  });
}

/** Legal names, or `ERR_INVALID_NAME`: nothing else ever becomes a part of a host. */
export function checkQueryNames({ service, endpoint, namespace, context }: Query): void {
  if (!isServiceName(service))
    throw invalid(`the service ${quote(service)} is no name: ${SERVICE_WANTED}.`, service, { service });
  if (!isEndpoint(endpoint))
    throw invalid(`the endpoint ${quote(endpoint)} of ${service} is no name: ${ENDPOINT_WANTED}.`, endpoint, {
      service,
      endpoint,
    });
  const namespaces = [
    ...(namespace === null ? [] : [namespace]),
    ...(context?.namespaces ?? []),
    ...Object.values(context?.services ?? {}),
  ];
  for (const name of namespaces) {
    if (!isNamespace(name))
      throw invalid(`the namespace ${quote(name)}, asked for ${service}, is no name: ${NAMESPACE_WANTED}.`, name, {
        service,
        namespace: name,
      });
  }
}

function invalid(
  message: string,
  name: string,
  details: { service: string; endpoint?: string; namespace?: string },
): InvalidNameError {
  const lower = name.length <= 63 ? name.toLowerCase().replaceAll('_', '-') : '';
  if (lower === name || !isServiceName(lower)) return new InvalidNameError(message, details);
  return new InvalidNameError(`${message} Did you mean ${lower}?`, { ...details, suggestion: lower });
}

/** node:crypto takes longer to load than all of this package: not before the first digest is asked for. */
function hashOf(text: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 16);
}
