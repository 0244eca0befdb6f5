import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { temporaryFolder } from '../doubles/folder.ts';
import { builtCommand, project } from './built.ts';

const committed = join(project, '.github/images');
const svgs = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

async function drawn(): Promise<Record<string, string>> {
  const folder = temporaryFolder();
  const script = join(project, '.ci/pictures');
  const { status, stderr } = spawnSync(process.execPath, [script, await builtCommand(), folder], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return svgs(folder);
}

describe('the pictures of the README', () => {
  test('are what the command draws now; `npm run build && .ci/pictures` makes them anew', async () => {
    const now = await drawn();
    expect(Object.keys(now)).toEqual(['explain.svg', 'table.svg']);
    expect(svgs(committed)).toEqual(now);
  });

  test('are the same every time', async () => {
    expect(await drawn()).toEqual(await drawn());
  });

  test('are well-formed, readable where it is light and dark, and name nothing of the machine', () => {
    for (const svg of Object.values(svgs(committed))) {
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^]*<\/svg>\n$/);
      expect(svg).toContain('@media (prefers-color-scheme: dark)');
      expect(svg).toMatch(
        /<title>\$ kubectl get configmap branchline -o yaml \| branchline (?:table|explain) [^<]*<\/title>/,
      );
      // Each element is closed in its turn, and text has none of XML's own characters.
      const open: string[] = [];
      for (const [, close, name, self] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
        if (close === '/') expect(open.pop()).toBe(name);
        else if (self === '') open.push(name as string);
      }
      expect(open).toEqual([]);
      expect(svg.replaceAll(/<\/?[a-z]+[^<>]*>/g, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;)/);
      expect(svg).not.toMatch(/\/tmp|\/home|\u001b/);
    }
  });
});
