import { readdirSync, readlinkSync } from 'node:fs';

/** What the descriptors of this process are of, numbers aside, sorted. Linux only. */
export function descriptors(): string[] {
  return readdirSync('/proc/self/fd')
    .flatMap((descriptor) => {
      try {
        return [readlinkSync(`/proc/self/fd/${descriptor}`).replace(/\d+/g, 'N')];
      } catch {
        return []; // the listing's own
      }
    })
    .toSorted();
}
