import { createResolver, type Data, isBranchlineError, memorySource, type Resolver } from 'branchline';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { record } from '../doubles/recorder.ts';

const SERVICES = ['a', 'b', 'c'];
const PLACES = ['feature-x', 'develop', 'epic-1'];
const key = fc.constantFrom(
  ...SERVICES.flatMap((service) => PLACES.flatMap((place) => [`${service}.${place}`, `_admin.${service}.${place}`])),
);
const value = fc.constantFrom('', '8080', '9090', 'h.example.com:1', 'https://h.example.com/x/', 'disabled');
const settings = fc.record(
  {
    baseline: fc.constantFrom('develop', 'epic-1,develop'),
    strict: fc.constantFrom('on', 'off'),
    overrides: fc.constantFrom('on', 'off'),
  },
  { requiredKeys: [] },
);
const table = fc
  .tuple(fc.dictionary(key, value, { maxKeys: 8, noNullPrototype: true }), settings)
  .map(([entries, given]) => ({ ...entries, ...given }));
const badValue = fc.constantFrom('808O', 'x y', 'http://u:p@h', '0', '{', 'Disabled', 'http://h/../x', '\u0000');
const badSetting = fc.constantFrom('', 'De velop', 'no pe', '#', '{service}');

/** Everything that can be asked of it, and what it says of itself. */
function everything(resolver: Resolver): unknown {
  const answers = SERVICES.flatMap((service) =>
    [
      undefined,
      { endpoint: 'admin' },
      ...PLACES.map((namespace) => ({ namespace })),
      { context: { namespaces: ['epic-1'] } },
    ].map((lookup) => {
      try {
        const { revision: _, ...answer } = resolver.lookup(service, lookup);
        return answer;
      } catch (error) {
        if (!isBranchlineError(error)) throw error;
        return error.code;
      }
    }),
  );
  const { digest, revision, baseline, strict, configured } = resolver.status();
  return { answers, digest, revision, baseline, strict, configured };
}

function open(data: Data) {
  const source = memorySource(data);
  const resolver = createResolver({ namespace: 'feature-x', sources: [source] });
  return { source, resolver, events: record(resolver) };
}

describe('a sequence of updates', () => {
  /** The last good table with some of its values made bad; which ones, and how, is up to `bad`. */
  const spoil = (good: Data, bad: readonly { at: number; value: string; setting: string }[]): Data => {
    const spoilt: Record<string, string | number | boolean> = { ...good };
    const keys = Object.keys(good).filter((name) => name !== 'overrides');
    for (const { at, value: wrong, setting } of bad) {
      const name = keys[at % Math.max(1, keys.length)];
      if (name !== undefined) spoilt[name] = name.includes('.') ? wrong : setting;
    }
    return spoilt;
  };
  const bad = fc.array(fc.record({ at: fc.nat(20), value: badValue, setting: badSetting }), {
    minLength: 1,
    maxLength: 10,
  });

  test('followed by any number of bad ones answers like the sequence alone', () => {
    fc.assert(
      fc.property(
        fc.array(table, { minLength: 1, maxLength: 4 }),
        fc.array(bad, { minLength: 1, maxLength: 4 }),
        (good, bads) => {
          const { source, resolver, events } = open({});
          for (const data of good) source.set(data);
          const alone = everything(resolver);
          events.change.length = 0;
          for (const spoilt of bads) source.set(spoil(good.at(-1) as Data, spoilt));
          expect(everything(resolver)).toEqual(alone);
          expect(events.change).toEqual([]);
          const { stale, problems } = resolver.status();
          const told = problems.filter((problem) => problem.source === 'memory');
          expect(new Set(stale.map((one) => one.key))).toEqual(new Set(told.map((one) => one.key)));
          expect(stale).toHaveLength(told.length);

          source.set(good.at(-1) as Data);
          expect(everything(resolver)).toEqual(alone);
          expect(resolver.status().stale).toEqual([]);
          expect(resolver.status().problems.filter((problem) => problem.source === 'memory')).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('with bad ones in between ends as it does without them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(table, bad), { minLength: 1, maxLength: 4 }), (steps) => {
        const [one, other] = [open({}), open({})];
        for (const [data, spoilt] of steps) {
          one.source.set(data);
          one.source.set(spoil(data, spoilt));
          other.source.set(data);
        }
        expect(everything(one.resolver)).toEqual(everything(other.resolver));
        const inOrder = ({ change }: typeof one.events) =>
          change.map((event) => ({
            ...event,
            changes: event.changes.toSorted((first, second) => (first.key < second.key ? -1 : 1)),
          }));
        expect(inOrder(one.events)).toEqual(inOrder(other.events));
      }),
      { numRuns: 100 },
    );
  });

  test('counts revisions by one, and one for each digest that is another', () => {
    fc.assert(
      fc.property(fc.array(table, { maxLength: 8 }), (all) => {
        const { source, resolver, events } = open({});
        let { revision, digest } = resolver.status();
        expect(revision).toBe(1);
        for (const data of all) {
          source.set(data);
          const now = resolver.status();
          expect(now.revision).toBe(now.digest === digest ? revision : revision + 1);
          ({ revision, digest } = now);
        }
        expect(events.change.map((event) => event.revision)).toEqual(
          Array.from({ length: revision - 1 }, (_, index) => index + 2),
        );
        expect(events.change.at(-1)?.digest ?? digest).toBe(digest);
      }),
      { numRuns: 150 },
    );
  });

  test('tells in its changes how to get from one table to the next', () => {
    fc.assert(
      fc.property(fc.array(table, { maxLength: 6 }), (all) => {
        const { source, events } = open({});
        const known = new Map<string, string>();
        for (const data of all) {
          events.change.length = 0;
          source.set(data);
          for (const { key: name, from, to } of events.change.flatMap(({ changes }) => changes)) {
            expect([name, known.get(name) ?? null]).toEqual([name, from]);
            expect(from).not.toBe(to);
            if (to === null) known.delete(name);
            else known.set(name, to);
          }
          expect(new Map(known)).toEqual(new Map(Object.entries(data)));
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('the same again', () => {
  test('makes no event and no revision, in whatever order and white space, good or bad', () => {
    const mixed = fc
      .tuple(
        table,
        fc.dictionary(key, badValue, { maxKeys: 3, noNullPrototype: true }),
        fc.constantFrom({}, { 'A.develop': '1' }, { basline: 'x' }),
      )
      .map((parts) => Object.assign({}, ...parts) as Record<string, string>);
    const space = fc.constantFrom('', ' ', '\n');
    fc.assert(
      fc.property(mixed, space, space, fc.boolean(), (data, before, behind, turned) => {
        const { source, resolver, events } = open({});
        source.set(data);
        const first = everything(resolver);
        const { problems, stale } = resolver.status();
        for (const list of Object.values(events)) list.length = 0;
        const entries = Object.entries(data).map(([name, text]) => [name, before + text + behind] as const);
        source.set(Object.fromEntries(turned ? entries.toReversed() : entries));
        source.set(data);
        expect(everything(resolver)).toEqual(first);
        expect(events).toEqual({ change: [], stale: [], recovered: [], problem: [], refused: [] });
        expect([resolver.status().problems.length, resolver.status().stale]).toEqual([problems.length, stale]);
      }),
      { numRuns: 200 },
    );
  });
});
