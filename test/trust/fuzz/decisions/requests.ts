// Requests as nobody should make them: baggage of every sort, trusted or not, and the calls that they cause.

import { mutateBytes } from '../bytes.ts';
import { mutateStructure } from '../structure.ts';
import { below, corpus, pick } from '../target.ts';
import type { Received } from './model.ts';
import { NAMESPACES, SERVICES } from './tables.ts';

export interface Request extends Received {
  readonly service: string;
  readonly endpoint: string;
  /** The port that the caller names, with its colon; empty for none. */
  readonly port: string;
  readonly path: string;
}

const WISHES = corpus('baggage');
const PATHS = corpus('paths').filter((path) => path.length < 200);
const WORDS = [
  'branchline',
  '=',
  ',',
  ';',
  '~',
  '.',
  ' ',
  ...SERVICES,
  ...NAMESPACES,
  'okteto-divert',
  'nobody',
  '%7E',
  '%2D',
];
const FOREIGN = [
  'user=7',
  ' tenant = 7 ; p',
  'Branchline=feature-x',
  'x=branchline=feature-x',
  '',
  ' ',
  'broken=%',
  '=',
];

export function drawRequest(random: () => number): Request {
  return {
    lines: drawLines(random),
    trust: random() < 0.9,
    refused: random() < 0.5 ? 'reject' : 'ignore',
    select: random() < 0.1 ? drawWish(random) : undefined,
    service: pick(random, SERVICES),
    endpoint: random() < 0.15 ? 'admin' : 'default',
    port: random() < 0.2 ? pick(random, [':3000', ':443', ':80', ':65535']) : '',
    path: random() < 0.5 ? pick(random, PATHS) : `${pick(random, PATHS)}${pick(random, PATHS)}`,
  };
}

function drawLines(random: () => number): string[] {
  const lines: string[] = [];
  for (let left = below(random, 3); left >= 0; left -= 1) {
    const chance = random();
    if (chance < 0.5) lines.push(drawMembers(random));
    else if (chance < 0.75) lines.push(mutated(random, pick(random, WISHES)));
    else lines.push(pick(random, chance < 0.9 ? FOREIGN : WISHES));
  }
  return lines;
}

function drawMembers(random: () => number): string {
  const members = [`branchline=${drawWish(random)}`];
  if (random() < 0.1) members.push(`okteto-divert=${drawWish(random)}`);
  if (random() < 0.1) members.push(`branchline=${drawWish(random)}`);
  while (random() < 0.4) members.splice(below(random, members.length + 1), 0, pick(random, FOREIGN));
  const line = members.join(',');
  return random() < 0.2 ? mutated(random, line) : line;
}

function drawWish(random: () => number): string {
  const items = Array.from({ length: 1 + below(random, random() < 0.1 ? 10 : 3) }, () => {
    const namespace = random() < 0.95 ? pick(random, NAMESPACES) : 'nobody';
    return random() < 0.3 ? `${pick(random, SERVICES)}.${namespace}` : namespace;
  });
  const wish = items.join('~');
  return random() < 0.1 ? mutateStructure(random, wish, WORDS) : wish;
}

function mutated(random: () => number, line: string): string {
  return random() < 0.5 ? mutateBytes(random, line, pick(random, WISHES)) : mutateStructure(random, line, WORDS);
}
