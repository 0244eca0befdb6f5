// branchline manifest: a ConfigMap to apply or to keep in Git: of some entries, or a branch's full copy of the baseline's.

import { isNamespace, NAMESPACE_WANTED } from '../../core/names.ts';
import { quote } from '../../core/quote.ts';
import { type Data, fieldManager, writeManifest } from '../config-map.ts';
import { variableFor } from '../entries.ts';
import { parseObjects } from '../objects.ts';
import { type ExitCode, Failure, type Terminal } from '../terminal.ts';
import type { Tools } from '../tools.ts';
import { type AddOptions, collect, permissionOf } from './add.ts';
import { configMapOf } from './remove.ts';

export interface ManifestOptions extends AddOptions {
  /** The namespace of the ConfigMap; without entries, the one whose copy is made. */
  readonly namespace?: string | undefined;
  readonly name: string;
  /** Upper-case keys, for `envFrom`. */
  readonly portable?: boolean | undefined;
  /** Print the name of the field manager, and nothing else. */
  readonly fieldManager?: boolean | undefined;
}

export async function manifest(
  arguments_: readonly string[],
  options: ManifestOptions,
  tools: Tools,
  terminal: Terminal,
): Promise<ExitCode> {
  const { namespace, name, portable } = options;
  if (namespace !== undefined && !isNamespace(namespace))
    throw new Failure(`${quote(namespace)} is no namespace: ${NAMESPACE_WANTED}.`);
  const data = await dataFor(arguments_, options, tools, terminal);
  if (options.fieldManager === true) {
    const [key, ...others] = [...data.keys()].filter((candidate) => !candidate.startsWith('_'));
    if (key === undefined || others.length > 0)
      throw new Failure('a field manager owns one deployment: want one key, service.namespace.');
    terminal.out(fieldManager(key, (text) => tools.sha256(text)));
    return 0;
  }
  const written = portable === true ? portableData(data) : data;
  terminal.out(writeManifest({ name, namespace, data: written }));
  return 0;
}

async function dataFor(
  arguments_: readonly string[],
  options: ManifestOptions,
  tools: Tools,
  terminal: Terminal,
): Promise<Data> {
  if (arguments_.length > 0) return collect(arguments_, options, tools, terminal);
  const { namespace } = options;
  if (namespace === undefined)
    throw new Failure('manifest wants entries, or --namespace with the map of the baseline on standard input.');
  const data = configMapOf(parseObjects(await terminal.input(), 'standard input'), options.name);
  if (data.size === 0)
    throw new Failure('the map on standard input has no key: a copy of it would take every key out of the other.');
  const { baseline, everything } = await permissionOf(options, tools, data);
  if (baseline.includes(namespace) && !everything)
    throw new Failure(
      `${namespace} is of the baseline, whose map is the truth and no copy. If that is meant, say --baseline.`,
    );
  return data;
}

function portableData(data: Data): Data {
  const written = new Map<string, string>();
  for (const [key, value] of data) {
    const variable = variableFor(key);
    if (written.has(variable))
      throw new Failure(`two keys have the portable spelling ${variable}; rename one of them.`);
    written.set(variable, value);
  }
  return written;
}
