import { spawnSync } from 'node:child_process';

/** Why a child cannot have namespaces of its own here; `null` when it can. */
export function noUnshare(...flags: string[]): string | null {
  if (process.platform !== 'linux') return 'namespaces exist on Linux only';
  const { status, error, stderr } = spawnSync('unshare', [...flags, 'true'], { encoding: 'utf8' });
  return status === 0 ? null : `unshare ${flags.join(' ')} does not work here: ${error?.message ?? stderr.trim()}`;
}
