import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  createResolver,
  defaultResolver,
  explain,
  lookup,
  memorySource,
  resolve,
  setDefaultResolver,
} from 'branchline';
import { useEntries } from 'branchline/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { temporaryFolder } from '../doubles/folder.ts';

const SLOT = Symbol.for('branchline.default.v1');

/** What all copies of the package in a process share. */
function slotOf(): { own?: { close(): Promise<void> } } {
  return (globalThis as Record<symbol, object>)[SLOT] ?? {};
}

/** A process in which nobody has asked yet, and whose surroundings are these. */
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('BRANCHLINE_')) vi.stubEnv(name, undefined);
  vi.stubEnv('POD_NAMESPACE', 'feature-x');
  vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined);
});
afterEach(async () => {
  const slot = slotOf();
  await slot.own?.close();
  for (const name of Object.keys(slot)) Reflect.deleteProperty(slot, name);
});

describe('the default resolver', () => {
  test('is made from the environment at the first use, and there is one', () => {
    expect(slotOf()).toEqual({});
    vi.stubEnv('BRANCHLINE_MY_REST__DEVELOP', '8080');
    vi.stubEnv('BRANCHLINE_MY_REST__FEATURE_X', '');
    expect(resolve('my-rest')).toBe('http://my-rest.feature-x.svc:8080');
    expect(lookup('my-rest', { namespace: 'develop' }).url).toBe('http://my-rest.develop.svc:8080');
    expect(String(explain('my-rest'))).toContain('branch feature-x');
    expect(defaultResolver()).toBe(defaultResolver());
    expect(
      defaultResolver()
        .status()
        .sources.map(({ name, state }) => `${name.split(':')[0]} ${state}`),
    ).toEqual(['mount missing', 'dotenv missing', 'env fixed']);
  });

  test('reads BRANCHLINE_CONFIG: a folder', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'my-rest.develop'), '8080\n');
    vi.stubEnv('BRANCHLINE_CONFIG', folder);
    expect(lookup('my-rest')).toMatchObject({ url: 'http://my-rest.develop.svc:8080', source: `mount:${folder}` });
  });

  test('reads BRANCHLINE_CONFIG: a file, by its ending', () => {
    const path = join(temporaryFolder(), 'table.yaml');
    writeFileSync(path, 'services:\n  my-rest:\n    develop: 8080\n');
    vi.stubEnv('BRANCHLINE_CONFIG', path);
    expect(lookup('my-rest')).toMatchObject({ url: 'http://my-rest.develop.svc:8080', source: `file:${path}` });
  });

  test('a variable beats .env, which beats the mount', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'mount'));
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, 'mount', `${name}.develop`), '1');
    writeFileSync(
      join(folder, '.env'),
      'BRANCHLINE_B__DEVELOP=2\nBRANCHLINE_C__DEVELOP=2\nBRANCHLINE_NAMESPACE=feature-env\n',
    );
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
    vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    vi.stubEnv('BRANCHLINE_CONFIG', join(folder, 'mount'));
    vi.stubEnv('BRANCHLINE_C__DEVELOP', '3');
    expect(['a', 'b', 'c'].map((name) => lookup(name).port)).toEqual([1, 2, 3]);
    expect(defaultResolver().namespace).toBe('feature-env');
  });

  test('does not read .env inside a cluster', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '.env'), 'BRANCHLINE_B__DEVELOP=2\nBRANCHLINE_NAMESPACE=feature-env\n');
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.0.0.1');
    expect(lookup('b').via).toBe('unconfigured');
    expect(defaultResolver().namespace).toBe('feature-x');
  });

  test('whose creation fails throws the same error until a poll interval is over, and then tries again', () => {
    const path = join(temporaryFolder(), 'later');
    vi.stubEnv('BRANCHLINE_CONFIG', path);
    const now = vi.spyOn(performance, 'now').mockReturnValue(1000);
    let first: unknown;
    try {
      resolve('a');
    } catch (error) {
      first = error;
    }
    expect(first).toMatchObject({ code: 'ERR_SOURCE_UNREADABLE', source: `mount:${path}` });
    mkdirSync(path);
    writeFileSync(join(path, 'a.develop'), '1');
    expect(() => resolve('a')).toThrow(first);
    now.mockReturnValue(6001);
    expect(resolve('a')).toBe('http://a.develop.svc:1');
  });
});

describe('another default resolver', () => {
  test('can be set, and put back in any order', () => {
    const make = (port: number) => createResolver({ namespace: null, sources: [memorySource({ 'a.develop': port })] });
    const putBackFirst = setDefaultResolver(make(1));
    const putBackSecond = setDefaultResolver(make(2));
    expect(resolve('a')).toBe('http://a.develop.svc:2');
    putBackFirst();
    putBackFirst();
    expect(resolve('a')).toBe('http://a.develop.svc:2');
    putBackSecond();
    expect(lookup('a').via).toBe('unconfigured');
  });

  test('is what useEntries makes, for code that imports the functions', () => {
    const restore = useEntries({ 'my-rest.develop': 'http://127.0.0.1:3000' }, { strict: true });
    expect(resolve('my-rest')).toBe('http://127.0.0.1:3000');
    expect(defaultResolver().namespace).toBeNull();
    expect(() => resolve('other')).toThrow(/ERR_SERVICE_NOT_FOUND/);
    restore();
    expect(lookup('my-rest').via).toBe('unconfigured');
  });
});
