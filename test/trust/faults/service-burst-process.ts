// A kubelet that swaps in bursts, at full speed, and takes breath between two of them: a reader that must see a version
// whole would hardly see any otherwise.

import { createKubelet } from '../../doubles/kubelet.ts';
import { numberedPayload } from '../../doubles/numbered.ts';
import { obey } from '../../doubles/order.ts';
import type { Order } from '../../doubles/writer.ts';
import { randomOf } from '../trial.ts';

obey((order) => {
  const { path, entries, breath } = order as Order & { breath: { seed: number; burst: number; most: number } };
  const kubelet = createKubelet(path);
  const random = randomOf(breath.seed);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  let left = breath.burst;
  return (sequence) => {
    kubelet.write(numberedPayload(entries, sequence));
    left -= 1;
    if (left > 0) return;
    left = Math.ceil(random() * breath.burst);
    Atomics.wait(cell, 0, 0, random() * breath.most);
  };
});
