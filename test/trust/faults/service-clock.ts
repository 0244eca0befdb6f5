// The clock of a process is turned, by an hour, by years, back to 1970 and to now: nothing changes but what was written.

import { spawnSync } from 'node:child_process';
import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { until } from '../../doubles/await.ts';
import { createKubelet } from '../../doubles/kubelet.ts';
import type { Child } from './service-child.ts';
import type { Row } from './service-row.ts';

/** In seconds, from the true time. */
const JUMPS = [3_600, -86_400, 20 * 365 * 86_400, -50 * 365 * 86_400, 0];
/** And back by so much, while a file that was written is waited for to be quiet. */
const AGAIN = 7_200;
/** The file was seen by then, and not read yet, in milliseconds. */
const MEANWHILE = 30;
/** Between two tries to make the default resolver, in milliseconds. */
const RETRY = 5_000;
const READERS = ['watched', 'polled', 'file watched', 'file polled'];

interface Seen {
  readonly port: number;
  readonly revision: number;
  readonly stale: number;
  readonly state: string;
  readonly lastCheck: number;
}
interface Look {
  readonly now: number;
  readonly monotonic: number;
  readonly byDefault: string;
  readonly all: Readonly<Record<string, Seen>>;
}

export const clockJumps: Row = {
  name: 'the clock jumps',
  required: 'no answer, no event and no waiting time is another; what is written then is found as ever',
  how: 'faketime, the monotonic clock excepted: hours and years, forwards and backwards',
  async run({ folder, start, same }, { form }) {
    const room = folder();
    const [mount, file, clock, missing] = ['mount', 'table.json', 'clock', 'missing'].map((name) =>
      join(room, name),
    ) as [string, string, string, string];
    const kubelet = createKubelet(mount);
    const write = (value: string): void => {
      const table = { 'my-rest.develop': '8080', 'my-rest.feature-x': value };
      kubelet.write(table);
      writeFileSync(file, JSON.stringify(table));
    };
    // Whole at any moment: the clock is looked up there whenever it is asked for.
    const turnBy = (seconds: number): void => {
      writeFileSync(`${clock}.new`, seconds < 0 ? String(seconds) : `+${seconds}`);
      renameSync(`${clock}.new`, clock);
    };
    write('9000');
    turnBy(0);
    const child = start('service-clock-child.ts', {
      args: [mount, file],
      env: {
        LD_PRELOAD: preload(),
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        NO_FAKE_STAT: '1',
        FAKETIME_DISABLE_SHM: '1',
        BRANCHLINE_CONFIG: missing,
      },
    });
    await child.said('ready');
    let before = await lookOf(child);
    const failedAt = before.monotonic;
    same(before.byDefault, 'ERR_SOURCE_UNREADABLE', 'the default resolver, whose folder is missing');
    createKubelet(missing).write({ 'my-rest.develop': '8080' });

    let slowest = 0;
    let port = 9000;
    for (const jump of JUMPS) {
      const events = child.lines.length;
      turnBy(jump);
      const after = await polled(child, 'polled', 'file polled');
      const off = after.now - (Date.now() + jump * 1_000);
      if (Math.abs(off) > 60_000) throw new Error(`not injected: the clock is ${off} ms from where it was turned to`);
      for (const name of READERS) same(answerOf(after, name), answerOf(before, name), `${name}, after ${jump} s`);
      same(
        child.lines.slice(events).filter((line) => 'event' in line),
        [],
        `events after ${jump} s`,
      );
      if (after.monotonic - failedAt < RETRY)
        same(after.byDefault, 'ERR_SOURCE_UNREADABLE', `the default resolver before its time, after ${jump} s`);

      port += 1;
      const written = performance.now();
      write(String(port));
      // As the clock of the writer jumps, so do the times of its files.
      if (jump !== 0) utimesSync(file, Date.now() / 1_000 + jump, Date.now() / 1_000 + jump);
      await pause(MEANWHILE);
      turnBy(jump - AGAIN);
      await heard(child, 'change', port);
      slowest = Math.max(slowest, performance.now() - written);
      // What is stale stays so over a jump, and recovers.
      write('bad');
      await heard(child, 'stale', port);
      turnBy(0);
      const stale = await polled(child, 'polled', 'file polled');
      for (const name of READERS) same(answerOf(stale, name), [port, port - 8_999, 1, 'live'], `${name}, stale`);
      write(String(port));
      await heard(child, 'recovered', port);
      before = await lookOf(child);
    }
    for (const name of READERS) {
      const changes = child.lines.filter((line) => line['event'] === 'change' && line['name'] === name);
      same(changes.length, JUMPS.length, `${name}: how many changes were told`);
    }
    if (form !== 'short') {
      await pause(Math.max(0, RETRY + 100 - (before.monotonic - failedAt)));
      const { byDefault } = await lookOf(child);
      same(byDefault, 'http://my-rest.develop.svc:8080', 'the default resolver when its time has come');
    }
    child.process.stdin?.end();
    same((await child.exited()).code, 0, 'how the process ended');
    return { noticed: 'change', milliseconds: slowest };
  },
};

/** What the wrapper would put there; it would run the child below itself, out of reach. */
function preload(): string {
  const { stdout, error } = spawnSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' });
  if (error !== undefined)
    throw new Error(`not injected: faketime is missing (${error.message}); apt-get install faketime`);
  const library = stdout.trim();
  if (library === '')
    throw new Error('not injected: faketime names no library; apt-get install --reinstall libfaketime');
  return library;
}

const lookOf = async (child: Child): Promise<Look> => {
  const answer = await child.ask('look');
  return Object.values(answer)[0] as Look;
};

/** Looks until these have polled, twice. */
async function polled(child: Child, ...names: readonly string[]): Promise<Look> {
  let last = await lookOf(child);
  for (let round = 0; round < 2; round += 1) {
    const checks = names.map((name) => last.all[name]?.lastCheck);
    const start = performance.now();
    do {
      if (performance.now() - start > 5_000) throw new Error(`${names.join(' and ')} no longer looked`);
      last = await lookOf(child);
    } while (names.some((name, index) => last.all[name]?.lastCheck === checks[index]));
  }
  return last;
}

const answerOf = ({ all }: Look, name: string): unknown => {
  const { port, revision, stale, state } = all[name] as Seen;
  return [port, revision, stale, state];
};

/** Waits until each reader has told it, at this port. */
async function heard(child: Child, event: string, port: number): Promise<void> {
  const missing = (): string[] =>
    READERS.filter(
      (name) => !child.lines.some((line) => line['event'] === event && line['name'] === name && line['port'] === port),
    );
  await until(
    () => missing().length === 0,
    () => `${event} at ${port} from ${missing().join(', ')}`,
    5_000,
  );
}
