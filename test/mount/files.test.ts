// Folders and files that no kubelet writes: a developer's machine, docker compose, a sidecar.

import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { eventOf, until } from '../doubles/await.ts';
import { fastFolder, temporaryFolder } from '../doubles/folder.ts';
import { inotifyWatches } from '../doubles/inotify.ts';
import { look, numberedDocument } from '../doubles/numbered.ts';
import { rewrite } from '../doubles/writer.ts';
import { expectPort, open, pollOnly, portOf, watcherOnly } from './mounted.ts';

const documentWith = (port: number, size = 0): string =>
  `{"services":{"my-rest":{"develop":8080${' '.repeat(size)},"feature-x":${port}}}}`;

/** A document in a folder, either the mount itself or one file in the mount. */
const places = [
  ['a file', (file: string) => file],
  ['a document in a folder', (file: string) => dirname(file)],
] as const;

const editors: Readonly<Record<string, (file: string, text: string) => void>> = {
  'is renamed over': (file, text) => {
    const fresh = join(dirname(file), '.routes.json.tmp');
    writeFileSync(fresh, text);
    renameSync(fresh, file);
  },
  'is written in place': (file, text) => writeFileSync(file, text),
  'is deleted and created': (file, text) => {
    unlinkSync(file);
    writeFileSync(file, text);
  },
  'is moved to a backup and written anew, as vim does': (file, text) => {
    renameSync(file, join(dirname(file), '.routes.json~'));
    writeFileSync(file, text);
    unlinkSync(join(dirname(file), '.routes.json~'));
  },
  'is a link to another file from now on': (file, text) => {
    const folder = join(dirname(file), '..', 'elsewhere');
    mkdirSync(folder, { recursive: true });
    const target = join(folder, `${process.hrtime.bigint()}.json`);
    writeFileSync(target, text);
    symlinkSync(target, join(dirname(file), '.link'));
    renameSync(join(dirname(file), '.link'), file);
  },
};

describe.for(places)('%s', ([, pathOf]) => {
  const place = (text: string): string => {
    const file = join(temporaryFolder(), 'config', 'routes.json');
    mkdirSync(dirname(file));
    writeFileSync(file, text);
    return file;
  };

  test.for(Object.entries(editors))('that %s is one change each time, seen by the watcher', async ([, edit]) => {
    const file = place(documentWith(9000));
    const { resolver, events } = open(pathOf(file), watcherOnly);
    await resolver.ready();
    for (const port of [9001, 9002, 9003]) {
      edit(file, documentWith(port));
      await expectPort(resolver, port);
      await resolver.reload();
    }
    expect(events.change.map(({ changes }) => changes[0]?.to)).toEqual(['9001', '9002', '9003']);
    expect(events.recovered).toHaveLength(events.stale.length);
    expect(resolver.status()).toMatchObject({ stale: [], problems: [] });
  });

  test('that is half written for a while is one change, when it is whole', async () => {
    const file = place(documentWith(8081, 20_000));
    const { resolver, events } = open(pathOf(file), watcherOnly);
    await resolver.ready();
    const text = documentWith(8082, 20_000);
    for (let round = 0; round < 3; round += 1) {
      const descriptor = openSync(file, 'r+');
      ftruncateSync(descriptor);
      writeSync(descriptor, text.slice(0, 10_000));
      await pause(60);
      expect(portOf(resolver)).toBe(round === 0 ? 8081 : 8082);
      writeSync(descriptor, text.slice(10_000));
      closeSync(descriptor);
      await expectPort(resolver, 8082);
    }
    await until(() => resolver.status().stale.length === 0, 'nothing to be stale any more');
    expect(events.change).toMatchObject([{ changes: [{ key: 'my-rest.feature-x', from: '8081', to: '8082' }] }]);
    expect(events.recovered).toHaveLength(events.stale.length);
  });

  test('that is empty for a second keeps answering, says so once, and takes what comes', async () => {
    const file = place(documentWith(8081));
    const { resolver, events } = open(pathOf(file), { pollInterval: 50 });
    await resolver.ready();
    writeFileSync(file, '');
    const since = Date.now();
    await until(() => {
      expect(portOf(resolver)).toBe(8081);
      return Date.now() - since > 1_000;
    }, 'a second to pass');
    await until(() => events.stale.length > 0, 'the empty document to be said');
    expect(resolver.status().stale).not.toEqual([]);
    writeFileSync(file, documentWith(8082));
    await expectPort(resolver, 8082);
    await until(() => resolver.status().stale.length === 0, 'nothing to be stale any more');
    expect(events.stale).toHaveLength(1);
    expect(events.recovered).toHaveLength(1);
    expect(events.change).toHaveLength(1);
  });

  test('that is deleted stays, stale, and is found again', async () => {
    const file = place(documentWith(8081));
    const { resolver, events } = open(pathOf(file), pollOnly);
    const stale = eventOf(resolver, 'stale');
    unlinkSync(file);
    expect(await stale).toMatchObject({ keys: null });
    expect(portOf(resolver)).toBe(8081);
    expect(resolver.status()).toMatchObject({
      configured: true,
      stale: [{ key: null }],
      sources: [{ state: 'stale' }],
    });
    const recovered = eventOf(resolver, 'recovered');
    writeFileSync(file, documentWith(8082));
    expect(await recovered).toMatchObject({ keys: null });
    await expectPort(resolver, 8082);
    expect(events.stale).toHaveLength(1);
  });

  test.runIf(process.platform === 'linux')(
    'takes one inotify watch, and does not mind a storm of files beside it',
    async () => {
      const file = place(documentWith(8081));
      const before = inotifyWatches();
      const { resolver, events } = open(file, watcherOnly);
      await resolver.ready();
      expect(inotifyWatches() - before).toBe(1);
      const { lastChange } = resolver.status().sources[0] ?? {};
      for (let index = 0; index < 10_000; index += 1) {
        writeFileSync(join(dirname(file), `.unrelated-${index % 500}`), '');
        if (index % 100 === 0) await nextTurn();
      }
      expect(inotifyWatches() - before).toBe(1);
      expect([events.change, events.stale, events.problem]).toEqual([[], [], []]);
      expect(resolver.status().sources[0]?.lastChange).toBe(lastChange);
      writeFileSync(file, documentWith(8082));
      await expectPort(resolver, 8082);
    },
  );
});

describe('a document that another process rewrites in place', () => {
  test('is never accepted half written, and its last state is reached', { timeout: 60_000 }, async () => {
    const entries = 50;
    const file = join(fastFolder(), 'routes.json');
    writeFileSync(file, numberedDocument(entries, 0));
    const { resolver, events } = open(file, { pollInterval: 100 });
    await resolver.ready();
    const { revision } = resolver.status();
    let done = false;
    const writing = rewrite({ path: file, first: 1, times: 60_000, entries }).finally(() => (done = true));
    let { sequence } = look(resolver, entries);
    while (!done) {
      const now = look(resolver, entries);
      expect(now.sequence).toBeGreaterThanOrEqual(sequence);
      ({ sequence } = now);
      await nextTurn();
    }
    const { last } = await writing;
    await until(
      () => look(resolver, entries).sequence === last,
      () => `number ${last}; seen is ${look(resolver, entries).sequence}`,
    );
    await until(() => resolver.status().stale.length === 0, 'nothing to be stale any more');
    expect(resolver.status()).toMatchObject({ entries, revision: revision + events.change.length });
  });
});

describe('a folder of key files that no kubelet writes', () => {
  const folderWith = (port: number): string => {
    const folder = join(temporaryFolder(), 'config');
    mkdirSync(folder);
    writeFileSync(join(folder, 'my-rest.develop'), '8080');
    writeFileSync(join(folder, 'my-rest.feature-x'), `${port}\n`);
    return folder;
  };

  test('follows a key that is written in place, renamed over, removed and added', async () => {
    const folder = folderWith(8081);
    const key = join(folder, 'my-rest.feature-x');
    const { resolver, events } = open(folder, watcherOnly);
    await resolver.ready();
    writeFileSync(key, '8082\n');
    await expectPort(resolver, 8082);
    writeFileSync(join(folder, '.fresh'), '8083');
    renameSync(join(folder, '.fresh'), key);
    await expectPort(resolver, 8083);
    unlinkSync(key);
    await until(() => resolver.lookup('my-rest').namespace === 'develop', 'the removal to be seen');
    writeFileSync(join(folder, '.fresh'), '8084');
    renameSync(join(folder, '.fresh'), key);
    await expectPort(resolver, 8084);
    expect(events.change.at(-1)?.revision).toBe(events.change.length + 1);
  });

  test('keeps everything when every key is gone, and takes what comes', async () => {
    const folder = folderWith(8081);
    const { resolver, events } = open(folder, pollOnly);
    const stale = eventOf(resolver, 'stale');
    rmSync(join(folder, 'my-rest.develop'));
    rmSync(join(folder, 'my-rest.feature-x'));
    await stale;
    await until(() => resolver.status().sources[0]?.state === 'stale', 'the source to be stale');
    expect(resolver.has('my-rest')).toBe(true);
    const recovered = eventOf(resolver, 'recovered');
    writeFileSync(join(folder, 'my-rest.feature-x'), '8082');
    await recovered;
    await expectPort(resolver, 8082);
    expect(events.recovered).toHaveLength(1);
  });

  test('does not read what starts with a dot, nor folders', async () => {
    const folder = folderWith(8081);
    mkdirSync(join(folder, 'orders.feature-x'));
    writeFileSync(join(folder, 'orders.feature-x', 'a.develop'), '1');
    writeFileSync(join(folder, '.my-rest.feature-x.swp'), 'x');
    const { resolver, events } = open(folder, pollOnly);
    await resolver.ready();
    expect(resolver.services()).toEqual(['my-rest']);
    expect(events.problem).toEqual([]);
  });
});
