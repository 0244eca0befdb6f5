// A ConfigMap: what Kubernetes lets into one, and how it is written
// (https://kubernetes.io/docs/concepts/configuration/configmap/).

import { quote } from '../core/quote.ts';
import { sizeOf } from '../core/reading.ts';
import { asRecord, isRecord, type KubernetesObject } from './objects.ts';
import { Failure } from './terminal.ts';

export type Data = ReadonlyMap<string, string>;

const KEY = /^[-._a-zA-Z0-9]{1,253}$/;
const MOST_BYTES = 1024 * 1024;
const NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const LONGEST_NAME = 253;
const LONGEST_MANAGER = 128;

/** @throws {Failure} for a name that no object may have */
function checkName(name: string): string {
  if (name.length <= LONGEST_NAME && NAME.test(name)) return name;
  throw new Failure(`${quote(name)} is no name of a ConfigMap; want lower case, digits, "-" and "." between them.`);
}

/** @throws {Failure} for data that Kubernetes refuses */
export function checkData(data: Data): Data {
  let bytes = 0;
  for (const [key, value] of data) {
    // What starts with two dots is the kubelet's own, in a mount.
    if (!KEY.test(key) || key === '.' || key.startsWith('..'))
      throw new Failure(`${quote(key)} is no key of a ConfigMap; want letters, digits, "-", "_" and ".", 253 at most.`);
    bytes += sizeOf(key) + sizeOf(value);
  }
  if (bytes > MOST_BYTES) throw new Failure(`the data has ${bytes} bytes, and a ConfigMap holds ${MOST_BYTES}.`);
  return data;
}

/** The data of a ConfigMap. @throws {Failure} */
export function dataOf(configMap: KubernetesObject, place: string): Data {
  // It is no table's; a copy that left it out would not be a full one.
  if (Object.keys(asRecord(configMap.binaryData)).length > 0)
    throw new Failure(`${place}: the ConfigMap has binaryData, which no table has; take it out.`, 1);
  if (configMap.data !== undefined && configMap.data !== null && !isRecord(configMap.data))
    throw new Failure(`${place}: the data of the ConfigMap is no mapping of keys to texts.`);
  const entries = Object.entries(asRecord(configMap.data));
  const wrong = entries.find(([, value]) => typeof value !== 'string');
  if (wrong !== undefined) throw new Failure(`${place}: the value of ${quote(wrong[0])} is no text.`);
  return new Map(entries as [string, string][]);
}

export interface Manifest {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly data: Data;
}

/** As YAML: a key a line, in order, each value a quoted text. @throws {Failure} */
export function writeManifest({ name, namespace, data }: Manifest): string {
  checkData(data);
  const keys = [...data.keys()].toSorted();
  const lines = keys.map((key) => `  ${plain(key)}: ${quoted(data.get(key) as string)}`);
  return [
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata:',
    `  name: ${plain(checkName(name))}`,
    ...(namespace === undefined ? [] : [`  namespace: ${plain(namespace)}`]),
    ...(lines.length === 0 ? ['data: {}'] : ['data:', ...lines]),
  ].join('\n');
}

/** JSON is YAML, but for the control characters and line ends that it leaves as they are. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, '0')}`,
  );
}

/** A text that YAML could take for something else is quoted. */
function plain(text: string): string {
  return /^[a-z][-a-z0-9.]*$/.test(text) && !/^(?:true|false|yes|no|on|off|null|y|n)$/.test(text) ? text : quoted(text);
}

/** The field manager that owns a key: the key, and cut with a hash where Kubernetes would refuse it. */
export function fieldManager(key: string, sha256: (text: string) => string): string {
  return key.length <= LONGEST_MANAGER ? key : `${key.slice(0, LONGEST_MANAGER - 9)}-${sha256(key).slice(0, 8)}`;
}

/** A merge patch (RFC 7386) of these keys and no other; `null` removes one. */
export function mergePatch(changes: ReadonlyMap<string, string | null>): string {
  return JSON.stringify({
    data: Object.fromEntries([...changes].toSorted(([one], [other]) => (one < other ? -1 : 1))),
  });
}
