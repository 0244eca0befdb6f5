// What is fuzzed: one way into the library, texts to begin with, and an oracle that says what is wrong with an answer.

import { readFileSync } from 'node:fs';

export interface Target {
  /** As in the names of replays. */
  readonly name: string;
  readonly seeds: readonly string[];
  /** Words and marks of its grammar, for mutations that know it. */
  readonly words: readonly string[];
  /** Makes up a whole input, where mutated text would seldom be one. */
  draw?(random: () => number): string;
  /** What is wrong with what the library makes of the input; `null` when nothing is. The input alone decides. */
  hold(input: string): string | null | Promise<string | null>;
}

/** A file of `corpus/`: a list of texts. */
export function corpus(name: string): readonly string[] {
  return JSON.parse(readFileSync(new URL(`./corpus/${name}.json`, import.meta.url), 'utf8')) as string[];
}

/** Bytes as a text of one character a byte: what is mutated where a file is read. */
export function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function pick<T>(random: () => number, of: readonly T[]): T {
  return of[Math.floor(random() * of.length)] as T;
}

export function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}
