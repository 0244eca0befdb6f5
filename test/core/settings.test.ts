import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isNamespace } from '../../src/core/names.ts';
import {
  isSettingName,
  parseBaseline,
  parseSetting,
  SETTING_NAMES,
  SETTING_WANTED,
  settle,
  type Setting,
  type SettingName,
} from '../../src/core/settings.ts';
import { anyText, label } from '../doubles/arbitraries.ts';
import { expectLinear } from '../doubles/linear.ts';

test('there are four settings, and no name of an object is one', () => {
  expect(SETTING_NAMES).toEqual(['baseline', 'template', 'strict', 'overrides']);
  expect(['constructor', '__proto__', 'toString', 'Baseline', 'length', ''].some(isSettingName)).toBe(false);
});

describe('baseline', () => {
  test.each([
    ['develop', ['develop']],
    [' epic-1 ,develop\n', ['epic-1', 'develop']],
    ['a,b,a', ['a', 'b']],
    ['true', ['true']],
  ])('%j is a list of namespaces, in order, each once', (text, value) => {
    expect(parseSetting('baseline', text)).toEqual({ name: 'baseline', text: value.join(','), value });
  });

  test.each([
    '',
    ' ',
    ',',
    'develop,',
    ',develop',
    'a,,b',
    'De velop',
    'Develop',
    'a.b',
    'json',
    'a;b',
    'a b',
    'xn--a',
    '*',
  ])('%j is none', (text) => {
    expect(parseSetting('baseline', text)).toBeNull();
  });

  test('of any text is legal namespaces, or refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText(),
          fc.array(label()).map((names) => names.join(', ')),
        ),
        (text) => {
          const setting = parseSetting('baseline', text);
          const parts = text
            .trim()
            .split(',')
            .map((part) => part.trim());
          expect(setting === null).toBe(!parts.every(isNamespace) || parts.length > 64);
          if (setting !== null) expect(setting.value).toEqual([...new Set(parts)]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is refused, and never cut, when it has more than 64 names', () => {
    const names = Array.from({ length: 65 }, (_, index) => `n${index}`);
    expect(parseSetting('baseline', names.slice(1).join(','))?.value).toEqual(names.slice(1));
    expect(parseSetting('baseline', names.join(','))).toBeNull();
  });

  test('is bounded, and read in linear time', () => {
    expect(parseBaseline(Array.from({ length: 64 }, (_, index) => `n${index}`))).toHaveLength(64);
    expect(parseBaseline(Array.from({ length: 65 }, (_, index) => `n${index}`))).toBeNull();
    expect(parseBaseline([])).toBeNull();
    for (const unit of [',', 'a,', 'a', ' ']) expectLinear((length) => parseSetting('baseline', unit.repeat(length)));
  });
});

describe.each(['strict', 'overrides'] as const)('%s', (name) => {
  test.each([
    ['on', true],
    ['true', true],
    ['off', false],
    [' false\n', false],
  ])('is switched by %j', (text, value) => {
    expect(parseSetting(name, text)).toEqual({ name, text: text.trim(), value });
  });

  test.each(['', 'On', 'TRUE', '1', '0', 'yes', 'no', 'null', 'enabled', 'on off'])('is not switched by %j', (text) => {
    expect(parseSetting(name, text)).toBeNull();
  });
});

test('what a setting wants is said in words', () => {
  expect(SETTING_WANTED).toEqual({
    baseline: expect.stringContaining('want one namespace or several joined by commas; a namespace is 1 to 63'),
    template: 'want a URL with {service} and {namespace} in its host, like "http://{service}.{namespace}.svc"',
    strict: 'want on, off, true or false',
    overrides: 'want on, off, true or false',
  });
});

describe('template', () => {
  test('is kept as it was written, without the white space around it', () => {
    expect(parseSetting('template', ' http://{service}.{namespace}\n')).toMatchObject({
      name: 'template',
      text: 'http://{service}.{namespace}',
    });
    expect(parseSetting('template', 'http://example.com')).toBeNull();
  });
});

test('the settings in force are the defaults, but for those that somebody gave', () => {
  const defaults = settle(new Map());
  expect(defaults).toMatchObject({
    baseline: ['develop'],
    strict: false,
    overrides: true,
    template: { text: 'http://{service}.{namespace}.svc' },
  });
  const given = new Map<SettingName, Setting>();
  for (const [name, text] of [
    ['baseline', 'epic-1,develop'],
    ['strict', 'on'],
    ['overrides', 'off'],
  ] as const) {
    given.set(name, parseSetting(name, text) as Setting);
  }
  expect(settle(given)).toMatchObject({
    baseline: ['epic-1', 'develop'],
    strict: true,
    overrides: false,
    template: { text: 'http://{service}.{namespace}.svc' },
  });
});
