import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { describe, expect, test } from 'vitest';

import { type Child, type Exit, startChild } from '../doubles/child.ts';
import { temporaryFolder } from '../doubles/folder.ts';

const demo = new URL('../../examples/demo/', import.meta.url);
const packages = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** The demo, and the folder in which it makes its own. */
function start(folder: URL = demo): { child: Child; leftovers: () => string[] } {
  const tmp = temporaryFolder();
  const child = startChild(new URL('main.ts', folder), { env: { TMPDIR: tmp, TEMP: tmp, TMP: tmp } });
  return { child, leftovers: () => readdirSync(tmp).filter((name) => name.startsWith('branchline-demo-')) };
}

type Told = Exit & { readonly leftovers: string[] };
let told: Promise<Told> | undefined;

/** What it tells when it is left alone: nobody kills it or closes its input. Told once, to whoever asks. */
function tell(): Promise<Told> {
  const run = async (): Promise<Told> => {
    const { child, leftovers } = start();
    const exit = await child.exited();
    return { ...exit, leftovers: leftovers() };
  };
  return (told ??= run());
}

/** A copy of the demo with one place of it changed. */
function changed(file: string, from: string, to: string): URL {
  const copy = join(temporaryFolder(), 'demo');
  cpSync(demo, copy, { recursive: true });
  symlinkSync(packages, join(copy, 'node_modules'), 'junction');
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

/** Its requests to web: to which one, what was sent, and what of ours came back. */
function visitsOf(stdout: string): string[][] {
  const visits = stdout.matchAll(/^ {3}> GET \/buy to (.*)\n((?: {3}[<>] .*\n)+)/gm);
  return [...visits].map(([, to = '', lines = '']) => [to, ...lines.trim().split(/\n {3}/)]);
}

describe('the demo', () => {
  test('tells its story, in which every answer is right, and leaves nothing behind', async () => {
    const { code, stdout, stderr, leftovers } = await tell();
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^✓ \d+ checks in \d+\.\d s: every answer was the one it must be\.$/m);
    expect(leftovers).toEqual([]);
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
    const { stdout } = await tell();
    expect(stdout).toMatch(/^1\. The branch deployed its own my-rest\. orders and billing are develop's\.$/m);
    expect(stdout).toContain("await fetch('http://my-rest/get-customer-permissions');");
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

  test('shows the way of a request through develop, with its wish and without, and a wish that is refused', async () => {
    const { stdout } = await tell();
    expect(visitsOf(stdout)).toEqual([
      [
        'web.feature-x',
        '> branchline-via: 1',
        '< 200 OK',
        '< branchline-via: web=feature-x, orders=develop, billing=feature-x',
      ],
      [
        'web.develop',
        '> branchline-via: 1',
        '< 200 OK',
        '< branchline-via: web=develop, orders=develop, billing=develop',
      ],
      [
        'web.develop',
        '> branchline-via: 1',
        '> baggage: branchline=feature-x',
        '< 200 OK',
        '< branchline-accepted: feature-x',
        '< branchline-via: web=develop, orders=develop, billing=feature-x',
      ],
      [
        'web.develop',
        '> branchline-via: 1',
        '> baggage: branchline=feature-z',
        '< 412 Precondition Failed',
        '< branchline-refused: feature-z',
      ],
    ]);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /ERR_OVERRIDE_REFUSED: the request's wish is refused, this table does not have feature-z: .* \(revision \d+, digest [\da-f]{16}\)\./,
    );
  });

  test('is plain text of at most 80 columns where nobody watches', async () => {
    const { stdout } = await tell();
    expect(stdout).not.toContain('\u001B');
    // A path is as long as it is.
    expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes('branchline-demo-'))).toEqual([]);
  });

  test.for([
    [
      'an expectation is wrong',
      'story.ts',
      "orders: 'develop'",
      "orders: 'feature-x'",
      /^ +1\. orders: develop, and it must be feature-x$/m,
    ],
    [
      'a service says that it is another',
      'deployment.ts',
      '{ service, namespace, called }',
      "{ service, namespace: 'develop', called }",
      /^ +my-rest +○ +○ .* must be feature-x$/m,
    ],
    [
      'no service listens to the wish',
      'deployment.ts',
      'trust: true',
      'trust: false',
      /^ +branchline-accepted: absent, and it must be feature-x$/m,
    ],
    [
      'a wish for an unknown branch is answered',
      'deployment.ts',
      'trust: true',
      "trust: true, refused: 'ignore'",
      /^ +the status of a refusal: 200, and it must be 412$/m,
    ],
    ['the library counted wrongly', 'count.ts', 'sum + count', 'sum + count + 1', /^✗ 6 of \d+ checks failed:$/m],
  ] as const)('fails when %s', async ([, file, from, to, complaint]) => {
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

  test('ends without a word when nobody reads on, and cleans up', async () => {
    const { child, leftovers } = start();
    const { stdout } = child.process;
    await once(stdout ?? child.process, 'data');
    stdout?.destroy();
    expect(await child.exited()).toMatchObject({ stderr: '' });
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
