import { readdirSync, readFileSync } from 'node:fs';

/** How many inotify watches this process holds. Linux only. */
export function inotifyWatches(): number {
  let watches = 0;
  for (const descriptor of readdirSync('/proc/self/fdinfo')) {
    try {
      watches += readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8').match(/^inotify wd:/gm)?.length ?? 0;
    } catch {
      // closed since it was listed
    }
  }
  return watches;
}
