// branchline resolve: where a call goes, as a URL or as everything that is known about the answer.

import type { LookupOptions } from '../../core/types.ts';
import type { Resolver } from '../../resolver/resolver.ts';
import type { ExitCode, Terminal } from '../terminal.ts';
import { type TableOptions, type Tools, withTable } from '../tools.ts';

export interface CallOptions extends TableOptions {
  readonly endpoint?: string | undefined;
  readonly namespace?: string | undefined;
  /** The wish of a request. */
  readonly request?: string | undefined;
  readonly json?: boolean | undefined;
}

export function resolve(service: string, options: CallOptions, tools: Tools, terminal: Terminal): Promise<ExitCode> {
  return withTable(tools, options, (resolver) => {
    const resolution = resolver.lookup(service, lookupOf(resolver, options, tools));
    if (resolution.via === 'unconfigured') terminal.err('branchline: there is no table, so nothing is changed.');
    terminal.out(options.json === true ? JSON.stringify(resolution, null, 2) : resolution.url);
    return 0;
  });
}

export function lookupOf(resolver: Resolver, options: CallOptions, tools: Tools): LookupOptions {
  const { endpoint, namespace, request } = options;
  return { endpoint, namespace, context: request === undefined ? null : tools.wish(resolver, request) };
}
