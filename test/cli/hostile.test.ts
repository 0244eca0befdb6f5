// What others wrote, in names, values, paths and headers, is shown and never obeyed: neither by a terminal nor by a log.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { UNSHOWABLE } from '../doubles/arbitraries.ts';
import { until } from '../doubles/await.ts';
import { startServer } from '../doubles/http-server.ts';
import { branchline, folderWith, start } from './command.ts';
import { configMap, json, namespaces, services, yaml } from './kubernetes.ts';

/** Red, a cleared screen, a title, eight-bit control codes, a carriage return, a forged line, reversed text. */
const EVIL = '\u001b[31m\u001b[2J\u001b]0;x\u0007\u009b31m\rok\n::error::x\u202egnp';

/** All that was printed, which must show such characters and not contain them; lines may end, of course. */
function expectShown(...printed: readonly string[]): void {
  const text = printed.join('\n');
  expect(text.replaceAll('\n', '')).not.toMatch(UNSHOWABLE);
  expect(text).not.toMatch(/^::error::x/m);
}

describe('what cannot be obeyed', () => {
  const evil = { [`${EVIL}.feature-x`]: '80', 'a.feature-x': EVIL, [`${EVIL}.yaml`]: EVIL, 'b.feature-x': '' };
  const map = json(configMap(evil));
  const other = json({ kind: EVIL, metadata: { name: EVIL } });

  test.each<[what: string, args: string[], input: string]>([
    ['a document', ['check', '-'], yaml({ [`${EVIL}.develop`]: EVIL, 'a.develop': EVIL, [EVIL]: EVIL })],
    ['a manifest', ['check', '-'], map],
    ['a setting', ['check', '-'], JSON.stringify({ template: EVIL, baseline: EVIL })],
    ['JSON that is broken', ['check', '-'], `{"a": ${EVIL}}`],
    ['YAML that is broken', ['check', '-'], `a: [${EVIL}`],
    ['a document, drawn', ['table', '--config', '-'], yaml({ 'a.develop': EVIL, 'b.develop': '80' })],
    ['a document, explained', ['explain', 'a', '--config', '-'], yaml({ 'a.develop': EVIL, 'b.develop': '80' })],
    ['a name that is asked for', ['explain', EVIL, '--config', '-'], '{"a.develop": 1}'],
    ['a wish', ['resolve', 'a', '--request', EVIL, '--config', '-'], '{"a.develop": 1}'],
    ['an entry', ['add', `${EVIL}.feature-x=${EVIL}`], ''],
    ['the value of an entry', ['add', `a.feature-x=${EVIL}`], ''],
    ['a name of a ConfigMap', ['manifest', 'a.feature-x', '--name', EVIL], ''],
    ['a name of a ConfigMap that is looked for', ['remove', '--namespace', 'feature-x', '--name', EVIL], map],
    ['a branch', ['namespace', EVIL], ''],
    ['a prefix', ['namespace', 'x', '--prefix', EVIL], ''],
    ['a path', ['prune', '--namespaces', EVIL], map],
    ['the path of a table', ['check', `${EVIL}.yaml`], ''],
    ['a URL', ['wait', EVIL, '--request', 'x'], ''],
    ['a ConfigMap', ['remove', '--namespace', 'feature-x'], map],
    ['a ConfigMap, pruned', ['prune'], map + json(namespaces('a'))],
    ['another object', ['remove', '--namespace', 'feature-x'], other],
    ['another object, without a name', ['remove', '--namespace', 'feature-x'], json({ kind: EVIL })],
    ['what is no JSON', ['remove', '--namespace', 'feature-x'], `{"kind": ${EVIL}`],
    ['Services', ['add', 'a.feature-x', '--services'], json(services({ 'a.feature-x': [{ name: EVIL, port: 1 }] }))],
    ['a word that is no command', [EVIL], ''],
    ['a word that is no option', ['table', `--${EVIL}`], ''],
    ['a count', ['wait', 'http://127.0.0.1/', '--request', 'x', '--consecutive', EVIL], ''],
  ])('is shown when it stands in %s', async (_, args, input) => {
    const { stdout, stderr } = await branchline(args, { input });
    expect(`${stdout}${stderr}`).not.toBe('');
    expectShown(stdout, stderr);
  });

  test('is shown when it stands in the name of a file of a mount, then and when it changes', async () => {
    const folder = folderWith({ 'a.develop': '80', 'b.yaml': 'c.develop: 1\n' });
    const name = EVIL.replaceAll('/', '');
    writeFileSync(join(folder, `${name}.yaml`), 'd.develop: 1\n');
    writeFileSync(join(folder, `${name}.develop`), '1');
    mkdirSync(join(folder, `${name}.x`));
    const { stdout, stderr } = await branchline(['check', folder]);
    expectShown(stdout, stderr);

    const running = await start(['watch', '--config', folder]);
    await running.says('Ctrl-C ends.');
    writeFileSync(join(folder, `${name}.yaml`), `d.develop: ${JSON.stringify(EVIL)}\n[`);
    await until(() => running.stdout().includes('stale'), 'the document to be stale');
    running.process.kill('SIGINT');
    const watched = await running.exited();
    expectShown(watched.stdout, watched.stderr);
  });

  test('is shown when a server answers with it', async () => {
    // What HTTP lets into a header: no C0 besides the tab, but C1.
    const server = await startServer((_, response) => {
      response.writeHead(200, { 'branchline-accepted': 'feature-x\u009b31m\u0085::error::x' }).end();
    });
    const args = ['wait', server.url, '--request', 'feature-x', '--interval', '1100', '--timeout', '2'];
    const { code, stdout, stderr } = await branchline(args);
    expect(code).toBe(1);
    expectShown(stdout, stderr);
  });

  test('is shown in an annotation of GitHub Actions, which stays one', async () => {
    const input = yaml({ 'a.develop': EVIL });
    const { stdout } = await branchline(['check', '-'], { input, env: { GITHUB_ACTIONS: 'true' } });
    expect(stdout.match(/^::/gm)).toHaveLength(1);
    expectShown(stdout);
  });
});

test('what is secret in an address is printed by no command', async () => {
  const address = 'https://user:hunter2@h.example.com/?token=hunter2#hunter2';
  const input = json(configMap({ 'a.develop': address, 'b.develop': '80' }));
  for (const args of [
    ['check', '-'],
    ['check', '-', '--json'],
    ['table', '--config', '-'],
    ['table', '--config', '-', '--json'],
    ['explain', 'a', '--config', '-'],
    ['explain', 'a', '--config', '-', '--json'],
    ['resolve', 'a', '--config', '-'],
    ['env', '--config', '-', '--namespace', 'develop'],
    ['add', `a.feature-x=${address}`],
  ]) {
    const { stdout, stderr } = await branchline(args, { input });
    expect([args, `${stdout}${stderr}`]).toEqual([args, expect.not.stringContaining('hunter2')]);
  }
});
