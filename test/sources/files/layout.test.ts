// The order of questions, with a disk that answers as the test says.

import { describe, expect, test } from 'vitest';

import type { Ask, Content } from '../../../src/sources/files/disk.ts';
import { isSubPath } from '../../../src/sources/files/frozen.ts';
import { type Fingerprint, fingerprint, look, patiently } from '../../../src/sources/files/layout.ts';

const file = (name: string) => ({ name, isFile: () => true, isSymbolicLink: () => false, isDirectory: () => false });

/** Runs a look against answers; `read` and `link` are asked anew at every try. */
function run(
  answers: { link: (time: number) => string | null; read: (time: number) => Content[]; list?: () => unknown },
  wasAtomic = true,
) {
  const asked: Ask[] = [];
  const times = { link: 0, read: 0 };
  const questions = look({ kind: 'folder', path: '/mount' }, wasAtomic);
  let step = questions.next();
  while (step.done !== true) {
    asked.push(step.value);
    const { ask } = step.value;
    if (ask === 'link') step = questions.next(answers.link(times.link++) as never);
    else if (ask === 'read') step = questions.next(answers.read(times.read++) as never);
    else if (ask === 'list') step = questions.next((answers.list?.() ?? [file('a.develop')]) as never);
    else step = questions.next(undefined as never);
  }
  return { result: step.value, asked };
}

describe('a look at a mount', () => {
  test('resolves ..data once, and lists and reads below it', () => {
    const { result, asked } = run({ link: () => '..1', read: () => [{ raw: '1' }] });
    expect(result).toEqual({ files: new Map([['a.develop', '1']]), complete: true });
    expect(asked).toEqual([
      { ask: 'link', path: '/mount/..data' },
      { ask: 'list', path: '/mount/..1' },
      expect.objectContaining({ ask: 'read', paths: ['/mount/..1/a.develop'] }),
      { ask: 'link', path: '/mount/..data' },
    ]);
  });

  test('starts over when a file of the old folder is gone: no key was removed', () => {
    const { result } = run({
      link: (time) => (time === 0 ? '..1' : '..2'),
      read: (time) => [time === 0 ? { code: 'ENOENT' } : { raw: '2' }],
    });
    expect(result).toEqual({ files: new Map([['a.develop', '2']]), complete: true });
  });

  test('gives up after five tries when the link always moves', () => {
    const { result, asked } = run({ link: (time) => `..${time}`, read: () => [{ raw: '1' }] });
    expect(result).toEqual({ moving: true });
    expect(asked.filter(({ ask }) => ask === 'read')).toHaveLength(5);
  });

  test('tries longer when there is nothing to keep', () => {
    const questions = look(
      { kind: 'folder', path: '/mount' },
      false,
      patiently(() => 0),
    );
    let links = 0;
    let step = questions.next();
    while (step.done !== true) {
      const { ask } = step.value;
      const answers = { link: `..${links}`, list: [file('a.develop')], read: [{ raw: '1' }] } as Record<
        string,
        unknown
      >;
      if (ask === 'link') links += links < 60 ? 1 : 0;
      step = questions.next(answers[ask] as never);
    }
    expect(step.value).toEqual({ files: new Map([['a.develop', '1']]), complete: true });
    expect(links).toBe(60);
  });

  test('gives up one file that is never the same, not the folder, when the time is over in the middle of a try', () => {
    let asked = 0;
    // The third time that somebody asks there is none left.
    const questions = look({ kind: 'folder', path: '/mount' }, false, () => ++asked < 3);
    let step = questions.next();
    while (step.done !== true) {
      const answers: Readonly<Record<string, unknown>> = {
        link: null,
        list: [file('a.develop'), file('b.develop')],
        read: [{ moving: true }, { raw: '1' }],
      };
      step = questions.next(answers[step.value.ask] as never);
    }
    expect(step.value).toMatchObject({
      files: new Map<string, unknown>([
        ['a.develop', { found: 'a file that changes at every try to read it' }],
        ['b.develop', '1'],
      ]),
    });
  });

  test('waits when the link is away for a moment, as on Windows', () => {
    const { result } = run({ link: (time) => (time < 2 ? null : '..2'), read: () => [{ raw: '2' }] });
    expect(result).toEqual({ files: new Map([['a.develop', '2']]), complete: true });
  });

  test('takes a file whose text is "moving" for what it is', () => {
    expect(run({ link: () => '..1', read: () => [{ raw: 'moving' }] }).result).toEqual({
      files: new Map([['a.develop', 'moving']]),
      complete: true,
    });
  });

  test('does not follow a link below ..data: the kubelet writes none', () => {
    const link = {
      name: 'b.develop',
      isFile: () => false,
      isSymbolicLink: () => true,
      isDirectory: () => false,
      isFIFO: () => false,
      isSocket: () => false,
      isCharacterDevice: () => false,
      isBlockDevice: () => false,
    };
    const { result, asked } = run({
      link: () => '..1',
      read: () => [{ raw: '1' }],
      list: () => [file('a.develop'), link],
    });
    expect(result).toEqual({
      files: new Map<string, unknown>([
        ['b.develop', { found: 'a symbolic link' }],
        ['a.develop', '1'],
      ]),
      complete: true,
    });
    expect(asked).toContainEqual(expect.objectContaining({ paths: ['/mount/..1/a.develop'] }));
  });

  test('is no table when there are too many files, or too many bytes', () => {
    const names = Array.from({ length: 20_101 }, (_, index) => file(`s${index}.develop`));
    expect(run({ link: () => '..1', read: () => [], list: () => names }).result).toEqual({
      unreadable: 'it has 20101 files, and a table at most 20000 entries',
    });
    expect(run({ link: () => '..1', read: () => [{ overBudget: true }] }).result).toEqual({
      unreadable: 'it holds more than 4194304 bytes',
    });
  });

  test('says that the process is out of descriptors, not that a key is invalid', () => {
    expect(run({ link: () => '..1', read: () => [{ code: 'EMFILE' }] }).result).toEqual({
      unreadable: 'EMFILE, this process has too many files open',
    });
    expect(run({ link: () => '..1', read: () => [{ code: 'EIO' }] }).result).toEqual({
      files: new Map([['a.develop', { found: 'not readable (EIO, the disk failed)' }]]),
      complete: false,
    });
  });
});

describe('whether there is anything new', () => {
  type Stamps = Readonly<Record<string, string>>;
  const stamp = (version: string | undefined) =>
    version === undefined ? null : { identity: version.slice(0, 1), version };

  /** What a look costs, and says, where the link leads to `..1`. */
  function print(stamps: Stamps, last: Fingerprint | null, target: 'folder' | 'file' = 'folder') {
    const asked: Ask[] = [];
    const path = target === 'folder' ? '/mount' : '/mount/a.json';
    const questions = fingerprint({ kind: target, path }, last);
    let step = questions.next();
    while (step.done !== true) {
      asked.push(step.value);
      const { value } = step;
      const answer = value.ask === 'stamps' ? value.paths.map((at) => stamp(stamps[at])) : '..1';
      step = questions.next(answer as never);
    }
    return { ...step.value, asked };
  }
  const folder: Stamps = { '/mount': 'a1', '/mount/..data': 'b1', '/mount/..1': 'b1', '/mount/a.json': 'c1' };

  test.each([
    ['folder', '/mount/..data'],
    ['file', '/mount/a.json'],
  ] as const)('is one question for a %s that was swapped as a whole, as long as it stays', (target, path) => {
    const { asked: first, ...last } = print(folder, null, target);
    expect(last.atomic).toBe(true);
    expect(first).toHaveLength(2);
    const again = print(folder, last, target);
    expect(again).toEqual({ ...last, asked: [{ ask: 'stamps', paths: [path] }] });
  });

  test.each([
    ['another version is behind the link', { '/mount/..data': 'd1', '/mount/..1': 'd1' }],
    ['what is behind it was written to', { '/mount/..data': 'b2', '/mount/..1': 'b2' }],
    ['nothing is behind it', { '/mount/..data': undefined, '/mount/..1': undefined }],
  ])('is asked in full when %s', (_, changed) => {
    const { asked: __, ...last } = print(folder, null);
    const now = print({ ...folder, ...changed } as Stamps, last);
    expect(now.asked).toHaveLength(3);
    expect(now.version).not.toBe(last.version);
  });

  test('is asked in full where nothing is swapped as a whole', () => {
    const { asked: _, ...last } = print({ '/mount': 'a1' }, null);
    expect(last.behind).toBeNull();
    expect(print({ '/mount': 'a1' }, last).asked).toHaveLength(2);
  });
});

describe('a mount with subPath', () => {
  const volume =
    '1023 990 8:1 /var/lib/kubelet/pods/1/volumes/kubernetes.io~configmap/branchline /etc/branchline ro - ext4 /dev/sda1 rw';
  const single =
    '1024 990 8:1 /kubelet/pods/1/volumes/kubernetes.io~configmap/branchline/..2026_11_23_02_50_10.123456789/table.json /etc/branchline\\040x/table.json ro - ext4 /dev/sda1 rw';

  test('is one of a single version of a ConfigMap', () => {
    expect(isSubPath(`${volume}\n${single}\n`, ['/etc/branchline x/table.json'])).toBe(true);
    expect(
      isSubPath(`${volume}\n${single.replace('table.json ', 'table.json//deleted ')}\n`, [
        '/etc/branchline x/table.json',
      ]),
    ).toBe(true);
  });

  test('is not the mount of a whole ConfigMap, nor somebody else', () => {
    expect(isSubPath(`${volume}\n${single}\n`, ['/etc/branchline'])).toBe(false);
    expect(isSubPath('', ['/etc/branchline'])).toBe(false);
  });
});
