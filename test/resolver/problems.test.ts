import { createResolver, memorySource, type Source } from 'branchline';
import { describe, expect, test } from 'vitest';

import { record } from '../doubles/recorder.ts';
import { keys } from '../doubles/remote.ts';

/** A source that says one thing, and can never say another. */
const fixed = (data: Record<string, string>, name = 'fixed'): Source => ({
  name,
  fixed: true,
  open(sink) {
    sink.pushNow(keys(data));
    return { ready: Promise.resolve(), reload: () => Promise.resolve(), close: () => Promise.resolve() };
  },
});
const named = (name: string, data: Record<string, string>): Source => ({ ...memorySource(data), name });
const problemsOf = (namespace: string | null, ...sources: Source[]) => {
  const resolver = createResolver({ sources, namespace });
  record(resolver);
  return resolver.status().problems;
};

describe('a key is hidden', () => {
  const hiddenIn = (...sources: Source[]) => problemsOf(null, ...sources);

  test('by a fixed source above one that may change it, entry or setting', () => {
    expect(
      hiddenIn(
        named('low\n', { 'a.develop': '1', baseline: 'develop' }),
        fixed({ 'a.develop': '2', baseline: 'epic' }),
      ),
    ).toEqual([
      {
        code: 'WARN_KEY_HIDDEN',
        message:
          'a.develop in low\\u{a} has no effect: fixed has it too and decides until the process ends. Remove one.',
        source: 'fixed',
        key: 'a.develop',
        line: null,
      },
      expect.objectContaining({ code: 'WARN_KEY_HIDDEN', key: 'baseline' }),
    ]);
  });

  test('by nothing that may change itself, nor above, nor from another fixed source, nor where it is not', () => {
    expect(hiddenIn(named('low', { 'a.develop': '1' }), named('high', { 'a.develop': '2' }))).toEqual([]);
    expect(hiddenIn(fixed({ 'a.develop': '1' }), named('high', { 'a.develop': '2' }))).toEqual([]);
    expect(hiddenIn(fixed({ 'a.develop': '1' }, 'one'), fixed({ 'a.develop': '2' }, 'two'))).toEqual([]);
    expect(hiddenIn(named('low', { 'b.develop': '1' }), fixed({ 'a.develop': '2' }))).toEqual([]);
  });

  test('in the first source that has it', () => {
    const sources = [named('a', { 'b.develop': '1' }), named('b', { 'a.develop': '1' }), fixed({ 'a.develop': '2' })];
    expect(hiddenIn(...sources).map(({ message }) => message.slice(0, 14))).toEqual(['a.develop in b']);
  });
});

describe('the baseline is missing', () => {
  const missingIn = (namespace: string | null, data: Record<string, string>): string[] =>
    problemsOf(namespace, memorySource(data))
      .filter(({ code }) => code === 'WARN_BASELINE_MISSING')
      .map(({ message }) => message);

  test('in a branch whose table has entries, and none of the baseline', () => {
    const data = { 'a.feature-x': '1', baseline: 'epic-1, develop' };
    expect(missingIn('feature-x', data)).toEqual([
      'the table has no entry in the baseline (epic-1, develop), and this process runs in feature-x: the ports and addresses of what the branch did not deploy are not known. Copy the whole table of the baseline into the namespace of the branch.',
    ]);
    expect(problemsOf('feature-x', memorySource(data))).toMatchObject([{ source: null, key: null, line: null }]);
  });

  test.each<[string, string | null, Record<string, string>]>([
    ['where any entry of the baseline is there', 'feature-x', { 'a.feature-x': '1', 'b.develop': '1' }],
    ['where no own namespace is known', null, { 'a.feature-x': '1' }],
    ['in the baseline itself', 'develop', { 'a.feature-x': '1' }],
    ['where there is no table', 'feature-x', {}],
    ['where the table has settings only', 'feature-x', { baseline: 'develop' }],
  ])('not %s', (_, namespace, data) => {
    expect(missingIn(namespace, data)).toEqual([]);
  });
});
