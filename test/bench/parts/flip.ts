// A mount with two versions that are swapped as the kubelet does it, by renaming a link onto `..data`. Both are written
// before: writing 20,000 files takes longer than anything that is measured here.

import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Payload } from '../../doubles/kubelet.ts';

export interface Flip {
  readonly mount: string;
  /** The other version, from now on. */
  swap(): void;
  remove(): void;
}

export function createFlip(versions: readonly [Payload, Payload]): Flip {
  const mount = mkdtempSync(join(tmpdir(), 'branchline-bench-'));
  for (const [index, payload] of versions.entries()) {
    mkdirSync(join(mount, `..version_${index}`));
    for (const [key, content] of Object.entries(payload))
      writeFileSync(join(mount, `..version_${index}`, key), content);
  }
  let current = 1;
  const swap = (): void => {
    current = 1 - current;
    symlinkSync(`..version_${current}`, join(mount, '..data_tmp'));
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
  };
  swap();
  return {
    mount,
    swap,
    remove() {
      rmSync(mount, { recursive: true, force: true });
    },
  };
}
