import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { until } from '../../doubles/await.ts';
import { createKubelet, type Kubelet, type Payload } from '../../doubles/kubelet.ts';
import { type CommandOptions, folderWith, type Running, start } from '../command.ts';

const before: Payload = { baseline: 'develop', 'a.develop': '8080' };

function mounted(payload: Payload = before): Kubelet {
  const kubelet = createKubelet(join(folderWith({}), 'config'));
  kubelet.write(payload);
  return kubelet;
}

/** The command, when it has said that it watches. */
async function watching(args: readonly string[], options?: CommandOptions): Promise<Running> {
  const running = await start(['watch', ...args], options);
  await running.says('Ctrl-C ends.');
  return running;
}

/** Its lines, as soon as there are so many, without the time. */
async function lines(running: Running, count: number): Promise<string[]> {
  const all = (): string[] => running.stdout().split('\n').slice(0, -1);
  await until(
    () => all().length >= count,
    () => `${count} lines; it said:\n${running.stdout()}${running.stderr()}`,
  );
  return all().map((line) => {
    expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}\S/);
    return line.slice(14);
  });
}

describe('branchline watch', () => {
  test('prints each change of a mounted ConfigMap on a line, with the time and the diff', async () => {
    const { mount, write } = mounted();
    const running = await watching(['--config', mount, '--own', 'feature-x']);
    expect(running.stderr()).toMatch(
      /^branchline: watching 1 entries, revision 1, digest [0-9a-f]{16}\. Ctrl-C ends\.\n$/,
    );
    write({ ...before, 'a.feature-x': '' });
    expect(await lines(running, 1)).toEqual(['r2  + a.feature-x  ""']);
    write({ ...before, 'a.feature-x': '8081' });
    expect(await lines(running, 2)).toMatchObject({ 1: 'r3  ~ a.feature-x  "" → 8081' });
    write({ baseline: 'develop,main', 'a.develop': '8080', 'b.develop': '1' });
    expect((await lines(running, 5)).slice(2).toSorted()).toEqual([
      'r4  + b.develop  1',
      'r4  - a.feature-x  8081',
      'r4  ~ baseline  develop → develop,main',
    ]);
    running.process.kill('SIGINT');
    expect(await running.exited()).toMatchObject({ code: 0, signal: null });
  });

  test('prints what goes wrong, and that it is well again', async () => {
    const { mount, write } = mounted();
    const running = await watching(['--config', mount]);
    write({ ...before, 'a.develop': '808O' });
    const wrong = (await lines(running, 2)).toSorted();
    expect(wrong).toEqual([expect.stringMatching(/^ERR_ENTRY_INVALID {2}.*"808O"/), 'stale  a.develop']);
    write({ ...before, 'a.develop': '8081' });
    expect((await lines(running, 4)).slice(2).toSorted()).toEqual([
      'r2  ~ a.develop  8080 → 8081',
      'recovered  a.develop',
    ]);
    running.process.kill('SIGTERM');
    expect(await running.exited()).toMatchObject({ code: 0, signal: null });
  });

  test('prints what is wrong from the beginning like what goes wrong later', async () => {
    const running = await watching(['--config', mounted({ ...before, 'b.develop': 'x y' }).mount]);
    expect(await lines(running, 1)).toEqual([expect.stringMatching(/^ERR_ENTRY_INVALID {2}.*"x y"/)]);
    running.process.kill('SIGINT');
    const { stderr } = await running.exited();
    expect(stderr).toMatch(/^branchline: watching [^\n]+\n$/);
  });

  test('prints a line of JSON for each, if that is asked', async () => {
    const { mount, write } = mounted();
    const running = await watching(['--config', mount, '--json']);
    write({ ...before, 'a.develop': 'x y', 'b.develop': '1' });
    await until(() => running.stdout().split('\n').length > 3, 'three lines');
    const said = running
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const { time } of said) expect(new Date(time as string).toISOString()).toBe(time);
    expect(said.map(({ event }) => event as string).toSorted()).toEqual(['change', 'problem', 'stale']);
    expect(said.find(({ event }) => event === 'change')).toMatchObject({
      revision: 2,
      key: 'b.develop',
      from: null,
      to: '1',
    });
    expect(said.find(({ event }) => event === 'problem')).toMatchObject({
      code: 'ERR_ENTRY_INVALID',
      key: 'a.develop',
    });
    running.process.kill('SIGINT');
    await running.exited();
  });

  test('follows a file, a .env, and a table that is not there yet', async () => {
    const cwd = folderWith({ 't.yaml': 'a.develop: 1\n', 'x.env': 'BRANCHLINE_B__DEVELOP=1\n' });
    const running = await watching(['--config', 't.yaml', '--env-file', 'x.env'], { cwd });
    writeFileSync(join(cwd, 't.yaml'), 'a.develop: 2\n');
    expect(await lines(running, 1)).toEqual(['r2  ~ a.develop  1 → 2']);
    writeFileSync(join(cwd, 'x.env'), 'BRANCHLINE_B__DEVELOP=2\n');
    expect(await lines(running, 2)).toMatchObject({ 1: 'r3  ~ b.develop  1 → 2' });
    running.process.kill('SIGINT');
    expect(await running.exited()).toMatchObject({ code: 0 });

    const empty = folderWith({});
    const waiting = await watching([], { cwd: empty });
    writeFileSync(join(empty, '.env'), 'BRANCHLINE_A__DEVELOP=1\n');
    expect(await lines(waiting, 1)).toEqual(['r2  + a.develop  1']);
    waiting.process.kill('SIGTERM');
    expect(await waiting.exited()).toMatchObject({ code: 0, signal: null });
  });

  test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends cleanly on %s', async (signal) => {
    const running = await watching(['--config', mounted().mount]);
    running.process.kill(signal);
    const { stderr, ...exit } = await running.exited(5_000);
    expect(exit).toEqual({ code: 0, signal: null, stdout: '' });
    expect(stderr.split('\n')).toHaveLength(2);
  });

  test('does not start where it could not answer either', async () => {
    const running = await start(['watch', '--config', 'nothing.yaml']);
    expect(await running.exited()).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^branchline: ERR_SOURCE_UNREADABLE: [^\n]*\n$/) as string,
    });
  });
});
