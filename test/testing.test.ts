// The suite for sources must be able to fail.

import { memorySource, resolve, type Source } from 'branchline';
import { sourceConformance, useEntries } from 'branchline/testing';
import { expect, test, vi } from 'vitest';

type Data = Readonly<Record<string, string>>;

/** The names of the cases that a source fails. */
async function failures(make: (data: Data) => { source: Source; set?: (data: Data) => void }): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of sourceConformance(make)) await run().catch(() => failed.push(name));
  return failed;
}

function memory(data: Data, change: (source: Source) => Source) {
  const source = memorySource(data);
  return { source: change(source), set: (next: Data) => source.set(next) };
}

test('a good source passes all of it', async () => {
  expect(await failures((data) => memory(data, (source) => source))).toEqual([]);
});

test('a source that rejects, or goes on after close, does not pass', async () => {
  const rejecting = (source: Source): Source => ({
    ...source,
    open: (sink, options) => ({ ...source.open(sink, options), reload: () => Promise.reject(new Error('no')) }),
  });
  expect(await failures((data) => memory(data, rejecting))).toContain(
    'opened by itself, it keeps its promises: nothing rejects, and nothing is said after close',
  );
  const leaking = (source: Source): Source => ({
    ...source,
    open: (sink, options) => ({ ...source.open(sink, options), close: () => Promise.resolve() }),
  });
  expect(await failures((data) => memory(data, leaking))).toContain(
    'opened by itself, it keeps its promises: nothing rejects, and nothing is said after close',
  );
});

test('a source that can change and is not changed does not pass', async () => {
  expect(await failures((data) => ({ source: memorySource(data) }))).toEqual([
    'it can be made to say something else, or says that it is fixed',
  ]);
});

test('useEntries takes an undefined namespace for none given, whatever the machine says', () => {
  vi.stubEnv('BRANCHLINE_NAMESPACE', 'feature-x');
  const restore = useEntries({ 'a.develop': '1', 'a.feature-x': '2' }, { namespace: undefined });
  expect(resolve('a')).toBe('http://a.develop.svc:1');
  restore();
});
