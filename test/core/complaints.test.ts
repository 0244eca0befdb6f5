import {
  createResolver,
  envSource,
  isBranchlineError,
  memorySource,
  namespaceOf,
  type ResolverOptions,
} from 'branchline';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  conflictProblem,
  documentProblem,
  entryProblem,
  identityOf,
  keyProblem,
  limitProblem,
  overflowProblem,
  settingProblem,
  unknownSetting,
  type Where,
} from '../../src/core/complaints.ts';
import { type MalformedKey, parseKey } from '../../src/core/keys.ts';
import { SETTING_NAMES } from '../../src/core/settings.ts';
import { UNSHOWABLE } from '../doubles/arbitraries.ts';
import { saying } from '../doubles/said.ts';

const where: Where = {
  source: 'mount:/etc/branchline',
  spelling: 'a.develop',
  at: '/etc/branchline/a.develop',
  line: null,
};
const malformed = (spelling: string): MalformedKey => parseKey(spelling) as MalformedKey;

describe('a complaint', () => {
  test('about an entry says what, where, what was found, what is wanted, and what holds meanwhile', () => {
    expect(entryProblem(where, 'a.develop', '808O\n', true)).toEqual({
      code: 'ERR_ENTRY_INVALID',
      message: expect.stringMatching(
        saying(
          '"a.develop" is "808O" in /etc/branchline/a.develop; want empty, a port',
          'or "disabled"',
          'Its last good value stays.',
        ),
      ),
      source: 'mount:/etc/branchline',
      key: 'a.develop',
      line: null,
    });
    expect(entryProblem({ ...where, at: 'd.json', line: 7 }, 'a.develop', { found: 'a list' }, false)).toMatchObject({
      message: expect.stringMatching(saying('"a.develop" is a list in d.json:7', 'error until it is mended')),
      line: 7,
    });
  });

  test('about a conflict names both places', () => {
    const { code, message } = conflictProblem(
      { ...where, at: 'd.json', line: 3 },
      'a.develop',
      '1',
      { raw: { found: 'a FIFO' }, at: 'e.json', line: null },
      false,
    );
    expect(code).toBe('ERR_ENTRY_INVALID');
    expect(message).toMatch(saying('"a.develop" has two values', '"1" in d.json:3', 'a FIFO in e.json', 'keep one'));
    for (const name of SETTING_NAMES)
      expect(conflictProblem(where, name, '1', { raw: '2', at: 'x', line: null }, true).code).toBe(
        'ERR_CONFIG_INVALID',
      );
  });

  test('about a key has the key as it was spelt', () => {
    expect(keyProblem('env', 'A.develop', malformed('A.develop'), 'x.json', 2, false)).toMatchObject({
      code: 'ERR_INVALID_NAME',
      source: 'env',
      key: 'A.develop',
      line: 2,
      message: expect.stringMatching(saying('A.develop', 'x.json:2', 'malformed', 'service name', '"a.develop"')),
    });
  });

  test('about a key says once where it stands', () => {
    const there = keyProblem('s', 'A.develop', malformed('A.develop'), '/x/A.develop', null, false);
    expect(there.message).toBe(
      `/x/A.develop is malformed: ${malformed('A.develop').wanted}. It seems to mean "a.develop", which is an error until this one is spelt right.`,
    );
    expect(keyProblem('s', 'A.develop', malformed('A.develop'), '/x/A.develop', null, true).message).toMatch(
      / It seems to mean "a\.develop", which is there, and holds\.$/,
    );
    expect(keyProblem('s', 'a.b.c', malformed('a.b.c'), 'x.json', 2, false).message).toBe(
      `the key "a.b.c" in x.json:2 is malformed: ${malformed('a.b.c').wanted}.`,
    );
  });

  test('about what is no setting says what the settings are, in the words of its source', () => {
    expect(unknownSetting('s', 'basline', '/x/basline', null).message).toBe(
      '/x/basline is no setting; the settings are baseline, template, strict, overrides, and an entry is keyed "service.namespace". It is ignored.',
    );
    expect(unknownSetting('s', 'basline', 'x.json', 4).message).toMatch(/^"basline" in x\.json:4 is no setting; /);
    expect(unknownSetting('env', 'BRANCHLINE_BASLINE', 'the variable BRANCHLINE_BASLINE', null).message).toBe(
      'the variable BRANCHLINE_BASLINE is no setting; the settings are BRANCHLINE_BASELINE, BRANCHLINE_TEMPLATE, BRANCHLINE_STRICT, BRANCHLINE_OVERRIDES, and an entry is named BRANCHLINE_SERVICE__NAMESPACE. It is ignored.',
    );
  });

  test('about what two places say names what holds meanwhile', () => {
    const other = { raw: '2', at: 'x', line: null };
    const says = (key: string, kept: boolean): string => conflictProblem(where, key, ' 1\n', other, kept).message;
    const twice = 'has two values: "1" in /etc/branchline/a.develop and "2" in x; keep one.';
    expect(says('a.develop', true)).toBe(`"a.develop" ${twice} Its last good value stays.`);
    expect(says('a.develop', false)).toBe(`"a.develop" ${twice} Looking it up is an error until it is mended.`);
    expect(says('strict', true)).toBe(`"strict" ${twice} Its last good value stays.`);
    expect(says('strict', false)).toBe(`"strict" ${twice} It counts as not given.`);
    expect(says('overrides', true)).toBe(`"overrides" ${twice} Overrides are off until it is mended.`);
  });

  test('about a document says what becomes of it', () => {
    const message = (kept: boolean): string =>
      documentProblem('s', 'd.json', 'd.json', { reason: 'a\nb', line: null }, kept).message;
    expect(message(true)).toBe('d.json does not parse: a\\u{a}b. What it said before stays.');
    expect(message(false)).toBe('d.json does not parse: a\\u{a}b. Nothing of it is read.');
  });

  test('about too many problems counts them', () => {
    expect(overflowProblem('memory\n', 7)).toEqual({
      code: 'ERR_CONFIG_INVALID',
      message: 'memory\\u{a} has 7 further problems, which are not listed.',
      source: 'memory\n',
      key: null,
      line: null,
    });
  });

  test('is the same one on another line, and no other', () => {
    const at = (line: number | null, raw = 'x y', key = 'a.develop'): string =>
      identityOf(entryProblem({ ...where, line }, key, raw, true));
    expect([at(12), at(3), at(null)]).toEqual([at(7), at(7), at(7)]);
    expect(new Set([at(1), at(1, 'x z'), at(1, 'x y', 'b.develop')]).size).toBe(3);
    const foreign = { ...entryProblem({ ...where, line: 1 }, 'a.develop', 'x y', true) };
    expect(identityOf(foreign)).toBe(identityOf({ ...foreign }));
    expect(identityOf(foreign)).not.toBe(identityOf({ ...foreign, message: 'another' }));
    expect(identityOf(foreign)).not.toBe(identityOf({ ...foreign, source: 'another' }));
  });

  test('about a setting says whether it counts', () => {
    const message = (name: 'strict' | 'overrides', kept: boolean): string =>
      settingProblem(where, name, 'x', kept).message;
    expect(message('strict', true)).toMatch(
      saying('strict is "x" in /etc/branchline/a.develop', 'want on, off, true or false', 'last good value stays'),
    );
    expect(message('strict', false)).toMatch(saying('not given'));
    for (const kept of [true, false]) expect(message('overrides', kept)).toMatch(saying('off until it is mended'));
    expect(unknownSetting('memory', 'basline', 'memory, basline', null)).toMatchObject({
      code: 'WARN_SETTING_UNKNOWN',
      key: 'basline',
      message: expect.stringMatching(saying('basline', 'baseline, template, strict, overrides')),
    });
  });

  test('about a document names it, and none where it is the whole source', () => {
    expect(documentProblem('s', 'd.json', 'd.json', { reason: 'r', line: 4 }, true)).toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      key: 'd.json',
      line: 4,
      message: expect.stringMatching(saying('d.json:4 does not parse: r.', 'before stays')),
    });
    expect(documentProblem('s', '', '/x.json', { reason: 'r', line: null }, false)).toMatchObject({
      key: null,
      message: expect.stringContaining('/x.json does not parse: r.'),
    });
  });

  test('about a limit is of the source as a whole', () => {
    expect(limitProblem('memory', 'more than 9 entries')).toMatchObject({
      code: 'ERR_SOURCE_UNREADABLE',
      source: 'memory',
      key: null,
      message: expect.stringMatching(saying('memory', 'more than 9 entries')),
    });
  });
});

/** Every message that anybody gets to see of what goes wrong with this configuration and these questions. */
function messagesOf(
  data: Record<string, string>,
  questions: readonly (readonly [string, object?])[] = [],
  options: ResolverOptions = {},
): string[] {
  const messages: string[] = [];
  const note = (error: unknown): void => {
    if (!isBranchlineError(error)) throw error;
    messages.push(
      error.message,
      String(error),
      error.stack ?? '',
      ...(error.problems ?? []).map(({ message }) => message),
    );
  };
  try {
    const resolver = createResolver({ namespace: 'feature-x', sources: [memorySource(data)], ...options });
    resolver.on('problem', ({ message }) => messages.push(message));
    messages.push(...resolver.status().problems.map(({ message }) => message));
    for (const [service, lookup] of questions) {
      try {
        resolver.resolve(service, lookup);
      } catch (error) {
        note(error);
      }
      const explanation = resolver.explain(service, lookup);
      if (explanation.error !== null) messages.push(explanation.error.message);
      messages.push(
        ...explanation.steps.map((step) => step.note),
        ...explanation.problems.map(({ message }) => message),
      );
    }
  } catch (error) {
    note(error);
  }
  expect(messages.length).toBeGreaterThan(0);
  return messages;
}

describe('a secret', () => {
  const word = fc
    .string({ unit: fc.constantFrom(...'abcXYZ019~.-_%!$&*+=;:,'.split('')), minLength: 1, maxLength: 60 })
    .map((text) => `S3CR3T${text}S3CR3T`);
  const address = fc
    .tuple(
      word,
      fc.constantFrom('http', 'https', 'postgres', 'HTTP'),
      fc.constantFrom('h', 'h.example.com:8443', '10.0.0.7'),
      fc.constantFrom('', '/', '/base/x'),
    )
    .chain(([secret, scheme, host, path]) =>
      fc.constantFrom(
        `${scheme}://user:${secret}@${host}${path}`,
        `${scheme}://${secret}@${host}${path}`,
        `${scheme}://${host}${path}?token=${secret}`,
        `${scheme}://${host}?${secret}`,
        `${scheme}://u:${secret}@${host}${path}?k=${secret}`,
        `user:${secret}@${host}`,
      ),
    );

  test.each<[string, (text: string) => string[]]>([
    ['the value of an entry', (text) => messagesOf({ 'a.feature-x': text }, [['a'], ['a', { endpoint: 'admin' }]])],
    ['the value of a baseline entry', (text) => messagesOf({ 'a.feature-x': '', 'a.develop': text }, [['a']])],
    [
      'one of two values',
      (text) =>
        messagesOf({}, [['a']], {
          sources: [envSource({ env: { 'BRANCHLINE_a.feature-x': text, BRANCHLINE_A__FEATURE_X: '1' } })],
        }),
    ],
    ['a template', (text) => messagesOf({ template: text })],
    ['a template in code', (text) => messagesOf({}, [], { template: text })],
    ['a baseline', (text) => messagesOf({ baseline: text })],
    ['a baseline in code', (text) => messagesOf({}, [], { baseline: [text] })],
    ['a switch', (text) => messagesOf({ strict: text })],
    ['the own namespace', (text) => messagesOf({}, [], { namespace: text })],
    ['the name of a service', (text) => messagesOf({ baseline: 'develop' }, [[text]])],
    ['the name of an endpoint', (text) => messagesOf({ baseline: 'develop' }, [['a', { endpoint: text }]])],
    ['a namespace asked for', (text) => messagesOf({ baseline: 'develop' }, [['a', { namespace: text }]])],
    [
      'a namespace of a request',
      (text) => messagesOf({ baseline: 'develop' }, [['a', { context: { namespaces: [text] } }]]),
    ],
    [
      'a pin of a request',
      (text) => messagesOf({ baseline: 'develop' }, [['a', { context: { services: { a: text } } }]]),
    ],
    [
      'a branch',
      (text) => {
        try {
          return [namespaceOf(`${text}${'/x'.repeat(600)}`)];
        } catch (error) {
          return [(error as Error).message];
        }
      },
    ],
  ])('in the user info or the query of an address shows in no message: %s', (_, tell) => {
    fc.assert(
      fc.property(address, (text) => {
        for (const message of tell(text)) expect(message).not.toContain('S3CR3T');
      }),
      { numRuns: 30 },
    );
  });
});

describe('a message', () => {
  const nasty = fc
    .array(
      fc.constantFrom(
        '\u0000',
        '\n',
        '\r\n',
        '\u001b[2J',
        '\u202e',
        '\u2066',
        '\u0085',
        '\u007f',
        'a',
        '"',
        '\u200f',
        '\ud800',
      ),
      { minLength: 1, maxLength: 30 },
    )
    .map((parts) => parts.join(''));

  test('holds nothing that a terminal or a log would obey, whatever the names and values are', () => {
    const shown = (message: string): string => message.replaceAll(/\n {2}\S/g, ' ').replaceAll(/\n {4}at .*/g, '');
    fc.assert(
      fc.property(nasty, (text) => {
        const messages = [
          ...messagesOf({ 'a.feature-x': `x${text}x`, [`b${text}.feature-x`]: '1', [`c${text}`]: '1', strict: 'on' }, [
            ['a'],
            [text],
            ['a', { endpoint: text }],
            ['z', { namespace: text }],
          ]),
          ...messagesOf({ baseline: `x${text}x y` }),
          ...messagesOf({}, [], { namespace: `x${text}x y` }),
        ];
        for (const message of messages) expect(shown(message)).not.toMatch(UNSHOWABLE);
      }),
      { numRuns: 50 },
    );
  });

  test('is cut, however long a value is', () => {
    for (const message of messagesOf({ 'a.feature-x': 'x '.repeat(100_000), strict: 'on' }, [
      ['a'],
      ['s'.repeat(100_000)],
      ['a', { endpoint: 'e'.repeat(100_000) }],
    ])) {
      expect(message.length).toBeLessThan(2000);
    }
  });
});
