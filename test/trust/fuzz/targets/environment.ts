// Environment variables: the portable spelling and the raw one say what the key in memory says; links are nobody's.

import { envSource, memorySource } from 'branchline';

import { resolverOf } from '../files.ts';
import { attempt, differs, firstOf, messageFault, suspects } from '../oracle.ts';
import { corpus, type Target } from '../target.ts';
import { meaningOf } from './keys.ts';

const PREFIX = 'BRANCHLINE_';
const STEERING = new Set(['BRANCHLINE_CONFIG', 'BRANCHLINE_NAMESPACE']);

export const environment: Target = {
  name: 'environment',
  seeds: corpus('environment'),
  words: [
    'BRANCHLINE_',
    'MY_REST',
    '__',
    '_',
    'FEATURE_X',
    'DEVELOP',
    '=',
    '\n',
    'SERVICE_HOST',
    '_PORT',
    '8080',
    'BASELINE',
    '.',
    '-',
  ],
  hold(input) {
    const env = Object.fromEntries(
      input.split('\n').map((row) => {
        const at = row.indexOf('=');
        return at === -1 ? [row, ''] : [row.slice(0, at), row.slice(at + 1)];
      }),
    );
    const values = suspects(input, Object.values(env));
    const read = attempt(() => resolverOf(envSource({ env })), ...values);
    const keys = keysOf(env);
    if (keys === null) return 'code' in read ? read.fault : closed(read.value);
    const reference = attempt(() => resolverOf(memorySource(Object.fromEntries(keys))));
    if ('code' in read)
      return read.fault ?? ('code' in reference ? null : differs('the environment', read.code, 'a table'));
    if ('code' in reference) return differs('the environment', 'a table', reference.code);
    const { digest, problems } = read.value.status();
    const expected = reference.value.status().digest;
    closed(read.value);
    closed(reference.value);
    return firstOf(
      () => differs('the table of the environment', digest, expected),
      ...problems.map(
        ({ message }) =>
          () =>
            messageFault(message, ...values),
      ),
    );
  },
};

function closed(resolver: { close(): Promise<void> }): null {
  void resolver.close();
  return null;
}

/** The same as keys; `null` where a name may be a service link. */
function keysOf(env: Readonly<Record<string, string>>): ReadonlyMap<string, string> | null {
  const keys = new Map<string, string>();
  const put = (key: string, value: string): void => {
    const before = keys.get(key);
    keys.set(key, before === undefined || before.trim() === value.trim() ? value : '!');
  };
  const almost: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || STEERING.has(name)) continue;
    if (!name.includes('.') && /_SERVICE_|_PORT/.test(name)) return null;
    const { key, isMeant } = keyOf(name.slice(PREFIX.length));
    if (isMeant) almost.push(key);
    else put(key, value);
  }
  for (const key of almost) if (!keys.has(key)) keys.set(key, '!');
  return keys;
}

/** The key, and whether it is only meant by a name that is misspelt. */
function keyOf(rest: string): { readonly key: string; readonly isMeant: boolean } {
  if (rest.includes('.')) return { key: rest, isMeant: false };
  const lower = rest.toLowerCase();
  if (!rest.includes('__')) return { key: lower, isMeant: false };
  const named = lower.startsWith('_');
  const text = (named ? lower.slice(1) : lower).replaceAll('__', '.').replaceAll('_', '-');
  const key = named ? `_${text}` : text;
  return { key, isMeant: meaningOf(key).kind === 'entry' && !/^[A-Z0-9_]+$/.test(rest) };
}
