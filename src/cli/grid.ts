// The table as a person wants to see it: services × namespaces. What answers, what it hides, what is missing and falls
// back, and what is wrong.

import { DEFAULT_ENDPOINT } from '../core/names.ts';
import type { TableRow } from '../core/rows.ts';
import type { Paint, Style } from './terminal.ts';

/** Where a call would end: the library's own answer. */
export interface Outcome {
  /** The namespace whose entry answers; `null` for the convention, and for an error. */
  readonly answers: string | null;
  /** The namespace where the search ends in an error. */
  readonly fails: string | null;
}

export interface GridOptions {
  readonly outcome: (service: string, endpoint: string) => Outcome;
  /** The search path, the own namespace first: its columns come first. */
  readonly path: readonly string[];
  /** Columns of text that there are; `null` for as many as are needed. */
  readonly width: number | null;
  readonly paint: Paint;
}

/** One row of the drawing: a service, or one of its named endpoints. */
interface Line extends Outcome {
  readonly label: string;
  readonly cells: ReadonlyMap<string, TableRow>;
}

const GAP = '  ';
/** A value that is longer is cut, where the width counts. */
const LONGEST_VALUE = 32;
const SHORTEST_VALUE = 6;

export const LEGEND =
  '● answers   ○ deployed, not asked first   · not deployed: falls back   ~ stale   ✗ disabled or invalid';

/** The drawing, and the namespaces that found no room. */
export function drawGrid(
  rows: readonly TableRow[],
  options: GridOptions,
): { readonly lines: readonly string[]; readonly hidden: readonly string[] } {
  const { path, width, paint, outcome } = options;
  const present = new Set(rows.map(({ namespace }) => namespace));
  const all = [...path, ...[...present].filter((namespace) => !path.includes(namespace)).toSorted()];
  const lines = linesOf(rows, outcome);
  const label = Math.max('SERVICE'.length, ...lines.map((line) => line.label.length));

  // The path always shows; each further namespace as long as there is room.
  for (let shown = all.length; ; shown -= 1) {
    const namespaces = all.slice(0, shown);
    for (const longest of [LONGEST_VALUE, 16, SHORTEST_VALUE, 0]) {
      const limit = width === null ? Infinity : longest;
      const widths = namespaces.map((namespace) => columnWidth(namespace, lines, limit));
      const whole = label + widths.reduce((sum, one) => sum + GAP.length + one, 0);
      const isLast = shown <= Math.max(path.length, 1) && longest === 0;
      if (width !== null && whole > width && !isLast) continue;
      return { lines: draw(lines, namespaces, widths, label, limit, paint), hidden: all.slice(shown) };
    }
  }
}

function linesOf(rows: readonly TableRow[], outcome: GridOptions['outcome']): Line[] {
  const lines = new Map<string, { service: string; endpoint: string; cells: Map<string, TableRow> }>();
  for (const row of rows) {
    const { service, endpoint, namespace } = row;
    for (const one of [DEFAULT_ENDPOINT, endpoint]) {
      const id = `${service} ${one}`;
      const line = lines.get(id) ?? { service, endpoint: one, cells: new Map<string, TableRow>() };
      lines.set(id, line);
      if (one === endpoint) line.cells.set(namespace, row);
    }
  }
  return [...lines.values()].map(({ service, endpoint, cells }) => ({
    label: endpoint === DEFAULT_ENDPOINT ? service : `  _${endpoint}`,
    ...outcome(service, endpoint),
    cells,
  }));
}

function columnWidth(namespace: string, lines: readonly Line[], limit: number): number {
  return Math.max(namespace.length, ...lines.map((line) => textOf(line, namespace, limit).length));
}

function draw(
  lines: readonly Line[],
  namespaces: readonly string[],
  widths: readonly number[],
  label: number,
  limit: number,
  paint: Paint,
): string[] {
  const head = ['SERVICE'.padEnd(label), ...namespaces.map((name, index) => name.padEnd(widths[index] as number))];
  return [
    paint('bold', head.join(GAP).trimEnd()),
    ...lines.map((line) => {
      const cells = namespaces.map((namespace, index) => {
        const text = textOf(line, namespace, limit);
        const isLast = index === namespaces.length - 1;
        return painted(line, namespace, isLast ? text : text.padEnd(widths[index] as number), paint);
      });
      return [line.label.padEnd(label), ...cells].join(GAP).trimEnd();
    }),
  ];
}

function textOf(line: Line, namespace: string, limit: number): string {
  const row = line.cells.get(namespace);
  const mark = markOf(line, namespace, row);
  if (row === undefined || row.value === '' || limit === 0) return mark;
  const value = row.value.length > limit ? `${row.value.slice(0, Math.max(limit - 1, 1))}…` : row.value;
  return `${mark} ${value}`;
}

/** An endpoint without an entry of its own may answer with the port of the baseline's. */
function markOf({ answers, fails }: Line, namespace: string, row: TableRow | undefined): string {
  if (namespace === fails || row?.state === 'disabled' || row?.state === 'invalid') return '✗';
  if (row?.state === 'stale') return '~';
  if (namespace === answers) return '●';
  return row === undefined ? '·' : '○';
}

const STYLES: Readonly<Record<string, Style>> = { '✗': 'red', '~': 'yellow', '●': 'green', '·': 'dim' };

function painted(line: Line, namespace: string, text: string, paint: Paint): string {
  const style = STYLES[markOf(line, namespace, line.cells.get(namespace))];
  return style === undefined ? text : paint(style, text);
}
