// A watch that cannot be armed, dies, never answers or says nothing: the poll has to do. With a trigger that obeys.

import { EventEmitter } from 'node:events';
import { readdirSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import { createResolver, mountSource, type Resolver } from 'branchline';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { documentSource } from '../../../src/sources/file.ts';
import * as disk from '../../../src/sources/files/disk.ts';
import { chokidarTrigger, type Trigger } from '../../../src/sources/files/trigger.ts';
import { folderSource } from '../../../src/sources/mount.ts';
import { eventOf, until } from '../../doubles/await.ts';
import { temporaryFolder } from '../../doubles/folder.ts';
import { createKubelet } from '../../doubles/kubelet.ts';
import { record } from '../../doubles/recorder.ts';

vi.mock('../../../src/sources/files/disk.ts', { spy: true });

/** What stands in for chokidar, where a test says so. */
const chokidar = vi.hoisted(() => ({ watch: null as null | (() => unknown) }));
vi.mock('chokidar', async (original) => {
  const real = await original<typeof import('chokidar')>();
  return {
    ...real,
    watch: (...args: Parameters<typeof real.watch>) => (chokidar.watch ?? (() => real.watch(...args)))(),
  };
});

const opened: Resolver[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((resolver) => resolver.close()));
  chokidar.watch = null;
  vi.mocked(disk.answerLater).mockReset();
});

/** A trigger in the hand of the test: it arms as told, and fires when told. */
function obedient(arm: () => string | null = () => null) {
  const state = {
    armed: 0,
    disarmed: 0,
    fire: (_name: string | null) => undefined as void,
    lose: (_reason: string) => undefined as void,
  };
  const create = (): Trigger => ({
    arm(_folder, onEvent, onLost) {
      state.armed += 1;
      state.fire = onEvent;
      state.lose = onLost;
      return Promise.resolve(arm());
    },
    disarm() {
      state.disarmed += 1;
      return Promise.resolve();
    },
  });
  return { state, create };
}

async function follow(data: Record<string, string>, trigger: ReturnType<typeof obedient>, pollInterval = 3_600_000) {
  const path = temporaryFolder();
  const kubelet = createKubelet(path);
  kubelet.write(data);
  const resolver = createResolver({
    namespace: null,
    pollInterval,
    sources: [folderSource(path, false, trigger.create)],
  });
  opened.push(resolver);
  const events = record(resolver);
  await resolver.ready();
  return { path, kubelet, resolver, events };
}

describe('a watch', () => {
  test('is armed once, and an event makes a look', async () => {
    const trigger = obedient();
    const { kubelet, resolver } = await follow({ 'a.develop': '1' }, trigger);
    expect(resolver.status().sources[0]?.watch).toBe('native');
    kubelet.write({ 'a.develop': '2' });
    const changed = eventOf(resolver, 'change');
    trigger.state.fire('..data');
    await changed;
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:2');
    expect(trigger.state.armed).toBe(1);
  });

  test('whose event names something else makes none', async () => {
    const trigger = obedient();
    const { kubelet, resolver } = await follow({ 'a.develop': '1' }, trigger);
    vi.mocked(disk.answerLater).mockClear();
    for (let time = 0; time < 1000; time += 1) trigger.state.fire('..2026_11_25_00_00_00.1');
    await turn();
    expect(disk.answerLater).not.toHaveBeenCalled();
    kubelet.write({ 'a.develop': '2' });
    await resolver.reload();
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:2');
  });

  test('that cannot be armed is told once, the poll goes on, and it is armed when it can be', async () => {
    let lost: string | null = 'ENOSPC';
    const trigger = obedient(() => lost);
    const { kubelet, resolver, events } = await follow({ 'a.develop': '1' }, trigger, 50);
    expect(resolver.status().sources[0]?.watch).toBe('poll');
    kubelet.write({ 'a.develop': '2' });
    await until(() => resolver.resolve('a') === 'http://a.develop.svc:2', 'the poll');
    await until(() => trigger.state.armed > 3, 'more tries');
    expect(events.problem.map(({ code, message }) => `${code} ${message}`)).toEqual([
      `WARN_WATCH_LOST ${resolver.status().sources[0]?.name} is not watched: ENOSPC. It is polled.`,
    ]);
    lost = null;
    await until(() => resolver.status().sources[0]?.watch === 'native', 'the watch');
    expect(resolver.status().problems).toEqual([]);
  });

  test('that is lost later is told, and armed again', async () => {
    const trigger = obedient();
    const { resolver, events } = await follow({ 'a.develop': '1' }, trigger, 50);
    trigger.state.lose('EPERM');
    expect(events.problem.map(({ code }) => code)).toEqual(['WARN_WATCH_LOST']);
    await until(() => trigger.state.armed === 2 && resolver.status().problems.length === 0, 'the watch');
  });

  test('that dies in silence is found by the poll, told, and armed again', async () => {
    const trigger = obedient();
    const { kubelet, resolver, events } = await follow({ 'a.develop': '1' }, trigger, 50);
    kubelet.write({ 'a.develop': '2' });
    await until(() => resolver.resolve('a') === 'http://a.develop.svc:2', 'the poll');
    await until(() => trigger.state.armed === 2 && resolver.status().problems.length === 0, 'the watch');
    expect(resolver.status().sources[0]?.watch).toBe('native');
    expect(events.problem.map(({ code }) => code)).toEqual(['WARN_WATCH_LOST']);
    expect(events.problem[0]?.message).toContain('it did not tell of changes that were there');
  });

  test('that told of what is still being written is not doubted by a poll that comes meanwhile', async () => {
    const trigger = obedient();
    const path = temporaryFolder();
    writeFileSync(join(path, 'a.develop'), '1');
    const resolver = createResolver({
      namespace: null,
      pollInterval: 50,
      sources: [folderSource(path, false, trigger.create)],
    });
    opened.push(resolver);
    const events = record(resolver);
    await resolver.ready();
    for (const port of ['2', '3', '4']) {
      const changed = eventOf(resolver, 'change');
      writeFileSync(join(path, 'a.develop'), port);
      trigger.state.fire('a.develop');
      await changed;
      for (let polls = 0; polls < 3; polls += 1) {
        const last = resolver.status().sources[0]?.lastCheck;
        await until(() => resolver.status().sources[0]?.lastCheck !== last, 'a poll');
      }
    }
    expect(events.problem).toEqual([]);
    expect(trigger.state.armed).toBe(1);
  });

  test('is armed anew when the folder is another one of the same name', async () => {
    const trigger = obedient();
    const { path, resolver } = await follow({ 'a.develop': '1' }, trigger, 50);
    renameSync(path, `${path}-old`);
    createKubelet(path).write({ 'a.develop': '2' });
    await until(
      () => trigger.state.armed === 2 && resolver.resolve('a') === 'http://a.develop.svc:2',
      'the new folder',
    );
    expect(resolver.status().sources[0]?.state).toBe('live');
    rmSync(`${path}-old`, { recursive: true });
  });
});

describe('chokidar', () => {
  const nothing = (): void => undefined;

  class Silent extends EventEmitter {
    closed = 0;
    close(): Promise<void> {
      this.closed += 1;
      return Promise.resolve();
    }
  }

  test('that never says it is ready is given up, and the poll goes on', async () => {
    const silent = new Silent();
    chokidar.watch = () => silent;
    const path = temporaryFolder();
    const kubelet = createKubelet(path);
    kubelet.write({ 'a.develop': '1' });
    const resolver = createResolver({ namespace: null, pollInterval: 50, sources: [mountSource({ path })] });
    opened.push(resolver);
    const events = record(resolver);
    await resolver.ready();
    expect(resolver.status().sources[0]?.watch).toBe('poll');
    expect(events.problem[0]?.message).toContain('the watcher does not answer');
    kubelet.write({ 'a.develop': '2' });
    await until(() => resolver.resolve('a') === 'http://a.develop.svc:2', 'the poll');
  });

  test('that never says it is ready is closed when patience is over', async () => {
    const silent = new Silent();
    const watched = new Promise<void>((resolve) => {
      chokidar.watch = () => {
        resolve();
        return silent;
      };
    });
    const trigger = chokidarTrigger();
    const armed = trigger.arm(tmpdir(), nothing, nothing);
    await watched;
    await trigger.disarm();
    expect(await armed).toContain('does not answer');
    expect(silent.closed).toBe(1);
  });

  test.each(['before it is ready', 'after'])('that reports an error %s does not end the process', async (when) => {
    const failing = new Silent();
    const fail = (code: string) => failing.emit('error', Object.assign(new Error('no'), { code }));
    chokidar.watch = () => {
      queueMicrotask(() => {
        if (when !== 'after') fail('ENOSPC');
        failing.emit('ready');
      });
      return failing;
    };
    const lost: string[] = [];
    const trigger = chokidarTrigger();
    const reason = await trigger.arm(tmpdir(), nothing, (why) => lost.push(why));
    fail('EMFILE');
    expect(reason).toEqual(when === 'after' ? null : expect.stringContaining('ENOSPC'));
    expect(lost.at(-1)).toContain('EMFILE');
    await trigger.disarm();
    fail('EMFILE');
    expect(lost).toHaveLength(when === 'after' ? 1 : 2);
  });

  test('that cannot be loaded leaves the poll', async () => {
    chokidar.watch = () => {
      throw new Error('never called');
    };
    vi.doMock('chokidar', () => {
      throw new Error('Cannot use import statement outside a module');
    });
    vi.resetModules();
    const { chokidarTrigger: fresh } = await import('../../../src/sources/files/trigger.ts');
    expect(await fresh().arm(tmpdir(), nothing, nothing)).toMatch(
      /^chokidar cannot be loaded \(.+\): .*Jest needs --experimental-vm-modules/,
    );
    vi.doUnmock('chokidar');
  });
});

describe('a read', () => {
  test('that fails for want of file descriptors is tried again without a new swap', async () => {
    const trigger = obedient();
    const { kubelet, resolver, events } = await follow({ 'a.develop': '1' }, trigger, 50);
    const real =
      vi.mocked(disk.answerLater).getMockImplementation() ??
      (await vi.importActual<typeof disk>('../../../src/sources/files/disk.ts')).answerLater;
    let failures = 0;
    vi.mocked(disk.answerLater).mockImplementation(async (questions) => {
      const answer = await real(questions);
      if (failures < 2 && typeof answer === 'object' && answer !== null && 'files' in answer) {
        failures += 1;
        return { unreadable: 'EMFILE, this process has too many files open' };
      }
      return answer;
    });
    kubelet.write({ 'a.develop': '2' });
    await until(() => resolver.resolve('a') === 'http://a.develop.svc:2', 'another try');
    expect(failures).toBe(2);
    expect(events.stale).toMatchObject([{ keys: null, problem: { message: expect.stringContaining('EMFILE') } }]);
    expect(events.recovered).toMatchObject([{ keys: null }]);
  });

  test('that moved at every try is put off, and nothing is lost', async () => {
    const trigger = obedient();
    const { kubelet, resolver, events } = await follow({ 'a.develop': '1' }, trigger);
    const { answerLater: real } = await vi.importActual<typeof disk>('../../../src/sources/files/disk.ts');
    let moving = true;
    vi.mocked(disk.answerLater).mockImplementation(async (questions) => {
      const answer = await real(questions);
      return moving && typeof answer === 'object' && answer !== null && 'files' in answer ? { moving: true } : answer;
    });
    kubelet.write({ 'a.develop': '2' });
    await resolver.reload();
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:1');
    expect(events.problem).toEqual([]);
    moving = false;
    await until(() => resolver.resolve('a') === 'http://a.develop.svc:2', 'the next try');
  });
});

test('a mount that comes back just while it is looked at, and goes again, is stale', async () => {
  const { path, resolver } = await follow({ 'a.develop': '1' }, obedient(), 300);
  const stateOf = () => resolver.status().sources[0]?.state;
  rmSync(path, { recursive: true });
  await until(() => stateOf() === 'stale', 'the poll');
  await resolver.reload();

  const { answerLater: real } = await vi.importActual<typeof disk>('../../../src/sources/files/disk.ts');
  let isBack = false;
  vi.mocked(disk.answerLater).mockImplementation(async (questions) => {
    const answer = await real(questions);
    const isPrint = typeof answer === 'object' && answer !== null && 'version' in answer;
    if (isPrint && !isBack) createKubelet(path).write({ 'a.develop': '2' });
    isBack ||= isPrint;
    return answer;
  });
  await resolver.reload();
  expect(stateOf()).toBe('live');
  rmSync(path, { recursive: true });
  expect(resolver.resolve('a')).toBe('http://a.develop.svc:2');
  await until(() => stateOf() === 'stale', 'the poll');
});

test.skipIf(process.platform !== 'linux')('a swap whose event was lost in a flood is found by the poll', async () => {
  const path = temporaryFolder();
  const flooded = temporaryFolder();
  const kubelet = createKubelet(path);
  kubelet.write({ 'a.develop': '1' });
  const flood = watch(flooded, { persistent: false }, () => undefined);
  const resolver = createResolver({ namespace: null, pollInterval: 500, sources: [mountSource({ path })] });
  opened.push(resolver);
  await resolver.ready();
  // The queue of inotify holds 16,384 events: while the loop stands still, the swap finds it full.
  for (let index = 0; index < 9000; index += 1) writeFileSync(join(flooded, 'x'), 'x');
  kubelet.write({ 'a.develop': '2' });
  await until(() => resolver.resolve('a') === 'http://a.develop.svc:2', 'the poll');
  flood.close();
  expect(readdirSync(flooded)).toEqual(['x']);
});

test('a document source takes a trigger, too', async () => {
  const path = join(temporaryFolder(), 'table.json');
  writeFileSync(path, '{"a.develop": 1}');
  const trigger = obedient();
  const resolver = createResolver({
    namespace: null,
    pollInterval: 3_600_000,
    sources: [documentSource('file:x', path, { optional: false, createTrigger: trigger.create })],
  });
  opened.push(resolver);
  await resolver.ready();
  writeFileSync(path, '{"a.develop": 2}');
  const changed = eventOf(resolver, 'change');
  trigger.state.fire('table.json');
  await changed;
  expect(resolver.resolve('a')).toBe('http://a.develop.svc:2');
});
