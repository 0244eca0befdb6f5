// Follows what it is told to in a process of its own: prints every event with its time, answers commands, and knows for how
// long its event loop stood still. It ends with its standard input: nothing else may keep it alive.

import {
  closeSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { createResolver, fileSource, mountSource, type ResolverOptions } from 'branchline';

import { inotifyWatches } from '../../doubles/inotify.ts';
import { createKubelet } from '../../doubles/kubelet.ts';
import { tableWith } from './mount-opened.ts';

const say = (line: object): void =>
  void process.stdout.write(`${JSON.stringify({ ...line, at: performance.timeOrigin + performance.now() })}\n`);

const fieldsOf = (error: unknown): object => ({ ...(error as object), message: (error as Error).message });

/** For how long this thread has waited for a processor, in milliseconds: that is the machine's doing, not ours. */
function waited(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0; // this kernel does not count it
  }
}

const TICK = 5;
let last = performance.now();
let before = waited();
let longest = 0;
setInterval(() => {
  const [now, after] = [performance.now(), waited()];
  longest = Math.max(longest, now - last - TICK - (after - before));
  [last, before] = [now, after];
}, TICK).unref();

/** For how long the event loop stood still at most, in milliseconds, since it was asked last. */
function stood(): number {
  const most = longest;
  longest = 0;
  return most;
}

/** Takes the descriptor of inotify away underneath whoever watches. */
function closeInotify(): number {
  const own = readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === 'anon_inode:inotify';
    } catch {
      return false; // closed since it was listed
    }
  });
  for (const descriptor of own) closeSync(Number(descriptor));
  return own.length;
}

/**
 * Watches another folder, as a bundler might, and has more happen in it than the queue of inotify holds, all in one turn
 * of the event loop; then swaps a mount. Returns when that was over.
 */
function flood(folder: string, most: number, mount: string, port: string): number {
  watch(folder, { persistent: false }).on('error', () => {});
  for (let made = 0; made < most; made += 2) {
    mkdirSync(join(folder, 'made'));
    rmdirSync(join(folder, 'made'));
  }
  createKubelet(mount).write(tableWith(Number(port)));
  return performance.timeOrigin + performance.now();
}

interface Order extends Omit<ResolverOptions, 'sources'> {
  readonly sources?: readonly { readonly mount?: string; readonly file?: string }[];
}

const { sources, ...options } = JSON.parse(process.argv[2] ?? '{}') as Order;
process.on('warning', ({ message }) => say({ warning: message }));
say({ starting: true });
try {
  const resolver = createResolver({
    ...options,
    ...(sources && {
      sources: sources.map(({ mount, file }) =>
        file === undefined ? mountSource(mount === undefined ? {} : { path: mount }) : fileSource({ path: file }),
      ),
    }),
  });
  for (const event of ['change', 'stale', 'recovered', 'problem'] as const)
    resolver.on(event, (happened) => say({ [event]: happened }));

  const answers: Readonly<Record<string, (...words: [string, string, string, string]) => unknown>> = {
    lookup: (service) => resolver.lookup(service),
    resolve: (service) => resolver.resolve(service),
    status: () => resolver.status(),
    reload: async () => resolver.reload(),
    write: (path, text) => writeFileSync(path, text),
    watches: inotifyWatches,
    closeInotify,
    stood,
    flood: (folder, most, mount, port) => flood(folder, Number(most), mount, port),
  };
  const answer = async (command = '', a = '', b = '', c = '', d = ''): Promise<unknown> => {
    const run = answers[command];
    if (run === undefined) throw new Error(`no such command: ${command}`);
    return run(a, b, c, d);
  };
  createInterface({ input: process.stdin }).on('line', (text) => {
    const [number, ...words] = text.split(' ');
    answer(...words).then(
      (result) => say({ [`answer ${number}`]: result ?? null }),
      (error: unknown) => say({ [`answer ${number}`]: null, error: fieldsOf(error) }),
    );
  });
  await resolver.ready();
  stood();
  say({ ready: resolver.status() });
} catch (error) {
  say({ error: fieldsOf(error) });
}
