// Tables that are good, the same with something bad in them, and everything that a resolver says of one.

import { createResolver, type Data, type Resolver, type Source } from 'branchline';
import fc from 'fast-check';

import type { Record as Events } from '../../doubles/recorder.ts';
import { attempt, QUESTIONS } from './agreement.ts';
import { good } from './drawn.ts';
import { BAD, BAD_SETTINGS, MISSPELT } from './mount.ts';

export const table: fc.Arbitrary<Data> = good.map(({ keys }) => keys);

/** Everything that it answers, and what it says of itself. */
export function everything(resolver: Resolver): unknown {
  const { digest, revision, configured, baseline, template, strict, overrides } = resolver.status();
  const answers = QUESTIONS.map(({ service, ...options }) => attempt(() => resolver.resolve(service, options)));
  return [answers, digest, revision, configured, baseline, template, strict, overrides];
}

/** What happens during its creation is over. */
export async function opened(source: Source): Promise<Resolver> {
  const resolver = createResolver({ sources: [source], namespace: 'feature-x', watch: false });
  resolver.on('problem', () => {});
  await resolver.ready();
  return resolver;
}

export const heard = (events: Events): number => Object.values(events).reduce((sum, list) => sum + list.length, 0);

interface Spoilt {
  readonly at: number;
  readonly value: string;
  readonly setting: number;
}

export const spoilt: fc.Arbitrary<readonly Spoilt[]> = fc.array(
  fc.record({ at: fc.nat(20), value: fc.constantFrom(...BAD), setting: fc.nat(5) }),
  {
    minLength: 1,
    maxLength: 8,
  },
);

/** The table with some of its values made bad. Overrides are left alone: they fail closed. */
export function spoil(data: Data, bad: readonly Spoilt[]): Data {
  const keys = Object.keys(data).filter((name) => name !== 'overrides');
  const changes = bad.flatMap(({ at, value, setting }) => {
    const key = keys[at % keys.length];
    if (key === undefined) return [];
    const texts = BAD_SETTINGS[key] ?? [value];
    return [[key, texts[setting % texts.length] as string]];
  });
  return { ...data, ...(Object.fromEntries(changes) as Data) };
}

export const withFaults: fc.Arbitrary<Data> = fc
  .tuple(
    table,
    spoilt,
    fc.dictionary(fc.constantFrom(...Object.keys(MISSPELT), 'basline'), fc.constant('1'), { maxKeys: 2 }),
  )
  .map(([data, bad, odd]) => ({ ...spoil(data, bad), ...odd }));
