import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { eventOf } from '../doubles/await.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { createKubelet } from '../doubles/kubelet.ts';
import { expectPort, mounted, open, pollOnly, portOf, tableWith, volume, watcherOnly } from './mounted.ts';

const documentWith = (port: number) => ({
  'routes.json': JSON.stringify({ services: { 'my-rest': { develop: 8080, 'feature-x': port } } }),
});

describe('a key that is new', () => {
  test('is found in an empty volume, though its link comes after the commit', async () => {
    const { resolver, kubelet } = await mounted({}, { ...watcherOnly, baseline: undefined });
    expect(resolver.lookup('my-rest')).toMatchObject({
      url: 'http://my-rest',
      via: 'unconfigured',
      namespace: null,
      source: null,
    });
    const change = eventOf(resolver, 'change');
    kubelet.write({ baseline: 'develop', ...tableWith(8081) });
    await change;
    expect(resolver.lookup('my-rest')).toMatchObject({ url: 'http://my-rest.feature-x.svc:8081', via: 'branch' });
  });

  test('is found in a folder into which nobody has written yet', async () => {
    const mount = join(temporaryFolder(), 'config');
    mkdirSync(mount);
    const { resolver } = open(mount, { ...watcherOnly, baseline: undefined });
    await resolver.ready();
    expect(resolver.lookup('my-rest').via).toBe('unconfigured');
    createKubelet(mount).write({ baseline: 'develop', ...tableWith(8081) });
    await expectPort(resolver, 8081);
    createKubelet(mount).write({ baseline: 'develop', ...tableWith(8082) });
    await expectPort(resolver, 8082);
  });

  test('is found when the kubelet was killed before it made the link', async () => {
    const { resolver, kubelet } = await mounted({ 'my-rest.develop': '8080' }, watcherOnly);
    kubelet.write(tableWith(8081), { stopAfter: 9 });
    await expectPort(resolver, 8081);
  });

  test.for(['after-commit', 'before-commit'] as const)('is announced once, its link made %s', async (links) => {
    const { resolver, events, kubelet } = await mounted({ 'my-rest.develop': '8080' }, watcherOnly, { links });
    await kubelet.writeSlowly(tableWith(8081));
    await expectPort(resolver, 8081);
    await resolver.reload();
    expect(events.change).toHaveLength(1);
    expect(events.change[0]?.changes).toEqual([{ key: 'my-rest.feature-x', from: null, to: '8081' }]);
    expect([events.stale, events.problem]).toEqual([[], []]);
  });
});

describe('one document of a mounted ConfigMap', () => {
  test('is followed by the watcher, and stays when its key is gone', async () => {
    const kubelet = volume({ ...documentWith(9000), 'other.json': '{}' });
    const { resolver, events } = open(join(kubelet.mount, 'routes.json'), watcherOnly);
    await resolver.ready();
    for (let port = 9001; port <= 9003; port += 1) {
      kubelet.write({ ...documentWith(port), 'other.json': '{}' });
      await expectPort(resolver, port);
    }
    const stale = eventOf(resolver, 'stale');
    kubelet.write({ 'other.json': '{}' });
    expect(await stale).toMatchObject({ keys: null });
    expect(portOf(resolver)).toBe(9003);
    kubelet.write({ ...documentWith(9004), 'other.json': '{}' });
    await expectPort(resolver, 9004);
    expect([events.change.length, events.stale.length, events.recovered.length]).toEqual([4, 1, 1]);
  });
});

describe('a key that is gone', () => {
  test('falls back to the baseline, with an event', async () => {
    const { resolver, kubelet } = await mounted(tableWith(8081), watcherOnly);
    const change = eventOf(resolver, 'change');
    kubelet.write({ 'my-rest.develop': '8080' });
    expect(await change).toMatchObject({ changes: [{ key: 'my-rest.feature-x', from: '8081', to: null }] });
    expect(resolver.lookup('my-rest')).toMatchObject({
      url: 'http://my-rest.develop.svc:8080',
      via: 'baseline',
      revision: 2,
    });
  });

  test('takes its last good value with it', async () => {
    const { resolver, kubelet } = await mounted(tableWith(8081), pollOnly);
    kubelet.write({ ...tableWith(8081), 'my-rest.feature-x': 'nonsense' });
    await resolver.reload();
    expect(portOf(resolver)).toBe(8081);
    kubelet.write({ 'my-rest.develop': '8080' });
    await resolver.reload();
    kubelet.write({ ...tableWith(8081), 'my-rest.feature-x': 'nonsense' });
    await resolver.reload();
    expect(() => resolver.resolve('my-rest')).toThrow(expect.objectContaining({ code: 'ERR_ENTRY_INVALID' }));
  });
});

describe('a swap that says the same', () => {
  test('is no change: only a token beside it was renewed', async () => {
    const withToken = (token: string, port: number) => ({ ...tableWith(port), 'sa/token': token, '.hidden': token });
    const { resolver, events, kubelet } = await mounted(withToken('a', 8081), watcherOnly);
    const { digest } = resolver.status();
    for (const token of ['b', 'c', 'd']) {
      expect(kubelet.write(withToken(token, 8081))).not.toBeNull();
      await resolver.reload();
    }
    expect(resolver.status()).toMatchObject({ revision: 1, digest });
    kubelet.write(withToken('e', 8082));
    await expectPort(resolver, 8082);
    expect(events.change).toHaveLength(1);
    expect([events.stale, events.recovered, events.problem]).toEqual([[], [], []]);
  });

  test('is no change: only the order of a document and its white space are others', async () => {
    const { resolver, events, kubelet } = await mounted(
      { 'routes.json': '{"a.develop":"1","b.develop":"2"}' },
      pollOnly,
    );
    kubelet.write({ 'routes.json': '\n{ "b.develop": 2,\n  "a.develop": 1 }\n' });
    await resolver.reload();
    expect(resolver.status().revision).toBe(1);
    expect(events.change).toEqual([]);
  });
});

describe('an update that cannot be used', () => {
  test('keeps the last good value of an invalid entry, says so once, and recovers', async () => {
    const { resolver, events, kubelet, mount } = await mounted(tableWith(8081), pollOnly);
    const bad = { ...tableWith(8081), 'my-rest.feature-x': '808O' };
    const stale = eventOf(resolver, 'stale');
    kubelet.write(bad);
    expect(await stale).toMatchObject({
      source: `mount:${mount}`,
      keys: ['my-rest.feature-x'],
      problem: { code: 'ERR_ENTRY_INVALID', key: 'my-rest.feature-x' },
    });
    expect(resolver.lookup('my-rest')).toMatchObject({ port: 8081, via: 'branch', revision: 1 });
    expect(resolver.status().stale).toMatchObject([{ source: `mount:${mount}`, key: 'my-rest.feature-x' }]);

    // The same bad bytes in new folders, and looked at again and again: nothing more to say.
    for (const token of ['a', 'b', 'c']) {
      kubelet.write({ ...bad, '.token': token });
      await resolver.reload();
    }
    expect(events.stale).toHaveLength(1);

    const recovered = eventOf(resolver, 'recovered');
    kubelet.write(tableWith(8081));
    expect(await recovered).toMatchObject({ source: `mount:${mount}`, keys: ['my-rest.feature-x'] });
    await resolver.reload();
    expect(events.change, 'the good value is the one from before').toEqual([]);
    expect(resolver.status()).toMatchObject({ revision: 1, stale: [], problems: [] });
  });

  test('lets the rest of it go live', async () => {
    const { resolver, events, kubelet } = await mounted({ ...tableWith(8081), 'orders.develop': '9090' }, pollOnly);
    kubelet.write({
      'my-rest.develop': '8080',
      'my-rest.feature-x': 'no port',
      'orders.develop': '9091',
      'billing.develop': '7070',
    });
    await resolver.reload();
    expect([portOf(resolver), resolver.lookup('orders').port, resolver.lookup('billing').port]).toEqual([
      8081, 9091, 7070,
    ]);
    expect(events.stale.map(({ keys }) => keys)).toEqual([['my-rest.feature-x']]);
  });

  test('poisons a new entry that never was good, and never falls back from it', async () => {
    const { resolver, events, kubelet } = await mounted({ 'my-rest.develop': '8080' }, pollOnly);
    kubelet.write({ ...tableWith(8081), 'my-rest.feature-x': '0' });
    await resolver.reload();
    expect(() => resolver.resolve('my-rest')).toThrow(
      expect.objectContaining({ code: 'ERR_ENTRY_INVALID', service: 'my-rest', namespace: 'feature-x' }),
    );
    expect(events.change).toMatchObject([{ changes: [{ key: 'my-rest.feature-x', from: null, to: 'invalid' }] }]);
    expect(events.problem).toMatchObject([{ code: 'ERR_ENTRY_INVALID', key: 'my-rest.feature-x' }]);
    kubelet.write(tableWith(8081));
    await resolver.reload();
    expect(portOf(resolver)).toBe(8081);
    expect(resolver.status().problems).toEqual([]);
  });

  test('keeps what an unparsable document said, says so once for the same bytes, and recovers', async () => {
    const { resolver, events, kubelet } = await mounted(documentWith(8081), pollOnly);
    for (const text of ['{"services":', 'not json at all']) {
      for (const token of ['a', 'b']) {
        kubelet.write({ 'routes.json': text, '.token': token });
        await resolver.reload();
        expect(portOf(resolver)).toBe(8081);
        expect(resolver.status().stale).not.toEqual([]);
      }
    }
    expect(events.stale.length).toBeGreaterThanOrEqual(1);
    expect(events.stale.length).toBeLessThanOrEqual(2); // once, or once for each content
    expect(events.recovered).toEqual([]);
    kubelet.write(documentWith(8081));
    await resolver.reload();
    expect(events.recovered).toHaveLength(1);
    expect(events.change).toEqual([]);
    kubelet.write(documentWith(8082));
    await resolver.reload();
    expect(portOf(resolver)).toBe(8082);
    expect(events.change).toHaveLength(1);
  });

  test('keeps an invalid setting as it was, and turns overrides off when it cannot read them', async () => {
    const { resolver, events, kubelet } = await mounted(
      { ...tableWith(8081), template: 'http://{service}.{namespace}.svc', overrides: 'on' },
      { ...pollOnly, namespace: null },
    );
    kubelet.write({ ...tableWith(8081), template: 'http://{service}', overrides: 'perhaps' });
    await resolver.reload();
    expect(resolver.resolve('my-rest')).toBe('http://my-rest.develop.svc:8080');
    expect(resolver.status()).toMatchObject({ template: 'http://{service}.{namespace}.svc', overrides: false });
    expect(events.stale.flatMap(({ keys }) => keys)).toContain('template');
  });
});
