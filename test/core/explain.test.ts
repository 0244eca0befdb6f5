import { inspect } from 'node:util';

import { createResolver, memorySource, type Resolver } from 'branchline';
import { describe, expect, test } from 'vitest';

import type { Problem } from '../../src/core/errors.ts';
import { concerns } from '../../src/core/explain.ts';
import { saying } from '../doubles/said.ts';

const open = (data: Record<string, string>, namespace: string | null = 'feature-x'): Resolver => {
  const resolver = createResolver({ namespace, sources: [memorySource(data)] });
  resolver.on('problem', () => undefined);
  return resolver;
};

describe('an explanation', () => {
  test('prints every step and why, as text and in a console', () => {
    const explanation = open({ 'my-rest.develop': '8080', 'other.feature-x': '' }).explain('my-rest', {
      context: { namespaces: ['feature-y'], services: { 'my-rest': 'feature-p' } },
    });
    const lines = String(explanation).split('\n');
    expect(lines).toEqual([
      'my-rest → http://my-rest.develop.svc:8080  [baseline develop, revision 1]',
      expect.stringMatching(/^ {2}1\. {2}feature-p {2}pinned {9}absent {2}\S/),
      expect.stringMatching(/^ {2}2\. {2}feature-y {2}request {8}absent {2}\S/),
      expect.stringMatching(/^ {2}3\. {2}feature-x {2}own namespace {2}absent {2}\S/),
      expect.stringMatching(/^ {2}4\. {2}develop {4}baseline {7}taken {3}my-rest\.develop = "8080" in memory: \S/),
    ]);
    expect(String(explanation)).not.toMatch(/ $/m);
    expect(inspect(explanation)).toBe(String(explanation));
    expect(inspect({ explanation })).toContain(lines[0]);
  });

  test('is plain data for a machine', () => {
    const explanation = open({ 'my-rest.develop': '8080' }).explain('my-rest');
    const plain = JSON.parse(JSON.stringify(explanation)) as Record<string, unknown>;
    expect(Object.keys(plain)).toEqual([
      'service',
      'endpoint',
      'revision',
      'configured',
      'steps',
      'resolution',
      'error',
      'problems',
    ]);
    expect(plain).toMatchObject({
      service: 'my-rest',
      endpoint: 'default',
      revision: 1,
      configured: true,
      resolution: { url: 'http://my-rest.develop.svc:8080' },
      error: null,
      problems: [],
    });
    expect(Object.keys(explanation)).toEqual(Object.keys(plain));
    expect({ ...explanation }).toEqual(plain);
    expect(structuredClone({ ...explanation })).toEqual(plain);
  });

  test('of an error says which, with the code, and throws nothing', () => {
    const { resolution, error, steps } = open({ 'cart.feature-x': 'disabled' }).explain('cart');
    expect([resolution, error?.code, steps.map(({ outcome }) => outcome)]).toEqual([
      null,
      'ERR_SERVICE_DISABLED',
      ['disabled'],
    ]);
    expect(String(open({ 'cart.feature-x': 'disabled' }).explain('cart'))).toMatch(
      /^cart → ERR_SERVICE_DISABLED: .*  \[revision 1\]\n/,
    );
  });

  test.each([
    ['taken', 'a', undefined, { key: 'a.feature-x', value: '', source: 'memory' }],
    ['disabled', 'b', undefined, { key: 'b.feature-x', value: 'disabled' }],
    ['invalid', 'c', undefined, { key: 'c.feature-x', value: null }],
    ['no-endpoint', 'a', 'admin', { key: null, value: null, source: null }],
    ['bad-address', 'x'.repeat(63), undefined, { key: null }],
  ])('has the outcome %s', (outcome, service, endpoint, step) => {
    const resolver = open({
      'a.feature-x': '',
      'b.feature-x': 'disabled',
      'c.feature-x': 'x y',
      template: 'http://{service}-{namespace}.x',
    });
    const { steps } = resolver.explain(service, { endpoint });
    expect(steps.at(-1)).toMatchObject({ outcome, ...step, note: expect.stringMatching(/.{10}/) });
  });

  test('says which step is why on the path', () => {
    const resolver = open({ 'a.develop': '1' });
    expect(
      resolver.explain('z').steps.map(({ because, namespace, outcome }) => `${because} ${namespace} ${outcome}`),
    ).toEqual(['own feature-x absent', 'baseline develop absent', 'convention develop taken']);
    expect(resolver.explain('a', { namespace: 'develop' }).steps).toMatchObject([
      { because: 'asked', namespace: 'develop', outcome: 'taken' },
    ]);
  });

  test('prints what was asked for, and an answer by convention', () => {
    const resolver = open({ 'a.develop': '1' });
    expect(String(resolver.explain('a', { namespace: 'develop' }))).toMatch(
      /^ {2}1\. {2}develop {2}asked for {2}taken {2}/m,
    );
    expect(String(resolver.explain('zz'))).toMatch(/^ {2}3\. {2}develop {4}convention {5}taken {3}\S/m);
    expect(String(resolver.explain('zz'))).not.toContain('no table');
    // Nothing is asked of a name that is none; that is not for want of a table.
    expect(String(resolver.explain('A b'))).not.toContain('no table');
    const [, step] = String(open({ 'a.develop': '  1\n' }).explain('a'))
      .split('\n')
      .slice(1);
    expect(step).toContain('a.develop = "1" in memory');
  });

  test('of an endpoint names it', () => {
    expect(String(open({ '_admin.a.develop': '9090' }).explain('a', { endpoint: 'admin' }))).toMatch(
      /^a \(admin\) → http:\/\/a\.develop\.svc:9090  \[/,
    );
  });

  test('of an entry that cannot be read names it, and what is wrong with it', () => {
    const lines = String(open({ 'c.feature-x': 'x y', 'd.develop': '1' }).explain('c')).split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^c → ERR_ENTRY_INVALID: .*  \[revision 1\]$/),
      expect.stringMatching(/^ {2}1\. {2}feature-x {2}own namespace {2}invalid {2}c\.feature-x in memory: \S/),
      expect.stringMatching(/^ {2}! ERR_ENTRY_INVALID: "c\.feature-x" is "x y" in memory/),
    ]);
  });

  test('of names that are none shows them in quotation marks', () => {
    const resolver = open({ 'a.develop': '1' });
    expect(String(resolver.explain('A b\n'))).toMatch(/^"A b\\u\{a\}" → ERR_INVALID_NAME: .*  \[revision 1\]$/);
    expect(String(resolver.explain('a', { endpoint: 'X y' }))).toMatch(/^a \("X y"\) → ERR_INVALID_NAME: /);
  });

  test('says where there is no table', () => {
    const explanation = open({}).explain('a');
    expect(String(explanation)).toBe(
      'a → http://a  [unconfigured, revision 1]\n  no table, no change: no source gives an entry or a baseline',
    );
    expect(explanation).toMatchObject({
      configured: false,
      steps: [],
      resolution: { via: 'unconfigured', namespace: null, source: null },
    });
  });

  test('says what is the last good value, and why', () => {
    const source = memorySource({ 'a.develop': '1' });
    const resolver = createResolver({ namespace: null, sources: [source] });
    resolver.on('problem', () => undefined);
    source.set({ 'a.develop': '1O' });
    const explanation = resolver.explain('a');
    expect(explanation.steps).toMatchObject([{ value: '1', stale: true }]);
    expect(explanation.problems).toMatchObject([{ code: 'ERR_ENTRY_INVALID', key: 'a.develop' }]);
    expect(String(explanation)).toMatch(
      saying('a.develop = "1" in memory (last good value)', '\n', 'ERR_ENTRY_INVALID: "a.develop" is "1O"'),
    );
  });
});

describe('a problem', () => {
  const problem = (key: string | null, code: Problem['code'] = 'ERR_ENTRY_INVALID'): Problem => ({
    code,
    message: '',
    source: 's',
    key,
    line: null,
  });

  test.each([
    ['my-rest.develop', true],
    ['_admin.my-rest.feature-x', true],
    ['My_Rest.develop', true],
    ['other.develop', false],
    ['Other.develop', false],
    ['_admin.other.develop', false],
    ['baseline', true],
    [null, true],
    ['a.b.c', true],
    ['BRANCHLINE_MY_REST__DEVELOP', true],
    ['BRANCHLINE_my_rest__develop', true],
    ['BRANCHLINE_STRICT', true],
    ['BRANCHLINE_OTHER__DEVELOP', false],
    ['BRANCHLINE_other__develop', false],
  ])('with the key %j concerns a service, or does not', (key, concerned) => {
    expect(concerns(problem(key), 'my-rest')).toBe(concerned);
  });

  test.each<[Problem['code'], boolean]>([
    ['ERR_INVALID_NAME', false],
    ['WARN_KEY_HIDDEN', false],
    ['ERR_CONFIG_INVALID', true],
    ['WARN_SETTING_UNKNOWN', true],
  ])('%s with a key of another service concerns a service, or does not', (code, concerned) => {
    expect(concerns(problem('other.develop', code), 'my-rest')).toBe(concerned);
    expect(concerns(problem('my-rest.develop', code), 'my-rest')).toBe(true);
  });

  test('with a document concerns every service: nobody knows what it would have said', () => {
    for (const key of ['routes.json', 'm.yaml#t.json']) {
      expect(concerns(problem(key, 'ERR_CONFIG_INVALID'), 'my-rest')).toBe(true);
    }
  });
});
