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
  ])('that dotenv would pass over in silence is an error: %j', (text, reason, line) => {
    expect(parse(text)).toEqual({ broken: { reason: expect.stringMatching(reason), line } });
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
