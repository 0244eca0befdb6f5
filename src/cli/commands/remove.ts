// branchline remove: the merge patch that takes keys out: those that are named, or all of a namespace.

import { formatOf } from '../../core/documents/document.ts';
import { isNamespace, NAMESPACE_WANTED } from '../../core/names.ts';
import { quote } from '../../core/quote.ts';
import { dataOf, type Data, mergePatch } from '../config-map.ts';
import { checkKey, checkPermission, namespaceIn } from '../entries.ts';
import { type KubernetesObject, parseObjects, pick } from '../objects.ts';
import { type ExitCode, Failure, type Terminal } from '../terminal.ts';
import type { TableOptions, Tools } from '../tools.ts';
import { permissionOf } from './add.ts';

export interface RemoveOptions extends TableOptions {
  readonly baseline?: boolean | undefined;
  /** All keys of this namespace, from the ConfigMap on standard input. */
  readonly namespace?: string | undefined;
  /** Their named endpoints as well, from the ConfigMap on standard input. */
  readonly endpoints?: boolean | undefined;
  /** The name of the ConfigMap. */
  readonly name: string;
}

export async function remove(
  keys: readonly string[],
  options: RemoveOptions,
  tools: Tools,
  terminal: Terminal,
): Promise<ExitCode> {
  const { namespace, name } = options;
  if ((keys.length === 0) === (namespace === undefined))
    throw new Failure('remove wants keys, or --namespace with the ConfigMap on standard input; one of the two.');
  if (namespace !== undefined && options.endpoints === true)
    throw new Failure('--namespace removes named endpoints already; --endpoints is for keys.');
  for (const key of keys) checkKey(key, true);
  let removed: readonly string[] = keys;
  let map: Data | null = null;
  if (namespace !== undefined) {
    if (!isNamespace(namespace)) throw new Failure(`${quote(namespace)} is no namespace: ${NAMESPACE_WANTED}.`);
    map = configMapOf(parseObjects(await terminal.input(), 'standard input'), name);
    warnOfDocuments(map, terminal);
    removed = [...map.keys()].filter((key) => namespaceIn(key) === namespace);
    if (removed.length === 0) terminal.err(`branchline: the ConfigMap has no key of ${namespace}.`);
  }
  if (options.endpoints === true) {
    map = configMapOf(parseObjects(await terminal.input(), 'standard input'), name);
    removed = [...map.keys()].filter((key) => keys.some((one) => key === one || isEndpointOf(key, one)));
  }
  const permission = await permissionOf(options, tools, map);
  for (const key of removed) checkPermission(key, permission);
  terminal.out(mergePatch(new Map(removed.map((key) => [key, null]))));
  return 0;
}

/** `_admin.my-rest.feature-x` of `my-rest.feature-x`. */
function isEndpointOf(key: string, service: string): boolean {
  return key.startsWith('_') && key.slice(key.indexOf('.') + 1) === service;
}

/** The data of the ConfigMap of this name. @throws {Failure} */
export function configMapOf(objects: readonly KubernetesObject[], name: string): Data {
  const [configMap, ...others] = pick(objects, 'ConfigMap', 'standard input', name);
  if (others.length > 0)
    throw new Failure(`standard input has the ConfigMap ${name} of several namespaces; want the baseline's only.`);
  return dataOf(configMap as KubernetesObject, 'standard input');
}

/** A patch of keys cannot take a line out of a document. */
export function warnOfDocuments(data: Data, terminal: Terminal): void {
  const documents = [...data.keys()].filter((key) => formatOf(key) !== null);
  if (documents.length > 0)
    terminal.err(`branchline: what stands in ${documents.join(', ')} is not looked at; a patch removes whole keys.`);
}
