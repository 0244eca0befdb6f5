import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { searchPath, viaOf } from '../../src/core/path.ts';
import { parseSetting, settle, type Setting, type SettingName, type Settings } from '../../src/core/settings.ts';
import type { RoutingContext } from '../../src/core/types.ts';
import { label } from '../doubles/arbitraries.ts';

const settings = (baseline = 'develop', overrides = 'on'): Settings =>
  settle(
    new Map<SettingName, Setting>([
      ['baseline', parseSetting('baseline', baseline) as Setting],
      ['overrides', parseSetting('overrides', overrides) as Setting],
    ]),
  );
const path = (
  own: string | null,
  context: RoutingContext | null = null,
  inForce = settings(),
  service = 'my-rest',
): string[] => searchPath(inForce, own, service, context).map(({ namespace, because }) => `${because} ${namespace}`);

describe('the search path', () => {
  test('is the own namespace, then the baseline in order', () => {
    expect(path('feature-x')).toEqual(['own feature-x', 'baseline develop']);
    expect(path('feature-x', null, settings('epic-1,develop'))).toEqual([
      'own feature-x',
      'baseline epic-1',
      'baseline develop',
    ]);
    expect(path(null)).toEqual(['baseline develop']);
  });

  test('of a baseline namespace starts at itself', () => {
    const chain = settings('epic-1,develop,main');
    expect(path('epic-1', null, chain)).toEqual(['baseline epic-1', 'baseline develop', 'baseline main']);
    expect(path('develop', null, chain)).toEqual(['baseline develop', 'baseline main']);
    expect(path('main', null, chain)).toEqual(['baseline main']);
  });

  test('begins with what the request asks for: the pin of this service, then the namespaces', () => {
    const context = {
      namespaces: ['feature-y', 'feature-z'],
      services: { 'my-rest': 'feature-p', other: 'feature-q' },
    };
    expect(path('feature-x', context)).toEqual([
      'pin feature-p',
      'context feature-y',
      'context feature-z',
      'own feature-x',
      'baseline develop',
    ]);
    expect(path('feature-x', context, settings(), 'other')).toEqual([
      'pin feature-q',
      'context feature-y',
      'context feature-z',
      'own feature-x',
      'baseline develop',
    ]);
    expect(path('feature-x', context, settings(), 'third')).toEqual([
      'context feature-y',
      'context feature-z',
      'own feature-x',
      'baseline develop',
    ]);
  });

  test('has each namespace once, where it comes first', () => {
    expect(
      path('feature-x', { namespaces: ['develop', 'feature-x', 'develop'], services: { 'my-rest': 'feature-x' } }),
    ).toEqual(['pin feature-x', 'context develop']);
  });

  test('may lead a request past what builds on a baseline namespace: it asked for it', () => {
    expect(path('develop', { namespaces: ['epic-1'] }, settings('epic-1,develop'))).toEqual([
      'context epic-1',
      'baseline develop',
    ]);
  });

  test('does not look at the request where overrides are off', () => {
    expect(
      path(
        'feature-x',
        { namespaces: ['feature-y'], services: { 'my-rest': 'feature-z' } },
        settings('develop', 'off'),
      ),
    ).toEqual(['own feature-x', 'baseline develop']);
  });

  test('takes no property of an object for a pin', () => {
    expect(path(null, { services: {} }, settings(), 'constructor')).toEqual(['baseline develop']);
    expect(
      path(
        null,
        { services: JSON.parse('{"constructor": "feature-x"}') as Record<string, string> },
        settings(),
        'constructor',
      ),
    ).toEqual(['pin feature-x', 'baseline develop']);
  });

  test('holds every namespace that it should, once, and ends in the baseline', () => {
    const name = label(3);
    fc.assert(
      fc.property(
        fc.option(name),
        fc.uniqueArray(name, { minLength: 1 }),
        fc.array(name),
        fc.option(name),
        (own, baseline, namespaces, pin) => {
          const places = searchPath(settings(baseline.join(',')), own, 'my-rest', {
            namespaces,
            ...(pin === null ? {} : { services: { 'my-rest': pin } }),
          }).map(({ namespace }) => namespace);
          expect(new Set(places).size).toBe(places.length);
          expect(places).toEqual(
            expect.arrayContaining([
              ...namespaces,
              ...(pin === null ? [] : [pin]),
              ...(own === null ? [] : [own]),
              baseline.at(-1),
            ]),
          );
          if (pin !== null) expect(places[0]).toBe(pin);
        },
      ),
      { numRuns: 200 },
    );
  });
});

test('via is baseline before branch, and branch before override', () => {
  const inForce = settings('epic-1,develop');
  expect(
    ['develop', 'epic-1', 'feature-x', 'feature-y'].map((namespace) => viaOf(inForce, 'feature-x', namespace)),
  ).toEqual(['baseline', 'baseline', 'branch', 'override']);
  expect(viaOf(inForce, 'develop', 'develop')).toBe('baseline');
  expect(viaOf(inForce, null, 'feature-x')).toBe('override');
});
