// The hint that something changed. What an event says is never trusted: it only means "look again".

import { basename } from 'node:path';

import type { FSWatcher } from 'chokidar';

/** Tells when to look. The poll finds what it misses. */
export interface Trigger {
  /** Watches a folder; resolves when it does, or with the reason why it cannot. Never rejects. */
  arm(folder: string, onEvent: (name: string | null) => void, onLost: (reason: string) => void): Promise<string | null>;
  disarm(): Promise<void>;
}

export type CreateTrigger = () => Trigger;

/** chokidar 5 may never say that it is ready; then the poll has to do, after so many milliseconds. */
const PATIENCE = 1000;

const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis;

/**
 * One inotify watch, on the folder, however many files are in it: everything below is ignored, and what is listened to
 * is the raw event, which tells the name. chokidar is loaded when the first watch is armed.
 */
export function chokidarTrigger(): Trigger {
  let watcher: FSWatcher | null = null;
  let generation = 0;
  /** Ends the wait of an `arm` that is under way. */
  let release: (() => void) | null = null;

  const disarm = async (): Promise<void> => {
    generation += 1;
    const old = watcher;
    watcher = null;
    release?.();
    await old?.close().catch(() => undefined);
  };

  return {
    disarm,
    async arm(folder, onEvent, onLost) {
      await disarm();
      const turn = generation;
      const isCurrent = (): boolean => turn === generation;
      // chokidar 5 leaves errors of a watch that does not keep the process alive unhandled; only Windows has them.
      if (process.platform === 'win32') return 'this system reports changes of folders unreliably';
      const { watch } = await import('chokidar').catch(() => ({ watch: null }));
      if (watch === null) return 'chokidar cannot be loaded here (Jest without ES modules)';
      if (!isCurrent()) return null;
      const made = watch(folder, {
        persistent: false,
        ignoreInitial: true,
        followSymlinks: false,
        depth: 0,
        atomic: false,
        usePolling: false,
        ignorePermissionErrors: true,
        ignored: (path) => path !== folder,
      });
      watcher = made;
      return new Promise<string | null>((resolve) => {
        let armed = false;
        const done = (reason: string | null): void => {
          stopTimer(timer);
          if (armed) return;
          armed = true;
          resolve(reason);
        };
        const timer = startTimer(() => {
          done('the watcher does not answer');
        }, PATIENCE);
        release = () => {
          done(null);
        };
        made.on('error', (error) => {
          const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
          if (armed && isCurrent()) onLost(lostTo(reason));
          done(lostTo(reason));
        });
        made.on('ready', () => {
          done(null);
        });
        made.on('raw', (_event, name: string | null | undefined) => {
          if (isCurrent()) onEvent(name == null ? null : basename(name));
        });
      });
    },
  };
}

function lostTo(code: string): string {
  if (code === 'ENOSPC') return 'ENOSPC, the system has no inotify watch left (fs.inotify.max_user_watches)';
  if (code === 'EMFILE')
    return 'EMFILE, no inotify instance or file descriptor is left (fs.inotify.max_user_instances, ulimit -n)';
  return code;
}
