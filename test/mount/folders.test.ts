import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { eventOf, until } from '../doubles/await.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { createKubelet } from '../doubles/kubelet.ts';
import { look, numberedPayload } from '../doubles/numbered.ts';
import { expectPort, mounted, open, pollOnly, portOf, tableWith, watcherOnly } from './mounted.ts';

/** Found again within a poll. */
const fastPoll = { pollInterval: 100 };

describe('a folder that appears later', () => {
  test.for([
    ['itself', ['config']],
    ['with the folder it is in', ['etc', 'branchline']],
  ] as const)('is picked up: %s', async ([, parts]) => {
    const mount = join(temporaryFolder(), ...parts);
    const { resolver, events } = open(mount, { ...fastPoll, optional: true, baseline: undefined });
    await resolver.ready();
    expect(resolver.lookup('my-rest')).toMatchObject({ url: 'http://my-rest', via: 'unconfigured' });
    expect(resolver.status()).toMatchObject({ configured: false, sources: [{ state: 'missing' }] });
    const kubelet = createKubelet(mount);
    kubelet.write({ baseline: 'develop', ...tableWith(8081) });
    await expectPort(resolver, 8081);
    expect(resolver.status()).toMatchObject({ configured: true, sources: [{ state: 'live' }] });
    kubelet.write({ baseline: 'develop', ...tableWith(8082) });
    await expectPort(resolver, 8082);
    expect(events.stale).toEqual([]);
  });
});

describe('a ConfigMap that is gone', () => {
  test('leaves an empty volume: everything stays, stale, until it is back', async () => {
    const { resolver, events, kubelet, mount } = await mounted(tableWith(8081), watcherOnly);
    const stale = eventOf(resolver, 'stale');
    kubelet.write({});
    expect(await stale).toMatchObject({ source: `mount:${mount}`, keys: null });
    expect(resolver.lookup('my-rest')).toMatchObject({ port: 8081, via: 'branch', revision: 1 });
    expect(resolver.status()).toMatchObject({
      stale: [{ source: `mount:${mount}`, key: null }],
      sources: [{ state: 'stale' }],
    });

    const recovered = eventOf(resolver, 'recovered');
    kubelet.write(tableWith(8081));
    expect(await recovered).toMatchObject({ source: `mount:${mount}`, keys: null });
    await resolver.reload();
    expect(events.change, 'it came back as it was').toEqual([]);
    expect(resolver.status()).toMatchObject({ stale: [], problems: [], sources: [{ state: 'live' }] });

    kubelet.write({});
    await until(() => resolver.status().stale.length === 1, 'it to be stale again');
    kubelet.write(tableWith(8082));
    await expectPort(resolver, 8082);
    expect([events.stale.length, events.recovered.length, events.change.length]).toEqual([2, 2, 1]);
  });

  test('is said once, however long it is gone', async () => {
    const { resolver, events, mount } = await mounted(tableWith(8081), pollOnly);
    rmSync(mount, { recursive: true });
    await until(() => events.stale.length > 0, 'it to be stale');
    for (let round = 0; round < 5; round += 1) await resolver.reload();
    expect(events.stale).toHaveLength(1);
    expect(portOf(resolver)).toBe(8081);
  });
});

describe('a mounted folder', () => {
  test('that is deleted and created in one moment is found again, twice', async () => {
    const { resolver, mount } = await mounted(tableWith(9000), fastPoll);
    for (const port of [9001, 9002]) {
      rmSync(mount, { recursive: true });
      createKubelet(mount).write(tableWith(port));
      await expectPort(resolver, port);
    }
    const kubelet = createKubelet(mount);
    for (const port of [9003, 9004]) {
      kubelet.write(tableWith(port));
      await expectPort(resolver, port);
    }
    expect(resolver.status()).toMatchObject({ stale: [], sources: [{ state: 'live' }] });
  });

  test('that is deleted stays, stale, and is found when it is created again', async () => {
    const { resolver, events, mount } = await mounted(tableWith(9000), fastPoll);
    const stale = eventOf(resolver, 'stale');
    rmSync(mount, { recursive: true });
    expect(await stale).toMatchObject({ keys: null });
    expect(portOf(resolver)).toBe(9000);
    createKubelet(mount).write(tableWith(9001));
    await expectPort(resolver, 9001);
    await until(() => resolver.status().sources[0]?.state === 'live', 'the source to be live');
    expect(events.recovered).toHaveLength(1);
  });

  test('is watched again after it was deleted and created', async () => {
    const { resolver, mount } = await mounted(tableWith(9000), { pollInterval: 2_000 });
    rmSync(mount, { recursive: true });
    const kubelet = createKubelet(mount);
    kubelet.write(tableWith(9001));
    await expectPort(resolver, 9001);
    await until(() => resolver.status().sources[0]?.watch === 'native', 'the watch to be armed');
    const start = performance.now();
    for (let port = 9002; port <= 9011; port += 1) {
      kubelet.write(tableWith(port));
      await expectPort(resolver, port);
    }
    expect(performance.now() - start, 'ten polls take 20 seconds').toBeLessThan(10_000);
  });

  test('that another one is renamed over is read by its name', async () => {
    const { resolver, mount } = await mounted(tableWith(9000), fastPoll);
    createKubelet(`${mount}-next`).write(tableWith(9001));
    renameSync(mount, `${mount}-old`);
    renameSync(`${mount}-next`, mount);
    await expectPort(resolver, 9001);
    createKubelet(`${mount}-old`).write(tableWith(9999));
    createKubelet(mount).write(tableWith(9002));
    await expectPort(resolver, 9002);
  });

  test('that is swapped for a link is read through the link', async () => {
    const { resolver, mount } = await mounted(tableWith(9000), fastPoll);
    const kubelet = createKubelet(`${mount}-real`);
    kubelet.write(tableWith(9001));
    rmSync(mount, { recursive: true });
    symlinkSync(`${mount}-real`, mount);
    await expectPort(resolver, 9001);
    kubelet.write(tableWith(9002));
    await expectPort(resolver, 9002);
  });

  test.for([
    ['itself is', 'config'],
    ['is in a folder that is', join('linked', 'config')],
  ] as const)('that %s a link is followed by the watcher', async ([, path]) => {
    const folder = temporaryFolder();
    const kubelet = createKubelet(join(folder, 'real', 'config'));
    kubelet.write(tableWith(9000));
    symlinkSync('real', join(folder, 'linked'));
    symlinkSync(join('real', 'config'), join(folder, 'config'));
    const { resolver } = open(join(folder, path), watcherOnly);
    await resolver.ready();
    for (const port of [9001, 9002, 9003]) {
      kubelet.write(tableWith(port));
      await expectPort(resolver, port);
    }
  });

  test('behind a link is followed, and the link is too when it points elsewhere', async () => {
    const folder = temporaryFolder();
    const [first, second] = [createKubelet(join(folder, 'first')), createKubelet(join(folder, 'second'))];
    first.write(tableWith(9000));
    second.write(tableWith(9100));
    const link = join(folder, 'config');
    symlinkSync('first', link);
    const { resolver } = open(link, fastPoll);
    await resolver.ready();
    first.write(tableWith(9001));
    await expectPort(resolver, 9001);
    symlinkSync('second', `${link}.tmp`);
    renameSync(`${link}.tmp`, link);
    await expectPort(resolver, 9100);
    first.write(tableWith(9999));
    second.write(tableWith(9101));
    await expectPort(resolver, 9101);
  });

  test('without a volume in it says nothing, and throws nothing', async () => {
    const mount = join(temporaryFolder(), 'config');
    mkdirSync(mount);
    const { resolver, events } = open(mount, { ...pollOnly, baseline: undefined });
    await resolver.ready();
    expect(resolver.status().configured).toBe(false);
    expect(events.stale).toEqual([]);
  });
});

describe('a kubelet on Windows, which removes ..data before it links it', () => {
  test('never shows a torn or an empty table', async () => {
    const entries = 5;
    const { resolver, kubelet } = await mounted(numberedPayload(entries, 0), fastPoll, { commit: 'remove-and-link' });
    let last = 0;
    for (let sequence = 1; sequence <= 100; sequence += 1) {
      await kubelet.writeSlowly(numberedPayload(entries, sequence), async (next) => {
        if (next === 9 || next === 12) await pause(2);
        const seen = look(resolver, entries).sequence;
        expect(seen).toBeGreaterThanOrEqual(last);
        last = seen;
      });
    }
    await until(
      () => look(resolver, entries).sequence === 100,
      () => `number 100; seen is ${look(resolver, entries).sequence}`,
    );
    await until(() => resolver.status().stale.length === 0, 'nothing to be stale any more');
    expect(resolver.status()).toMatchObject({ entries, sources: [{ state: 'live' }] });
  });
});
