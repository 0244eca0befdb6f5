// A message says what, where and how to mend it; never a secret, and nothing that a terminal would obey.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createResolver, envSource, fileSource, memorySource, mountSource } from 'branchline';
import { describe, expect, test } from 'vitest';

import { temporaryFolder } from '../doubles/folder.ts';
import { record } from '../doubles/recorder.ts';

test.each([
  'http://user:SECRET@host',
  'https://user:p/SECRET@host',
  'https://user:p#SECRET@host',
  'https://user:SECRETp?x@h.com',
  'https:/user:SECRET@host',
  'http://a@b http://c:SECRET@d',
  'https://h/#access_token=SECRET',
  'https://h/?token=SECRET',
  'user:SECRET@host:80',
  'https://a.example.com, https://b.example.com?token=SECRET',
  'see https://x.example.com/ ;token=1 https://h/?token=SECRET',
  `https://oauth2:${'x'.repeat(400)}SECRET@host`,
])('the secret in %j is nowhere', (value) => {
  const source = memorySource({ 'a.develop': '1', template: 'http://{service}.{namespace}.svc' });
  const resolver = createResolver({ sources: [source], namespace: null });
  const events = record(resolver);
  source.set({ 'a.develop': value, 'b.develop': value, template: value });
  expect(events.problem).toHaveLength(3);
  const said = [
    JSON.stringify(resolver.status()),
    String(resolver.explain('b')),
    JSON.stringify(resolver.explain('b')),
    JSON.stringify(events),
  ];
  expect(said.join('')).not.toMatch(/SECRET|xxx/);
  expect(() => resolver.resolve('b')).toThrow(
    expect.not.objectContaining({ message: expect.stringMatching(/SECRET/) }),
  );
});

describe('control and bidirectional characters', () => {
  const hostile = '\u202e\n\u001b[31m\u0007';
  const obeyed = /[\u0000-\u0009\u000b-\u001f\u202e]/;

  test('of a name, a value and a key are escaped', () => {
    const resolver = createResolver({
      sources: [memorySource({ [`a${hostile}.develop`]: hostile, 'b.develop': hostile, [hostile]: 1 })],
      namespace: null,
    });
    record(resolver);
    for (const text of [
      String(resolver.explain(hostile)),
      String(resolver.explain('b')),
      ...resolver.status().problems.map(({ message }) => message),
    ]) {
      expect(text).not.toMatch(obeyed);
    }
    expect(() => resolver.resolve(hostile)).toThrow(/"\\u\{202e\}\\u\{a\}\\u\{1b\}\[31m\\u\{7\}"/);
  });

  test('of a path and of a document are escaped', () => {
    const path = join(temporaryFolder(), `\u202e.yaml`);
    writeFileSync(path, 'a: !\u202ex y');
    for (const make of [() => fileSource({ path }), () => mountSource({ path: `${path}\u001b` })]) {
      expect(() => createResolver({ sources: [make()], namespace: null })).toThrow(
        expect.not.objectContaining({ message: expect.stringMatching(obeyed) }),
      );
    }
  });
});

describe('words', () => {
  test.each<[Record<string, string>, RegExp]>([
    [
      { BRANCHLINE_my_rest__develop: '1' },
      /^the environment variable BRANCHLINE_my_rest__develop is malformed: want upper case, BRANCHLINE_MY_REST__DEVELOP\. It seems to mean "my-rest\.develop", which is an error until this one is spelt right\.$/,
    ],
    [
      { BRANCHLINE_BASLINE: 'x' },
      /^the environment variable BRANCHLINE_BASLINE is no setting; the settings are BRANCHLINE_BASELINE, .* and an entry is named BRANCHLINE_SERVICE__NAMESPACE\. It is ignored\.$/,
    ],
    [
      { BRANCHLINE_A__DEVELOP: 'x y' },
      /^"a\.develop" is "x y" in the environment variable BRANCHLINE_A__DEVELOP; want empty, a port .*Looking it up is an error until it is mended\.$/,
    ],
    [
      { BRANCHLINE_A__DEVELOP: '1', 'BRANCHLINE_a.develop': '2' },
      /^"a\.develop" has two values: "1" in the environment variable BRANCHLINE_A__DEVELOP and "2" in the environment variable BRANCHLINE_a\.develop; keep one\./,
    ],
  ])('of %j fit what somebody wrote', (env, message) => {
    const resolver = createResolver({ sources: [envSource({ env })], namespace: null });
    record(resolver);
    expect(resolver.status().problems.map((problem) => problem.message)).toEqual([expect.stringMatching(message)]);
  });

  test('of a name in a variable are those of a name in an option', () => {
    const create = () =>
      createResolver({ sources: [envSource({ env: { BRANCHLINE_BASELINE: 'De_velop' } })], namespace: null });
    expect(create).toThrow(expect.objectContaining({ code: 'ERR_INVALID_NAME' }));
    const other = () =>
      createResolver({ sources: [envSource({ env: { BRANCHLINE_STRICT: 'maybe' } })], namespace: null });
    expect(other).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }));
  });

  test('of a start tell everything at once, with file and line', () => {
    const path = temporaryFolder();
    writeFileSync(join(path, 'strict'), 'maybe');
    writeFileSync(join(path, 'table.json'), '{\n  "a.develop": 1,\n}');
    const create = () =>
      createResolver({ sources: [mountSource({ path }), mountSource({ path: `${path}/nowhere` })], namespace: null });
    expect(create).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG_INVALID',
        problems: [
          expect.objectContaining({ code: 'ERR_SOURCE_UNREADABLE' }),
          expect.objectContaining({ key: 'table.json', line: 3 }),
          expect.objectContaining({ key: 'strict' }),
        ],
      }),
    );
    expect(create).toThrow(
      /3 problems:\n {2}- mount:.*\/nowhere: it is not there; mount the ConfigMap there.*\n {2}- .*table\.json:3 does not parse: it is not JSON: want a key in quotation marks, found "}".*\n {2}- the setting strict is "maybe" in .*\/strict; want on, off, true or false/,
    );
  });
});
