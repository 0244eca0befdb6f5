import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { lineKey } from '../../../src/core/documents/json.ts';
import { parseYaml } from '../../../src/core/documents/yaml.ts';
import { parsers } from '../../../src/sources/parsers.ts';
import { anyText } from '../../doubles/arbitraries.ts';
import { expectLinear } from '../../doubles/linear.ts';

const yaml = parsers.yaml();
const parse = (text: string) => parseYaml(text, yaml);
const LIMIT = 256 * 1024;

describe('YAML', () => {
  test('is text, but for null: nothing turns into something else on the way', () => {
    const values = [
      '8080',
      '0x1f90',
      '0o17',
      '010',
      '1e3',
      '8080.0',
      '1_000',
      '.inf',
      '.nan',
      'yes',
      'no',
      'on',
      'off',
      'true',
      'False',
      '2001-01-01',
      '12:30:45',
      "'null'",
      '"~"',
    ];
    const text = values.map((value, index) => `k${index}: ${value}\n`).join('');
    expect(parse(text)).toMatchObject({
      value: Object.fromEntries(values.map((value, index) => [`k${index}`, value.replaceAll(/['"]/g, '')])),
    });
    expect(parse('a: null\nb: ~\nc:\nd: ""\n')).toMatchObject({ value: { a: null, b: null, c: null, d: '' } });
  });

  test('may be in flow or in blocks, with comments, and with quotation marks or without', () => {
    expect(
      parse('# a table\n---\n"a.develop": \'1\' # one\nb.develop: "\\x32"\nservices: {c: {develop: [x, y]}}\n...\n'),
    ).toMatchObject({
      value: { 'a.develop': '1', 'b.develop': '2', services: { c: { develop: ['x', 'y'] } } },
    });
  });

  test.each([
    ['a: &x 1\nb: *x\n', /^anchors/, 1],
    ['a: 1\nb: *x\n', /^aliases/, 2],
    ['&x {a: 1}\n', /^anchors/, 1],
    ['!!map {a: 1}\n', /^tags/, 1],
    ['a:\n  <<: {b: 1}\n', /^merge keys/, 2],
    ['a: !!int 1\n', /^tags/, 1],
    ['a: 1\nb: !custom x\n', /^tags/, 2],
    ['a: !!js/function "x"\n', /^tags/, 1],
    ['? [a, b]\n: 1\n', /^a key must be a plain word/, 1],
    ['a: 1\nb: 2\na: 3\n', /^it is not YAML: duplicated mapping key/, 3],
    ['a: {b: 1,\n  b: 2}\n', /^it is not YAML: duplicated mapping key/, 2],
    ['a: 1\n---\nb: 2\n', /^it holds several documents/, null],
    ['a: b: c\n', /^it is not YAML: /, 1],
    ['a: 1\n b: 2\n', /^it is not YAML: /, 2],
    ['a: "1\n', /^it is not YAML: /, 2],
    ['a: [1, 2\n', /^it is not YAML: /, 2],
    ['a: 1\n\tb: 2\n', /^it is not YAML: /, 2],
  ])('%j tells what is wrong and where', (text, reason, line) => {
    expect(parse(text)).toEqual({ broken: { reason: expect.stringMatching(reason), line } });
  });

  test('merges nothing where "<<" stands in quotation marks: it is a key like any other', () => {
    expect(parse('"<<": 1\n')).toMatchObject({ value: { '<<': '1' } });
  });

  test('says how deep it may nest, whatever is inside', () => {
    for (const inside of ['', '1', '[]'])
      expect(parse(`${'{a: '.repeat(33)}${inside}${'}'.repeat(33)}`)).toMatchObject({
        broken: { reason: 'it nests deeper than 32' },
      });
  });

  test('nests no deeper than 32, in flow and in blocks', () => {
    const flow = (depth: number): string => `${'{a: '.repeat(depth)}1${'}'.repeat(depth)}`;
    const block = (depth: number): string =>
      Array.from({ length: depth }, (_, level) => `${' '.repeat(level)}a:${level === depth - 1 ? ' 1' : ''}\n`).join(
        '',
      );
    for (const make of [flow, block]) {
      expect(parse(make(32))).toHaveProperty('value');
      expect(parse(make(33))).toHaveProperty('broken');
    }
    expect(parse(`${'['.repeat(32)}1${']'.repeat(32)}`)).toHaveProperty('value');
    expect(parse(`${'['.repeat(32)}\n[]${']'.repeat(32)}`)).toEqual({
      broken: { reason: 'it nests deeper than 32', line: 2 },
    });
    for (const bomb of ['[', '{', '- ', '? ', '{a: ', '[[', '- - ']) {
      expect(parse(bomb.repeat(LIMIT / bomb.length))).toHaveProperty('broken');
    }
  });

  test('is at most 256 KiB', () => {
    const comment = (length: number): string => `a: 1\n#${'x'.repeat(length - 6)}`;
    expect(parse(comment(LIMIT))).toMatchObject({ value: { a: '1' } });
    expect(parse(comment(LIMIT + 1))).toEqual({
      broken: { reason: expect.stringContaining('262144 bytes, the limit of YAML'), line: null },
    });
  });

  test('knows the line of each key, four deep', () => {
    const gap = fc.constantFrom('', '\n', '# x\n', '\n\n', '   # y: z\n', '\r\n');
    const quoted = fc.constantFrom(
      (key: string) => key,
      (key: string) => `"${key}"`,
      (key: string) => `'${key}'`,
    );
    const key = fc.constantFrom('a', 'b', 'c', 'my-rest', '__proto__');
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4, depthIdentifier: 'yaml' },
        fc.constantFrom('1', "'x'", '"y"', ''),
        fc.uniqueArray(fc.tuple(key, tie('node'), gap, quoted), {
          selector: ([name]) => name,
          minLength: 1,
          maxLength: 4,
        }),
      ),
    })).node;
    fc.assert(
      fc.property(tree, (root) => {
        fc.pre(Array.isArray(root));
        let text = '';
        const lines = new Map<string, number>();
        const write = (node: [string, unknown, string, (name: string) => string][], path: readonly string[]): void => {
          for (const [name, child, between, spell] of node) {
            text += between;
            if (path.length < 4) lines.set(lineKey([...path, name]), text.split('\n').length);
            text += `${'  '.repeat(path.length)}${spell(name)}:`;
            if (Array.isArray(child)) {
              text += '\n';
              write(child as typeof node, [...path, name]);
            } else text += ` ${child as string}\n`;
          }
        };
        write(root as never, []);
        const result = parse(text);
        expect(result).toHaveProperty('value');
        expect((result as { lines: unknown }).lines).toEqual(lines);
      }),
      { numRuns: 200 },
    );
  });

  test('knows the lines of what stands behind a list, and none of what is deeper than four', () => {
    const linesOf = (text: string): unknown => (parse(text) as { lines: unknown }).lines;
    expect(linesOf('a: [1, 2, 3]\nb:\n  - x\n  - y\nc: 1\n')).toEqual(
      new Map([
        ['a', 1],
        ['b', 2],
        ['c', 5],
      ]),
    );
    expect(linesOf('a:\n b:\n  c:\n   d:\n    e: 1\n')).toEqual(
      new Map([
        [lineKey(['a']), 1],
        [lineKey(['a', 'b']), 2],
        [lineKey(['a', 'b', 'c']), 3],
        [lineKey(['a', 'b', 'c', 'd']), 4],
      ]),
    );
  });

  test.each([
    ['of somebody else', new RangeError('secret'), 'it is not YAML'],
    ['without a place', new yaml.YAMLException('odd'), 'it is not YAML: odd'],
  ])('that makes its parser throw an error %s is broken all the same', (_, error, reason) => {
    const parseEvents = (): never => {
      throw error;
    };
    expect(parseYaml('a: 1\n', { ...yaml, parseEvents })).toEqual({ broken: { reason, line: null } });
  });

  test('that sets a prototype sets a key', () => {
    const result = parse('__proto__:\n  services: {evil: {develop: 1}}\nconstructor: x\n') as { value: object };
    expect(Object.keys(result.value)).toEqual(['__proto__', 'constructor']);
    expect('services' in result.value).toBe(false);
    expect(({} as { services?: unknown }).services).toBeUndefined();
  });

  test('of any text parses or tells why not, and throws nothing', () => {
    fc.assert(
      fc.property(anyText(60), (text) => {
        const result = parse(text);
        if ('broken' in result)
          expect(result.broken.line ?? 1).toBeLessThanOrEqual(text.split(/\r\n|\r|\n/).length + 1);
      }),
      { numRuns: 1000 },
    );
  });

  test('is read in linear time, up to its limit', () => {
    for (const unit of [
      'a\n',
      'a: 1\n',
      '- a\n',
      '#',
      '\n',
      ' ',
      '"',
      "'",
      ': ',
      '? ',
      '&a ',
      '*a ',
      '!a ',
      '|\n',
      '\t',
      '{},',
      '\\',
      '%',
      '\u2028',
    ]) {
      expectLinear(
        (length) => [
          parse(unit.repeat(length / unit.length)),
          parse(`a: ${unit.repeat(length / unit.length)}`),
          parse(`"${unit.repeat(length / unit.length)}`),
        ],
        16_384,
      );
    }
    expectLinear(
      (length) => parse(Array.from({ length: length / 8 }, (_, index) => `k${index}: 1\n`).join('')),
      16_384,
    );
  });
});
