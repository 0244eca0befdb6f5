// Standard output is for machines alone, everything else goes to standard error; a reader that goes away is no accident.

import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { until } from '../doubles/await.ts';
import { createKubelet } from '../doubles/kubelet.ts';
import { branchline, folderWith, shell, start } from './command.ts';
import { configMap, json, namespaces, README, services } from './kubernetes.ts';

const map = json(configMap(README));
const table = ['--config', '-', '--own', 'feature-x'];
const deployed = json(services({ 'my-rest.feature-x': [{ port: 80 }] }));
/** More than any pipe holds. */
const large = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`service-${index}.develop`, '8080']));

const isJson = (text: string): boolean => {
  JSON.parse(text);
  return true;
};
const isYaml = (text: string): boolean => text.startsWith('apiVersion: v1\nkind: ConfigMap\n');
const isUrl = (text: string): boolean => /^http:\S+\n$/.test(text);
const isVariables = (text: string): boolean => /^(?:[A-Z_]+=\S+\n)+$/.test(text);

test.each<[string[], string, (out: string) => boolean]>([
  [['resolve', 'my-rest', ...table], map, isUrl],
  [['resolve', 'my-rest', '--json', ...table], map, isJson],
  [['explain', 'billing', '--json', ...table], map, isJson],
  [['table', '--json', ...table], map, isJson],
  [['table', '--digest', ...table], map, (out) => /^[0-9a-f]{16}\n$/.test(out)],
  [['check', '--json', ...table], json(configMap({ ...README, 'a.develop': 'x y' })), isJson],
  [['add', 'my-rest.feature-x', '--services'], deployed, isJson],
  [['remove', '--namespace', 'feature-z'], json(configMap({ ...README, 'table.yaml': '' })), isJson],
  [['prune'], map + json(namespaces('develop', 'feature-x')), isJson],
  [['manifest', '--namespace', 'feature-x'], map, isYaml],
  [['namespace', 'feature/X'], '', (out) => /^[a-z0-9-]+\n$/.test(out)],
  [['env', '--config', '-', '--namespace', 'feature-x'], map, isVariables],
  [['types', '--config', '-'], map, (out) => out.startsWith("import 'branchline';\n")],
])('%s prints on standard output what a machine reads, and nothing else', async (args, input, reads) => {
  const { code, stdout } = await branchline(args, { input });
  expect(code).toBeLessThan(2);
  expect(reads(stdout)).toBe(true);
});

describe('a reader that goes away', () => {
  test.each(['table', 'types', 'env --namespace develop', 'table --json', 'check'])(
    'is no accident: branchline %s | head -1',
    async (command) => {
      const wrong = Object.fromEntries(Object.keys(large).map((key) => [key, 'x y']));
      const cwd = folderWith({ 't.json': JSON.stringify(large), 'wrong.json': JSON.stringify(wrong) });
      const path = command === 'check' ? 'wrong.json' : 't.json';
      const { code, stdout, stderr } = await shell(
        `branchline ${command} --config ${path} 2>err | head -1; cat err >&2`,
        {
          cwd,
        },
      );
      expect(code).toBe(0);
      expect(stdout).toMatch(/^[^\n]+\n$/);
      expect(stderr).not.toMatch(/ {4}at |EPIPE|Error:/);
    },
  );

  test('that never read at all is none either', async () => {
    const cwd = folderWith({ 't.json': JSON.stringify(large) });
    const running = await start(['table', '--config', 't.json'], { cwd });
    running.process.stdout?.destroy();
    expect(await running.exited()).toMatchObject({ signal: null, stderr: '' });
  });

  test('on standard error is none, and standard output is whole', async () => {
    const { stdout } = await shell(
      'branchline resolve my-rest 2>&- ; { branchline table --config - 2>&1 >out | true; }; cat out',
      {
        cwd: folderWith({}),
        input: JSON.stringify(large),
      },
    );
    expect(stdout.startsWith('http://my-rest\nSERVICE ')).toBe(true);
    expect(stdout.trimEnd().split('\n')).toHaveLength(10_002);
  });

  test('ends a watch with its next line, cleanly', async () => {
    const kubelet = createKubelet(join(folderWith({}), 'config'));
    kubelet.write({ 'a.develop': '1' });
    const running = await start(['watch', '--config', kubelet.mount]);
    await running.says('Ctrl-C ends.');
    running.process.stdout?.destroy();
    let port = 1;
    const writing = setInterval(() => kubelet.write({ 'a.develop': String((port += 1)) }), 50);
    const { code, signal, stderr } = await running.exited().finally(() => {
      clearInterval(writing);
    });
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(stderr).toMatch(/^branchline: watching [^\n]+\n$/);
  });
});

test('a disk that is full is told, and is no success', async () => {
  for (const command of ['manifest a.feature-x', 'add a.feature-x=80', 'namespace x']) {
    const { code, stderr } = await shell(`branchline ${command} >/dev/full`);
    expect([command, code]).toEqual([command, 1]);
    expect(stderr).toMatch(/^branchline: [^\n]+\n$/);
  }
});

describe('standard input', () => {
  test.for(['SIGINT', 'SIGTERM'] as const)('that never ends keeps nothing alive after %s', async (signal) => {
    const running = await start(['remove', '--namespace', 'feature-x']);
    // It reads: this is more than any pipe holds.
    await new Promise((resolve) => running.process.stdin?.write(' '.repeat(4_000_000), resolve));
    running.process.kill(signal);
    const { code, stdout, stderr } = await running.exited(5_000);
    expect([code === 0, stdout]).toEqual([false, '']);
    expect(stderr).not.toContain('    at ');
  });

  test('is not read by a command that has no use for it', async () => {
    const running = await start(['add', 'a.feature-x=80']);
    expect(await running.exited()).toMatchObject({ code: 0 });
    await until(() => running.stdout() !== '', 'the patch');
  });

  test('in pieces is one text', async () => {
    const running = await start(['remove', '--namespace', 'feature-x']);
    for (const piece of Buffer.from(map)) running.process.stdin?.write(Buffer.of(piece));
    running.process.stdin?.end();
    expect(await running.exited()).toMatchObject({ code: 0, stdout: '{"data":{"my-rest.feature-x":null}}\n' });
  });
});

describe('colours', () => {
  const drawn = async (env: Record<string, string>): Promise<boolean> => {
    const { stdout } = await branchline(['table', ...table], { input: map, env });
    return stdout.includes('\u001b[');
  };

  test('are not in a pipe, unless FORCE_COLOR says so; NO_COLOR and TERM=dumb have the last word', async () => {
    expect(await drawn({})).toBe(false);
    expect(await drawn({ FORCE_COLOR: '1' })).toBe(true);
    expect(await drawn({ FORCE_COLOR: '3' })).toBe(true);
    expect(await drawn({ FORCE_COLOR: '0' })).toBe(false);
    expect(await drawn({ FORCE_COLOR: '' })).toBe(false);
    expect(await drawn({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
    expect(await drawn({ FORCE_COLOR: '1', NO_COLOR: '' })).toBe(true);
    expect(await drawn({ FORCE_COLOR: '1', TERM: 'dumb' })).toBe(false);
  });

  test('change nothing but the colour', async () => {
    const plain = await branchline(['table', ...table], { input: map });
    const coloured = await branchline(['table', ...table], { input: map, env: { FORCE_COLOR: '1' } });
    const stripped = coloured.stdout.replaceAll(/\u001b\[\d+m/g, '');
    expect(stripped.replaceAll(/ +$/gm, '')).toBe(plain.stdout.replaceAll(/ +$/gm, ''));
  });

  test('are never in what a machine reads', async () => {
    const env = { FORCE_COLOR: '1' };
    for (const args of [
      ['resolve', 'my-rest', ...table],
      ['table', '--json', ...table],
      ['table', '--digest', ...table],
    ])
      expect((await branchline(args, { input: map, env })).stdout).not.toContain('\u001b');
  });
});
