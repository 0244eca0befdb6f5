// branchline prune: the merge patch that takes out what namespaces left behind that are gone.

import { mergePatch } from '../config-map.ts';
import { namespaceIn } from '../entries.ts';
import { type KubernetesObject, parseObjects, pick } from '../objects.ts';
import { type ExitCode, Failure, type Terminal } from '../terminal.ts';
import type { TableOptions, Tools } from '../tools.ts';
import { permissionOf } from './add.ts';
import { configMapOf, warnOfDocuments } from './remove.ts';

export interface PruneOptions extends TableOptions {
  readonly name: string;
  /** The Namespaces, if they are not on standard input as well. */
  readonly namespaces: readonly KubernetesObject[] | undefined;
}

export async function prune(options: PruneOptions, tools: Tools, terminal: Terminal): Promise<ExitCode> {
  const objects = parseObjects(await terminal.input(), 'standard input');
  const data = configMapOf(objects, options.name);
  // None at all is a list that nobody meant: everything would be removed.
  const there = new Set(
    pick(options.namespaces ?? objects, 'Namespace', 'the list of namespaces').map(({ metadata }) => metadata.name),
  );
  const { baseline, own } = await permissionOf(options, tools, data);
  const missing = own.find((namespace) => !there.has(namespace));
  if (missing !== undefined)
    throw new Failure(
      `the list of namespaces does not have ${missing}, which is of the baseline: it is not whole, and what it lacks would look gone. Want kubectl get namespaces -o json.`,
    );
  warnOfDocuments(data, terminal);
  const gone = new Map<string, null>();
  for (const key of data.keys()) {
    const namespace = namespaceIn(key);
    if (namespace === null || there.has(namespace) || baseline.includes(namespace)) continue;
    gone.set(key, null);
  }
  terminal.out(mergePatch(gone));
  return 0;
}
