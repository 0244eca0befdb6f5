import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { drawGrid, type GridOptions, LEGEND } from '../../src/cli/grid.ts';
import { painter } from '../../src/cli/terminal.ts';
import { rowsOf, type TableRow } from '../../src/core/rows.ts';
import { label } from '../doubles/arbitraries.ts';
import { after, reading, tableOf } from '../doubles/said.ts';

const rows = (...said: Readonly<Record<string, string>>[]): TableRow[] =>
  rowsOf(tableOf(after(...said.map((data) => reading(data)))).entries);
const plain = painter(false);

/** As the library answers where nothing is wrong: the first namespace of the path that has the service. */
function grid(table: readonly TableRow[], options: Omit<GridOptions, 'outcome'>): ReturnType<typeof drawGrid> {
  const answers = (name: string): string | null =>
    options.path.find((at) => table.some(({ service, namespace }) => service === name && namespace === at)) ?? null;
  return drawGrid(table, { ...options, outcome: (name) => ({ answers: answers(name), fails: null }) });
}

function drawn(data: Readonly<Record<string, string>>, path: readonly string[], width: number | null = null): string[] {
  return grid(rows(data), { path, width, paint: plain }).lines.map((line) => line.trimEnd());
}

describe('the grid', () => {
  test('has a line for each service and named endpoint, and a column for each namespace, the path first', () => {
    expect(
      drawn(
        {
          'web.develop': '80',
          'my-rest.develop': '8080',
          'my-rest.feature-x': '8081',
          '_admin.my-rest.develop': '9090',
          'my-rest.a-branch': '8082',
        },
        ['feature-x', 'develop'],
      ),
    ).toEqual([
      'SERVICE   feature-x  develop  a-branch',
      'my-rest   ● 8081     ○ 8080   ○ 8082',
      '  _admin  ●          ○ 9090   ·',
      'web       ·          ● 80     ·',
    ]);
  });

  test('shows the path, though nothing is deployed on it', () => {
    expect(drawn({ 'a.other': '1' }, ['feature-x', 'develop'])).toEqual([
      'SERVICE  feature-x  develop  other',
      'a        ·          ·        ○ 1',
    ]);
    expect(drawn({ 'a.other': '1' }, [])).toEqual(['SERVICE  other', 'a        ○ 1']);
  });

  test('marks what is disabled, stale or invalid, and what is only deployed', () => {
    const table = rows(
      { 'a.develop': 'disabled', 'b.develop': '80', 'c.develop': 'x y', 'd.develop': '', 'd.other': 'disabled' },
      { 'a.develop': 'disabled', 'b.develop': '8O', 'c.develop': 'x y', 'd.develop': '', 'd.other': 'disabled' },
    );
    expect(grid(table, { path: ['develop'], width: null, paint: plain }).lines).toEqual([
      'SERVICE  develop     other',
      'a        ✗ disabled  ·',
      'b        ~ 80        ·',
      'c        ✗ invalid   ·',
      'd        ●           ✗ disabled',
    ]);
    for (const mark of ['●', '○', '·', '~', '✗']) expect(LEGEND).toContain(mark);
  });

  test('paints what answers green, what falls back dim, what is wrong red or yellow, the head bold', () => {
    const table = rows({ 'a.develop': '80', 'a.feature-x': '81', 'b.develop': 'disabled' });
    const paint = (style: string, text: string): string => `<${style}>${text.trimEnd()}</>`;
    expect(grid(table, { path: ['feature-x', 'develop'], width: null, paint }).lines).toEqual([
      '<bold>SERVICE  feature-x  develop</>',
      'a        <green>● 81</>  ○ 80',
      'b        <dim>·</>  <red>✗ disabled</>',
    ]);
  });
});

describe('where there is little room', () => {
  const table = {
    'my-rest.feature-x': 'https://my-rest.feature-x.example.com/a/long/base',
    'my-rest.develop': 'https://my-rest.develop.example.com/a/long/base',
    'my-rest.feature-y': '8080',
    'my-rest.feature-z': '8080',
  };
  const at = (width: number | null) => grid(rows(table), { path: ['feature-x', 'develop'], width, paint: plain });

  test('a pipe gets everything', () => {
    const { lines, hidden } = at(null);
    expect(lines[1]).toContain('https://my-rest.develop.example.com/a/long/base');
    expect(hidden).toEqual([]);
  });

  test('values are cut first, then left out, then the namespaces that are not on the path', () => {
    expect(at(200)).toMatchObject({ hidden: [] });
    expect(at(70).lines[1]).toBe('my-rest  ● https://my-rest…  ○ https://my-rest…  ○ 8080     ○ 8080');
    expect(at(49)).toEqual({
      lines: ['SERVICE  feature-x  develop  feature-y  feature-z', 'my-rest  ●          ○        ○          ○'],
      hidden: [],
    });
    expect(at(48)).toEqual({
      lines: ['SERVICE  feature-x  develop   feature-y', 'my-rest  ● https…   ○ https…  ○ 8080'],
      hidden: ['feature-z'],
    });
    expect(at(30)).toEqual({
      lines: ['SERVICE  feature-x  develop', 'my-rest  ● https…   ○ https…'],
      hidden: ['feature-y', 'feature-z'],
    });
    expect(at(27)).toEqual({
      lines: ['SERVICE  feature-x  develop', 'my-rest  ●          ○'],
      hidden: ['feature-y', 'feature-z'],
    });
  });

  test('the path is drawn whole, whatever the width', () => {
    expect(at(1).lines[0]).toBe('SERVICE  feature-x  develop');
    expect(at(1).hidden).toEqual(['feature-y', 'feature-z']);
  });

  const value = fc.constantFrom(
    '',
    '80',
    'disabled',
    'x y',
    'https://a-long-host.dev.example.com:8443/base',
    '[::1]:80',
  );
  const key = fc
    .tuple(fc.constantFrom('', '_admin.', '_grpc.'), label(20), label(20))
    .map(([endpoint, service, namespace]) => `${endpoint}${service}.${namespace}`);

  test('no line is wider than the terminal unless the path alone is, and no namespace gets lost', () => {
    fc.assert(
      fc.property(
        fc.dictionary(key, value, { minKeys: 1, maxKeys: 12 }),
        fc.uniqueArray(label(20), { maxLength: 3 }),
        fc.integer({ min: 1, max: 160 }),
        (data, path, width) => {
          const drawnRows = rows(data);
          const all = new Set([...path, ...drawnRows.map(({ namespace }) => namespace)]);
          const { lines, hidden } = grid(drawnRows, { path, width, paint: plain });
          const shown = (lines[0] ?? '').split(/ +/).slice(1);
          expect(new Set([...shown, ...hidden])).toEqual(all);
          expect(shown.slice(0, path.length)).toEqual(path);
          expect(hidden.filter((namespace) => path.includes(namespace))).toEqual([]);
          const widest = Math.max(...lines.map((line) => line.trimEnd().length));
          // More than the path, or more than one column where there is none, shows only as long as there is room.
          expect(widest <= width || shown.length === Math.max(path.length, 1)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});
