// branchline env: the table as seen from a namespace, in variables: for services that cannot import the library, and for
// leaving it.

import { isBranchlineError } from '../../core/errors.ts';
import { DEFAULT_ENDPOINT } from '../../core/names.ts';
import { urlVariable } from '../entries.ts';
import { type ExitCode, Failure, type Terminal } from '../terminal.ts';
import { type TableOptions, type Tools, withTable } from '../tools.ts';

export function env(options: TableOptions, tools: Tools, terminal: Terminal): Promise<ExitCode> {
  return withTable(tools, options, (resolver) => {
    const lines = new Map<string, string>();
    const owners = new Map<string, string>();
    let failures = 0;
    const targets = new Set(
      tools
        .rows(resolver)
        .flatMap(({ service, endpoint }) => [`${service} ${DEFAULT_ENDPOINT}`, `${service} ${endpoint}`]),
    );
    for (const target of targets) {
      const [service = '', endpoint = ''] = target.split(' ');
      const name = urlVariable(service, endpoint === DEFAULT_ENDPOINT ? null : endpoint);
      const owner = owners.get(name);
      if (owner !== undefined)
        throw new Failure(`${name} would be both ${owner} and ${target}; rename one of them.`, 1);
      owners.set(name, target);
      try {
        lines.set(name, resolver.resolve(service, { endpoint, context: null }));
      } catch (error) {
        if (!isBranchlineError(error)) throw error;
        // Deployed and not to be called, or a port that somebody else has: that is how it is meant.
        const isMeant = error.code === 'ERR_SERVICE_DISABLED' || error.code === 'ERR_ENDPOINT_NOT_FOUND';
        failures += isMeant ? 0 : 1;
        terminal.err(`branchline: ${name} is left out: ${error.message}`);
      }
    }
    for (const [name, url] of [...lines].toSorted(([one], [other]) => (one < other ? -1 : 1)))
      terminal.out(`${name}=${quotedForShell(url)}`);
    return failures === 0 ? 0 : 1;
  });
}

/** A legal address may have characters that a shell would obey. */
function quotedForShell(url: string): string {
  return /^[\w.:/@%+=,[\]-]*$/.test(url) ? url : `'${url.replaceAll("'", "'\\''")}'`;
}
