import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { describe, expect, test } from 'vitest';

import { type Child, startChild } from '../doubles/child.ts';
import { temporaryFolder } from '../doubles/folder.ts';

const demo = new URL('../../examples/demo/', import.meta.url);

/** The demo, and the folder in which it makes its own. */
function start(folder: URL = demo): { child: Child; leftovers: () => string[] } {
  const tmp = temporaryFolder();
  const child = startChild(new URL('main.ts', folder), { env: { TMPDIR: tmp, TEMP: tmp, TMP: tmp } });
  return { child, leftovers: () => readdirSync(tmp).filter((name) => name.startsWith('branchline-demo-')) };
}

/** A copy of the demo with one place of it changed. */
function changed(file: string, from: string, to: string): URL {
  const copy = join(temporaryFolder(), 'demo');
  cpSync(demo, copy, { recursive: true });
  writeFileSync(join(copy, 'package.json'), '{ "type": "module" }');
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  const edited = text.replace(from, to);
  expect(edited).not.toBe(text);
  writeFileSync(path, edited);
  return pathToFileURL(`${copy}/`);
}

/** The rows of its tables: a service, a mark for develop and one for feature-x, and what is said behind the address. */
function rowsOf(stdout: string): string[] {
  const rows = stdout.matchAll(/^ {3}(my-rest|orders|billing) +([●○·✗]) +([●○·✗]) +(?:http:\S+)?(.*)$/gm);
  return [...rows].map(([, service, develop, branch, note = '']) => `${service} ${develop}${branch}${note}`);
}

describe('the demo', () => {
  test('tells its story, in which every answer is right, and leaves nothing behind', async () => {
    const { child, leftovers } = start();
    // Nobody kills it or closes its input: it ends by itself.
    const { code, stdout } = await child.exited();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ \d+ checks in \d+\.\d s: every answer was the one it must be\.$/m);
    expect(leftovers()).toEqual([]);
    expect(rowsOf(stdout)).toEqual([
      ...['my-rest ○●', 'orders ●·', 'billing ●·'],
      ...['my-rest ○●', 'orders ●·', 'billing ○●'],
      ...['my-rest ○● stale', 'orders ●·', 'billing ○●'],
      ...['my-rest ○● stale', 'orders ○✗ERR_ENTRY_INVALID', 'billing ○●'],
      ...['my-rest ○●', 'orders ○●', 'billing ○●'],
      ...['my-rest ●·', 'orders ●·', 'billing ●·'],
    ]);
  });

  test('says why, what was wrong and how soon it was noticed', async () => {
    const { stdout } = await start().child.exited();
    expect(stdout).toMatch(/^1\. The branch deployed its own my-rest\. Everything else is develop's\.$/m);
    expect(stdout).toMatch(/^ +feature-x +own +absent +no entry of orders in feature-x$/m);
    expect(stdout).toMatch(/^ +\+ billing\.feature-x: http:\S+$/m);
    const story = stdout.replaceAll(/\s+/g, ' ');
    expect(story).toMatch(/"my-rest\.feature-x" is "http\/\/127\.0\.0\.1:\d+" in .* Its last good value stays\./);
    expect(story).toMatch(/ERR_ENTRY_INVALID: "orders\.feature-x" is "808O" in .* Looking it up is an error/);
    const swaps = stdout
      .match(/^ {3}\d+\.\d ms after the swap: .*$/gm)
      ?.map((line) => line.replace(/.*swap: (.*) \(.*/, '$1'));
    expect(swaps).toEqual([
      'billing → feature-x',
      'my-rest → feature-x, stale',
      'orders → ERR_ENTRY_INVALID',
      'orders → feature-x',
      'my-rest → develop',
    ]);
  });

  test('is plain text of at most 80 columns where nobody watches', async () => {
    const { stdout } = await start().child.exited();
    expect(stdout).not.toContain('\u001B');
    // A path is as long as it is.
    expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes('branchline-demo-'))).toEqual([]);
  });

  test.for([
    [
      'an expectation',
      'story.ts',
      "orders: 'develop'",
      "orders: 'feature-x'",
      /^ +1\. orders: develop, and it must be feature-x$/m,
    ],
    [
      'what a service says it is',
      'cluster.ts',
      '{ service, namespace };',
      "{ service, namespace: 'develop' };",
      /must be/,
    ],
    ['what the library counted', 'count.ts', 'sum + count', 'sum + count + 1', /^✗ 6 of \d+ checks failed:$/m],
  ] as const)('fails when %s is wrong', async ([, file, from, to, complaint]) => {
    const { child, leftovers } = start(changed(file, from, to));
    const { code, stdout, stderr } = await child.exited();
    expect(stdout + stderr).toMatch(complaint);
    expect(code).toBe(1);
    expect(leftovers()).toEqual([]);
  });

  test('says in one line what it did not expect, and cleans up', async () => {
    const { child, leftovers } = start(
      changed('story.ts', "await chapter('Both are mended.');", "throw new Error('out of luck');"),
    );
    const { code, stderr } = await child.exited();
    expect(stderr).toMatch(/^demo: out of luck$/m);
    expect(code).toBe(1);
    expect(leftovers()).toEqual([]);
  });

  test.skipIf(process.platform === 'win32')('cleans up when it is interrupted', async () => {
    const { child, leftovers } = start();
    await once(child.process.stdout ?? child.process, 'data');
    child.process.kill('SIGINT');
    await child.exited();
    expect(leftovers()).toEqual([]);
  });
});
