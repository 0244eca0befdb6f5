// What a request costs its client: the CPU time of this process, all its threads, over a batch of requests.

import process from 'node:process';

const AT_ONCE = 8;

/**
 * A candidate of a round: microseconds of CPU a request, over `requests` of them, a few at the same time. So many that
 * what one side leaves to be collected meets both: a collection by force would throw compiled code away, and measure that.
 */
export function cpuOf(request: () => Promise<unknown>, requests: number): () => Promise<number> {
  return async () => {
    const before = process.cpuUsage();
    let left = requests;
    const worker = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await request();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / requests;
  };
}
