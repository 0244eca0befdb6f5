// branchline add: the merge patch that registers deployments, and touches no other key.

import { formatOf } from '../../core/documents/document.ts';
import { parseKey } from '../../core/keys.ts';
import { checkData, type Data, mergePatch } from '../config-map.ts';
import { type Assignment, checkPermission, parseAssignment, type Permission } from '../entries.ts';
import { parseObjects, pick } from '../objects.ts';
import { type DeployedService, entriesOf, servicesOf } from '../services.ts';
import { type ExitCode, Failure, type Terminal } from '../terminal.ts';
import { type TableOptions, type Tools, withTable } from '../tools.ts';

export interface AddOptions extends TableOptions {
  /** Settings and entries of the baseline too. */
  readonly baseline?: boolean | undefined;
  /** Ports and named ports from the Services on standard input. */
  readonly services?: boolean | undefined;
}

export async function add(
  arguments_: readonly string[],
  options: AddOptions,
  tools: Tools,
  terminal: Terminal,
): Promise<ExitCode> {
  terminal.out(mergePatch(await collect(arguments_, options, tools, terminal)));
  return 0;
}

/** The keys and values that the arguments stand for. @throws {Failure} */
export async function collect(
  arguments_: readonly string[],
  options: AddOptions,
  tools: Tools,
  terminal: Terminal,
): Promise<Map<string, string>> {
  if (options.services === true && options.config === '-')
    throw new Failure('the table and the Services cannot both come from standard input; name the table as a file.');
  const assignments = arguments_.map((argument) => parseAssignment(argument));
  const permission = await permissionOf(options, tools, null);
  for (const { key } of assignments) checkPermission(key, permission);
  const services =
    options.services === true
      ? servicesOf(pick(parseObjects(await terminal.input(), 'standard input'), 'Service', 'standard input'))
      : null;
  const data = new Map<string, string>();
  for (const assignment of assignments) {
    for (const [key, value] of valuesOf(assignment, services)) {
      if (data.has(key) && data.get(key) !== value)
        throw new Failure(`${key} is given twice, as "${data.get(key)}" and as "${value}".`);
      data.set(key, value);
    }
  }
  checkData(data);
  return data;
}

function valuesOf({ key, value }: Assignment, services: readonly DeployedService[] | null): Iterable<[string, string]> {
  if (value !== null || services === null) return [[key, value ?? '']];
  const parsed = parseKey(key);
  const found = services.find(
    ({ service, namespace }) => parsed.kind === 'entry' && parsed.service === service && parsed.namespace === namespace,
  );
  if (found === undefined || parsed.kind !== 'entry')
    throw new Failure(`there is no Service for ${key} among those on standard input; give it a value: ${key}=8080.`);
  const entries = entriesOf(found);
  // The key of a named endpoint asks for that one only.
  if (!key.startsWith('_')) return entries;
  const port = entries.get(key);
  if (port === undefined)
    throw new Failure(`the Service ${parsed.service} in ${parsed.namespace} has no port ${parsed.endpoint}.`);
  return [[key, port]];
}

/** What may be touched: `map` is the one that is to be changed, and its own baseline counts as well. */
export async function permissionOf(
  options: AddOptions,
  tools: Tools,
  map: Data | null,
): Promise<Permission & { readonly own: readonly string[] }> {
  // The map itself is on standard input.
  const config = map !== null && options.config === '-' ? undefined : options.config;
  const table = await baselineOf({ ...options, config }, tools);
  const own = map === null ? [] : await baselineIn(map, table, tools);
  return { baseline: [...table, ...own], own, everything: options.baseline === true };
}

/**
 * The baseline as a map says it itself, in a key or in a document, else that of the table. What a Pod would refuse is an
 * error: nobody knows what it means, and what is of the baseline must not be touched for want of it.
 */
async function baselineIn(map: Data, table: readonly string[], tools: Tools): Promise<readonly string[]> {
  const isPlain = map.has('baseline');
  const said = [...map].filter(([key]) => (isPlain ? key === 'baseline' : formatOf(key) !== null));
  const resolver = tools.openMap(new Map(said), table);
  await resolver.close();
  return resolver.status().baseline;
}

/** The baseline that the table says, or the default one where there is no table. */
function baselineOf({ config, envFile }: TableOptions, tools: Tools): Promise<readonly string[]> {
  return withTable(tools, { config, envFile }, (resolver) => resolver.status().baseline);
}
