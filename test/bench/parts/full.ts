// The largest ConfigMap that there can be, 1 MiB with 20,000 entries, in two versions of which every entry differs.

import type { Payload } from '../../doubles/kubelet.ts';

export const FULL = 20_000;

/** The entries of a document are shorter, because its punctuation counts too: the whole is 1 MiB either way. */
const BYTES = { keys: 52, document: 46 } as const;

export type Form = keyof typeof BYTES;

/** As keys and values. Half of the values are ports, a quarter hosts, a quarter URLs. */
export function fullTable(version: number, form: Form = 'keys', entries = FULL): Record<string, string> {
  const table: Record<string, string> = { baseline: 'develop' };
  for (let index = 0; index < entries; index += 1) {
    const value = valueOf(index, version);
    table[keyOf(index, BYTES[form] - value.length)] = value;
  }
  return table;
}

/** As what a mounted folder holds: a file for each key, or one that is a document. */
export function payloadOf(table: Readonly<Record<string, string>>, form: Form): Payload {
  return form === 'keys' ? table : { 'routes.json': JSON.stringify(table) };
}

/** The same table, but for one entry. */
export function withOneChanged(table: Readonly<Record<string, string>>): Record<string, string> {
  const [, , key = ''] = Object.keys(table);
  return { ...table, [key]: '9999' };
}

const numbered = (index: number): string => String(index).padStart(5, '0');

function keyOf(index: number, length: number): string {
  const namespace = index % 50 === 0 ? '.develop' : `.feature-${String(index % 50).padStart(2, '0')}`;
  return `s-${numbered(index)}`.padEnd(length - namespace.length, 'x') + namespace;
}

function valueOf(index: number, version: number): string {
  const host = `h${version}-${numbered(index)}.example.com`;
  return [`808${version}`, `${host}:8443`, `808${version}`, `https://${host}`][index % 4] as string;
}
