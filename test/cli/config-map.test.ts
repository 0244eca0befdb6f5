import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';

import { checkData, dataOf, fieldManager, mergePatch, writeManifest } from '../../src/cli/config-map.ts';
import { Failure } from '../../src/cli/terminal.ts';
import { entryKey } from '../../src/core/keys.ts';
import { anyText, label } from '../doubles/arbitraries.ts';
import { expectConfigMap, patched } from './kubernetes.ts';

const map = (data: Readonly<Record<string, string>>): Map<string, string> => new Map(Object.entries(data));
const manifest = (data: Readonly<Record<string, string>>, name = 'branchline', namespace?: string): string =>
  writeManifest({ name, namespace, data: map(data) });
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('the data of a ConfigMap', () => {
  test.each([
    ['a letter that is none', 'a/b'],
    ['a space', 'a b'],
    ['nothing', ''],
    ['a letter beyond ASCII', 'ä.develop'],
    ['a control character', '\u001b[31m.develop'],
    ['254 characters', 'a'.repeat(254)],
  ])('has no key of %s', (_, key) => {
    expect(() => checkData(map({ [key]: '' }))).toThrow(Failure);
    expect(() => checkData(map({ [key]: '' }))).toThrow(/ is no key of a ConfigMap; want letters, digits, /);
  });

  test('has no key that would be another folder in a mount', () => {
    for (const key of ['.', '..', '..data']) expect(() => checkData(map({ [key]: '' }))).toThrow(`"${key}" is no key`);
  });

  test('has keys of everything that Kubernetes allows', () => {
    const data = map({ ['a'.repeat(253)]: '', '_A.b-c_D.9': '', '.hidden': '', 'a..b': '' });
    expect(checkData(data)).toBe(data);
  });

  test('holds one mebibyte, counted in bytes', () => {
    const most = 1024 * 1024;
    expect(() => checkData(map({ a: 'x'.repeat(most - 1) }))).not.toThrow();
    expect(() => checkData(map({ a: 'x'.repeat(most) }))).toThrow(
      `the data has ${most + 1} bytes, and a ConfigMap holds ${most}.`,
    );
    expect(() => checkData(map({ a: 'é'.repeat(most / 2) }))).toThrow(Failure);
  });

  test('is read from a ConfigMap, whose values are texts', () => {
    const of = (data: unknown) => dataOf({ kind: 'ConfigMap', metadata: { name: 'branchline' }, data }, 'here');
    expect(of({ 'a.develop': '8080', baseline: 'develop' })).toEqual(map({ 'a.develop': '8080', baseline: 'develop' }));
    expect(of(JSON.parse('{"__proto__":"x"}'))).toEqual(new Map([['__proto__', 'x']]));
    for (const nothing of [undefined, null, {}]) expect(of(nothing)).toEqual(new Map());
    for (const wrong of [[], 'x', 1]) expect(() => of(wrong)).toThrow('is no mapping of keys to texts');
    for (const value of [8080, null, true, {}, []])
      expect(() => of({ 'a.develop': value })).toThrow('here: the value of "a.develop" is no text.');
  });
});

describe('a manifest', () => {
  test('is YAML with a key a line, in order, each value a quoted text', () => {
    expect(
      manifest({ 'b.feature-x': '8080', '_admin.a.develop': '', baseline: 'develop' }, 'branchline', 'develop'),
    ).toBe(
      [
        'apiVersion: v1',
        'kind: ConfigMap',
        'metadata:',
        '  name: branchline',
        '  namespace: develop',
        'data:',
        '  "_admin.a.develop": ""',
        '  b.feature-x: "8080"',
        '  baseline: "develop"',
      ].join('\n'),
    );
    expect(manifest({})).toBe('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: branchline\ndata: {}');
  });

  test('is the same again for every key and text that a ConfigMap can hold', () => {
    const key = fc.oneof(
      fc.tuple(label(20), label(20)).map((parts) => parts.join('.')),
      fc.string({ unit: fc.constantFrom(...'abz019ABZ-_.'.split('')), minLength: 1, maxLength: 20 }),
      fc.constantFrom(
        'true',
        'no',
        'on',
        'null',
        'y',
        '1',
        '0x1',
        '1e3',
        '1.5',
        '-',
        '-a',
        '.inf',
        '.a',
        '_',
        'a.-b',
        '__proto__',
      ),
    );
    // What YAML does not print as it is, or takes for the end of a line.
    const special = fc.constantFrom(
      '\u007f',
      '\u0085',
      '\u009b',
      '\u00a0',
      '\u2028',
      '\u2029',
      '\ufeff',
      '\ufffe',
      '\uffff',
      ' ',
      '\n',
    );
    // Texts in UTF-8: half a character is none.
    const text = fc
      .oneof(anyText(40), fc.string({ unit: fc.oneof(special, label(3)), maxLength: 10 }))
      .map((found) => found.replaceAll(/\p{Surrogate}/gu, '\ufffd'));
    fc.assert(
      fc.property(
        fc.dictionary(
          key.filter((one) => !/^(?:\.\.|\.$)/.test(one)),
          text,
          { maxKeys: 8 },
        ),
        (data) => {
          const parsed = load(manifest(data, 'branchline', 'feature-x'));
          expect(new Map(Object.entries(expectConfigMap(parsed)))).toEqual(map(data));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('escapes what kubectl would refuse, or read as something else', () => {
    for (const character of ['\u007f', '\u0085', '\u009b', '\u2028', '\u2029', '\ufffe', '\uffff']) {
      const text = manifest({ 'a.txt': `x${character} y` });
      expect(text).not.toContain(character);
      expect(load(text)).toMatchObject({ data: { 'a.txt': `x${character} y` } });
    }
  });

  test.each(['true', 'no', 'null', '1', '1e3', '0x10', '2026-11-25'])(
    'of the name or namespace %s names it',
    (name) => {
      expect(load(manifest({}, name, name))).toMatchObject({ metadata: { name, namespace: name } });
    },
  );

  test.each(['', 'A', 'a_b', '-a', 'a-', 'a..b', '.a', 'a.', 'a b', 'a\nb', 'a'.repeat(254)])(
    'has no such name: %j',
    (name) => {
      expect(() => manifest({}, name)).toThrow(/ is no name of a ConfigMap; want lower case, digits, "-" and "\."/);
    },
  );

  test('has names of 253 characters', () => {
    expect(() => manifest({}, `a.${'b'.repeat(251)}`)).not.toThrow();
  });

  test('is none of data that Kubernetes would refuse', () => {
    expect(() => manifest({ 'a/b': '' })).toThrow(Failure);
  });
});

describe('a field manager', () => {
  test('is the key itself, up to 128 characters', () => {
    expect(fieldManager('my-rest.feature-x', sha256)).toBe('my-rest.feature-x');
    const longest = `${'a'.repeat(63)}.${'b'.repeat(63)}`;
    expect(fieldManager(longest, sha256)).toBe(longest);
    expect(fieldManager('a'.repeat(128), sha256)).toBe('a'.repeat(128));
  });

  test('is cut and ends with eight digits of the hash where Kubernetes would refuse it', () => {
    const key = `_${'e'.repeat(15)}.${'a'.repeat(63)}.${'b'.repeat(63)}`;
    expect(fieldManager(key, sha256)).toBe(`${key.slice(0, 119)}-${sha256(key).slice(0, 8)}`);
  });

  test('is another one for every key, and never longer than 128', () => {
    const long = label(63).map((name) => name.padEnd(60, 'x'));
    const key = fc
      .tuple(fc.constantFrom('default', 'admin', 'a-long-endpoint'), long, long)
      .map(([endpoint, service, namespace]) => entryKey(service, namespace, endpoint));
    fc.assert(
      fc.property(key, key, fc.constantFrom('', 'y', 'z'), (one, other, ending) => {
        const keys = [one, other, `${one.slice(0, -1)}${ending}`];
        const managers = keys.map((name) => fieldManager(name, sha256));
        for (const manager of managers) expect(manager.length).toBeLessThanOrEqual(128);
        expect(new Set(managers).size).toBe(new Set(keys).size);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a merge patch', () => {
  test('has the keys that are named and no other, in order, on one line', () => {
    expect(
      mergePatch(
        new Map([
          ['b.feature-x', '8080'],
          ['a.feature-x', null],
        ]),
      ),
    ).toBe('{"data":{"a.feature-x":null,"b.feature-x":"8080"}}');
    expect(mergePatch(new Map())).toBe('{"data":{}}');
  });

  test('changes exactly what it names', () => {
    const key = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toString', 'data'), label(5));
    const value = fc.oneof(fc.constant(''), anyText(10));
    fc.assert(
      fc.property(fc.dictionary(key, value), fc.dictionary(key, fc.option(value)), (before, changes) => {
        const after = new Map(Object.entries(patched(before, mergePatch(new Map(Object.entries(changes))))));
        const expected = new Map(Object.entries(before));
        for (const [name, change] of Object.entries(changes)) {
          if (change === null) expected.delete(name);
          else expected.set(name, change);
        }
        expect(after).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});
