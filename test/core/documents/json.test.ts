import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Broken, lineCounter, lineKey, type Parsed, parseJson } from '../../../src/core/documents/json.ts';
import { DEPTH_LIMIT } from '../../../src/core/reading.ts';
import { atOnce } from '../../../src/resolver/pieces.ts';
import { anyText } from '../../doubles/arbitraries.ts';
import { expectLinear } from '../../doubles/linear.ts';

const parse = (text: string): Parsed | Broken => atOnce(parseJson(text));
const reasonOf = (text: string): string | null => {
  const result = parse(text);
  return 'broken' in result ? result.broken.reason : null;
};
const lineOf = (text: string): number | null => {
  const result = parse(text);
  return 'broken' in result ? result.broken.line : null;
};
const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** As JSON.parse has it: names of all objects, each as often as it counts. */
function countNames(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const names = Array.isArray(value) ? 0 : Object.keys(value).length;
  return names + Object.values(value).reduce<number>((sum, item) => sum + countNames(item), 0);
}

/** Of a text that JSON.parse takes: whether a name stands twice in an object. */
function hasDuplicates(text: string): boolean {
  const strings = text.match(/"(?:[^"\\]|\\.)*"[ \t\r\n]*:?/g) ?? [];
  return strings.filter((string) => string.endsWith(':')).length > countNames(JSON.parse(text));
}

/** Of a text that JSON.parse takes: containers within containers. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '')) {
    if ('{['.includes(character)) depth += 1;
    if ('}]'.includes(character)) depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function expectLikeJsonParse(text: string): void {
  const result = parse(text);
  const wanted = parses(text) && !hasDuplicates(text) && depthOf(text) <= DEPTH_LIMIT;
  expect([text, 'value' in result]).toEqual([text, wanted]);
  if ('value' in result) expect(result.value).toEqual(JSON.parse(text));
  else expect(result.broken.line).toBeLessThanOrEqual(text.split('\n').length);
}

const space = fc.constantFrom('', '', '', ' ', '\n', '\r\n', '\t', '  \n ');
const string = fc.oneof(
  fc.constantFrom(
    '""',
    '"a"',
    '"b"',
    '"\\u0061"',
    '"a b"',
    '"\\n"',
    '"\\""',
    '"__proto__"',
    '"constructor"',
    '"é"',
    '"😀"',
    '"\\ud83d"',
    '"{"',
    '"]:,"',
  ),
  anyText(10).map((text) => JSON.stringify(text)),
);
const scalar = fc.oneof(
  string,
  fc.constantFrom(
    'null',
    'true',
    'false',
    '0',
    '-0',
    '8080',
    '-1.5',
    '1e3',
    '1E+400',
    '0.1e-2',
    '12345678901234567890',
  ),
);
const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'json' },
    scalar,
    fc
      .tuple(fc.array(fc.tuple(space, tie('value'), space)), space)
      .map(([items, inner]) => `[${items.length === 0 ? inner : items.map((item) => item.join('')).join(',')}]`),
    fc
      .tuple(fc.array(fc.tuple(space, string, space, fc.constant(':'), space, tie('value'), space)), space)
      .map(
        ([members, inner]) => `{${members.length === 0 ? inner : members.map((member) => member.join('')).join(',')}}`,
      ),
  ),
})).value;

describe('JSON', () => {
  test('is read as JSON.parse reads it, but for names that stand twice and for its depth', () => {
    fc.assert(
      fc.property(json, space, space, (text, before, behind) => expectLikeJsonParse(before + text + behind)),
      { numRuns: 1000 },
    );
  });

  test('is refused as JSON.parse refuses it, with a character changed, gone or too many', () => {
    const noise = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '0',
      '-',
      '.',
      'e',
      'null',
      ' ',
      '\n',
      "'",
      '\u0000',
      '\u00a0',
      '\ufeff',
      '//',
      '/**/',
      'NaN',
      '1',
    );
    fc.assert(
      fc.property(json, fc.nat(), fc.nat(2), fc.oneof(noise, fc.constant('')), (text, place, gone, more) => {
        const at = place % (text.length + 1);
        expectLikeJsonParse(text.slice(0, at) + more + text.slice(at + gone));
      }),
      { numRuns: 3000 },
    );
  });

  test('is read like JSON.parse, whatever the text is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText(),
          anyText(20).map((text) => `{"${text}":1}`),
          anyText(20).map((text) => `["${text}"]`),
        ),
        expectLikeJsonParse,
      ),
      { numRuns: 1000 },
    );
  });

  test('that was cut off anywhere is refused, with the line of the cut', () => {
    const text = '{\n  "my-rest.develop": "8080",\n  "list": [1, true, null, {"a": "\\u0041"}]\n}';
    expect(reasonOf(text)).toBeNull();
    for (let length = 1; length < text.length; length += 1) {
      const cut = text.slice(0, length);
      const lines = cut.trimEnd().split('\n').length;
      expect(reasonOf(cut)).toMatch(/^it is not( whole)? JSON: /);
      expect([lines, cut.split('\n').length]).toContain(lineOf(cut));
    }
  });

  test.each([
    ['{"a": 1,\n "b": 2,\n "a": 3}', 'the key "a" stands twice; keep one', 3],
    ['{"a": {"b": 1},\n "c": {"b": 1, "\\u0062": 2}}', 'the key "b" stands twice; keep one', 2],
    ['{"__proto__": 1,\n\n"__proto__": 2}', 'the key "__proto__" stands twice; keep one', 3],
    ['{"a": 1\n "b": 2}', 'it is not JSON: want "," or the end, found "\\""', 2],
    ['{"a": 1,\n}', 'it is not JSON: want a key in quotation marks, found "}"', 2],
    ['{\n"a" 1}', 'it is not JSON: want ":", found "1"', 2],
    ['{a: 1}', 'it is not JSON: want a key in quotation marks or "}", found "a"', 1],
    ['[\n\n1 2]', 'it is not JSON: want "," or the end, found "2"', 3],
    ['[1,]', 'it is not JSON: want a value, found "]"', 1],
    ["['a']", 'it is not JSON: want a value or "]", found "\'"', 1],
    ['{"a": 1}\n\nx', 'something follows the end of the document', 3],
    ['{"a":\u202e}', 'it is not JSON: want a value, found "\\u{202e}"', 1],
    ['{"a": "b\n"}', 'it is not JSON: want a value, found "\\""', 1],
    ['{"a":\r\n[1,\r\n2}', 'it is not JSON: want "," or the end, found "}"', 3],
    ['{', 'it is not whole JSON: it ends where a key in quotation marks or "}" should follow', 1],
    ['\ufeff{}', 'it is not JSON: want a value, found "\\u{feff}"', 1],
  ])('%j tells what is wrong and on which line', (text, reason, line) => {
    expect(parse(text)).toEqual({ broken: { reason, line } });
  });

  test.each(['1.25', '-0.125e-10', '1e10', '1E+12', '"\\u00e9"', '"\\\\"', '{"a":{"b":[{}]}}'])('may be %s', (text) => {
    expectLikeJsonParse(text);
  });

  test.each([
    ...['{{}}', '{[]}', '[1{}]', '[1[]]', '{"a"{}}', '{"a":1{}}', '{1:2}', '{true:1}', '[,]', '[:1]', '{,}', '{:1}'],
    ...[
      '{"a":1:2}',
      '{"a",1}',
      '["a":1]',
      '{"a":}',
      '{"a":1]',
      '[1}',
      '}',
      ']',
      ',',
      ':',
      '1 2',
      '01',
      '1.',
      '.5',
      '-',
    ],
    ...['"\\u00e"', '"\\u00g1"', '"\\x"', '"\t"'],
  ])('is not %s, and says so', (text) => {
    expect(reasonOf(text)).toMatch(/^it is not( whole)? JSON: |^something follows/);
  });

  test('has at most 80,000 keys', () => {
    const keys = (count: number): string =>
      `{${Array.from({ length: count }, (_, index) => `"${index}":0`).join(',')}}`;
    expect(reasonOf(keys(80_000))).toBeNull();
    expect(reasonOf(keys(80_001))).toBe('it holds more than 80000 keys');
  });

  test('tells apart the keys of one path and another, and knows none that is deeper than four', () => {
    const result = parse('{"a":{"bc":1},\n"ab":{"c":{"d":{"e":{"f":1}}}}}');
    if (!('lines' in result)) throw new Error(result.broken.reason);
    expect([result.lines.get(lineKey(['a', 'bc'])), result.lines.get(lineKey(['ab', 'c']))]).toEqual([1, 2]);
    expect(result.lines.size).toBe(6);
  });

  test('nests 32 deep and no deeper, whatever the containers are', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 28, maxLength: 36 }), (objects) => {
        const text =
          objects.map((object) => (object ? '{"a":' : '[')).join('') +
          '1' +
          objects
            .toReversed()
            .map((object) => (object ? '}' : ']'))
            .join('');
        expect(reasonOf(text)).toBe(objects.length > 32 ? 'it nests deeper than 32' : null);
      }),
    );
    expect(reasonOf('['.repeat(100_000))).toBe('it nests deeper than 32');
    expect(lineOf(`${'[\n'.repeat(32)}[`)).toBe(33);
  });

  test('knows the line of each key, four deep', () => {
    const name = fc.constantFrom('a', 'b', 'c', '__proto__', 'my-rest', '\u00e9"');
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4, depthIdentifier: 'lines' },
        fc.constantFrom(1, 'x\\n', null),
        fc.uniqueArray(fc.tuple(name, tie('node')), { selector: ([key]) => key, maxLength: 4 }),
      ),
    })).node;
    const gaps = fc.array(fc.constantFrom('', ' ', '\n', '\r\n', '\n\n\t'), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(tree, gaps, (root, spaces) => {
        let text = '';
        let gap = 0;
        const lines = new Map<string, number>();
        const put = (part: string): void => {
          text += (spaces[gap++ % spaces.length] as string) + part;
        };
        const write = (node: unknown, path: readonly string[]): void => {
          if (!Array.isArray(node)) {
            put(JSON.stringify(node));
            return;
          }
          put('{');
          for (const [index, [key, child]] of (node as [string, unknown][]).entries()) {
            if (index > 0) put(',');
            put(JSON.stringify(key));
            if (path.length < 4) lines.set(lineKey([...path, key]), text.split('\n').length);
            put(':');
            write(child, [...path, key]);
          }
          put('}');
        };
        write(root, []);
        expect(parse(text)).toEqual({ value: JSON.parse(text), lines });
      }),
      { numRuns: 300 },
    );
  });

  test('is read in pieces, and each piece is short', () => {
    const work = parseJson(`[${'0,'.repeat(100_000)}0]`);
    let pauses = 0;
    while (work.next().done !== true) pauses += 1;
    expect(pauses).toBe(Math.floor(200_003 / 4096));
  });

  test('of any length is read in linear time', () => {
    for (const unit of [
      '[',
      '{"a":',
      '"',
      '\\',
      '"a',
      '"\\u0041',
      ' ',
      '\n',
      '0',
      '-',
      '1e',
      ',',
      '[],',
      '{},',
      '"a",',
      '\u0000',
    ]) {
      expectLinear((length) => [
        parse(unit.repeat(length / unit.length)),
        parse(`["${unit.repeat(length / unit.length)}"]`),
        parse(`[${unit.repeat(length / unit.length)}`),
      ]);
    }
    expectLinear((length) => parse(`{${Array.from({ length: length / 8 }, (_, index) => `"${index}":\n0`).join()}}`));
    expectLinear((length) => parse(`"${'\\n'.repeat(length)}"`));
  });
});

test('a line is counted from 1, and offsets may not go back', () => {
  const lineAt = lineCounter('a\nb\r\n\nc');
  expect([0, 1, 2, 3, 5, 6, 7, 7].map(lineAt)).toEqual([1, 1, 2, 2, 3, 4, 4, 4]);
});
