import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { TestContext } from 'vitest';

import { type Child, startChild } from '../doubles/child.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { noUnshare } from '../doubles/unshare.ts';
import type { Pod } from './children/pod.ts';

/** As the kubelet writes it into a Pod of `feature-x`, with a search domain of the node at the end. */
export const OF_A_POD = `search feature-x.svc.cluster.local svc.cluster.local cluster.local corp.example
nameserver 127.0.0.1
options ndots:5
`;
export const OF_A_LAPTOP = 'search corp.example\nnameserver 127.0.0.1\n';

export interface Answered {
  readonly result?: unknown;
  readonly error?: { readonly code?: string; readonly message: string; readonly resolution?: object };
  /** That DNS was asked, in order. */
  readonly questions: readonly string[];
}

export interface StartedPod {
  ask(question: string): Promise<Answered>;
}

/** `ip` is not everywhere, and perl nearly so: SIOCSIFFLAGS, with IFF_UP and IFF_RUNNING. */
const LOOPBACK_UP = `ip link set lo up 2>/dev/null || perl -e '
  my $flags = pack("a16 s x22", "lo", 0x41);
  socket(ANY, 2, 2, 0) and ioctl(ANY, 0x8914, $flags) or die $!;
'`;
const FLAGS = ['-r', '-m', '-n'];

/**
 * Starts a process whose network, and whose answers to names, are its own. Where Linux does not allow that the test fails:
 * to skip it would look like success. Other systems have no such thing.
 */
export async function startPod(
  { skip }: TestContext,
  { data = {}, answers = {}, lookup, resolvConf = OF_A_POD }: Partial<Pod> & { resolvConf?: string },
): Promise<StartedPod> {
  const reason = noUnshare(...FLAGS);
  if (process.platform !== 'linux') skip(reason ?? 'Linux only');
  if (reason !== null) throw new Error(reason);
  const folder = temporaryFolder();
  const files = { 'resolv.conf': resolvConf, 'nsswitch.conf': 'hosts: files dns\n', hosts: '127.0.0.1 localhost\n' };
  const mounts = Object.entries(files).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return `[ ! -e /etc/${name} ] || mount --bind '${join(folder, name)}' /etc/${name}`;
  });
  const pod: Pod = { data, answers, ...(lookup === undefined ? {} : { lookup }) };
  const child: Child = startChild(new URL('children/pod.ts', import.meta.url), {
    args: [JSON.stringify(pod)],
    env: { HTTP_PROXY: undefined, http_proxy: undefined, LOCALDOMAIN: undefined, RES_OPTIONS: undefined },
    unshare: { flags: FLAGS, first: [LOOPBACK_UP, ...mounts].join('\n') },
  });
  await child.said('ready');
  return { ask: async (question) => (await child.ask(question)) as unknown as Answered };
}
