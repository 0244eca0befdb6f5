// Two copies of the package on the disk, each in its two formats: four in one process. They share the context of a request,
// and nothing of their tables.

import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Row } from './service-row.ts';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));

interface Over {
  readonly answers: readonly { readonly branch: string; readonly lines: readonly string[] }[];
  readonly different: number;
  readonly copies: number;
  readonly stores: readonly string[];
}

export const copies: Row = {
  name: 'copies of the package',
  required: 'whichever receives a request, all route by its wish and carry it on; there is one context store',
  how: 'a second copy in another node_modules, both as ES modules and as CommonJS, eight requests at once',
  async run({ folder, start, same, must }) {
    const child = start('service-copies-child.ts', { args: [PROJECT, await copyInto(folder())] });
    const over = (await child.said('over'))['over'] as Over;
    const { code, stderr } = await child.exited();
    same([code, stderr], [0, ''], 'how the process ended');
    must(over.different === over.copies, `not injected: ${over.copies} copies are ${over.different}`);
    same(over.stores, ['Symbol(branchline.context.v1)'], 'the context stores');
    same(over.answers.length, 2 * over.copies, 'how many requests were answered');
    for (const { branch, lines } of over.answers) {
      const line = `${branch} ${branch} branchline=${branch} branchline=${branch}`;
      same(
        lines,
        Array.from({ length: over.copies }, () => line),
        `context, namespace and what was sent, of ${branch}`,
      );
    }
    return { noticed: `${over.answers.length} requests, ${over.stores.length} store`, milliseconds: null };
  },
};

/** As an installation has it: the files that are published, and what they depend on. */
async function copyInto(room: string): Promise<string> {
  const modules = join(room, 'node_modules');
  const copy = join(modules, 'branchline');
  mkdirSync(copy, { recursive: true });
  cpSync(join(PROJECT, 'dist'), join(copy, 'dist'), { recursive: true });
  cpSync(join(PROJECT, 'package.json'), join(copy, 'package.json'));
  const { dependencies } = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8')) as {
    dependencies: Readonly<Record<string, string>>;
  };
  for (const name of Object.keys(dependencies)) symlinkSync(join(PROJECT, 'node_modules', name), join(modules, name));
  return copy;
}
