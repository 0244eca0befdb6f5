// The hint that something changed. What an event says is never trusted: it only means "look again".

import fs from 'node:fs';
import { basename } from 'node:path';
import timers from 'node:timers';

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

const { setTimeout: startTimer, clearTimeout: stopTimer } = timers;

/**
 * One inotify watch, on the folder, however many files are in it: everything below is ignored, and what is listened to
 * is the raw event, which tells the name. chokidar is loaded when the first watch is armed.
 */
export function chokidarTrigger(): Trigger {
  let current: { readonly watcher: FSWatcher; readonly scanned: Promise<void> } | null = null;
  let generation = 0;

  const disarm = async (): Promise<void> => {
    generation += 1;
    const old = current;
    current = null;
    await old?.scanned;
    if (old !== null) stopScans(old.watcher);
    await old?.watcher.close().catch(() => undefined);
  };

  return {
    disarm,
    async arm(folder, onEvent, onLost) {
      const closing = disarm();
      const turn = generation;
      const isCurrent = (): boolean => turn === generation;
      await closing;
      // chokidar 5 leaves errors of a watch that does not keep the process alive unhandled; only Windows has them.
      if (process.platform === 'win32') return 'this system reports changes of folders unreliably';
      const loaded = await import('chokidar').catch((error: unknown) => error as NodeJS.ErrnoException);
      if (!('watch' in loaded)) return notLoaded(loaded);
      const { watch } = loaded;
      // A link would be watched itself, and it is the folder behind it that changes.
      const real = await fs.promises.realpath(folder).catch(() => null);
      if (real === null) return 'it went away';
      if (!isCurrent()) return null;

      const watcher = watch(real, {
        persistent: false,
        ignoreInitial: true,
        followSymlinks: false,
        depth: 0,
        atomic: false,
        usePolling: false,
        ignorePermissionErrors: true,
        ignored: (path) => path !== real,
      });
      const ready = once(watcher, 'ready');
      current = { watcher, scanned: ready.then(() => undefined) };
      const failed = new Promise<string>((resolve) => {
        watcher.on('error', (error) => {
          const reason = lostTo((error as NodeJS.ErrnoException).code ?? 'unknown');
          resolve(reason);
          if (isCurrent()) onLost(reason);
        });
      });
      watcher.on('raw', (_event, name: string | null | undefined) => {
        if (isCurrent()) onEvent(name == null || name === basename(real) ? null : basename(name));
      });
      const inTime = await ready;
      return Promise.race([failed, Promise.resolve(inTime ? null : 'the watcher does not answer')]);
    },
  };
}

function notLoaded({ code }: NodeJS.ErrnoException): string {
  const reason =
    code === 'ERR_MODULE_NOT_FOUND' ? 'it is not installed' : 'Jest needs --experimental-vm-modules for it';
  return `chokidar cannot be loaded (${code ?? 'no reason given'}): ${reason}`;
}

/** Closed in the middle of a scan, chokidar 5 leaves its timer behind: for a second the process would not end. */
function stopScans(watcher: FSWatcher): void {
  const throttled: unknown = Reflect.get(watcher, '_throttled');
  const scans: unknown = throttled instanceof Map ? throttled.get('readdir') : undefined;
  for (const scan of scans instanceof Map ? scans.values() : [])
    stopTimer((scan as { timeoutObject?: NodeJS.Timeout }).timeoutObject);
}

/** Resolves with whether the event came before patience ran out. */
function once(watcher: FSWatcher, event: 'ready'): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = startTimer(() => {
      resolve(false);
    }, PATIENCE);
    watcher.on(event, () => {
      stopTimer(timer);
      resolve(true);
    });
  });
}

function lostTo(code: string): string {
  if (code === 'ENOSPC') return 'ENOSPC, the system has no inotify watch left (fs.inotify.max_user_watches)';
  if (code === 'EMFILE')
    return 'EMFILE, no inotify instance or file descriptor is left (fs.inotify.max_user_instances, ulimit -n)';
  return code;
}
