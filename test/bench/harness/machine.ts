// What was measured on what: a figure without it is worth nothing.

import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import process from 'node:process';

export interface Machine {
  readonly node: string;
  readonly v8: string;
  readonly system: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory: string;
  /** Of the last minute, before the run: an idle machine is near 0. */
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
}

const PACKAGES = ['branchline', 'undici', 'axios', 'got', 'ky', 'config', 'chokidar', 'mitata'];

export function machine(): Machine {
  const [first] = cpus();
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    system: `${type()} ${release()}`,
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    versions: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  };
}

/** From the folder of this package, or from the project's. */
function versionOf(name: string): string {
  for (const folder of ['../node_modules', '../../../node_modules']) {
    try {
      const text = readFileSync(new URL(`${folder}/${name}/package.json`, import.meta.url), 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    } catch {
      // The other folder has it.
    }
  }
  return 'none';
}
