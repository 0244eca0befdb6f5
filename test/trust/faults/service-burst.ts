// 20,000 swaps at full speed, from another process, in front of readers that are blocked now and then: what they see only
// goes forward, is never of two versions, and the last is never lost.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { createResolver, mountSource, type Resolver, type ResolverOptions } from 'branchline';

import { until } from '../../doubles/await.ts';
import { createKubelet } from '../../doubles/kubelet.ts';
import { look, numberedPayload } from '../../doubles/numbered.ts';
import { record } from '../../doubles/recorder.ts';
import { randomOf } from '../trial.ts';
import { FAST } from './mount-opened.ts';
import type { Row, Tools } from './service-row.ts';

const SWAPS = 20_000;
const ENTRIES = 3;
/** The next poll is after the end: only the watch can be in time. */
const WATCHED = { pollInterval: 3_600_000 };
const POLLED = { watch: false, pollInterval: 100 };
/** Until the last is seen. */
const AMPLE = 5_000;

const WRITER = 'service-burst-process.ts';
/** Swaps in a row, and the pause after them in milliseconds, at most. */
const BREATH = { burst: 200, most: 20 };
/** Versions that the watched reader has to see, for that to show something. */
const ENOUGH = 10;

export const burst: Row = {
  name: 'a burst of 20,000 swaps',
  required: 'the last is found, by the watch alone and by the poll alone; nothing goes backwards, nothing is torn',
  how: 'a kubelet in another process, hundreds at a time at full speed; the reader blocked now and then',
  async run(tools, { seed }) {
    const mount = join(tools.folder(FAST), 'config');
    const kubelet = createKubelet(mount);
    kubelet.write(numberedPayload(ENTRIES, 0));
    const readers = [follow(tools, mount, 'watched', WATCHED), follow(tools, mount, 'polled', POLLED)];
    await Promise.all(readers.map(({ resolver }) => resolver.ready()));

    const order = { path: mount, first: 1, times: SWAPS, entries: ENTRIES, breath: { seed, ...BREATH } };
    let isOver = false;
    const writer = tools.start(WRITER, { args: [JSON.stringify(order)] });
    const written = writer.exited(60_000).finally(() => (isOver = true));
    written.catch(() => {});
    const random = randomOf(seed);
    const cell = new Int32Array(new SharedArrayBuffer(4));
    while (!isOver) {
      await pause(random() * 60);
      Atomics.wait(cell, 0, 0, random() * 60);
    }
    const { code, stderr } = await written;
    if (code !== 0) throw new Error(`not injected: the writer ended with ${code}: ${stderr}`);

    await Promise.all(readers.map(async ({ reached }) => reached(SWAPS)));
    // The watch has outlived it.
    const start = performance.now();
    kubelet.write(numberedPayload(ENTRIES, SWAPS + 1));
    await readers[0]?.reached(SWAPS + 1);
    const milliseconds = performance.now() - start;
    await readers[1]?.reached(SWAPS + 1);
    for (const { check } of readers) check();
    const [watched = 0, polled = 0] = readers.map(({ seen }) => seen.length);
    tools.must(watched >= ENOUGH, `only ${watched} versions were seen by the watched reader; that shows nothing`);
    return { noticed: `change (${watched} versions seen, ${polled} by the poll)`, milliseconds };
  },
};

interface Reader {
  readonly name: string;
  readonly resolver: Resolver;
  readonly seen: readonly number[];
  reached(sequence: number): Promise<void>;
  check(): void;
}

function follow({ after, must, same }: Tools, path: string, name: string, options: ResolverOptions): Reader {
  const resolver = createResolver({
    sources: [mountSource({ path })],
    namespace: 'feature-x',
    baseline: 'develop',
    ...options,
  });
  after(async () => resolver.close());
  const events = record(resolver);
  const seen: number[] = [];
  resolver.on('change', ({ revision }) => {
    try {
      const sight = look(resolver, ENTRIES);
      seen.push(sight.sequence);
      same(sight.revision, revision, `${name}: the revision that answers when ${revision} is told`);
    } catch (error) {
      must(false, `${name}: ${String(error)}`);
    }
  });
  return {
    name,
    resolver,
    seen,
    reached: async (sequence) =>
      until(
        () => seen.at(-1) === sequence,
        () => `the ${name} reader to see number ${sequence}; it saw ${seen.at(-1)} last`,
        AMPLE,
      ),
    check() {
      const back = seen.findIndex((sequence, index) => index > 0 && sequence <= (seen[index - 1] as number));
      must(back === -1, `${name}: it saw number ${seen[back - 1]}, and then ${seen[back]}`);
      const revisions = events.change.map(({ revision }) => revision);
      same(
        revisions,
        revisions.map((_, index) => index + 2),
        `${name}: the revisions`,
      );
      // A table that moved at every look for seconds is said to be stale, and is read again.
      same(events.recovered.length, events.stale.length, `${name}: how often it recovered`);
      same(resolver.status().stale, [], `${name}: what is stale`);
      if (name === 'watched') same(resolver.status().sources[0]?.watch, 'native', `${name}: how it is watched`);
    },
  };
}
