// What a Pod knows, as JSON, for operators: mounted by the application where only they reach it.

import type { Request, RequestHandler, Response } from 'express';

import { asked } from '../core/choice.ts';
import { contextOf } from '../core/context.ts';
import { ownOptions } from '../core/own-options.ts';
import { rowsOf } from '../core/rows.ts';
import type { LookupOptions } from '../core/types.ts';
import { defaultResolver, routingOf } from '../default.ts';
import type { Resolver } from '../resolver/resolver.ts';

export interface InspectOptions {
  /** @default defaultResolver() */
  resolver?: Resolver | undefined;
}

/** The questions that may be put in the query. */
const QUESTIONS = ['service', 'endpoint', 'namespace', 'request'] as const;

/**
 * A handler for operators: `{ status, table }`, and with `?service=my-rest` an `explanation` of where a call would go;
 * `&endpoint=`, `&namespace=`, and `&request=feature-x` for a request with that wish. It shows every address of the
 * table: mount it where only operators reach it.
 *
 * @example
 * ```ts
 * admin.get('/branchline', inspect());
 * ```
 * @throws {TypeError} `ERR_INVALID_OPTION`
 */
export function inspect(options: InspectOptions = {}): RequestHandler {
  const { resolver } = ownOptions('inspect', options, ['resolver']);
  if (resolver !== undefined) routingOf(resolver);

  return function branchlineInspect(req: Request, res: Response): void {
    res.setHeader('cache-control', 'no-store');
    const repeated = QUESTIONS.find((name) => req.query[name] !== undefined && typeof req.query[name] !== 'string');
    if (repeated !== undefined) {
      const message = `the query has ${repeated} more than once, or as an object; want one text.`;
      res.status(400).json({ error: { message } });
      return;
    }
    const used = resolver ?? defaultResolver();
    const { entries } = routingOf(used).view();
    res.json({ status: used.status(), table: rowsOf(entries), ...explained(used, req.query) });
  };
}

function explained(resolver: Resolver, query: Request['query']): object {
  const { service, endpoint, namespace, request: given } = query as Partial<Record<string, string>>;
  const request = given?.trim() === '' ? undefined : given?.trim();
  const refused = request === undefined ? {} : { refused: refusedItems(resolver, request) };
  if (service === undefined) return refused;
  const { wish } = asked(request ?? '');
  const context: LookupOptions = request === undefined ? {} : { context: wish === null ? null : contextOf(wish) };
  const explanation = resolver.explain(service, { endpoint, namespace, ...context });
  return { ...refused, explanation, text: String(explanation) };
}

/** The items that a request with this wish would be refused for; nothing is counted. */
function refusedItems(resolver: Resolver, request: string): string[] {
  const { wish } = asked(request);
  const view = routingOf(resolver).view();
  if (!view.active) return [];
  return wish === null ? [request] : view.unknown(wish);
}
