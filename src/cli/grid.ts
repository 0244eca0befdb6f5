// The table as a person wants to see it: services × namespaces. What answers, what it hides, what is missing and falls
// back, and what is wrong.

import { DEFAULT_ENDPOINT } from '../core/names.ts';
import type { TableRow } from '../core/rows.ts';
import type { Paint } from './terminal.ts';

export interface GridOptions {
  /** The search path, the own namespace first: its columns come first. */
  readonly path: readonly string[];
  /** Columns of text that there are; `null` for as many as are needed. */
  readonly width: number | null;
  readonly paint: Paint;
}

/** One row of the drawing: a service, or one of its named endpoints. */
interface Line {
  readonly label: string;
  /** A named endpoint: where its service lives without an entry for it, it has the port of the baseline's. */
  readonly isNamed: boolean;
  /** The namespace on the path that answers; `null` when none does. */
  readonly answers: string | null;
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
  const { path, width, paint } = options;
  const present = new Set(rows.map(({ namespace }) => namespace));
  const all = [...path, ...[...present].filter((namespace) => !path.includes(namespace)).toSorted()];
  const lines = linesOf(rows, path);
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

function linesOf(rows: readonly TableRow[], path: readonly string[]): Line[] {
  const lines = new Map<string, { service: string; endpoint: string; cells: Map<string, TableRow> }>();
  const homes = new Map<string, Set<string>>();
  for (const row of rows) {
    const { service, endpoint, namespace } = row;
    homes.set(service, (homes.get(service) ?? new Set()).add(namespace));
    for (const one of [DEFAULT_ENDPOINT, endpoint]) {
      const id = `${service} ${one}`;
      const line = lines.get(id) ?? { service, endpoint: one, cells: new Map<string, TableRow>() };
      lines.set(id, line);
      if (one === endpoint) line.cells.set(namespace, row);
    }
  }
  return [...lines.values()].map(({ service, endpoint, cells }) => ({
    label: endpoint === DEFAULT_ENDPOINT ? service : `  _${endpoint}`,
    isNamed: endpoint !== DEFAULT_ENDPOINT,
    answers: path.find((namespace) => homes.get(service)?.has(namespace) === true) ?? null,
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

function markOf({ answers, isNamed }: Line, namespace: string, row: TableRow | undefined): string {
  if (row === undefined) return isNamed && namespace === answers ? '●' : '·';
  if (row.state === 'disabled' || row.state === 'invalid') return '✗';
  if (row.state === 'stale') return '~';
  return namespace === answers ? '●' : '○';
}

function painted(line: Line, namespace: string, text: string, paint: Paint): string {
  const row = line.cells.get(namespace);
  if (row === undefined) return paint(text.startsWith('●') ? 'green' : 'dim', text);
  if (row.state === 'disabled' || row.state === 'invalid') return paint('red', text);
  if (row.state === 'stale') return paint('yellow', text);
  return namespace === line.answers ? paint('green', text) : text;
}
