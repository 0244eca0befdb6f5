// branchline check: every problem of a table, at once. Ends with 1 when there is one.

import { isBranchlineError, type Problem } from '../../core/errors.ts';
import { compareWithCluster, type Finding, findingOf } from '../findings.ts';
import { parseObjects, pick } from '../objects.ts';
import { servicesOf } from '../services.ts';
import { type ExitCode, painter, Failure, type Terminal } from '../terminal.ts';
import { type TableOptions, type Tools, withTable } from '../tools.ts';

export interface CheckOptions extends TableOptions {
  readonly json?: boolean | undefined;
  /** Compare with the Services on standard input. */
  readonly services?: boolean | undefined;
}

export async function check(
  path: string | undefined,
  options: CheckOptions,
  tools: Tools,
  terminal: Terminal,
): Promise<ExitCode> {
  const config = path ?? options.config;
  if (options.services === true && config === '-')
    throw new Failure('the table and the Services cannot both come from standard input; name the table as a file.');
  const found = await findAll({ ...options, config }, tools, terminal);
  if (options.json === true) terminal.out(JSON.stringify({ problems: found }, null, 2));
  else for (const finding of found) terminal.out(shown(finding, terminal));
  if (options.json !== true) terminal.err(found.length === 0 ? 'branchline: no problems.' : summary(found.length));
  return found.length === 0 ? 0 : 1;
}

async function findAll(options: CheckOptions, tools: Tools, terminal: Terminal): Promise<Finding[]> {
  try {
    return await withTable(tools, options, async (resolver) => {
      const { problems, baseline, configured } = resolver.status();
      const nothing = configured ? [] : [findingOf(noTable)];
      const found = [...nothing, ...problems.map((problem) => findingOf(problem))];
      if (options.services !== true) return found;
      const services = pick(parseObjects(await terminal.input(), 'standard input'), 'Service', 'standard input');
      return [...found, ...compareWithCluster(tools.rows(resolver), servicesOf(services), baseline)];
    });
  } catch (error) {
    if (!isBranchlineError(error)) throw error;
    // It does not even start: everything that is wrong is in the error.
    const { code, message, source = null, key = null, line = null } = error;
    const whole: Problem = { code, message: message.replace(`${code}: `, ''), source, key, line };
    return (error.problems ?? [whole]).map((problem) => findingOf(problem));
  }
}

const noTable: Problem = {
  code: 'ERR_SOURCE_UNREADABLE',
  message: 'there is no table: no source gives an entry or a baseline. Name one: branchline check PATH',
  source: null,
  key: null,
  line: null,
};

function summary(count: number): string {
  return `branchline: ${count} ${count === 1 ? 'problem' : 'problems'}.`;
}

/** For a person, or as an annotation where GitHub Actions reads along. */
function shown(finding: Finding, terminal: Terminal): string {
  const { code, message, source, line } = finding;
  if (terminal.env['GITHUB_ACTIONS'] !== 'true') {
    const paint = painter(terminal.color);
    return `${paint(code.startsWith('WARN_') ? 'yellow' : 'red', code)} ${message}`;
  }
  const file = /^(?:file|dotenv|mount):(.+)$/.exec(source ?? '')?.[1];
  const fields = [
    ...(file === undefined ? [] : [`file=${property(file)}`]),
    ...(line === null ? [] : [`line=${line}`]),
    `title=${property(code)}`,
  ];
  return `::${code.startsWith('WARN_') ? 'warning' : 'error'} ${fields.join(',')}::${escaped(message)}`;
}

/** https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands */
function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
