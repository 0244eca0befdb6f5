import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  checkKey,
  checkPermission,
  namespaceIn,
  parseAssignment,
  urlVariable,
  variableFor,
} from '../../src/cli/entries.ts';
import { Failure } from '../../src/cli/terminal.ts';
import { entryKey, parseVariable } from '../../src/core/keys.ts';
import { anyText, label } from '../doubles/arbitraries.ts';

describe('an argument', () => {
  test.each([
    ['my-rest.feature-x', { key: 'my-rest.feature-x', value: null }],
    ['my-rest.feature-x=', { key: 'my-rest.feature-x', value: '' }],
    ['my-rest.feature-x=8080', { key: 'my-rest.feature-x', value: '8080' }],
    ['my-rest.feature-x= 8080 ', { key: 'my-rest.feature-x', value: '8080' }],
    ['_admin.my-rest.feature-x=9090', { key: '_admin.my-rest.feature-x', value: '9090' }],
    ['a.b=https://h.example.com/x=1', { key: 'a.b', value: 'https://h.example.com/x=1' }],
    ['a.b=disabled', { key: 'a.b', value: 'disabled' }],
    ['baseline=epic-1,develop', { key: 'baseline', value: 'epic-1,develop' }],
    ['strict=on', { key: 'strict', value: 'on' }],
    ['template=http://{service}.{namespace}.svc', { key: 'template', value: 'http://{service}.{namespace}.svc' }],
  ])('is a key, and a value if it has one: %s', (argument, assignment) => {
    expect(parseAssignment(argument)).toEqual(assignment);
  });

  test.each([
    [
      'My_Rest.feature-x',
      '"My_Rest.feature-x" is no key: a service name is 1 to 63',
      ' Did you mean my-rest.feature-x?',
    ],
    ['a.b.c', '"a.b.c" is no key: an entry is keyed "service.namespace"', '.'],
    ['_admin', '"_admin" is no key: an entry is keyed', '.'],
    ['a.json', '"a.json" is no key: a namespace is 1 to 63', '.'],
    [
      'my-rest',
      '"my-rest" is no key: an entry is keyed "service.namespace", and the settings are baseline, template',
      '.',
    ],
    ['', '"" is no key', '.'],
    ['=8080', '"" is no key', '.'],
    ['Baseline=develop', '"Baseline" is no key', '.'],
    ['a.b=808O', 'a.b is "808O"; want empty, a port (1 to 65535), a host', '.'],
    ['a.b=host', 'a.b is "host"; want empty', '.'],
    ['a.b=http://u:secret@h.example.com', 'a.b is "http://***@h.example.com"; want empty', '.'],
    ['baseline=', 'baseline is ""; want one namespace or several', '.'],
    ['baseline', 'baseline is a setting, and needs a value: baseline=…; want one namespace or several', '.'],
    ['overrides', 'overrides is a setting, and needs a value: overrides=…; want', '.'],
    ['strict', 'strict is a setting, and needs a value', '.'],
    ['template', 'template is a setting, and needs a value', '.'],
    ['strict=yes', 'strict is "yes"; want on, off, true or false', '.'],
    ['template=http://x', 'template is "http://x"; want', '.'],
  ])('that is wrong says what, and what is wanted: %s', (argument, start, end) => {
    expect(() => parseAssignment(argument)).toThrow(Failure);
    try {
      parseAssignment(argument);
    } catch (error) {
      const { message, exitCode } = error as Failure;
      expect(message.slice(0, start.length)).toBe(start);
      expect(message.slice(-end.length)).toBe(end);
      expect(exitCode).toBe(2);
    }
  });

  test('that is wrong is one line, whatever it is', () => {
    fc.assert(
      fc.property(anyText(60), (argument) => {
        try {
          parseAssignment(argument);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
          expect((error as Failure).message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a key', () => {
  test('is an entry or one of the settings', () => {
    for (const key of ['a.b', '_x.a.b', 'baseline', 'template', 'strict', 'overrides'])
      expect(() => {
        checkKey(key);
      }).not.toThrow();
    for (const key of ['a', 'A.b', '_default.a.b', 'a.yaml', 'table.yaml', '__proto__', 'toString'])
      expect(() => {
        checkKey(key);
      }).toThrow(Failure);
  });

  const branches = { baseline: ['epic-1', 'develop'], everything: false };
  const allowed = (key: string, everything = false): string | null => {
    try {
      checkPermission(key, { ...branches, everything });
      return null;
    } catch (error) {
      return (error as Failure).message;
    }
  };

  test('of a branch may be touched, of the baseline and a setting only when that is said', () => {
    expect(allowed('a.feature-x')).toBeNull();
    expect(allowed('_admin.a.feature-x')).toBeNull();
    const leave = "which is everybody's. If that is meant, say --baseline.";
    expect(allowed('a.develop')).toBe(`a.develop is an entry of the baseline develop, ${leave}`);
    expect(allowed('_admin.a.epic-1')).toBe(`_admin.a.epic-1 is an entry of the baseline epic-1, ${leave}`);
    expect(allowed('baseline')).toBe(`baseline is a setting, ${leave}`);
    for (const key of ['a.develop', '_admin.a.epic-1', 'baseline']) expect(allowed(key, true)).toBeNull();
  });

  test('is about a namespace, a misspelt one too, or about none', () => {
    expect(
      ['a.feature-x', '_admin.a.feature-x', 'My_Rest.Feature_X', '_way-too-long-endpoint.a.feature-x'].map(namespaceIn),
    ).toEqual(['feature-x', 'feature-x', 'feature-x', 'feature-x']);
    expect(['baseline', 'table.yaml', 'a.json', 'a.b.c', '', '.', '__proto__'].map(namespaceIn)).toEqual(
      Array.from({ length: 7 }, () => null),
    );
  });

  test('has a variable that is read back as the same key', () => {
    expect(variableFor('my-rest.feature-x')).toBe('BRANCHLINE_MY_REST__FEATURE_X');
    expect(variableFor('_admin.my-rest.develop')).toBe('BRANCHLINE__ADMIN__MY_REST__DEVELOP');
    expect(variableFor('baseline')).toBe('BRANCHLINE_BASELINE');
    fc.assert(
      fc.property(fc.constantFrom('default', 'admin', 'x-y'), label(), label(), (endpoint, service, namespace) => {
        const key = entryKey(service, namespace, endpoint);
        if (key.includes('--')) expect(() => variableFor(key)).toThrow(Failure);
        else expect(parseVariable(variableFor(key))).toMatchObject({ kind: 'entry', key });
      }),
    );
  });

  test('that has no portable spelling says so', () => {
    for (const key of ['a--b.develop', 'table.yaml', 'My_Rest.develop'])
      expect(() => variableFor(key)).toThrow(
        `"${key}" has no portable spelling: want an entry or a setting, and no "--" in its names.`,
      );
  });

  test('has a variable for its URL, as applications name it', () => {
    expect(urlVariable('my-rest', null)).toBe('MY_REST_URL');
    expect(urlVariable('my-rest', 'admin-x')).toBe('MY_REST_ADMIN_X_URL');
  });
});
