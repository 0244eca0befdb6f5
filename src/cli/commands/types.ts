// branchline types: the services of the table as a declaration, so that an editor completes their names.

import { DEFAULT_ENDPOINT } from '../../core/names.ts';
import type { ExitCode, Terminal } from '../terminal.ts';
import { type TableOptions, type Tools, withTable } from '../tools.ts';

export function types(options: TableOptions, tools: Tools, terminal: Terminal): Promise<ExitCode> {
  return withTable(tools, options, (resolver) => {
    const endpoints = new Map<string, Set<string>>();
    for (const { service, endpoint } of tools.rows(resolver)) {
      const known = endpoints.get(service) ?? new Set<string>();
      endpoints.set(service, known);
      if (endpoint !== DEFAULT_ENDPOINT) known.add(endpoint);
    }
    terminal.out("import 'branchline';\n\ndeclare module 'branchline' {\n  interface ServiceRegistry {");
    for (const [service, names] of [...endpoints].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
      const union = [...names].toSorted().map((name) => `'${name}'`);
      terminal.out(`    '${service}': ${union.length === 0 ? 'never' : union.join(' | ')};`);
    }
    terminal.out('  }\n}');
    return 0;
  });
}
