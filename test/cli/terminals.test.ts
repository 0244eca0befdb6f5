// What people see, in a real pseudo-terminal.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { until, within } from '../doubles/await.ts';
import { createKubelet } from '../doubles/kubelet.ts';
import { type Pty, type PtyOptions, startInTerminal } from '../doubles/pty.ts';
import { builtCommand } from './built.ts';
import { folderWith } from './command.ts';
import { configMap, json, README, yaml } from './kubernetes.ts';

const COLOUR = /\u001b\[\d+m/g;
const widths = [40, 80, 120];

async function open(args: readonly string[], options: PtyOptions = {}, redirect = ''): Promise<Pty> {
  const text = `exec "$@" ${redirect}`;
  const pty = startInTerminal(text, [process.execPath, await builtCommand(), ...args], options);
  onTestFinished(() => {
    pty.process.kill('SIGKILL');
  });
  return pty;
}

/** Runs it to its end: what stands on the screen, with and without colours, in lines. */
async function draw(args: readonly string[], options?: PtyOptions, redirect?: string) {
  const pty = await open(args, options, redirect);
  const { code, output } = await within(pty.exited(), () => `the end; it said:\n${pty.output()}`, 20_000);
  const raw = output.replaceAll('\r\n', '\n');
  const plain = raw.replaceAll(COLOUR, '');
  // Nothing but colours: no cursor, no title, no screen of its own.
  expect(plain).not.toContain('\u001b');
  return { code, raw, lines: plain.trimEnd().split('\n') };
}

const files = (): string =>
  folderWith({
    'cm.yaml': yaml(configMap(README)),
    'wrong.yaml': yaml({ baseline: 'develop', 'a.develop': '808O', 'B.develop': '1', colour: 'red' }),
  });

/** No line is longer than the terminal, unless it is one word that cannot be broken. */
function expectFitting(lines: readonly string[], columns: number): void {
  for (const line of lines) if (/\S\s+\S/.test(line)) expect([line.length <= columns, line]).toEqual([true, line]);
}

describe.each(widths)('in a terminal of %d columns', (columns) => {
  test('table draws in colours, and fits with its legend', async () => {
    const cwd = files();
    const { code, raw, lines } = await draw(['table', '--config', 'cm.yaml', '--own', 'feature-x'], { columns, cwd });
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^SERVICE +feature-x +develop( +feature-y)?$/);
    expect(lines.map((line) => line.slice(0, 8))).toEqual(
      expect.arrayContaining(['billing ', 'my-rest ', '  _admin', 'orders  ']),
    );
    expect(raw).toContain('\u001b[1mSERVICE');
    expect(raw).toMatch(/\u001b\[32m● 8080 *\u001b\[39m/);
    expect(raw).toMatch(/\u001b\[31m✗ dis[^\u001b]*\u001b\[39m/);
    expect(lines.join(' ')).toContain('● answers');
    expectFitting(lines, columns);
  });

  test('table keeps the search path, and leaves out other namespaces, which it names', async () => {
    const data = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`my-rest.feature-number-${index}`, '8080']),
    );
    const cwd = folderWith({ 'cm.yaml': yaml(configMap({ ...README, ...data })) });
    const args = ['table', '--config', 'cm.yaml', '--own', 'feature-x'];
    const { lines } = await draw(args, { columns, cwd }, '2>rest');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatch(/^SERVICE +feature-x +develop\b/);
    expectFitting(lines, columns);
    const shown = (lines[0] ?? '').split(/ +/).length - 1;
    const { lines: all } = await draw(args, { columns, cwd });
    expect(all.join(' ')).toContain(`and in ${15 - shown} more namespaces: `);
  });

  test('explain draws its steps in colours, and fits', async () => {
    const cwd = files();
    const { code, raw, lines } = await draw(['explain', 'orders', '--config', 'cm.yaml', '--own', 'feature-x'], {
      columns,
      cwd,
    });
    expect(code).toBe(0);
    expect(raw.startsWith('\u001b[1morders →')).toBe(true);
    expect(lines.join(' ')).toContain('https://orders.dev.example.com/v1');
    expect(raw).toMatch(/\u001b\[2m +1\. .*feature-x/);
    expect(raw).toMatch(/\u001b\[32m +2\. .*develop/);
    expectFitting(lines, columns);
  });

  test('check prints each problem whole, its code in a colour', async () => {
    const { code, raw, lines } = await draw(['check', 'wrong.yaml'], { columns, cwd: files() });
    expect(code).toBe(1);
    expect(raw).toContain('\u001b[31mERR_ENTRY_INVALID\u001b[39m');
    expect(raw).toContain('\u001b[31mERR_INVALID_NAME\u001b[39m');
    expect(raw).toContain('\u001b[33mWARN_SETTING_UNKNOWN\u001b[39m');
    expect(lines.join(' ').replaceAll(/ +/g, ' ')).toContain('"808O"');
    expect(lines.at(-1)).toBe('branchline: 3 problems.');
  });

  test('watch prints changes in colours, until Ctrl-C', async () => {
    const { mount, write } = createKubelet(join(folderWith({}), 'config'));
    write({ 'a.develop': '1', 'b.develop': '1' });
    const pty = await open(['watch', '--config', mount], { columns });
    await until(
      () => /Ctrl-C\s+ends\./.test(pty.output()),
      () => pty.output(),
      20_000,
    );
    write({ 'b.develop': '2', 'c.develop': '1' });
    await until(
      () => pty.output().includes('\u001b[32m+ c.develop  1\u001b[39m'),
      () => pty.output(),
    );
    expect(pty.output()).toContain('\u001b[31m- a.develop  1\u001b[39m');
    expect(pty.output()).toContain('\u001b[33m~ b.develop  1 → 2\u001b[39m');
    const changes = pty
      .output()
      .replaceAll(COLOUR, '')
      .split('\r\n')
      .filter((line) => line.includes('  r2  '));
    expect(changes).toHaveLength(3);
    expectFitting(changes, columns);
    pty.type('\u0003');
    const { code, output } = await within(pty.exited(), () => `the end; it said:\n${pty.output()}`);
    expect(code).toBe(0);
    expect(output).not.toContain('    at ');
  });
});

describe('in a terminal', () => {
  const args = ['table', '--config', 'cm.yaml', '--own', 'feature-x'];

  test('that does not tell its width there are 80 columns', async () => {
    const cwd = files();
    const unknown = await draw(args, { columns: 0, cwd }, '2>rest');
    expect(unknown.lines).toEqual((await draw(args, { columns: 80, cwd }, '2>rest')).lines);
    const wrong = ['table', '--config', 'wrong.yaml'];
    const problems = await draw(wrong, { columns: 0, cwd }, '>drawing');
    expect(problems.lines).toEqual((await draw(wrong, { columns: 80, cwd }, '>drawing')).lines);
  });

  test.each<[Record<string, string>, boolean]>([
    [{}, true],
    [{ NO_COLOR: '' }, true],
    [{ NO_COLOR: '1' }, false],
    [{ TERM: 'dumb' }, false],
    [{ FORCE_COLOR: '0' }, false],
  ])('with %j there are colours: %s', async (env, coloured) => {
    const { raw } = await draw(args, { cwd: files(), env });
    expect(raw.includes('\u001b[')).toBe(coloured);
  });

  test('a file gets no colours, though the other stream is drawn', async () => {
    const cwd = folderWith({ 't.yaml': 'a.develop: x y\nb.develop: 1\n' });
    await draw(['table', '--config', 't.yaml'], { cwd }, '2>problems');
    expect(readFileSync(join(cwd, 'problems'), 'utf8')).toMatch(/^[^\u001b]*"x y"[^\u001b]*$/);
    await draw(['table', '--config', 't.yaml'], { cwd }, '>drawing');
    expect(readFileSync(join(cwd, 'drawing'), 'utf8')).toMatch(/^SERVICE[^\u001b]*$/);
  });

  test('the help fits', async () => {
    for (const help of [['--help'], ['table', '--help'], ['wait', '--help'], ['remove', '--help']]) {
      const { lines } = await draw(help, { columns: 80 });
      const [prose = ''] = lines.join('\n').split('\nExample:');
      expectFitting(prose.split('\n'), 80);
    }
  });

  test('standard input that nobody redirected is asked for, and not waited for', async () => {
    for (const command of [
      ['remove', '--namespace', 'feature-x'],
      ['add', 'a.feature-x', '--services'],
      ['table', '--config', '-'],
      ['prune'],
    ]) {
      const { code, lines } = await draw(command, { columns: 200 });
      expect([command, code]).toEqual([command, 2]);
      expect(lines).toEqual([
        expect.stringMatching(/^branchline: this wants something on standard input: kubectl get /),
      ]);
    }
  });

  test('a pipe in front of it works as everywhere', async () => {
    const cwd = folderWith({ 'cm.json': json(configMap(README)) });
    const { code, lines } = await draw(
      ['resolve', 'my-rest', '--config', '-', '--own', 'feature-x'],
      { cwd },
      '<cm.json',
    );
    expect([code, lines]).toEqual([0, ['http://my-rest.feature-x.svc:8080']]);
  });
});
