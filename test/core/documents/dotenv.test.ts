import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { parseDotenv } from '../../../src/core/documents/dotenv.ts';
import { parsers } from '../../../src/sources/parsers.ts';
import { anyText } from '../../doubles/arbitraries.ts';
import { expectLinear } from '../../doubles/linear.ts';

const dotenv = parsers.dotenv();
const parse = (text: string) => parseDotenv(text, dotenv);
const read = (text: string): Record<string, string> => {
  const result = parse(text);
  if ('broken' in result) throw new Error(result.broken.reason);
  return Object.fromEntries(result.variables);
};
const LIMIT = 256 * 1024;

describe('a .env', () => {
  test('is read as dotenv reads it', () => {
    expect(
      read(
        '# table\nBRANCHLINE_A__DEVELOP=8080\nexport BRANCHLINE_B__DEVELOP = "https://b.example.com" # b\n\n  BRANCHLINE_C__DEVELOP=\'\'\nBRANCHLINE_D__DEVELOP=\nOTHER=1\nBRANCHLINE_e.develop: 1\n',
      ),
    ).toEqual({
      BRANCHLINE_A__DEVELOP: '8080',
      BRANCHLINE_B__DEVELOP: 'https://b.example.com',
      BRANCHLINE_C__DEVELOP: '',
      BRANCHLINE_D__DEVELOP: '',
      OTHER: '1',
      'BRANCHLINE_e.develop': '1',
    });
  });

  test.each(['\u2028', '\u2029'])('ends no line at %j, as no editor does', (separator) => {
    expect(read(`P=a${separator}B=1\nBRANCHLINE_A__DEVELOP=1\n`)).toEqual({ P: 'a B=1', BRANCHLINE_A__DEVELOP: '1' });
    expect(parse(`P=${separator}BRANCHLINE_B__DEVELOP=1\n`)).toMatchObject({ broken: { line: 1 } });
  });

  test.each(['"', "'", '`'])(
    'is broken where a value of ours opens a quotation with %s that nothing closes',
    (mark) => {
      expect(parse(`A=1\nBRANCHLINE_A__DEVELOP=${mark}80\n`)).toMatchObject({
        broken: { line: 2, reason: expect.stringContaining('opens a quotation that nothing closes') },
      });
      expect(parse(`export BRANCHLINE_A__DEVELOP= ${mark}`)).toMatchObject({ broken: { line: 1 } });
      expect(parse(`BRANCHLINE_A__DEVELOP: ${mark}80`)).toMatchObject({ broken: { line: 1 } });
      expect(read(`A=${mark}80\nBRANCHLINE_A__DEVELOP=${mark}80${mark} # ${mark}\n`)).toMatchObject({
        BRANCHLINE_A__DEVELOP: '80',
      });
      expect(read(`BRANCHLINE_A__DEVELOP=8${mark}0\n`)).toEqual({ BRANCHLINE_A__DEVELOP: `8${mark}0` });
    },
  );

  test('may have CR before LF', () => {
    expect(read('BRANCHLINE_A__DEVELOP=1\r\n\r\nBRANCHLINE_B__DEVELOP=2\r\n')).toEqual({
      BRANCHLINE_A__DEVELOP: '1',
      BRANCHLINE_B__DEVELOP: '2',
    });
  });

  test('may end in white space', () => {
    for (const end of ['', '\n', '\n  ', '\n\t\n', '\r\n \r\n'])
      expect(read(`BRANCHLINE_BASELINE=a${end}`)).toEqual({ BRANCHLINE_BASELINE: 'a' });
    expect(read(' ')).toEqual({});
  });

  test('knows the line of each of our names', () => {
    const result = parse('\n# x\nOTHER=1\nBRANCHLINE_A__DEVELOP=1\n\n\nexport BRANCHLINE_BASELINE=develop\n');
    expect(result).toMatchObject({
      lines: new Map([
        ['BRANCHLINE_A__DEVELOP', 4],
        ['BRANCHLINE_BASELINE', 7],
      ]),
    });
  });

  test.each([
    [
      'BRANCHLINE_A__DEVELOP=1\nOTHER=1\nBRANCHLINE_A__DEVELOP=2\n',
      /"BRANCHLINE_A__DEVELOP" stands twice; keep one/,
      3,
    ],
    ['OTHER=1\nBRANCHLINE_A__DEVELOP\n', /"BRANCHLINE_A__DEVELOP" has no value; want NAME=value/, 2],
    ['BRANCHLINE_A__DEVELOP 8080\n', /has no value/, 1],
    ['BRANCHLINE_A__DEVELOP=1\nBRANCH', /ends in the middle of a name, "BRANCH"/, 2],
    ['OTHER="x\nBRANCHLINE_A__DEVELOP=1\ny"\n', /stands inside a quotation that an earlier line opens/, 2],
    ['BRANCHLINE_A__DEVELOP:1\n', /"BRANCHLINE_A__DEVELOP" has no value/, 1],
    ['BRANCHLINE_A__DEVELOP : 1\n', /"BRANCHLINE_A__DEVELOP" has no value/, 1],
    ['A=1\n\nexport\t  BRANCHLINE_A/B=1\n', /"BRANCHLINE_A\/B" is no name that a .env can hold/, 3],
    ['A=1\n BRANCHLINE', /ends in the middle of a name, " BRANCHLINE"/, 2],
    ['export \t BRANCH', /ends in the middle of a name/, 1],
  ])('that dotenv would pass over in silence is an error: %j', (text, reason, line) => {
    expect(parse(text)).toEqual({ broken: { reason: expect.stringMatching(reason), line } });
  });

  test.each([
    'declare -x BRANCHLINE_A.b-c=1',
    'declare -x BRANCHLINE_A.b-c \t= 1',
    'set BRANCHLINE_A.b-c="1"',
    'A=1;BRANCHLINE_A.b-c=1',
    'A=x#BRANCHLINE_A.b-c=1',
    'A="x" BRANCHLINE_A.b-c=1',
    "A= 'x' BRANCHLINE_A.b-c=1",
    'A=`x` BRANCHLINE_A.b-c=1',
    '"BRANCHLINE_A.b-c": "1"',
    "  ' BRANCHLINE_A.b-c' = 1",
    '`BRANCHLINE_A.b-c',
    'exportBRANCHLINE_A.b-c BRANCHLINE_A.b-c=1',
  ])('that gives a value to a name of ours where dotenv sees none is an error: %j', (row) => {
    expect(parse(`A=1\n${row}\n`)).toEqual({
      broken: { reason: '"BRANCHLINE_A.b-c" is not read there; want NAME=value on a line of its own', line: 2 },
    });
  });

  test.each([
    'A="see BRANCHLINE_A=1"',
    "A='see BRANCHLINE_A=1'",
    'A=`see BRANCHLINE_A=1`',
    'A=  "see BRANCHLINE_A=1"',
    'A=1 # BRANCHLINE_A=1',
    '# BRANCHLINE_A=1',
    '  #BRANCHLINE_A=1',
    'A=BRANCHLINE_A',
    'A=BRANCHLINE_=1',
    'A=[1, "BRANCHLINE_A"]',
    'MY_BRANCHLINE_A=1',
    'my.BRANCHLINE_A=1',
    'my-BRANCHLINE_A=1',
    'BRANCH=1',
    'A="BRANCHLINE_A=1" # BRANCHLINE_B=1',
  ])('that names something of ours in passing is not ours to judge: %j', (row) => {
    expect(parse(`${row}\nB=1\n`)).toMatchObject({ variables: expect.any(Map), lines: new Map() });
  });

  test('of others may end in the middle of a name, and in the middle of the file too', () => {
    expect(parse('BRANCH\nB=1\n')).toHaveProperty('variables');
    expect(parse('B=1\nBRANCHING')).toHaveProperty('variables');
  });

  test('of others may say what it likes', () => {
    expect(
      read('nonsense\n=1\nOTHER\nOTHER=1\nOTHER=2\n# BRANCHLINE_A__DEVELOP\nX=see BRANCHLINE_A__DEVELOP\n'),
    ).toMatchObject({ OTHER: '2', X: 'see BRANCHLINE_A__DEVELOP' });
  });

  test('that sets a prototype sets none', () => {
    const result = parse('__proto__=x\nconstructor=y\nBRANCHLINE_BASELINE=develop\n');
    expect(result).toMatchObject({ variables: expect.any(Map) });
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test('is at most 256 KiB', () => {
    const comment = (length: number): string => `BRANCHLINE_BASELINE=a\n#${'x'.repeat(length - 23)}`;
    expect(parse(comment(LIMIT))).toHaveProperty('variables');
    expect(parse(comment(LIMIT + 1))).toEqual({
      broken: { reason: expect.stringContaining('262144 bytes, the limit of .env'), line: null },
    });
  });

  test('of any text is read or tells why not, and throws nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText(),
          anyText(30).map((text) => `BRANCHLINE_${text}`),
          fc
            .array(fc.constantFrom('BRANCHLINE_A', '=', '"', "'", '\n', ' ', '1', '#', 'export ', ': ', '`'))
            .map((parts) => parts.join('')),
        ),
        (text) => {
          const result = parse(text);
          if ('broken' in result) expect(result.broken.line).toBeLessThanOrEqual(text.split(/\r\n?|\n/).length);
          else for (const name of result.lines.keys()) expect(result.variables.has(name)).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('is read in linear time', () => {
    for (const unit of [
      '\n',
      ' \n',
      '\t\n',
      '\r\n',
      '\r',
      ' ',
      'A=1\n',
      'A=\n',
      "A='",
      'A="\n',
      'A=`',
      'export ',
      '#',
      '=',
      ':',
      "A='\\'",
      '\\',
      'BRANCHLINE_',
      '\nBRANCHLINE_A =',
      'a.b-c',
    ]) {
      expectLinear(
        (length) => [
          parse(unit.repeat(length / unit.length)),
          parse(`A=${unit.repeat(length / unit.length)}`),
          parse(`A="${unit.repeat(length / unit.length)}`),
        ],
        16_384,
      );
    }
  });
});
