import { describe, expect, test } from 'vitest';

import { eventOf, until } from '../doubles/await.ts';
import { fastFolder } from '../doubles/folder.ts';
import { look, numberedPayload } from '../doubles/numbered.ts';
import { swap } from '../doubles/writer.ts';
import { mounted, portOf, tableWith, watcherOnly } from './mounted.ts';

describe('a mount that changes again and again', () => {
  test('is seen by the watcher each time, not only the first', async () => {
    const { resolver, events, kubelet } = await mounted(tableWith(9000), watcherOnly);
    expect(resolver.status().sources[0]?.watch).toBe('native');
    for (let port = 9001; port <= 9005; port += 1) {
      const change = eventOf(resolver, 'change');
      kubelet.write(tableWith(port));
      expect(await change).toMatchObject({
        changes: [{ key: 'my-rest.feature-x', from: String(port - 1), to: String(port) }],
      });
      expect(portOf(resolver)).toBe(port);
    }
    expect(events.change).toHaveLength(5);
    expect(events.change.map(({ revision }) => revision)).toEqual([2, 3, 4, 5, 6]);
  });

  test('reaches the last of 200 swaps that come within a second, by the watcher alone', async () => {
    const { resolver, mount } = await mounted(numberedPayload(3, 0), watcherOnly);
    const { last } = await swap({ path: mount, first: 1, times: 200, entries: 3, pause: { seed: 5, most: 5 } });
    await until(
      () => look(resolver, 3).sequence === last,
      () => `number ${last}; seen is ${look(resolver, 3).sequence}`,
      5_000,
    );
    expect(resolver.status()).toMatchObject({ entries: 3, stale: [] });
  });

  test('reaches the last of 20,000 swaps at full speed', { timeout: 90_000 }, async () => {
    const { resolver, events, mount } = await mounted(
      numberedPayload(1, 0),
      { pollInterval: 1_000 },
      { parent: fastFolder() },
    );
    const { last } = await swap({ path: mount, first: 1, times: 20_000, entries: 1 });
    await until(
      () => look(resolver, 1).sequence === last,
      () => `number ${last}; seen is ${look(resolver, 1).sequence}`,
    );
    expect(events.stale).toEqual([]);
    const revisions = events.change.map(({ revision }) => revision);
    expect(revisions).toEqual(revisions.map((_, index) => index + 2));
    expect(resolver.status().revision).toBe(revisions.at(-1));
  });
});
