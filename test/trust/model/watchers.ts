// Stops the watches of this process underneath whoever holds them: no error, no last event, as if inotify had lost them.

import fs, { type FSWatcher } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

export interface Watchers {
  /** Stops those on this folder; how many there were. */
  kill(folder: string): number;
  /** How often one was begun on this folder. */
  begun(folder: string): number;
  restore(): void;
}

/** Takes down every watch that is begun from now on. */
export function captureWatchers(): Watchers {
  const { watch } = fs;
  const open: { readonly folder: string; readonly watcher: FSWatcher }[] = [];
  const begun: string[] = [];
  const capture = (folder: string, ...rest: unknown[]): FSWatcher => {
    const watcher = (watch as (...all: unknown[]) => FSWatcher)(folder, ...rest);
    begun.push(folder);
    open.push({ folder, watcher });
    return watcher;
  };
  Object.assign(fs, { watch: capture });
  syncBuiltinESMExports();
  return {
    kill(folder) {
      const own = open.filter((one) => one.folder === folder);
      for (const one of own) {
        one.watcher.close();
        open.splice(open.indexOf(one), 1);
      }
      return own.length;
    },
    begun: (folder) => begun.filter((other) => other === folder).length,
    restore() {
      Object.assign(fs, { watch });
      syncBuiltinESMExports();
    },
  };
}
