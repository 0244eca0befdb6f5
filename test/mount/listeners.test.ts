import { setTimeout as pause } from 'node:timers/promises';

import { createResolver, mountSource } from 'branchline';
import { describe, expect, onTestFinished, test } from 'vitest';

import { eventOf, until, within } from '../doubles/await.ts';
import { startChild } from '../doubles/child.ts';
import { expectPort, mounted, pollOnly, portOf, tableWith, volume } from './mounted.ts';

describe('a listener', () => {
  test('that throws or rejects disturbs neither the others nor the process', async () => {
    const kubelet = volume(tableWith(9000));
    const child = startChild(new URL('./children/bad-listeners.ts', import.meta.url), { args: [kubelet.mount] });
    await child.said('ready');
    for (const port of [9001, 9002, 9003]) {
      kubelet.write(tableWith(port));
      await until(
        () => child.lines.some((line) => line['port'] === port),
        () => `port ${port}; the child said ${JSON.stringify(child.lines)}`,
      );
    }
    kubelet.write({ ...tableWith(9003), 'my-rest.feature-x': 'bad' });
    await child.said('stale');
    kubelet.write(tableWith(9003));
    await child.said('recovered');
    child.process.stdin?.end();
    const { code, stdout } = await child.exited();
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/uncaughtException|unhandledRejection/);
  });

  test('may reload, and the state is consistent', async () => {
    const { resolver, events, kubelet } = await mounted(tableWith(9000), pollOnly);
    const reloads: Promise<void>[] = [];
    resolver.on('change', ({ revision }) => {
      expect(resolver.lookup('my-rest').revision).toBe(revision);
      reloads.push(resolver.reload());
    });
    for (const port of [9001, 9002]) {
      kubelet.write(tableWith(port));
      await expectPort(resolver, port);
    }
    await within(Promise.all(reloads), 'the reloads that listeners asked for');
    expect(events.change.map(({ revision }) => revision)).toEqual([2, 3]);
  });

  test('may close, and nothing comes after', async () => {
    const { resolver, events, kubelet } = await mounted(tableWith(9000), pollOnly);
    const closed = new Promise<void>((resolve, reject) => {
      resolver.on('change', () => void resolver.close().then(resolve, reject));
    });
    kubelet.write(tableWith(9001));
    await within(closed, 'the resolver to close');
    kubelet.write(tableWith(9002));
    await pause(300);
    expect(portOf(resolver)).toBe(9001);
    expect(events.change).toHaveLength(1);
    expect(resolver.status().closed).toBe(true);
  });

  test('that was taken off hears nothing more', async () => {
    const { resolver, events, kubelet } = await mounted(tableWith(9000), pollOnly);
    const heard: number[] = [];
    const off = resolver.on('change', ({ revision }) => heard.push(revision));
    kubelet.write(tableWith(9001));
    await until(() => events.change.length === 1, 'the first change');
    off();
    off();
    kubelet.write(tableWith(9002));
    await until(() => events.change.length === 2, 'the second change');
    expect(heard).toEqual([2]);
  });

  test('of an event runs after the swap, in order', async () => {
    const { resolver, kubelet } = await mounted(tableWith(9000), pollOnly);
    const heard: string[] = [];
    resolver.on('change', () => heard.push(`first ${portOf(resolver)}`));
    resolver.on('change', () => heard.push(`second ${portOf(resolver)}`));
    for (const port of [9001, 9002]) {
      kubelet.write(tableWith(port));
      await resolver.reload();
    }
    expect(heard).toEqual(['first 9001', 'second 9001', 'first 9002', 'second 9002']);
  });
});

describe('a problem', () => {
  const warningsAbout = (text: string): string[] => {
    const warnings: string[] = [];
    const keep = ({ message }: Error): void => void (message.includes(text) && warnings.push(message));
    process.on('warning', keep);
    onTestFinished(() => void process.off('warning', keep));
    return warnings;
  };
  const quiet = (path: string) => {
    const resolver = createResolver({
      sources: [mountSource({ path })],
      namespace: 'feature-x',
      baseline: 'develop',
      ...pollOnly,
    });
    onTestFinished(() => resolver.close());
    return resolver;
  };

  test('that nobody listens to is one warning of the process, however often it is seen', async () => {
    const kubelet = volume({ ...tableWith(8081), 'my-rest.feature-x': 'unheard of' });
    const warnings = warningsAbout('my-rest.feature-x');
    const resolver = quiet(kubelet.mount);
    await resolver.ready();
    for (const token of ['a', 'b', 'c']) {
      kubelet.write({ ...tableWith(8081), 'my-rest.feature-x': 'unheard of', '.token': token });
      await resolver.reload();
    }
    await until(() => warnings.length > 0, 'the warning');
    await pause(100);
    expect(warnings).toHaveLength(1);
  });

  test('that somebody listens to right after the creation is no warning', async () => {
    const kubelet = volume({ ...tableWith(8081), 'my-rest.feature-x': 'heard of' });
    const warnings = warningsAbout('heard of');
    const resolver = quiet(kubelet.mount);
    expect(await eventOf(resolver, 'problem')).toMatchObject({ code: 'ERR_ENTRY_INVALID', key: 'my-rest.feature-x' });
    await pause(100);
    expect(warnings).toEqual([]);
  });
});
