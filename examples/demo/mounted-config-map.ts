// A ConfigMap as a Pod sees it. The kubelet writes a whole new folder, then renames one link: nobody ever reads half of
// an update (https://pkg.go.dev/k8s.io/kubernetes/pkg/volume/util#AtomicWriter).

import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Data = Readonly<Record<string, string>>;

export interface MountedConfigMap {
  readonly path: string;
  /** Swaps the content; the result is the instant of the swap, as of `performance.now()`. */
  write(data: Data): number;
  remove(): void;
}

export function mountConfigMap(): MountedConfigMap {
  const path = mkdtempSync(join(tmpdir(), 'branchline-demo-'));
  const at = (...names: string[]): string => join(path, ...names);
  let keys: readonly string[] = [];

  return {
    path,
    write(data) {
      const old = keys.length === 0 ? null : readlinkSync(at('..data'));
      const made = `..${timestamp()}.${randomInt(2 ** 32)}`;
      mkdirSync(at(made));
      for (const [key, value] of Object.entries(data)) writeFileSync(at(made, key), value);
      symlinkSync(made, at('..data_tmp'));
      renameSync(at('..data_tmp'), at('..data'));
      const swapped = performance.now();

      const dropped = keys.filter((key) => !Object.hasOwn(data, key));
      const added = Object.keys(data).filter((key) => !keys.includes(key));
      for (const key of added) symlinkSync(join('..data', key), at(key));
      for (const key of dropped) rmSync(at(key), { force: true });
      if (old !== null) rmSync(at(old), { recursive: true });
      keys = Object.keys(data);
      return swapped;
    },
    remove() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** As in `..2026_11_23_02_50_10.123456789`. */
function timestamp(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/[-T:]/g, '_');
}
