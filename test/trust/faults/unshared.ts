// Namespaces of its own for a child, with no privilege but that the machine allows them; where it does not, what would
// mend it.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { noUnshare } from '../../doubles/unshare.ts';

/** What keeps a plain user from them, by the value that does, and what lifts it. */
const SWITCHES = [
  ['kernel.apparmor_restrict_unprivileged_userns', '1', '0'],
  ['kernel.unprivileged_userns_clone', '0', '1'],
  ['user.max_user_namespaces', '0', '10000'],
] as const;

const CONTAINER = 'run it outside a container, or in one with --privileged';

/** The command, with these flags, that another one is given to; throws with what mends it. */
export function unshared(...flags: string[]): string[] {
  const reason = noUnshare(...flags);
  if (reason !== null) throw new Error(`not injected: ${reason}; ${mending(reason)}`);
  return ['unshare', ...flags];
}

/** The same as the root of a user namespace whose limit this is, once `first` has run there. */
export function limited(file: string, first: string): string[] {
  const command = [...unshared('--user', '--map-root-user'), 'sh', '-ec'];
  const [program = '', ...rest] = command;
  const { status, stderr } = spawnSync(program, [...rest, `: >> ${file}`], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`not injected: ${file} cannot be written: ${stderr.trim()}; ${CONTAINER}`);
  return [...command, `${first}\nexec "$@"`, 'sh'];
}

function mending(reason: string): string {
  if (reason.includes('ENOENT')) return 'apt-get install util-linux';
  const barred = SWITCHES.find(([name, value]) => valueOf(name) === value);
  return barred === undefined ? CONTAINER : `sudo sysctl -w ${barred[0]}=${barred[2]}`;
}

function valueOf(name: string): string | null {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
  } catch {
    return null; // this kernel does not have it
  }
}
