// What is packed is what the sources make: built once more, in another folder, and compared byte for byte.

import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Outcome } from '../trial.ts';
import { project, run } from './run.ts';

const INPUTS = ['src', 'package.json', 'tsconfig.json', 'tsup.config.ts'];

export function sameElsewhere(): Outcome {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'branchline-rebuilt-'));
  try {
    for (const name of INPUTS) cpSync(join(project, name), join(folder, name), { recursive: true });
    symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
    run(process.execPath, [join(project, 'node_modules/tsup/dist/cli-default.js')], folder);
    const [packed, rebuilt] = [hashesOf(join(project, 'dist')), hashesOf(join(folder, 'dist'))];
    const names = [...new Set([...packed.keys(), ...rebuilt.keys()])].toSorted();
    const different = names.filter((name) => packed.get(name) !== rebuilt.get(name));
    return {
      figure: `${names.length - different.length} of ${names.length} files are equal`,
      breaches: different.map((name) => `dist/${name} ${stateOf(packed.get(name), rebuilt.get(name))}`),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function hashesOf(folder: string): Map<string, string> {
  const hash = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  return new Map(readdirSync(folder).map((name) => [name, hash(name)]));
}

function stateOf(packed: string | undefined, rebuilt: string | undefined): string {
  if (packed === undefined) return 'is made from the sources, and not packed';
  return rebuilt === undefined ? 'is packed, and not made from the sources' : 'is another one when it is built again';
}
