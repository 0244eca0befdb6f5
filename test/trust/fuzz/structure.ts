// Mutations that know what the texts are made of: names, marks between them, members, keys, brackets; and what people
// with bad intentions write in their place.

import { replaced } from './bytes.ts';
import { below, pick } from './target.ts';

/** In every grammar: what becomes a host, leaves an origin, pollutes a prototype, breaks a line, or only looks legal. */
const HOSTILE: readonly string[] = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'x@evil.example#',
  '@evil.example',
  '//evil.example',
  String.raw`/\evil.example`,
  '\t//evil.example',
  '169.254.169.254',
  '127.0.0.1',
  '[::1]',
  '0x7f.1',
  'localhost',
  'xn--a',
  '..',
  '%2e%2e',
  '%2F',
  '%00',
  '%0d%0a',
  '\r\nx-evil: 1\r\n',
  '\0',
  '\u001b[31m',
  '\u2028',
  '\u202e',
  '\u200b',
  '\ufeff',
  '\u00ad',
  '\ud800',
  '\u{1f600}',
  'a'.repeat(63),
  'a'.repeat(64),
  'a.'.repeat(130),
  '-'.repeat(80),
  '~a'.repeat(9),
  '0',
  '65535',
  '65536',
  '1e3',
  '0x1f90',
  'null',
  'json',
];

/** Letters that look like these, or become them on the way. */
const ALIKE: Readonly<Record<string, string>> = {
  a: 'а',
  c: 'ｃ',
  e: 'е',
  f: 'ﬀ',
  i: 'ı',
  k: '\u212a',
  o: 'о',
  s: 'ſ',
  '-': '‐',
  '.': '。',
  '/': '∕',
  '=': '＝',
  '@': '＠',
  '1': '１',
};

type Mutation = (random: () => number, parts: string[], words: readonly string[]) => string[];

const MUTATIONS: readonly Mutation[] = [
  function swap(random, parts) {
    const [one, other] = [below(random, parts.length), below(random, parts.length)];
    return parts.with(one, parts[other] ?? '').with(other, parts[one] ?? '');
  },
  function word(random, parts, words) {
    return parts.with(below(random, parts.length), pick(random, words));
  },
  function hostile(random, parts) {
    return parts.with(below(random, parts.length), pick(random, HOSTILE));
  },
  function add(random, parts, words) {
    return parts.toSpliced(below(random, parts.length + 1), 0, pick(random, random() < 0.5 ? words : HOSTILE));
  },
  function drop(random, parts) {
    return parts.length === 1 ? parts : parts.toSpliced(below(random, parts.length), 1);
  },
  function double(random, parts) {
    const at = below(random, parts.length);
    const end = at + 1 + below(random, 6);
    return parts.toSpliced(end, 0, ...parts.slice(at, end));
  },
  function nest(random, parts) {
    const at = below(random, parts.length);
    const [open = '', close = ''] = pick(random, ['{}', '[]', '""', "''", '()', '``', '  ', '<>', '\n\n', '%%']);
    const depth = random() < 0.1 ? 40 : 1;
    return parts.with(at, open.repeat(depth) + (parts[at] ?? '') + close.repeat(depth));
  },
  function respell(random, parts) {
    const at = below(random, parts.length);
    const part = parts[at] ?? '';
    const spellings = [part.toUpperCase(), part.toLowerCase(), part.replaceAll('-', '_'), encoded(random, part)];
    return parts.with(at, pick(random, spellings));
  },
  function alike(random, parts) {
    const at = below(random, parts.length);
    const part = parts[at] ?? '';
    const place = below(random, part.length);
    return parts.with(at, replaced(part, place, place + 1, ALIKE[part[place] ?? ''] ?? part[place] ?? ''));
  },
];

export function mutateStructure(random: () => number, text: string, words: readonly string[]): string {
  const parts = text.split(/([^A-Za-z0-9-]+)/).filter((part) => part !== '');
  const whole = parts.length === 0 ? [''] : parts;
  return pick(random, MUTATIONS)(random, whole, words.length === 0 ? HOSTILE : words)
    .join('')
    .slice(0, 20_000);
}

/** One character percent-encoded, at times twice. */
function encoded(random: () => number, part: string): string {
  const at = below(random, part.length);
  const code = (part.codePointAt(at) ?? 0).toString(16).padStart(2, '0');
  return replaced(part, at, at + 1, `${random() < 0.8 ? '%' : '%25'}${code}`);
}
