// What a pipeline, a cluster and a careless hand may do to a mount, as fast-check makes it up.

import fc from 'fast-check';

import { BAD, BAD_SETTINGS, GOOD, GOOD_SETTINGS, MISSPELT, type Written } from './mount.ts';

export const SERVICES = ['a', 'b', 'c'];
export const NAMESPACES = ['feature-x', 'feature-y', 'epic-1', 'develop'];
const DOCUMENTS = ['routes.json', 'more.yaml'];

export type Command =
  | { readonly do: 'write'; readonly what: Written }
  | { readonly do: 'burst'; readonly what: readonly Written[] }
  | { readonly do: 'empty' | 'delete' | 'kill the watcher' | 'reload' | 'close' };

const space = fc.constantFrom('', '', '', ' ', '\n');
const padded = (values: readonly string[]): fc.Arbitrary<string> =>
  fc.tuple(space, fc.constantFrom(...values), space).map((parts) => parts.join(''));

const key = fc
  .tuple(fc.constantFrom('', '', '_admin.'), fc.constantFrom(...SERVICES), fc.constantFrom(...NAMESPACES))
  .map(([endpoint, service, namespace]) => `${endpoint}${service}.${namespace}`);

type Keys = fc.Arbitrary<Readonly<Record<string, string>>>;

const entries = (values: fc.Arbitrary<string>, maxKeys: number): Keys =>
  fc.dictionary(key, values, { maxKeys, noNullPrototype: true });

const settings = (values: Readonly<Record<string, readonly string[]>>): Keys =>
  fc.record(Object.fromEntries(Object.entries(values).map(([name, texts]) => [name, fc.constantFrom(...texts)])), {
    requiredKeys: [],
  }) as Keys;

const together = (...parts: readonly Keys[]): Keys =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all) as Record<string, string>);

const sometimes = (one: Keys, weight: number): Keys =>
  fc.oneof({ weight: 10 - weight, arbitrary: fc.constant({}) }, { weight, arbitrary: one });

const goodKeys = together(entries(padded(GOOD), 8), sometimes(settings(GOOD_SETTINGS), 4));
const goodLeaves = together(entries(padded(GOOD), 4), sometimes(settings(GOOD_SETTINGS), 1));
const badKeys = together(
  goodKeys,
  entries(padded(BAD), 4),
  sometimes(settings(BAD_SETTINGS), 4),
  sometimes(fc.dictionary(fc.constantFrom(...Object.keys(MISSPELT), 'basline'), fc.constant('1'), { maxKeys: 2 }), 3),
);
const badLeaves = fc.oneof(
  { weight: 2, arbitrary: together(goodLeaves, entries(padded(BAD), 2), sometimes(settings(BAD_SETTINGS), 2)) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('', ' \n', '{', '[]', '"text"', '{"a.develop": "1", "a.develop": "2"}', '- \t:'),
  },
);

const written = (keys: Keys, leaves: fc.Arbitrary<Written['documents'][string]>): fc.Arbitrary<Written> =>
  fc.record({
    keys,
    documents: fc.oneof(
      { weight: 2, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...DOCUMENTS), leaves, { noNullPrototype: true }) },
    ),
  });

/** No key of it, and no two of its places, contradict. */
export const good: fc.Arbitrary<Written> = written(goodKeys, goodLeaves).map(({ keys, documents }) => {
  const said: Record<string, string> = { ...keys };
  for (const leaves of Object.values(documents)) {
    for (const name of Object.keys(leaves as object)) said[name] ??= (leaves as Record<string, string>)[name] as string;
  }
  const agreeing = Object.entries(documents).map(([name, leaves]) => [
    name,
    Object.fromEntries(Object.keys(leaves as object).map((leaf) => [leaf, said[leaf]])),
  ]);
  return { keys, documents: Object.fromEntries(agreeing) as Written['documents'] };
});
const bad = written(badKeys, badLeaves);

export const commands: fc.Arbitrary<readonly Command[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), what: good }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('write' as const), what: bad }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('burst' as const),
        what: fc.array(good, { minLength: 2, maxLength: 12 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom('empty', 'delete', 'delete', 'kill the watcher', 'reload') }),
    },
    { weight: 1, arbitrary: fc.constant<Command>({ do: 'close' }) },
  ),
  { minLength: 3, maxLength: 14 },
);
