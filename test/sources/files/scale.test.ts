// A full ConfigMap: 20,000 keys, 1 MiB. Taken in while the process goes on; what did not change is not made anew.

import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

import { createResolver, fileSource, mountSource, type Resolver } from 'branchline';
import { afterEach, describe, expect, test } from 'vitest';

import { inPieces } from '../../../src/resolver/pieces.ts';
import { eventOf } from '../../doubles/await.ts';
import { temporaryFolder } from '../../doubles/folder.ts';
import { createKubelet } from '../../doubles/kubelet.ts';

const SERVICES = 19_990;
/** Far beyond what one piece takes, and far below what the whole takes on a slow machine. */
const AMPLE = 250;

const table = (changed: string): Record<string, string> => {
  const entries = Array.from({ length: SERVICES }, (_, index) => [
    `service-${index}.develop`,
    `http://h-${index}.example.com`,
  ]);
  return { ...(Object.fromEntries(entries) as Record<string, string>), 'service-7.develop': changed };
};

const opened: Resolver[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((resolver) => resolver.close()));
});

/**
 * The most CPU time that the process took between two turns of the event loop, in milliseconds, and how often it turned.
 * Not the time of the clock: that grows with whatever else the machine does.
 */
async function watchLoop(work: () => Promise<unknown>): Promise<{ longest: number; turns: number }> {
  let longest = 0;
  let turns = 0;
  let counting = true;
  let before = process.cpuUsage();
  const count = (): void => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    longest = Math.max(longest, (user + system) / 1000);
    turns += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  await work();
  counting = false;
  return { longest, turns };
}

describe('a full ConfigMap', () => {
  test('of key files is reloaded in pieces, and one changed key is one change', async () => {
    const path = temporaryFolder();
    const kubelet = createKubelet(path);
    kubelet.write(table('8080'));
    const resolver = createResolver({
      namespace: null,
      watch: false,
      pollInterval: 3_600_000,
      sources: [mountSource({ path })],
    });
    opened.push(resolver);
    await resolver.ready();
    kubelet.write(table('8081'));
    const changed = eventOf(resolver, 'change', () => true, 60_000);
    const { longest, turns } = await watchLoop(() => resolver.reload());
    expect((await changed).changes).toEqual([{ key: 'service-7.develop', from: '8080', to: '8081' }]);
    expect(resolver.status()).toMatchObject({ revision: 2, entries: SERVICES });
    expect(longest).toBeLessThan(AMPLE);
    expect(turns).toBeGreaterThan(50);
  });

  test('in one JSON document is reloaded in pieces, and one changed key is one change', async () => {
    const path = join(temporaryFolder(), 'table.json');
    writeFileSync(path, JSON.stringify(table('8080')));
    const resolver = createResolver({
      namespace: null,
      watch: false,
      pollInterval: 3_600_000,
      sources: [fileSource({ path })],
    });
    opened.push(resolver);
    await resolver.ready();
    writeFileSync(`${path}.new`, JSON.stringify(table('8081')));
    renameSync(`${path}.new`, path);
    const changed = eventOf(resolver, 'change', () => true, 60_000);
    const { longest, turns } = await watchLoop(() => resolver.reload());
    expect((await changed).changes).toEqual([{ key: 'service-7.develop', from: '8080', to: '8081' }]);
    expect(longest).toBeLessThan(AMPLE);
    expect(turns).toBeGreaterThan(10);
  });
});

test('work in pieces lets the event loop through, and passes an error on', async () => {
  function* count(): Generator<void, number> {
    let sum = 0;
    for (let index = 0; index < 2_000_000; index += 1) {
      sum += index;
      if (index % 100 === 0) yield;
    }
    return sum;
  }
  const { turns } = await watchLoop(async () => {
    expect(await inPieces(count())).toBe(1_999_999_000_000);
  });
  expect(turns).toBeGreaterThan(1);
  await expect(
    inPieces(
      (function* () {
        yield;
        throw new Error('mine');
      })(),
    ),
  ).rejects.toThrow('mine');
});
