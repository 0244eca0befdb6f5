import { createHash } from 'node:crypto';

import { namespaceOf } from 'branchline';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isLabel, isNamespace } from '../../src/core/names.ts';
import { anyText, label } from '../doubles/arbitraries.ts';
import { expectLinear } from '../doubles/linear.ts';

const hash = (branch: string): string => createHash('sha256').update(branch, 'utf8').digest('hex').slice(0, 8);
const unmappable = expect.objectContaining({ code: 'ERR_BRANCH_UNMAPPABLE' });
const mapped = (branch: string, prefix?: string): string | null => {
  try {
    return namespaceOf(branch, { prefix });
  } catch (error) {
    expect(error).toEqual(unmappable);
    return null;
  }
};
const isReserved = (namespace: string): boolean => /^(?:kube-.*|default|json|yaml|yml)$/.test(namespace);

describe('the namespace of a branch', () => {
  test.each(['feature-x', 'develop', 'main', '127', 'a--b', 'head', 'a'.repeat(63), 'kubernetes', 'defaults', 'json5'])(
    'that is a label is the branch: %s',
    (branch) => {
      expect(namespaceOf(branch)).toBe(branch);
    },
  );

  test.each([
    ['feature/JIRA-12_Login', 'feature-jira-12-login'],
    ['feature/a-b', 'feature-a-b'],
    ['feature-a/b', 'feature-a-b'],
    ['Feature-X', 'feature-x'],
    ['dependabot/npm_and_yarn/@types/node-20.1.0', 'dependabot-npm-and-yarn-types-node-20-1-0'],
    ['-a-', 'a'],
    ['__a__b__', 'a-b'],
    ['a--/--b', 'a-b'],
    ['a ', 'a'],
    ['Ünïcode/größe', 'n-code-gr-e'],
    ['fix/🚀launch', 'fix-launch'],
    ['release/1.2.3', 'release-1-2-3'],
    ['xn--a', 'xn-a'],
    ['JSON', 'json'],
    ['Default', 'default'],
    ['heads/refs/x', 'heads-refs-x'],
    ['origin/HEAD', 'origin-head'],
    ['\u212aelvin', 'kelvin'],
    ['AZ/az/09', 'az-az-09'],
  ])('%j is what is left of it, and eight digits of its hash', (branch, slug) => {
    expect(namespaceOf(branch)).toBe(`${slug}-${hash(branch)}`);
  });

  test('is cut to 63, and never ends the cut in a dash', () => {
    expect(namespaceOf(`x/${'a'.repeat(100)}`)).toBe(`x-${'a'.repeat(52)}-${hash(`x/${'a'.repeat(100)}`)}`);
    const branch = `${'a'.repeat(53)}/${'b'.repeat(20)}`;
    expect(namespaceOf(branch)).toBe(`${'a'.repeat(53)}-${hash(branch)}`);
    expect(namespaceOf('a'.repeat(64))).toBe(`${'a'.repeat(54)}-${hash('a'.repeat(64))}`);
  });

  test('is looked for in at most 1,024 characters', () => {
    const branch = `${'/'.repeat(1023)}a`;
    expect(namespaceOf(branch)).toBe(`a-${hash(branch)}`);
  });

  test('takes a hash of the branch in UTF-8', () => {
    // printf 'größe' | sha256sum
    expect(namespaceOf('größe')).toBe(`gr-e-${hash('größe')}`);
    expect(hash('größe')).toBe(
      createHash('sha256')
        .update(Buffer.from([0x67, 0x72, 0xc3, 0xb6, 0xc3, 0x9f, 0x65]))
        .digest('hex')
        .slice(0, 8),
    );
  });

  test('has the prefix in front, which counts', () => {
    expect(namespaceOf('feature-x', { prefix: 'pr-' })).toBe('pr-feature-x');
    expect(namespaceOf('Feature/X', { prefix: 'team-' })).toBe(`team-feature-x-${hash('Feature/X')}`);
    expect(namespaceOf('a'.repeat(60), { prefix: 'pr-' })).toBe(`pr-${'a'.repeat(60)}`);
    expect(namespaceOf('a'.repeat(61), { prefix: 'pr-' })).toBe(`pr-${'a'.repeat(51)}-${hash('a'.repeat(61))}`);
    // No label, though it is one behind a prefix.
    expect(namespaceOf('-a', { prefix: 'pr-' })).toBe(`pr-a-${hash('-a')}`);
    expect(namespaceOf('x', { prefix: undefined })).toBe('x');
    expect(namespaceOf('x', { prefix: '' })).toBe('x');
  });

  test.each([
    ['', /names no branch/],
    ['HEAD', /names no branch/],
    ['refs/heads/main', /it is a ref; pass the branch name/],
    ['refs/pull/1/merge', /it is a ref/],
    ['/', /no letter or digit is left/],
    ['---', /no letter or digit is left/],
    ['漢字', /no letter or digit is left/],
    ['🚀', /no letter or digit is left/],
    ['default', /"default" is reserved/],
    ['json', /"json" is reserved/],
    ['yaml', /"yaml" is reserved/],
    ['yml', /"yml" is reserved/],
    ['kube-system', /"kube-system" is reserved/],
    ['kube-x', /"kube-x" is reserved/],
    ['kube/x', /is reserved/],
    ['Kube_X', /is reserved/],
    ['a\ud83d', /no well-formed text/],
    ['a'.repeat(1025), /longer than 1024/],
    ['/'.repeat(1_000_000), /longer than 1024/],
  ])('there is none of %j', (branch, why) => {
    expect(() => namespaceOf(branch)).toThrow(unmappable);
    expect(() => namespaceOf(branch)).toThrow(why);
  });

  test('there is none that a prefix makes reserved, and there is one that it makes free', () => {
    expect(mapped('x', 'kube-')).toBeNull();
    expect(mapped('X', 'kube-')).toBeNull();
    expect(mapped('efault', 'd')).toBeNull();
    expect(mapped('system', 'pr-kube-')).toBe('pr-kube-system');
  });

  test.each<[string, unknown[], RegExp]>([
    ['a branch that is no string', [5], /a branch is a string, not 5/],
    ['no branch', [], /a branch is a string, not of type undefined/],
    ['an unknown option', ['x', { prefx: 'a' }], /namespaceOf.*prefx/],
    ['a prefix that is no string', ['x', { prefix: 5 }], /prefix is 5; want at most 53 of a-z/],
    ['a prefix in a list', ['x', { prefix: ['pr-'] }], /prefix is a list; want/],
    ['a prefix that is no label', ['x', { prefix: 'A-' }], /prefix is "A-"; want/],
    ['a prefix that does not go on as one', ['x', { prefix: 'pr_' }], /prefix is "pr_"; want/],
    ['a prefix that starts with a dash', ['x', { prefix: '-a' }], /prefix is "-a"; want/],
    ['a prefix that leaves no room', ['x', { prefix: 'a'.repeat(54) }], /want at most 53/],
  ])('refuses %s as the mistake of its caller', (_, args, why) => {
    const map = (): string => (namespaceOf as (...args: unknown[]) => string)(...args);
    expect(map).toThrow(expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_OPTION' }));
    expect(map).toThrow(why);
  });

  const words = fc.constantFrom('feature', 'a', 'b', 'JIRA-12', 'x', 'kube', 'default', 'json', 'é', '1');
  const separators = fc.constantFrom('/', '-', '_', '.', ' ', '--', '@', '', '\u0000', '/../');
  const branch = fc.oneof(
    fc.array(fc.tuple(words, separators), { maxLength: 8 }).map((parts) => parts.flat().join('')),
    anyText(200),
    label(63),
    fc.tuple(label(40), fc.nat(1000)).map(([name, length]) => `x/${name.repeat(length).slice(0, length)}`),
  );
  const prefix = fc.oneof(fc.constant(''), fc.constantFrom('pr-', 'team-a-', 'x', 'a'.repeat(53)));

  test('is a legal label, never a reserved one, for any branch that has one', () => {
    fc.assert(
      fc.property(branch, prefix, (name, front) => {
        const namespace = mapped(name, front);
        expect(mapped(name, front)).toBe(namespace);
        if (namespace === null) return;
        expect([namespace, isNamespace(namespace)]).toEqual([namespace, true]);
        expect(namespace.length).toBeLessThanOrEqual(63);
        expect(isReserved(namespace)).toBe(false);
        expect(namespace.startsWith(front)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('is its own namespace', () => {
    fc.assert(
      fc.property(branch, (name) => {
        const namespace = mapped(name);
        if (namespace !== null) expect(namespaceOf(namespace)).toBe(namespace);
        if (isLabel(name)) expect(namespace).toBe(isReserved(name) ? null : name);
      }),
      { numRuns: 1000 },
    );
  });

  test('is another one for every branch that is nearly the same', () => {
    const near: Readonly<Record<string, (name: string) => string>> = {
      case: (name) => name.toUpperCase(),
      slash: (name) => name.replaceAll('-', '/'),
      underscore: (name) => name.replaceAll('-', '_'),
      'one separator': (name) => name.replace(/[-/_.]/, '+'),
      'a double separator': (name) => name.replaceAll('/', '//'),
      'a separator in front': (name) => `/${name}`,
      'a separator behind': (name) => `${name}-`,
      'a longer tail': (name) => `${name}${'t'.repeat(70)}`,
      'another tail': (name) => `${name}${'t'.repeat(69)}u`,
      'a space': (name) => `${name} `,
      'a mark': (name) => `${name}\u0301`,
    };
    fc.assert(
      fc.property(
        branch,
        prefix,
        fc.constantFrom(...Object.keys(near)),
        fc.constantFrom(...Object.keys(near)),
        (name, front, one, other) => {
          // UTF-8 has no spelling of half a character.
          const wellFormed = !/[\ud800-\udfff]/u.test(name);
          const pair = [
            (near[one] as (text: string) => string)(name),
            (near[other] as (text: string) => string)(name),
          ] as const;
          fc.pre(wellFormed && pair[0] !== pair[1] && pair.every((text) => text.length <= 1024));
          const [first, second] = [mapped(pair[0], front), mapped(pair[1], front)];
          expect(first === null || first !== second).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('is found in linear time, and the length is looked at first', () => {
    for (const unit of ['-', '/', 'a', 'A-', '\ud83d', '🚀'])
      expectLinear((length) => mapped(unit.repeat(length / unit.length)));
    for (const unit of ['-', '/', 'a', 'A-', 'é'])
      expectLinear((length) => mapped(unit.repeat(length / unit.length)), 128);
  });
});
