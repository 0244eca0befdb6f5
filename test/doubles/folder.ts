import { accessSync, constants, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

/** A folder of its own for a test, removed with it. No part of its path is a link. */
export function temporaryFolder(parent = tmpdir()): string {
  const folder = mkdtempSync(join(realpathSync(parent), 'branchline-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** The same in memory where there is such a place: there a writer is limited by nothing but the processor. */
export function fastFolder(): string {
  const inMemory = '/dev/shm';
  try {
    accessSync(inMemory, constants.W_OK);
    return temporaryFolder(inMemory);
  } catch {
    return temporaryFolder();
  }
}
