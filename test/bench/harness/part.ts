// What a part of the benchmark is: it measures, and gives rows of the table. A row is a ratio to what it stands beside,
// of the same run, or a count.

export interface Figure {
  /** The median of the repetitions, or the count. */
  readonly median: number;
  /** Where the middle half of the repetitions lies; for `interval`, where the median is with 95 % certainty. */
  readonly low: number;
  readonly high: number;
}

export interface Target {
  readonly most?: number;
  readonly least?: number;
}

export interface Row {
  /** What was measured: `resolve(name), 200 services`. */
  readonly what: string;
  /** What stands beside it, and is 1: `Map.get`. Nothing for a count. */
  readonly beside: string | null;
  readonly figure: Figure;
  /** `×` for a ratio; otherwise what is counted: `bytes a call`, `ms`, `queries`. */
  readonly unit: string;
  readonly target: Target | null;
  /** Whether the target is met; `null` where there is none. */
  readonly met: boolean | null;
  /** Absolute figures of this machine, and what else a reader needs to know. */
  readonly note: string;
}

export interface Given {
  /** Just enough to see that it runs: the figures mean nothing. */
  readonly smoke: boolean;
  /** How often: the whole number of repetitions, or the few of a smoke run. */
  times(whole: number, smoke: number): number;
  /** What is going on, for whoever watches. */
  progress(text: string): void;
}

export interface Part {
  readonly name: string;
  readonly title: string;
  run(given: Given): Promise<readonly Row[]>;
}

export function row(
  what: string,
  beside: string | null,
  figure: Figure,
  more: { unit?: string; target?: Target; met?: boolean; note?: string } = {},
): Row {
  const { unit = '×', target = null, met = target === null ? null : isMet(figure.median, target), note = '' } = more;
  return { what, beside, figure, unit, target, met, note };
}

export function isMet(value: number, { most = Infinity, least = -Infinity }: Target): boolean {
  return value <= most && value >= least;
}

/** A figure that was counted, not sampled. */
export function count(value: number): Figure {
  return { median: value, low: value, high: value };
}
