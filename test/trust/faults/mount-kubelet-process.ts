// A kubelet that is held up while it removes the folder of the last version, in a process of its own: a reader that found
// its way there just before sees a part of that version, all of it readable.

import { createKubelet } from '../../doubles/kubelet.ts';
import { numberedPayload } from '../../doubles/numbered.ts';
import type { Order, Report } from '../../doubles/writer.ts';
import { randomOf } from '../trial.ts';

const { path, first, times, entries, pause } = JSON.parse(process.argv[2] ?? '') as Required<Order>;
const kubelet = createKubelet(path);
const random = randomOf(pause.seed);
const cell = new Int32Array(new SharedArrayBuffer(4));
for (let sequence = first; sequence < first + times; sequence += 1) {
  let removed = 0;
  await kubelet.writeSlowly(numberedPayload(entries, sequence), async (next) => {
    if (next === 12) removed += 1;
    if (next === 12 && removed === entries >> 1) Atomics.wait(cell, 0, 0, random() * pause.most);
  });
}
const report: Report = { last: first + times - 1 };
process.stdout.write(`${JSON.stringify(report)}\n`);
