import { setTimeout as pause } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { within } from '../doubles/await.ts';
import { startChild } from '../doubles/child.ts';
import { fastFolder } from '../doubles/folder.ts';
import { numberedPayload } from '../doubles/numbered.ts';
import { swap } from '../doubles/writer.ts';
import { expectPort, mounted, open, pollOnly, portOf, tableWith, volume, watcherOnly } from './mounted.ts';

const script = (name: string): URL => new URL(`./children/${name}.ts`, import.meta.url);

/** A process that something keeps alive never ends; one that nothing does ends at once. */
const soon = 5_000;

describe('a process with a resolver', () => {
  const options = [watcherOnly, { pollInterval: 50 }, pollOnly];
  const moments = ['created', 'ready', 'reloading'];

  test.for(options.flatMap((option) => moments.map((moment) => [JSON.stringify(option), moment] as const)))(
    'ends by itself: %s, when it is %s',
    async ([option, moment]) => {
      const child = startChild(script('ends'), { args: [volume().mount, option, moment] });
      await child.said(moment);
      const { code, signal, stderr } = await child.exited(soon);
      expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    },
  );

  test('ends at once with its own code when it says so while it watches', async () => {
    const child = startChild(script('ends'), { args: [volume().mount, '{}', 'exit'] });
    expect(await child.exited()).toMatchObject({ code: 7, stderr: '' });
  });

  test.for(['by itself', 'closing first'])('ends %s on SIGTERM during a reload', async (manner) => {
    const { mount } = volume(numberedPayload(50, 0), fastFolder());
    const child = startChild(script('sigterm'), { args: [mount, manner] });
    void swap({ path: mount, first: 1, times: 10_000, entries: 50 });
    await child.said('reloading');
    child.process.kill('SIGTERM');
    const { code, signal, stderr } = await child.exited(soon);
    if (manner === 'by itself') {
      expect({ code, signal }).toEqual({ code: null, signal: 'SIGTERM' });
    } else {
      expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
      expect(child.lines.at(-1)).toMatchObject({ closed: true, settled: true });
    }
  });

  test('holds after closing what it held before', async () => {
    const child = startChild(script('leaks'), { args: [volume().mount] });
    const { before, after } = await child.said('after');
    expect(after).toEqual(before);
    expect(await child.exited(soon)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('close', () => {
  test.for([
    ['a watcher', watcherOnly],
    ['polling', pollOnly],
  ] as const)('is the end of events, and resolve still answers, with %s', async ([, options]) => {
    const { resolver, events, kubelet } = await mounted(tableWith(8081), options);
    await resolver.close();
    kubelet.write(tableWith(8082));
    await pause(300);
    expect(resolver.lookup('my-rest')).toMatchObject({ port: 8081, revision: 1 });
    expect(resolver.status().closed).toBe(true);
    expect(events).toEqual({ change: [], stale: [], recovered: [], problem: [], refused: [] });
  });

  test('may be called twice, one after the other and at the same time', async () => {
    const { resolver } = await mounted(tableWith(8081));
    await within(Promise.all([resolver.close(), resolver.close()]), 'both');
    await within(resolver.close(), 'the third');
    await within(resolver[Symbol.asyncDispose](), 'the fourth');
    expect(portOf(resolver)).toBe(8081);
  });

  test.for([
    ['a watcher', watcherOnly],
    ['polling', pollOnly],
  ] as const)('may come before ready, which settles all the same, with %s', async ([, options]) => {
    const { resolver, events } = open(volume().mount, options);
    const ready = resolver.ready();
    await within(resolver.close(), 'the resolver to close');
    await within(Promise.allSettled([ready, resolver.ready()]), 'ready to settle');
    expect(portOf(resolver)).toBe(8081);
    expect(events.problem).toEqual([]);
  });

  test('may come during a reload, which settles all the same and changes nothing later', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { resolver, events, kubelet } = await mounted(tableWith(8081), round % 2 === 0 ? watcherOnly : pollOnly);
      kubelet.write(tableWith(8082));
      const reload = resolver.reload();
      if (round % 4 > 1) await pause(round / 10);
      await within(resolver.close(), 'the resolver to close');
      const port = portOf(resolver);
      const heard = events.change.length;
      await within(Promise.allSettled([reload]), 'the reload to settle');
      kubelet.write(tableWith(8083));
      await pause(10);
      expect(portOf(resolver)).toBe(port);
      expect(events.change).toHaveLength(heard);
    }
  });

  test('leaves no watch behind, however often one opens', async () => {
    const kubelet = volume();
    for (let round = 0; round < 50; round += 1) {
      const { resolver } = open(kubelet.mount, { pollInterval: 50 });
      if (round % 2 === 0) await resolver.ready();
      await resolver.close();
    }
    const { resolver } = open(kubelet.mount, watcherOnly);
    await resolver.ready();
    kubelet.write(tableWith(8082));
    await expectPort(resolver, 8082);
  });
});
