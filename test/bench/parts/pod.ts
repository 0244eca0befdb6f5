// A process whose network, and whose answers to names, are those of a Pod: glibc asks as it does there.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { noUnshare } from '../../doubles/unshare.ts';
import type { Counted, Way } from '../children/pod.ts';
import { start } from '../harness/child.ts';

/** As the kubelet writes it into a Pod of `feature-x`, with a search domain of the node at the end. */
const FILES = {
  'resolv.conf': `search feature-x.svc.cluster.local svc.cluster.local cluster.local corp.example
nameserver 127.0.0.1
options ndots:5
`,
  'nsswitch.conf': 'hosts: files dns\n',
  hosts: '127.0.0.1 localhost\n',
};

/** `ip` is not everywhere, and perl nearly so: SIOCSIFFLAGS, with IFF_UP and IFF_RUNNING. */
const LOOPBACK_UP = `ip link set lo up 2>/dev/null || perl -e '
  my $flags = pack("a16 s x22", "lo", 0x41);
  socket(ANY, 2, 2, 0) and ioctl(ANY, 0x8914, $flags) or die $!;
'`;
const FLAGS = ['-r', '-m', '-n'];
/** What would send the calls, or the questions, another way. */
const AMBIENT = new Set(['HTTP_PROXY', 'http_proxy', 'NODE_USE_ENV_PROXY', 'LOCALDOMAIN', 'RES_OPTIONS']);

/** Why there can be no such process here; `null` when there can. */
export function noPod(): string | null {
  return noUnshare(...FLAGS);
}

/** The questions that the first `calls` calls of a new process ask DNS, all at the same time. */
export async function questionsOf(way: Way, calls: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'branchline-pod-'));
  const mounts = Object.entries(FILES).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return `[ ! -e /etc/${name} ] || mount --bind '${join(folder, name)}' /etc/${name}`;
  });
  const first = [LOOPBACK_UP, ...mounts, 'exec "$@"'].join('\n');
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !AMBIENT.has(name)));
  try {
    const pod = await start('pod', [], {
      execPath: 'unshare',
      execArgv: [...FLAGS, 'sh', '-ec', first, 'sh', process.execPath],
      env,
    });
    try {
      const { questions, answers } = await pod.ask<Counted>({ way, calls });
      if (answers !== calls) throw new Error(`${answers} of ${calls} calls were answered`);
      return questions;
    } finally {
      await pod.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
