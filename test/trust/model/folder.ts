// A folder for the time of some work, in memory where there is such a place: there the disk decides nothing.

import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const IN_MEMORY = '/dev/shm';

export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const parent = existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir();
  const folder = mkdtempSync(join(realpathSync(parent), 'branchline-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
