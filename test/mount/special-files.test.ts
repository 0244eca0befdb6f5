import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { eventOf } from '../doubles/await.ts';
import { startChild } from '../doubles/child.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { noUnshare } from '../doubles/unshare.ts';
import { mounted, open, pollOnly, portOf, tableWith, volume } from './mounted.ts';

const makePipe = (path: string): void => {
  const { status, stderr } = spawnSync('mkfifo', [path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mkfifo: ${stderr}`);
};

/** What lies where a key file should be. */
const unreadable: Readonly<Record<string, (path: string) => void>> = {
  'a named pipe': makePipe,
  'a device': (path) => symlinkSync('/dev/zero', path),
  'a link to a folder': (path) => symlinkSync('/', path),
  'a link to nothing': (path) => symlinkSync('nowhere', path),
  'a link to itself': (path) => symlinkSync(path, path),
  'text with a NUL': (path) => writeFileSync(path, '80\x0081'),
  'text that is not UTF-8': (path) => writeFileSync(path, Uint8Array.of(0x38, 0xc3, 0x28)),
  'a file of 5 GiB': (path) => {
    writeFileSync(path, '');
    truncateSync(path, 5 * 2 ** 30);
  },
};

describe.runIf(process.platform !== 'win32').for(Object.entries(unreadable))('%s for a key', ([, put]) => {
  const folderWithout = (): { folder: string; key: string } => {
    const folder = join(temporaryFolder(), 'config');
    mkdirSync(folder);
    writeFileSync(join(folder, 'my-rest.develop'), '8080');
    return { folder, key: join(folder, 'my-rest.feature-x') };
  };

  test('at the start poisons that entry, and blocks nothing', async () => {
    const { folder, key } = folderWithout();
    put(key);
    const { resolver, events } = open(folder, pollOnly);
    expect(() => resolver.resolve('my-rest')).toThrow(
      expect.objectContaining({ code: 'ERR_ENTRY_INVALID', namespace: 'feature-x' }),
    );
    expect(resolver.resolve('my-rest', { namespace: 'develop' })).toBe('http://my-rest.develop.svc:8080');
    await resolver.ready();
    expect(events.problem).toMatchObject([{ key: 'my-rest.feature-x' }]);
    rmSync(key);
    await resolver.reload();
    expect(resolver.lookup('my-rest').namespace).toBe('develop');
    expect(resolver.status().problems).toEqual([]);
  });

  test('later keeps the last good value, and blocks nothing', async () => {
    const { folder, key } = folderWithout();
    writeFileSync(key, '8081');
    const { resolver, events } = open(folder, pollOnly);
    rmSync(key);
    put(key);
    await resolver.reload();
    expect(portOf(resolver)).toBe(8081);
    expect(events.stale).toMatchObject([{ keys: ['my-rest.feature-x'] }]);
    rmSync(key);
    writeFileSync(key, '8082');
    await resolver.reload();
    expect(portOf(resolver)).toBe(8082);
    expect(events.recovered).toMatchObject([{ keys: ['my-rest.feature-x'] }]);
  });
});

describe('the text of a key', () => {
  test('may start with a byte order mark and end its lines as Windows does', async () => {
    const { resolver, events } = await mounted(
      {
        'my-rest.develop': '\uFEFF8080\r\n',
        'routes.json': '\uFEFF{\r\n"my-rest.feature-x": 8081\r\n}',
        baseline: '\uFEFFdevelop\r\n',
      },
      { ...pollOnly, baseline: undefined },
    );
    expect(resolver.status().baseline).toEqual(['develop']);
    expect(resolver.resolve('my-rest', { namespace: 'develop' })).toBe('http://my-rest.develop.svc:8080');
    expect(portOf(resolver)).toBe(8081);
    expect(events.problem).toEqual([]);
  });

  test('may be 1 MiB long', async () => {
    const { resolver } = await mounted(
      { ...tableWith(8081), 'my-rest.feature-x': '8081'.padEnd(2 ** 20, '\n') },
      pollOnly,
    );
    expect(portOf(resolver)).toBe(8081);
  });
});

describe('names that objects inherit', () => {
  test('are keys like any other', async () => {
    const { resolver, events, kubelet } = await mounted(
      { ...tableWith(8081), 'constructor.develop': '9001' },
      pollOnly,
    );
    expect(resolver.services()).toEqual(['constructor', 'my-rest']);
    expect(resolver.resolve('constructor')).toBe('http://constructor.develop.svc:9001');
    kubelet.write({
      ...tableWith(8081),
      ['__proto__']: '1',
      '__proto__.develop': '1',
      'develop.__proto__': '1',
      constructor: '1',
      'routes.json':
        '{"__proto__":{"polluted":"1"},"services":{"__proto__":{"develop":"1"},"constructor":{"develop":9002}}}',
    });
    await resolver.reload();
    expect(resolver.resolve('constructor')).toBe('http://constructor.develop.svc:9002');
    expect(portOf(resolver)).toBe(8081);
    expect(resolver.services()).toEqual(['constructor', 'my-rest']);
    expect('polluted' in {}).toBe(false);
    expect(events.problem.length).toBeGreaterThanOrEqual(3);
    expect(JSON.stringify(resolver.status().problems)).toContain('__proto__.develop');
  });
});

// macOS refuses such a name.
test.runIf(process.platform === 'linux')(
  'a file whose name is no UTF-8 is one problem, and the others are followed',
  async () => {
    const path = temporaryFolder();
    writeFileSync(join(path, 'my-rest.develop'), '1');
    writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0xff]), Buffer.from('.bak')]), 'x');
    const { resolver, events } = open(path, pollOnly);
    await resolver.ready();
    writeFileSync(join(path, 'my-rest.develop'), '2');
    await eventOf(resolver, 'change');
    expect(resolver.resolve('my-rest')).toBe('http://my-rest.develop.svc:2');
    expect(resolver.status().problems).toMatchObject([{ code: 'ERR_INVALID_NAME', key: '\ufffd.bak' }]);
    expect(events.problem).toHaveLength(1);
  },
);

describe.runIf(process.platform !== 'win32')('a document that cannot be opened as a file', () => {
  test.for([
    ['a named pipe', makePipe],
    ['a device', (path: string) => symlinkSync('/dev/zero', path)],
    ['a folder', (path: string) => mkdirSync(path)],
  ] as const)('%s where routes.json is named is an error at the start, and no waiting', ([, put]): void => {
    const path = join(temporaryFolder(), 'routes.json');
    put(path);
    expect(() => open(path, pollOnly)).toThrow(
      expect.objectContaining({ code: 'ERR_SOURCE_UNREADABLE', message: expect.stringContaining(path) }),
    );
  });
});

describe.runIf(process.platform !== 'win32')('what may not be read', () => {
  // Root reads everything, but not in a user namespace where the owner of a file is nobody.
  const isRoot = process.getuid?.() === 0;
  const flags = ['--user', '--map-root-user'];
  const unshare = isRoot ? { flags, first: '' } : undefined;
  const whyNot = (): string | null => (isRoot ? noUnshare(...flags) : null);
  const forbid = (path: string): void => {
    chmodSync(path, isRoot ? 0o400 : 0);
    if (isRoot) chownSync(path, 65_534, 65_534);
  };
  const start = (path: string) =>
    startChild(new URL('./children/observer.ts', import.meta.url), {
      args: [JSON.stringify({ path, namespace: 'feature-x', pollInterval: 100 })],
      ...(unshare === undefined ? {} : { unshare }),
    });

  test('is an invalid entry that says why, where it is a key file (defaultMode 0400)', async ({ skip }) => {
    const reason = whyNot();
    if (reason !== null) skip(reason);
    const kubelet = volume();
    forbid(join(kubelet.mount, '..data', 'my-rest.feature-x'));
    const child = start(kubelet.mount);
    const { problem } = await child.said('problem');
    const why: unknown = expect.stringMatching(/EACCES|permission/i);
    expect(problem).toMatchObject({ key: 'my-rest.feature-x', message: why });
    expect(await child.ask('lookup my-rest')).toMatchObject({ error: { code: 'ERR_ENTRY_INVALID', message: why } });
    kubelet.write(tableWith(8082));
    await child.said('change');
    expect(await child.ask('lookup my-rest')).toMatchObject({ result: { port: 8082 } });
  });

  test('is an error at the start that says why, where it is the folder', async ({ skip }) => {
    const reason = whyNot();
    if (reason !== null) skip(reason);
    const kubelet = volume();
    forbid(kubelet.mount);
    onTestFinished(() => {
      chmodSync(kubelet.mount, 0o755); // so that it can be removed
    });
    const { error } = await start(kubelet.mount).said('error');
    expect(error).toMatchObject({ code: 'ERR_SOURCE_UNREADABLE', source: `mount:${kubelet.mount}` });
    expect((error as Error).message).toMatch(/EACCES|permission/i);
  });
});
