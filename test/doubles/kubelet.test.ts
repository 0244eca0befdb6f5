import { existsSync, lstatSync, readFileSync, readdirSync, readlinkSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { until } from './await.ts';
import { fastFolder, temporaryFolder } from './folder.ts';
import { createKubelet, type Step } from './kubelet.ts';
import { numberedPayload } from './numbered.ts';
import { swap } from './writer.ts';

const one = { 'my-rest.develop': '8080' };
const two = { 'my-rest.develop': '8080', 'my-rest.feature-x': '8081' };

const linkTo = (...path: string[]): string => readlinkSync(join(...path));
const visible = (mount: string): string[] => readdirSync(mount).filter((name) => !name.startsWith('..'));

describe('the double of the kubelet', () => {
  test('writes the layout of a mounted ConfigMap', () => {
    const { mount, write } = createKubelet(join(temporaryFolder(), 'config'));
    const made = write(two);
    expect(made).toMatch(/^\.\.\d{4}(_\d\d){5}\.\d{1,10}$/);
    expect(new Set(readdirSync(mount))).toEqual(new Set([made, '..data', 'my-rest.develop', 'my-rest.feature-x']));
    expect(linkTo(mount, '..data')).toBe(made);
    expect(linkTo(mount, 'my-rest.develop')).toBe('..data/my-rest.develop');
    expect(readFileSync(join(mount, 'my-rest.feature-x'), 'utf8')).toBe('8081');
    expect(lstatSync(join(mount, made ?? '')).mode & 0o777).toBe(0o755);
    expect(statSync(join(mount, 'my-rest.develop')).mode & 0o777).toBe(0o644);
  });

  test('gives files the modes that are asked for', () => {
    const kubelet = createKubelet(temporaryFolder(), {
      mode: 0o400,
      modes: { b: 0o600 },
      fsGroup: process.getgid?.() ?? 0,
    });
    kubelet.write({ a: '1', b: '2' });
    expect(statSync(join(kubelet.mount, 'a')).mode & 0o777).toBe(0o440);
    expect(statSync(join(kubelet.mount, 'b')).mode & 0o777).toBe(0o640);
  });

  test('names a folder after the time in UTC', () => {
    const made = createKubelet(temporaryFolder()).write(one) ?? '';
    const [, ...parts] = /^\.\.(\d{4})_(\d\d)_(\d\d)_(\d\d)_(\d\d)_(\d\d)\./.exec(made) ?? [];
    const [year = 0, month = 0, day, hour, minute, second] = parts.map(Number);
    expect(Math.abs(Date.UTC(year, month - 1, day, hour, minute, second) - Date.now())).toBeLessThan(60_000);
  });

  test('links only the first element of a path', () => {
    const { mount, write } = createKubelet(temporaryFolder());
    write({ 'sa/token': 'secret', 'sa/ca.crt': 'ca', plain: '1' });
    expect(visible(mount).toSorted()).toEqual(['plain', 'sa']);
    expect(linkTo(mount, 'sa')).toBe('..data/sa');
    write({ plain: '1' });
    expect(visible(mount)).toEqual(['plain']);
  });

  test('refuses what the kubelet refuses', () => {
    const { mount, write } = createKubelet(temporaryFolder());
    for (const path of ['..data', '..', '/etc/passwd', 'a/../b', '', 'x'.repeat(256)]) {
      expect(() => write({ [path]: 'x' })).toThrow(/path/);
    }
    expect(readdirSync(mount)).toEqual([]);
  });

  test('writes nothing when the bytes are the same', () => {
    const { mount, write } = createKubelet(temporaryFolder());
    write(two);
    const before = [readdirSync(mount), statSync(mount).mtimeMs];
    expect(write({ ...two })).toBeNull();
    expect([readdirSync(mount), statSync(mount).mtimeMs]).toEqual(before);
  });

  test('makes an empty folder of an empty ConfigMap, and no links', () => {
    const { mount, write } = createKubelet(temporaryFolder());
    write({});
    expect(readdirSync(join(mount, '..data'))).toEqual([]);
    write(two);
    write({});
    expect(readdirSync(join(mount, '..data'))).toEqual([]);
    expect(visible(mount)).toEqual([]);
    expect(readdirSync(mount)).toHaveLength(2);
  });

  test('takes its steps in the order of the kubelet', async () => {
    const kubelet = createKubelet(temporaryFolder());
    const old = kubelet.write({ gone: '1', kept: '1' }) ?? '';
    const steps: Step[] = [];
    const committed: boolean[] = [];
    await kubelet.writeSlowly({ kept: '2', fresh: '2' }, async (next) => {
      steps.push(next);
      const isNew = linkTo(kubelet.mount, '..data') !== old;
      committed.push(isNew);
      if (next <= 9) expect(isNew).toBe(false);
      if (next === 10) expect(existsSync(join(kubelet.mount, 'fresh'))).toBe(false);
      if (next === 11) expect(existsSync(join(kubelet.mount, 'gone'))).toBe(false); // dangles
      if (next === 12) expect(visible(kubelet.mount).toSorted()).toEqual(['fresh', 'kept']);
    });
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 6, 8, 9, 10, 11, 12, 12, 12]);
    expect(committed.filter(Boolean)).toHaveLength(5);
    expect(existsSync(join(kubelet.mount, old))).toBe(false);
  });

  test.runIf(process.platform === 'linux')('shows a watcher of the folder what a Pod would see', async () => {
    const kubelet = createKubelet(temporaryFolder());
    const old = kubelet.write(one) ?? '';
    const names: (string | null)[] = [];
    const watcher = watch(kubelet.mount, (_type, name) => names.push(name));
    try {
      const made = kubelet.write(two) ?? '';
      await until(() => names.includes(old), 'the removal of the old folder to be seen');
      expect(names.filter((name, index) => name !== names[index - 1])).toEqual([
        made,
        '..data_tmp',
        '..data',
        'my-rest.feature-x',
        old,
      ]);
    } finally {
      watcher.close();
    }
  });

  test('makes the new links before the commit where old kubelets are wanted', async () => {
    const kubelet = createKubelet(temporaryFolder(), { links: 'before-commit' });
    kubelet.write(one);
    let dangled = false;
    await kubelet.writeSlowly(two, async (next) => {
      const link = join(kubelet.mount, 'my-rest.feature-x');
      dangled ||= next === 9 && lstatSync(link).isSymbolicLink() && !existsSync(link);
    });
    expect(dangled).toBe(true);
  });

  test.for([
    ['rename', false],
    ['remove-and-link', true],
  ] as const)('commits by %s: is ..data ever absent? %s', async ([commit, expected]) => {
    const kubelet = createKubelet(temporaryFolder(), { commit });
    kubelet.write(one);
    let absent = false;
    await kubelet.writeSlowly(two, async () => {
      absent ||= !existsSync(join(kubelet.mount, '..data'));
    });
    expect(absent).toBe(expected);
    expect(readFileSync(join(kubelet.mount, 'my-rest.feature-x'), 'utf8')).toBe('8081');
    expect(readdirSync(kubelet.mount)).not.toContain('..data_tmp');
  });

  test('leaves a link out when it is killed after the commit, and heals it the next time', () => {
    const { mount, write } = createKubelet(temporaryFolder());
    write(one);
    write(two, { stopAfter: 9 });
    expect(readdirSync(join(mount, '..data')).toSorted()).toEqual(Object.keys(two));
    expect(visible(mount)).toEqual(Object.keys(one));
    expect(write(two)).toBeNull();
    expect(visible(mount).toSorted()).toEqual(Object.keys(two));
  });

  test('stumbles over what it left when it was killed before the commit', () => {
    const { mount, write } = createKubelet(temporaryFolder());
    write(one);
    write(two, { stopAfter: 8 });
    expect(readdirSync(join(mount, '..data'))).toEqual(Object.keys(one));
    expect(() => write(two)).toThrow(/EEXIST/);
  });
});

describe('a reader, while another process swaps at full speed', () => {
  const entries = 20;
  const keys = Object.keys(numberedPayload(entries, 0)).filter((key) => key !== 'baseline');

  /** All contents, `null` when the folder went away meanwhile. */
  const readBelow = (folder: string): string[] | null => {
    try {
      return keys.map((key) => readFileSync(join(folder, key), 'utf8'));
    } catch {
      return null;
    }
  };

  test('sees one version below the resolved ..data, and mixes them through the outer links', async () => {
    const { mount, write } = createKubelet(fastFolder());
    write(numberedPayload(entries, 0));
    let done = false;
    const report = swap({ path: mount, first: 1, times: 1_500, entries }).finally(() => (done = true));
    const reads = { whole: 0, mixed: 0, mixedOutside: 0 };
    for (let first = true; !done || first; first = false) {
      const inside = readBelow(join(mount, linkTo(mount, '..data')));
      if (inside !== null) reads[new Set(inside).size === 1 ? 'whole' : 'mixed'] += 1;
      const outside = readBelow(mount);
      if (outside !== null && new Set(outside).size > 1) reads.mixedOutside += 1;
      await nextTurn();
    }
    const { last } = await report;
    expect(last).toBe(1_500);
    expect(readBelow(join(mount, '..data'))).toEqual(keys.map(() => `http://h-${last}.example.com`));
    expect(reads.mixed).toBe(0);
    expect(reads.whole).toBeGreaterThan(0);
    expect(reads.mixedOutside, 'a double that cannot tear proves nothing').toBeGreaterThan(0);
  });

  test('starts at the number it is told, and pauses when it is told to', async () => {
    const { mount } = createKubelet(temporaryFolder());
    const { last } = await swap({ path: mount, first: 7, times: 20, entries: 1, pause: { seed: 3, most: 5 } });
    expect(last).toBe(26);
    expect(readFileSync(join(mount, '..data', 'svc-00.develop'), 'utf8')).toBe('http://h-26.example.com');
  });
});
