// What add, remove and prune print, as kubectl and the API server would take it: RFC 7386 by the letter.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { entryKey } from '../../src/core/keys.ts';
import { label } from '../doubles/arbitraries.ts';
import { runHere, type World } from './in-process.ts';
import { configMap, type Data, expectData, json, namespaces, patched } from './kubernetes.ts';

const value = fc.constantFrom(
  '',
  '80',
  '8080',
  '65535',
  'disabled',
  'h.example.com:9000',
  '[::1]:80',
  'https://h.example.com/v1',
);
/** Few names, so that they meet. */
const service = fc.oneof(label(2), label(20));
const namespace = fc.oneof(fc.constantFrom('feature-x', 'feature-y'), label(2)).filter((name) => name !== 'develop');
const endpoint = fc.constantFrom('default', 'default', 'admin', 'grpc');
const branchKey = fc.tuple(service, namespace, endpoint).map((parts) => entryKey(...parts));
const baselineKey = fc.tuple(service, endpoint).map(([name, port]) => entryKey(name, 'develop', port));
const branchEntries = fc.dictionary(branchKey, value, { minKeys: 1, maxKeys: 8 });
const baseline = fc.dictionary(baselineKey, value, { maxKeys: 8 });

const table = fc
  .tuple(baseline, fc.dictionary(branchKey, value, { maxKeys: 8 }))
  .map(([ofBaseline, ofBranches]): Data => ({ baseline: 'develop', ...ofBaseline, ...ofBranches }));
const arguments_ = (entries: Data): string[] => Object.entries(entries).map(([key, text]) => `${key}=${text}`);

/** What a command prints, which must end well. */
async function printed(args: readonly string[], world?: World): Promise<string> {
  const { code, out, err } = await runHere(args, world);
  expect([code, err]).toEqual([0, '']);
  return out;
}

const keysOf = (patch: string): string[] => Object.keys((JSON.parse(patch) as { data: Data }).data);
const sorted = (keys: Iterable<string>): string[] => [...keys].toSorted();

describe('add and remove', () => {
  test('are inverse on random tables: what is added and removed again was never there', async () => {
    await fc.assert(
      fc.asyncProperty(table, branchEntries, async (before, entries) => {
        const added = patched(before, await printed(['add', ...arguments_(entries)]));
        expect(added).toEqual({ ...before, ...entries });
        expectData(added);
        const removed = patched(added, await printed(['remove', ...Object.keys(entries)]));
        const untouched = Object.entries(before).filter(([key]) => !Object.hasOwn(entries, key));
        expect(removed).toEqual(Object.fromEntries(untouched));
      }),
      { numRuns: 100 },
    );
  });

  test('are inverse the other way round: what is removed and added again is as it was', async () => {
    await fc.assert(
      fc.asyncProperty(table, branchEntries, async (others, entries) => {
        const before = { ...others, ...entries };
        const removed = patched(before, await printed(['remove', ...Object.keys(entries)]));
        expect(sorted(Object.keys(removed))).toEqual(
          sorted(Object.keys(before).filter((key) => !Object.hasOwn(entries, key))),
        );
        expect(patched(removed, await printed(['add', ...arguments_(entries)]))).toEqual(before);
      }),
      { numRuns: 100 },
    );
  });

  test('name the keys that they were given, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(branchEntries, async (entries) => {
        const keys = sorted(Object.keys(entries));
        for (const patch of [await printed(['add', ...arguments_(entries)]), await printed(['remove', ...keys])]) {
          expect(keysOf(patch)).toEqual(keys);
          expect(Object.keys(JSON.parse(patch) as object)).toEqual(['data']);
          expect(patch).toMatch(/^\S+\n$/);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('of two pipelines with different services touch no key of each other, in whatever order they arrive', async () => {
    await fc.assert(
      fc.asyncProperty(table, branchEntries, branchEntries, async (before, one, other) => {
        const mine = Object.fromEntries(Object.entries(one).filter(([key]) => !Object.hasOwn(other, key)));
        fc.pre(Object.keys(mine).length > 0);
        const [first, second] = [
          await printed(['add', ...arguments_(mine)]),
          await printed(['add', ...arguments_(other)]),
        ];
        const together = { ...before, ...mine, ...other };
        expect(patched(patched(before, first), second)).toEqual(together);
        expect(patched(patched(before, second), first)).toEqual(together);
        const gone = patched(together, await printed(['remove', ...Object.keys(mine)]));
        for (const [key, text] of Object.entries(other)) expect(gone[key]).toBe(text);
      }),
      { numRuns: 100 },
    );
  });

  test('say the same key and value twice once, and two values of one key not at all', async () => {
    expect(await printed(['add', 'a.feature-x=80', 'a.feature-x=80'])).toBe('{"data":{"a.feature-x":"80"}}\n');
    expect(await printed(['remove', 'a.feature-x', 'a.feature-x'])).toBe('{"data":{"a.feature-x":null}}\n');
    expect(await runHere(['add', 'a.feature-x=80', 'a.feature-x=81'])).toMatchObject({ code: 2, out: '' });
  });
});

describe('remove --namespace', () => {
  test('takes out every key of the namespace, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(table, namespace, async (before, name) => {
        const { code, out } = await runHere(['remove', '--namespace', name], { input: json(configMap(before)) });
        expect(code).toBe(0);
        const left = patched(before, out);
        for (const [key, text] of Object.entries(before)) {
          if (key.endsWith(`.${name}`)) expect(left).not.toHaveProperty([key]);
          else expect(left[key]).toBe(text);
        }
        expectData(left);
      }),
      { numRuns: 100 },
    );
  });

  test('takes out what add put there', async () => {
    const entries = { 'a.feature-x': '80', '_admin.a.feature-x': '', 'b.feature-x': 'disabled' };
    const before = { baseline: 'develop', 'a.develop': '80', 'a.feature-xx': '80', 'feature-x.other': '' };
    const added = patched(before, await printed(['add', ...arguments_(entries)]));
    const out = await printed(['remove', '--namespace', 'feature-x'], { input: json(configMap(added)) });
    expect(keysOf(out)).toEqual(sorted(Object.keys(entries)));
    expect(patched(added, out)).toEqual(before);
  });
});

describe('prune', () => {
  test('takes out the keys of namespaces that are gone, never one of the baseline, a setting, or one that is there', async () => {
    await fc.assert(
      fc.asyncProperty(table, fc.uniqueArray(namespace, { minLength: 1 }), async (before, there) => {
        const input = json(configMap(before)) + json(namespaces('develop', ...there));
        const { code, out } = await runHere(['prune'], { input });
        expect(code).toBe(0);
        const kept = Object.entries(before).filter(([key]) => {
          const home = key.slice(key.lastIndexOf('.') + 1);
          return !key.includes('.') || home === 'develop' || there.includes(home);
        });
        expect(patched(before, out)).toEqual(Object.fromEntries(kept));
      }),
      { numRuns: 100 },
    );
  });
});

describe('what nobody may touch without saying so', () => {
  const refused = async (args: readonly string[], world?: World): Promise<void> => {
    const { code, out, err } = await runHere(args, world);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^branchline: .* say --baseline\.\n$/);
  };
  const own = { baseline: 'main', 'a.main': '80', 'b.main': '80', 'a.feature-x': '80' };

  test('are settings, and the entries of the baseline that the table names', async () => {
    await refused(['add', 'a.develop=80']);
    await refused(['add', 'a.feature-x=80', '_admin.a.develop=80']);
    await refused(['add', 'baseline=develop']);
    await refused(['remove', 'a.develop']);
    await refused(['remove', 'strict']);
    await refused(['add', 'a.main=80'], { table: own });
    await refused(['remove', 'a.main'], { table: own });
    await refused(['remove', '--namespace', 'develop'], { input: json(configMap({ 'a.develop': '80' })) });
    expect(await printed(['add', '--baseline', 'a.develop=80', 'strict=on'])).toBe(
      '{"data":{"a.develop":"80","strict":"on"}}\n',
    );
    expect(await printed(['remove', '--baseline', 'baseline'])).toBe('{"data":{"baseline":null}}\n');
  });

  test('is the baseline that the ConfigMap on standard input names: it is what the patch is for', async () => {
    await refused(['remove', '--namespace', 'main'], { input: json(configMap(own)) });
    const { code, out } = await runHere(['prune'], {
      input: json(configMap(own)) + json(namespaces('main', 'feature-x')),
    });
    expect([code, out]).toEqual([0, '{"data":{}}\n']);
  });
});
