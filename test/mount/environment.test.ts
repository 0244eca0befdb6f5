// What surrounds the resolver: an exhausted kernel, variables and fake timers meant for others, other resolvers.

import { rmSync } from 'node:fs';

import { describe, expect, test, vi } from 'vitest';

import { eventOf, until, within } from '../doubles/await.ts';
import { startChild } from '../doubles/child.ts';
import { inotifyWatches } from '../doubles/inotify.ts';
import { createKubelet } from '../doubles/kubelet.ts';
import { noUnshare } from '../doubles/unshare.ts';
import { expectPort, mounted, open, pollOnly, portOf, tableWith, volume, watcherOnly } from './mounted.ts';

const observer = new URL('./children/observer.ts', import.meta.url);
const order = (path: string, options: object) => [
  JSON.stringify({ path, namespace: 'feature-x', baseline: 'develop', ...options }),
];

describe('inotify that is exhausted', () => {
  const flags = ['--user', '--map-root-user'];

  test.for(['max_inotify_instances', 'max_inotify_watches'])(
    '(%s) at the start is one problem; polling goes on, and the watch comes back',
    async (limit, { skip }) => {
      const reason = noUnshare(...flags);
      if (reason !== null) skip(reason);
      const kubelet = volume();
      const child = startChild(observer, {
        args: order(kubelet.mount, { pollInterval: 100 }),
        unshare: { flags, first: `echo 0 > /proc/sys/user/${limit}` },
      });
      const { ready } = await child.said('ready');
      expect(ready).toMatchObject({ sources: [{ state: 'live', watch: 'poll' }] });
      for (const port of [8082, 8083, 8084]) {
        kubelet.write(tableWith(port));
        await until(
          () => child.lines.some((line) => JSON.stringify(line['change'])?.includes(String(port))),
          `port ${port} to be seen`,
        );
      }
      const problems = child.lines.filter((line) => 'problem' in line);
      expect(problems).toMatchObject([{ problem: { code: 'WARN_WATCH_LOST', source: `mount:${kubelet.mount}` } }]);

      await child.ask(`write /proc/sys/user/${limit} 100`);
      const isNative = async (): Promise<boolean> =>
        JSON.stringify(await child.ask('status')).includes('"watch":"native"');
      const start = performance.now();
      while (!(await isNative()))
        expect(performance.now() - start, 'the watch was not armed again').toBeLessThan(10_000);
      kubelet.write(tableWith(8085));
      await until(
        () => child.lines.some((line) => JSON.stringify(line['change'])?.includes('8085')),
        'port 8085 to be seen',
      );
      child.process.stdin?.end();
      expect(await child.exited()).toMatchObject({ code: 0, stderr: '' });
    },
  );

  test('later, when the folder was created again, is one problem; polling goes on', async ({ skip }) => {
    const reason = noUnshare(...flags);
    if (reason !== null) skip(reason);
    const kubelet = volume();
    const child = startChild(observer, {
      args: order(kubelet.mount, { pollInterval: 100 }),
      unshare: { flags, first: '' },
    });
    const { ready } = await child.said('ready');
    expect(ready).toMatchObject({ sources: [{ watch: 'native' }] });
    await child.ask('write /proc/sys/user/max_inotify_watches 0');
    rmSync(kubelet.mount, { recursive: true });
    for (const port of [8082, 8083]) {
      createKubelet(kubelet.mount).write(tableWith(port));
      await until(
        () => child.lines.some((line) => JSON.stringify(line['change'])?.includes(String(port))),
        `port ${port} to be seen`,
      );
    }
    await child.ask('reload');
    expect(
      child.lines.filter((line) => JSON.stringify(line).includes('WARN_WATCH_LOST') && 'problem' in line),
    ).toHaveLength(1);
    expect((await child.ask('status'))['result']).toMatchObject({ sources: [{ state: 'live', watch: 'poll' }] });
  });
});

describe('without a watcher', () => {
  test('every change is found by polling', async () => {
    const { resolver, events, kubelet } = await mounted(tableWith(9000), pollOnly);
    expect(resolver.status().sources[0]?.watch).toBe('poll');
    for (const port of [9001, 9002, 9003]) {
      const change = eventOf(resolver, 'change');
      kubelet.write(tableWith(port));
      await change;
      expect(portOf(resolver)).toBe(port);
    }
    expect(events.change).toHaveLength(3);
  });

  test.runIf(process.platform === 'linux')('no inotify watch is taken', async () => {
    const before = inotifyWatches();
    await mounted(tableWith(9000), pollOnly);
    expect(inotifyWatches()).toBe(before);
  });
});

describe.runIf(process.platform === 'linux')('a mount of many keys', () => {
  test('takes one inotify watch', async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`s${index}.develop`, '8080']));
    const before = inotifyWatches();
    const { resolver, kubelet } = await mounted(many, watcherOnly);
    expect(inotifyWatches() - before).toBe(1);
    kubelet.write({ ...many, ...tableWith(8081) });
    await expectPort(resolver, 8081);
    expect(inotifyWatches() - before).toBe(1);
    await resolver.close();
    expect(inotifyWatches()).toBe(before);
  });
});

describe('variables that are meant for other watchers', () => {
  test.for([
    ['CHOKIDAR_USEPOLLING', '1'],
    ['CHOKIDAR_USEPOLLING', 'true'],
    ['CHOKIDAR_INTERVAL', '100000'],
  ])('%s=%s does not stop this one', async ([name, value]) => {
    const kubelet = volume();
    const child = startChild(observer, {
      args: order(kubelet.mount, { pollInterval: 1_000 }),
      env: { [name ?? '']: value },
    });
    await child.said('ready');
    for (const port of [8082, 8083]) {
      kubelet.write(tableWith(port));
      await until(
        () => child.lines.some((line) => JSON.stringify(line['change'])?.includes(String(port))),
        `port ${port} to be seen`,
      );
    }
    child.process.stdin?.end();
    expect(await child.exited()).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('timers that a test has faked', () => {
  test.for([
    ['a watcher', watcherOnly],
    ['polling', pollOnly],
  ] as const)('stop neither ready, reload and close nor what is seen by %s', async ([, options]) => {
    vi.useFakeTimers();
    try {
      const kubelet = volume();
      const { resolver } = open(kubelet.mount, options);
      await within(resolver.ready(), 'the watch to be armed');
      kubelet.write(tableWith(8082));
      await within(resolver.reload(), 'the reload');
      expect(portOf(resolver)).toBe(8082);
      kubelet.write(tableWith(8083));
      await expectPort(resolver, 8083);
      await within(resolver.close(), 'the resolver to close');
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('several resolvers on one folder', () => {
  test.for([
    ['watch', watcherOnly],
    ['poll', pollOnly],
  ] as const)('all follow it, and closing one closes no other: they %s', async ([, options]) => {
    const kubelet = volume();
    const opened = Array.from({ length: 100 }, () => open(kubelet.mount, options));
    await Promise.all(opened.map(({ resolver }) => resolver.ready()));
    kubelet.write(tableWith(8082));
    await until(() => opened.every(({ resolver }) => portOf(resolver) === 8082), 'all of them to see the swap');

    const [first, ...others] = opened;
    await first?.resolver.close();
    kubelet.write(tableWith(8083));
    await until(() => others.every(({ resolver }) => portOf(resolver) === 8083), 'the others to see the next swap');
    expect(first?.resolver.lookup('my-rest').port).toBe(8082);
    expect(opened.map(({ events }) => events.change.length)).toEqual([1, ...others.map(() => 2)]);
    await Promise.all(opened.map(({ resolver }) => resolver.close()));
  });
});
