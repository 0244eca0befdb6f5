// branchline table: what is deployed where, drawn for a terminal of any width, or for a pipe.

import type { Resolver } from '../../resolver/resolver.ts';
import { drawGrid, LEGEND, type Outcome } from '../grid.ts';
import { type ExitCode, painter, type Terminal } from '../terminal.ts';
import { type TableOptions, type Tools, withTable } from '../tools.ts';

export interface GridCommandOptions extends TableOptions {
  readonly digest?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Namespaces without a column that are named. */
const MOST_NAMED = 20;

export function table(options: GridCommandOptions, tools: Tools, terminal: Terminal): Promise<ExitCode> {
  return withTable(tools, options, (resolver) => {
    const status = resolver.status();
    if (options.digest === true) {
      terminal.out(status.digest);
      return 0;
    }
    const rows = tools.rows(resolver);
    if (options.json === true) {
      terminal.out(JSON.stringify(rows, null, 2));
      return 0;
    }
    const { namespace, baseline } = status;
    const paint = painter(terminal.color);
    if (rows.length === 0) {
      terminal.err('branchline: the table has no entries.');
      return 0;
    }
    const start = namespace === null ? 0 : Math.max(baseline.indexOf(namespace), 0);
    const own = namespace === null || baseline.includes(namespace) ? [] : [namespace];
    const path = [...own, ...baseline.slice(start)];
    const outcome = (service: string, endpoint: string): Outcome => outcomeOf(resolver, service, endpoint);
    const { lines, hidden } = drawGrid(rows, { outcome, path, width: terminal.columns, paint });
    for (const line of lines) terminal.out(line);
    const more = hidden.length > MOST_NAMED ? ', …' : '';
    if (hidden.length > 0)
      terminal.err(`and in ${hidden.length} more namespaces: ${hidden.slice(0, MOST_NAMED).join(', ')}${more}`);
    if (terminal.columns !== null) terminal.err(LEGEND, 'dim');
    for (const { message } of status.problems) terminal.err(message, 'yellow');
    return 0;
  });
}

/** Where a call without a request's context would end. */
function outcomeOf(resolver: Resolver, service: string, endpoint: string): Outcome {
  const { resolution, steps } = resolver.explain(service, { endpoint, context: null });
  if (resolution === null) return { answers: null, fails: steps.at(-1)?.namespace ?? null };
  return { answers: resolution.via === 'convention' ? null : resolution.namespace, fails: null };
}
