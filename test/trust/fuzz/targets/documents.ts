// Documents as files: a table in JSON, the same in YAML, a manifest. Whatever is in them, they are refused as a whole,
// or say what an independent reading says; and what is refused later leaves what was.

import { fileSource, memorySource, type Resolver } from 'branchline';

import { resolverOf, textOf, writeBytes } from '../files.ts';
import { attempt, differs, errorFault, firstOf, messageFault, suspects } from '../oracle.ts';
import { corpus, type Target, toBytes } from '../target.ts';
import { flatten, parse } from './flatten.ts';

const WORDS = [
  '"',
  ':',
  ',',
  '{',
  '}',
  '[',
  ']',
  '\n',
  '  ',
  'services',
  'baseline',
  'my-rest',
  'develop',
  '8080',
  'null',
  'true',
];
const YAML_WORDS = [
  ...WORDS,
  '- ',
  ': ',
  '|\n',
  '>-\n',
  '# ',
  '---\n',
  '...\n',
  '&a ',
  '*a',
  '!!str ',
  '? ',
  '<<',
  "'",
  '\t',
  '%YAML 1.2\n',
];

export const json: Target = {
  name: 'json',
  seeds: [...corpus('json'), ...corpus('manifests')].map((text) => toBytes(text)),
  words: WORDS,
  async hold(bytes) {
    const text = textOf(bytes);
    const root = text === null ? undefined : parse(text);
    const keys = root === undefined ? null : flatten(root);
    const expected = keys == null ? keys : digestOf(keys);
    const fault = await readFault('table.json', bytes, expected);
    if (keys === null) return fault ?? updateFault('later.json', bytes, !isManifest(root));
    const again = expected == null ? null : asYaml(root);
    return fault ?? (again === null ? null : readFault('same.yaml', again, expected));
  },
};

export const yaml: Target = {
  name: 'yaml',
  seeds: corpus('yaml').map((text) => toBytes(text)),
  words: YAML_WORDS,
  async hold(bytes) {
    return (await readFault('table.yaml', bytes, undefined)) ?? updateFault('later.yml', bytes, false);
  },
};

/** What the library makes of the same keys in memory; `null` where it refuses to start. */
function digestOf(keys: ReadonlyMap<string, string>): string | null {
  const made = attempt(() => resolverOf(memorySource(Object.fromEntries(keys))));
  return 'value' in made ? closing(made.value, (resolver) => resolver.status().digest) : null;
}

/** `expected`: a digest, `null` for a refusal, `undefined` where nobody knows. */
async function readFault(name: string, bytes: string, expected: string | null | undefined): Promise<string | null> {
  const path = writeBytes(name, bytes);
  const text = textOf(bytes) ?? '';
  try {
    const resolver = resolverOf(fileSource({ path }));
    const { digest, problems } = resolver.status();
    await resolver.close();
    return firstOf(
      () => (expected === undefined ? null : differs(`the table of ${name}`, digest, expected)),
      ...problems.map(
        ({ message }) =>
          () =>
            messageFault(message, ...secretsIn(text)),
      ),
    );
  } catch (error) {
    const { code } = error as { code?: string };
    // A parser that throws past its own errors ends as a source that cannot be read.
    const isThrown = code === 'ERR_SOURCE_UNREADABLE' && textOf(bytes) !== null;
    return firstOf(
      () => errorFault(error, ...secretsIn(text)),
      () => (isThrown ? `reading ${name} failed: ${(error as Error).message}` : null),
      () => (expected == null ? null : differs(`the table of ${name}`, code, expected)),
    );
  }
}

const GOOD = '{"a.b": 1, "services": {"my-rest": {"develop": 8080}}}';
const open = new Map<string, { readonly resolver: Resolver; readonly digest: string }>();

/** The same file over a good one: what does not parse changes nothing. */
async function updateFault(name: string, bytes: string, isBroken: boolean): Promise<string | null> {
  const path = writeBytes(name, GOOD);
  const { resolver, digest } = open.get(name) ?? opened(name, path);
  await resolver.reload();
  const before = resolver.status();
  writeBytes(name, bytes);
  await resolver.reload();
  const after = resolver.status();
  const isRefused = after.stale.some(({ key }) => key === null);
  return firstOf(
    () => differs('the table that was read again', before.digest, digest),
    () => (isRefused || isBroken ? differs('the table after an update that was refused', after.digest, digest) : null),
    ...after.problems.map(
      ({ message }) =>
        () =>
          messageFault(message, ...secretsIn(textOf(bytes) ?? '')),
    ),
  );
}

function opened(name: string, path: string): { readonly resolver: Resolver; readonly digest: string } {
  const resolver = resolverOf(fileSource({ path }));
  const made = { resolver, digest: resolver.status().digest };
  open.set(name, made);
  return made;
}

/** Some of its documents may be good. */
function isManifest(root: unknown): boolean {
  return (
    typeof root === 'object' && root !== null && (Object.hasOwn(root, 'kind') || Object.hasOwn(root, 'apiVersion'))
  );
}

function closing<T>(resolver: Resolver, look: (resolver: Resolver) => T): T {
  const seen = look(resolver);
  void resolver.close();
  return seen;
}

/** JSON is YAML, where every character prints and every number is a whole one. */
function asYaml(root: unknown): string | null {
  const text = JSON.stringify(root, (_, value: unknown) =>
    typeof value === 'number' && !Number.isSafeInteger(value) ? 0.5 : value,
  );
  const isSame =
    /^[\x20-\x7e]*$/.test(text) && !/true|false|\d[.e]\d|"[^"]{900}/i.test(text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""'));
  return isSame && text.length < 900 ? text : null;
}

/** The values that are addresses. */
function secretsIn(text: string): readonly string[] {
  const words = text.split(/["'\s,{}]+/).filter((word) => word.includes('://'));
  return suspects(text, words);
}
