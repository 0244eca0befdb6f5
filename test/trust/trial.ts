// What one line of the report card is made of: a trial that is run with a seed and says what it saw.

/** The six properties of the report card, in its order. */
export const AXES = ['safe by default', 'predictable', 'bounded', 'observable', 'verified', 'verifiable'] as const;
export type Axis = (typeof AXES)[number];

/** How much is run: three minutes in CI, ten minutes for the report card, and what takes hours. */
export const FORMS = ['short', 'full', 'long'] as const;
export type Form = (typeof FORMS)[number];

export interface Given {
  readonly form: Form;
  /** Everything that is drawn is drawn from it, so that a run can be repeated. */
  readonly seed: number;
  /** How often, for each form. */
  times(short: number, full: number, long?: number): number;
  /** What is going on, for whoever watches. */
  progress(text: string): void;
}

export interface Outcome {
  /** The figure, as the card prints it: `0 of 1,000,000`. */
  readonly figure: string;
  /** What must not be, each with what somebody needs to see it again. Empty: the promise held. */
  readonly breaches: readonly string[];
  /** Lines below the figure: a row for each fault, say, with the time until it was noticed. */
  readonly rows?: readonly (readonly string[])[];
}

export interface Trial {
  readonly axis: Axis;
  /** What is promised, as a sentence without a full stop. */
  readonly name: string;
  /** The smallest form that it is a part of. */
  readonly from: Form;
  run(given: Given): Promise<Outcome>;
}

/** Numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function grouped(count: number): string {
  return count.toLocaleString('en');
}
