// A mount that a kubelet writes and a process follows: how long a swap takes to be seen.

import type { Swaps } from '../children/kubelet.ts';
import type { Follower, Seen } from '../children/watcher.ts';
import { type Child, start } from '../harness/child.ts';

export interface Followed {
  /** So many swaps at full speed. Milliseconds from the last one to the answer that it gives, or `null` when it is late. */
  swap(times: number, patience: number): Promise<number | null>;
  stop(): Promise<void>;
}

export async function follow(
  follower: Follower,
  mount: string,
  kubelet: Child<string>,
  entries: number,
): Promise<Followed> {
  let last = 0;
  const write = (times: number): Promise<number> => {
    last += times;
    return kubelet.ask<number>({ mount, entries, last, times } satisfies Swaps);
  };
  await write(1);
  const child = await start<string>('watcher', [follower, mount]);
  let seen: Seen | null = null;
  let notice = (): void => undefined;
  child.process.on('message', (message) => {
    seen = message as Seen;
    notice();
  });

  /** When the last state was live; `null` when it is not in time. */
  const sight = (url: string, patience: number): Promise<number | null> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        notice = () => undefined;
        resolve(null);
      }, patience);
      notice = () => {
        if (seen?.url !== url) return;
        clearTimeout(timer);
        notice = () => undefined;
        resolve(seen.at);
      };
      notice();
    });

  return {
    async swap(times, patience) {
      const committed = await write(times);
      const at = await sight(`http://h-${last}.example.com`, patience);
      return at === null ? null : at - committed;
    },
    stop: () => child.stop(),
  };
}
