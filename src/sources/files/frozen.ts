// Whether the kubelet can still update what is mounted here. With `subPath` it resolves the link once and binds what is
// behind it: such a file never changes (https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath).

import fs from 'node:fs';

import { folderOf, type Target } from './layout.ts';

/** The folder of one version, in the fourth field of a line: `…/..2026_11_23_02_50_10.123456789/my-rest.develop`. */
const VERSION = /\/\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+(?:\/|$)/;

/** Why nothing will ever change here, or `null`. */
export function frozenBy(target: Target): string | null {
  let mounts: string;
  try {
    mounts = fs.readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return null;
  }
  return isSubPath(mounts, [target.path, folderOf(target)])
    ? 'it is mounted with subPath, and so never changes while the Pod runs; mount the whole ConfigMap'
    : null;
}

/**
 * Whether one of the paths is a mount of a single version of a ConfigMap.
 * @param mounts the text of `/proc/self/mountinfo` (https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html)
 */
export function isSubPath(mounts: string, paths: readonly string[]): boolean {
  return mounts.split('\n').some((line) => {
    const [, , , root = '', point = ''] = line.split(' ');
    return VERSION.test(root) && paths.includes(unescape(point));
  });
}

/** Spaces and the like are octal there. */
function unescape(path: string): string {
  return path.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));
}
