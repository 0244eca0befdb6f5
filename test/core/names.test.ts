import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isEndpoint, isLabel, isNamespace, isServiceName } from '../../src/core/names.ts';
import { anyText, label } from '../doubles/arbitraries.ts';
import { expectLinear } from '../doubles/linear.ts';

const longest = 'a'.repeat(63);

describe('a service name', () => {
  test.each(['a', '0', 'my-rest', 'a--b', '127', longest, 'constructor', 'json', 'default', 'xn-a', 'xn'])(
    'is %j',
    (name) => {
      expect(isServiceName(name)).toBe(true);
    },
  );

  test.each([
    '',
    '-a',
    'a-',
    '-',
    'A',
    'my_rest',
    'a.b',
    'a b',
    ' a',
    'a\n',
    'é',
    '\u212a8s',
    '１',
    'a\u0000',
    `${longest}a`,
    'xn--80ak6aa92e',
    'xn--a',
    '__proto__',
    '_a',
    'a:1',
    'a/b',
    'a@b',
  ])('is not %j', (name) => {
    expect(isServiceName(name)).toBe(false);
  });
});

describe('a namespace', () => {
  test('is a label that is no file ending', () => {
    expect(['develop', 'feature-x', longest, 'jsons', 'yaml-1'].map(isNamespace)).toEqual(
      Array.from({ length: 5 }, () => true),
    );
    expect(['json', 'yaml', 'yml', '', 'a.b', 'xn--a', `${longest}a`].map(isNamespace)).toEqual(
      Array.from({ length: 7 }, () => false),
    );
  });
});

describe('an endpoint', () => {
  test('is a label of at most 15, "default" included', () => {
    expect(['default', 'admin', 'grpc-web', 'a'.repeat(15), '8080'].map(isEndpoint)).toEqual(
      Array.from({ length: 5 }, () => true),
    );
    expect(['', 'a'.repeat(16), 'Admin', '_admin', 'a.b', 'xn--a', 'a-'].map(isEndpoint)).toEqual(
      Array.from({ length: 7 }, () => false),
    );
  });
});

test('a label is what Kubernetes says it is, for any text', () => {
  const written = (text: string): boolean =>
    text.length >= 1 &&
    text.length <= 63 &&
    Array.from(text).every((character) => 'abcdefghijklmnopqrstuvwxyz0123456789-'.includes(character)) &&
    !text.startsWith('-') &&
    !text.endsWith('-') &&
    !text.startsWith('xn--');
  fc.assert(
    fc.property(
      fc.oneof(
        anyText(),
        label(70),
        label(70).map((text) => `xn--${text}`),
      ),
      (text) => {
        expect(isLabel(text)).toBe(written(text));
      },
    ),
    { numRuns: 500 },
  );
});

test('a long text that is no name costs no more than its length', () => {
  for (const unit of ['-', 'a', 'a-', 'A']) {
    expectLinear((length) => isServiceName(unit.repeat(length)));
    expectLinear((length) => isEndpoint(`a${unit.repeat(length)}`));
  }
});
