// A watch that dies without a word: what it misses is found by the next poll, and then it is armed again, or given up aloud.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { createKubelet } from '../../doubles/kubelet.ts';
import { now, observe, type Observed, traced } from './files-observed.ts';
import { FAST, POLL, SOON, tableWith } from './mount-opened.ts';
import type { Row, Seen, Tools } from './service-row.ts';

const REQUIRED = 'what it misses is found within a poll';
/** A second poll without an event tells that the watch is dead, and one try a second to arm it. */
const SWAPS_UNTIL_NOTICED = 20;

export const silent: readonly Row[] = [
  {
    name: 'a watch is dead from the start, and says nothing',
    required: `${REQUIRED}; it is armed again, and counted`,
    how: 'strace -e inject=inotify_add_watch:retval=1:when=1, which never reaches the system',
    async run(tools) {
      const { reader, swap } = await begin(tools, traced('inotify_add_watch:retval=1:when=1'));
      tools.same(await reader.ask('watches'), 0, 'the watches that the system has at first');
      const seen = await swap();
      let swaps = 1;
      while ((await reader.ask('watches')) === 0 && swaps < SWAPS_UNTIL_NOTICED) {
        await swap();
        swaps += 1;
      }
      tools.same(await reader.ask('watches'), 1, `the watches that the system has after ${swaps} swaps`);
      const problems = reader.all('problem').map(({ told }) => told.code);
      tools.must(problems.length > 0, `it was armed again after ${swaps} swaps, and nothing says that it was dead`);
      return { ...seen, noticed: [seen.noticed, ...problems, `armed again after ${swaps} swaps`].join(', ') };
    },
  },
  {
    name: 'a watch dies later, and says nothing',
    required: `${REQUIRED}; it is armed again, or WARN_WATCH_LOST says once that it cannot be`,
    how: 'the descriptor of inotify is closed underneath',
    async run(tools) {
      const { reader, swap } = await begin(tools);
      await swap();
      tools.same(await reader.ask('closeInotify'), 1, 'the descriptors of inotify that were closed');
      const seen = await swap();
      for (let swaps = 1; reader.all('problem').length === 0 && swaps < SWAPS_UNTIL_NOTICED; swaps += 1) await swap();
      for (let swaps = 0; swaps < 3; swaps += 1) await swap();
      tools.same((await reader.status()).sources[0]?.watch, 'poll', 'how it is watched');
      const problems = reader.all('problem').map(({ told }) => told);
      const codes = [...new Set(problems.map(({ code }) => code))];
      tools.same(codes, ['WARN_WATCH_LOST'], 'the problems that were told');
      // That it is dead and that it cannot be armed may be two; neither is told twice.
      const messages = problems.map(({ message }) => message);
      tools.same(messages, [...new Set(messages)], 'what was told');
      return { ...seen, noticed: `${seen.noticed}, problem (${codes.join(', ')})` };
    },
  },
  {
    name: 'the system loses events',
    required: `${REQUIRED}, and the watch goes on`,
    how: 'more events than the queue of inotify holds, in a process that stands still meanwhile',
    async run(tools) {
      const { mount, reader, swap, next } = await begin(tools);
      await swap();
      const most = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
      const port = next();
      // The swap is the last of what happens, and so is what is lost.
      const over = await reader.ask<number>(`flood ${tools.folder(FAST)} ${most} ${mount} ${port}`);
      const seen = await finds(tools, reader, port, over);
      for (let swaps = 0; swaps < 3; swaps += 1) await swap();
      const { sources, problems } = await reader.status();
      tools.same([sources[0]?.watch, problems], ['native', []], 'how it is watched afterwards, and the problems');
      return seen;
    },
  },
];

interface Begun {
  readonly mount: string;
  readonly reader: Observed;
  /** The port of the next swap. */
  next(): number;
  /** Swaps, and sees to it that it is found. */
  swap(): Promise<Seen>;
}

async function begin(tools: Tools, under: readonly string[] = []): Promise<Begun> {
  let port = 8080;
  const kubelet = createKubelet(join(tools.folder(), 'config'));
  kubelet.write(tableWith(port));
  const reader = await observe(tools, { sources: [{ mount: kubelet.mount }], pollInterval: POLL }, under);
  await reader.child.said('ready');
  tools.same((await reader.status()).sources[0]?.watch, 'native', 'how it is watched at first');
  const next = (): number => (port += 1);
  return {
    mount: kubelet.mount,
    reader,
    next,
    async swap() {
      const since = now();
      kubelet.write(tableWith(next()));
      return finds(tools, reader, port, since);
    },
  };
}

async function finds(tools: Tools, reader: Observed, port: number, since: number): Promise<Seen> {
  const { at } = await reader.heard('change', since, ({ changes }) => changes.some(({ to }) => to === String(port)));
  const after = at - since;
  tools.must(after < POLL + SOON, `port ${port} was found after ${Math.round(after)} ms, with a poll every ${POLL} ms`);
  return { noticed: 'change', milliseconds: after };
}
