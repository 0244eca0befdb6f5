// Time that grows with the length and not with its square: every parser and every header path, on texts that repeat what
// is dear to it.

import process from 'node:process';

import { WAYS } from './ways.ts';

export interface Cost {
  readonly way: string;
  readonly texts: number;
  /** The slowest of the longer texts, in milliseconds of the processor, and which one it was. */
  readonly slowest: number;
  readonly piece: string;
  readonly breaches: readonly string[];
}

/** Four times as much costs about four times as much; quadratic work costs sixteen times. With ample room. */
export async function costsOf(share: number): Promise<readonly Cost[]> {
  const costs: Cost[] = [];
  for (const { name, length, pieces, run } of WAYS) {
    const breaches: string[] = [];
    let slowest = 0;
    let slowestPiece = '';
    for (const piece of pieces) {
      const few = await cheapest(run, textOf(piece, length * share));
      const many = await cheapest(run, textOf(piece, 4 * length * share));
      if (many > slowest) [slowest, slowestPiece] = [many, piece];
      if (many > 10 * few + 40)
        breaches.push(
          `${name} of ${JSON.stringify(piece)} again and again: ${few.toFixed(1)} ms, and ${many.toFixed(1)} ms for four times as much`,
        );
    }
    costs.push({ way: name, texts: pieces.length, slowest, piece: slowestPiece, breaches });
  }
  return costs;
}

function textOf(piece: string, length: number): string {
  const times = Math.ceil(length / (piece.length + (piece.includes('#') && piece.length > 2 ? 4 : 0)));
  if (!piece.includes('#') || piece.length <= 2) return piece.repeat(times);
  return Array.from({ length: times }, (_, index) => piece.replace('#', String(index))).join('');
}

/** Of three runs, in milliseconds of the processor: what others do on the machine does not count. */
async function cheapest(run: (text: string) => unknown, text: string): Promise<number> {
  let best = Infinity;
  for (let times = 0; times < 3; times += 1) {
    const before = process.cpuUsage();
    try {
      await run(text);
    } catch {
      // Whether it is refused is not what is asked here.
    }
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}
