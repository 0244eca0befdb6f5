// What the writers' processes have in common: an order comes as the only argument, a report goes as the only line.

import type { Order, Report } from './writer.ts';

/** Writes one version after the other; `prepare` returns what writes one. */
export function obey(prepare: (order: Order) => (sequence: number) => unknown): void {
  const order = JSON.parse(process.argv[2] ?? '') as Order;
  const write = prepare(order);
  const random = seeded(order.pause?.seed ?? 1);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const end = order.first + order.times;
  for (let sequence = order.first; sequence < end; sequence += 1) {
    write(sequence);
    if (order.pause !== undefined) Atomics.wait(cell, 0, 0, random() * order.pause.most);
  }
  const report: Report = { last: end - 1 };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

/** mulberry32: the same pauses for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
