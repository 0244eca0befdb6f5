// The rows as a person reads them.

import type { Figure, Row, Target } from './part.ts';

const HEAD = ['', 'beside', 'median', 'spread', 'target', 'met'];

export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => cellsOf(row));
  const widths = HEAD.map((head, column) => Math.max(head.length, ...cells.map((line) => line[column]?.length ?? 0)));
  const line = (parts: readonly string[]): string =>
    parts
      .map((part, column) => (column < 2 ? part.padEnd(widths[column] ?? 0) : part.padStart(widths[column] ?? 0)))
      .join('  ');
  return [
    line(HEAD),
    ...cells.flatMap((parts, index) => {
      const note = rows[index]?.note ?? '';
      return [line(parts), ...(note === '' ? [] : [`    ${note}`])];
    }),
  ]
    .map((text) => text.trimEnd())
    .join('\n');
}

function cellsOf({ what, beside, figure, unit, target, met }: Row): string[] {
  return [
    what,
    beside ?? '',
    amount(figure.median, unit),
    spreadOf(figure, unit),
    targetOf(target, unit),
    verdict(met),
  ];
}

function verdict(met: boolean | null): string {
  if (met === null) return '';
  return met ? 'yes' : 'NO';
}

function spreadOf({ low, high, median }: Figure, unit: string): string {
  return low === median && high === median ? '' : `${digits(low)}–${amount(high, unit)}`;
}

function targetOf(target: Target | null, unit: string): string {
  if (target === null) return '';
  return [
    ...(target.most === undefined ? [] : [`≤ ${amount(target.most, unit)}`]),
    ...(target.least === undefined ? [] : [`≥ ${amount(target.least, unit)}`]),
  ].join(', ');
}

function amount(value: number, unit: string): string {
  return `${digits(value)} ${unit}`;
}

/** Three digits that mean something, and no more. */
export function digits(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en');
  return size >= 10 ? value.toFixed(1) : value.toFixed(size >= 0.1 ? 2 : 4);
}
