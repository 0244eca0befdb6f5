// Mutations that know nothing: characters flipped, put in, taken out, repeated, moved, cut off, and two texts spliced.

import { below, pick } from './target.ts';

/** Characters that parsers stumble over. */
const INTERESTING = Array.from(
  '\0\t\n\r\v\f "\'`#%&*+,-./:;<=>?@[\\]^_{|}~\u007f\u0080\u0085\u00a0\u00ad\u00c0\u00fe\u00ff',
);

type Mutation = (random: () => number, text: string, other: string) => string;

const MUTATIONS: readonly Mutation[] = [
  function flip(random, text) {
    const at = below(random, text.length);
    const code = (text.codePointAt(at) ?? 0) ^ (1 << below(random, 8));
    return replaced(text, at, at + 1, String.fromCodePoint(code));
  },
  function interesting(random, text) {
    const at = below(random, text.length);
    return replaced(text, at, at + 1, pick(random, INTERESTING));
  },
  function insert(random, text) {
    const at = below(random, text.length + 1);
    const count = 1 + below(random, 3);
    return replaced(text, at, at, Array.from({ length: count }, () => pick(random, INTERESTING)).join(''));
  },
  function remove(random, text) {
    const at = below(random, text.length);
    return replaced(text, at, at + 1 + below(random, 4), '');
  },
  function repeat(random, text) {
    const [from, to] = range(random, text);
    const times = random() < 0.02 ? 500 : 1 + below(random, 8);
    return replaced(text, from, from, text.slice(from, to).repeat(times)).slice(0, 20_000);
  },
  function move(random, text) {
    const [from, to] = range(random, text);
    const rest = replaced(text, from, to, '');
    const at = below(random, rest.length + 1);
    return replaced(rest, at, at, text.slice(from, to));
  },
  function truncate(random, text) {
    return random() < 0.5 ? text.slice(0, below(random, text.length)) : text.slice(below(random, text.length));
  },
  function splice(random, text, other) {
    return text.slice(0, below(random, text.length + 1)) + other.slice(below(random, other.length + 1));
  },
];

export function mutateBytes(random: () => number, text: string, other: string): string {
  return pick(random, MUTATIONS)(random, text, other);
}

function range(random: () => number, text: string): [from: number, to: number] {
  const from = below(random, text.length);
  return [from, from + 1 + below(random, Math.min(16, text.length - from))];
}

export function replaced(text: string, from: number, to: number, by: string): string {
  return text.slice(0, from) + by + text.slice(to);
}
