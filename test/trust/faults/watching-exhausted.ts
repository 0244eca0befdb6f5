// inotify that is exhausted, at start and later: one warning, the poll goes on, and where there is room again the watch is
// armed again.

import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { createKubelet } from '../../doubles/kubelet.ts';
import { now, observe, type Observed, traced } from './files-observed.ts';
import { POLL, SOON, tableWith } from './mount-opened.ts';
import type { Row, Seen, Tools } from './service-row.ts';
import { limited } from './unshared.ts';

const LIMITS = { instances: '/proc/sys/user/max_inotify_instances', watches: '/proc/sys/user/max_inotify_watches' };
type Limit = keyof typeof LIMITS;

const REQUIRED = 'one problem WARN_WATCH_LOST, and every swap is found within a poll';

export const exhausted: readonly Row[] = [
  ...(['instances', 'watches'] as const).map((limit) => atStart(limit)),
  ...(['instances', 'watches'] as const).map((limit) => later(limit)),
  refused('no watch is left (ENOSPC), at start', 'inotify_add_watch:error=ENOSPC', false),
  refused('no watch is left (ENOSPC), later', 'inotify_add_watch:error=ENOSPC:when=2+', true),
  refused('no instance is left (EMFILE), at start', 'inotify_init1:error=EMFILE', false),
];

function atStart(limit: Limit): Row {
  const file = LIMITS[limit];
  return {
    name: `inotify ${limit} are exhausted, at start`,
    required: `${REQUIRED}; the watch is armed when there is room again`,
    how: `unshare --user, 0 in ${file}`,
    async run(tools) {
      const { kubelet, reader } = await begin(tools, limited(file, `echo 0 > ${file}`));
      const seen = await isPolled(tools, reader, kubelet, reader.began);
      await reader.ask(`write ${file} 100`);
      await isNative(reader);
      await finds(tools, reader, () => kubelet.write(tableWith(8099)), 8099);
      return seen;
    },
  };
}

function later(limit: Limit): Row {
  const file = LIMITS[limit];
  return {
    name: `inotify ${limit} are exhausted, later`,
    required: `${REQUIRED}; the watch is armed when there is room again`,
    how: `unshare --user, 0 in ${file} while it is watched, and the folder made anew`,
    async run(tools) {
      const { kubelet, reader } = await begin(tools, limited(file, ''));
      tools.same((await reader.status()).sources[0]?.watch, 'native', 'how it is watched at first');
      await reader.ask(`write ${file} 0`);
      const since = now();
      rmSync(kubelet.mount, { recursive: true });
      const next = createKubelet(kubelet.mount);
      next.write(tableWith(8081));
      // An instance that a process has is its own for good: only the watches of a new folder can be missing.
      if (limit === 'instances') {
        await finds(tools, reader, () => next.write(tableWith(8082)), 8082);
        await isNative(reader);
        tools.same(lost(reader), [], 'problems of an instance that was there before');
        const { at } = await reader.heard('change', since);
        return { noticed: 'change, by the instance it has', milliseconds: at - since };
      }
      const seen = await isPolled(tools, reader, next, since);
      await reader.ask(`write ${file} 100`);
      await isNative(reader);
      return seen;
    },
  };
}

/** The same where the system refuses it, whatever the limits are. */
function refused(name: string, inject: string, isLater: boolean): Row {
  return {
    name,
    required: REQUIRED,
    how: `strace -e inject=${inject}`,
    async run(tools) {
      const { kubelet, reader } = await begin(tools, traced(inject));
      if (!isLater) return isPolled(tools, reader, kubelet, reader.began);
      tools.same((await reader.status()).sources[0]?.watch, 'native', 'how it is watched at first');
      const since = now();
      rmSync(kubelet.mount, { recursive: true });
      const next = createKubelet(kubelet.mount);
      next.write(tableWith(8081));
      return isPolled(tools, reader, next, since);
    },
  };
}

type Kubelet = ReturnType<typeof createKubelet>;

async function begin(tools: Tools, under: readonly string[]): Promise<{ kubelet: Kubelet; reader: Observed }> {
  const kubelet = createKubelet(join(tools.folder(), 'config'));
  kubelet.write(tableWith(8080));
  const reader = await observe(tools, { sources: [{ mount: kubelet.mount }], pollInterval: POLL }, under);
  await reader.child.said('ready');
  return { kubelet, reader };
}

/** It says once that it is not watched, and goes on finding what is written. */
async function isPolled(tools: Tools, reader: Observed, kubelet: Kubelet, since: number): Promise<Seen> {
  const { told, at } = await reader.heard('problem', since, ({ code }) => code === 'WARN_WATCH_LOST');
  for (const port of [8091, 8092, 8093]) await finds(tools, reader, () => kubelet.write(tableWith(port)), port);
  const { sources, problems, stale } = await reader.status();
  tools.same([sources[0]?.state, sources[0]?.watch], ['live', 'poll'], 'state and watch in status()');
  tools.same([problems.map(({ code }) => code), stale], [['WARN_WATCH_LOST'], []], 'problems and stale in status()');
  tools.same(lost(reader).length, 1, 'how often it was told');
  return { noticed: `problem (${told.code})`, milliseconds: at - since };
}

/** A folder that is made anew may be missed for a moment as well, which is another problem. */
function lost(reader: Observed): string[] {
  return reader
    .all('problem')
    .map(({ told }) => told.code)
    .filter((code) => code === 'WARN_WATCH_LOST');
}

async function finds(tools: Tools, reader: Observed, write: () => unknown, port: number): Promise<void> {
  const since = now();
  write();
  const { at } = await reader.heard('change', since, ({ changes }) => changes.some(({ to }) => to === String(port)));
  tools.must(at - since < POLL + SOON, `port ${port} was found after ${at - since} ms, with a poll every ${POLL} ms`);
}

/** A poll, and a second between two tries. */
async function isNative({ status, ask }: Observed): Promise<void> {
  const end = now() + 10_000;
  const isArmed = async (): Promise<boolean> =>
    (await status()).sources[0]?.watch === 'native' && (await ask('watches')) === 1;
  while (!(await isArmed())) if (now() > end) throw new Error('the watch was not armed again within 10 seconds');
}
