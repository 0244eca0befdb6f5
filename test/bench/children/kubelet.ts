// A kubelet in a process of its own. Asked for so many swaps, it tells when the last one was committed, in milliseconds
// of the system's monotonic clock.

import process from 'node:process';

import { createKubelet, type Kubelet } from '../../doubles/kubelet.ts';
import { numberedPayload } from '../../doubles/numbered.ts';
import { monotonic } from '../parts/clock.ts';

export interface Swaps {
  readonly mount: string;
  readonly entries: number;
  /** The number of the last one: what all of its entries spell. */
  readonly last: number;
  readonly times: number;
}

const COMMIT = 9;
const kubelets = new Map<string, Kubelet>();

process.on('message', ({ mount, entries, last, times }: Swaps) => {
  const kubelet = kubelets.get(mount) ?? createKubelet(mount);
  kubelets.set(mount, kubelet);
  for (let number = last - times + 1; number < last; number += 1) kubelet.write(numberedPayload(entries, number));
  let committed = 0;
  // Right before the system call of the commit: nothing is waited for.
  const note = (next: number): Promise<void> => {
    if (next === COMMIT) committed = monotonic();
    return Promise.resolve();
  };
  void kubelet.writeSlowly(numberedPayload(entries, last), note).then(() => process.send?.(committed));
});
process.send?.('ready');
