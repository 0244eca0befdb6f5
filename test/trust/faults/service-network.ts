// A Pod of the branch that cannot be reached: the caller has its own error in time, which tells where the call went, and the
// baseline, which would answer, is not even looked up.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Given } from '../trial.ts';
import { type Kind, KINDS } from './service-callee.ts';
import type { Call, Over, Task } from './service-network-child.ts';
import type { Row, Seen, Tools } from './service-row.ts';
import { unshared } from './unshared.ts';

interface Wanted {
  readonly how: string;
  /** By one of these codes each client knows it. */
  readonly codes: readonly string[];
  /** Until then, in milliseconds; what a client waits for by itself, and ample room. */
  readonly soon: number;
  /** How many requests reach the Pod of the branch, at most; more were sent again behind the caller's back. */
  readonly received: number;
  /** Without its own signal fetch would wait for long. */
  readonly signal?: boolean;
}

const WANTED: Readonly<Record<Kind, Wanted>> = {
  NXDOMAIN: { how: 'a DNS server', codes: ['ENOTFOUND'], soon: 5_000, received: 0 },
  SERVFAIL: { how: 'a DNS server', codes: ['EAI_AGAIN'], soon: 5_000, received: 0 },
  silence: {
    how: 'a DNS server',
    codes: ['EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'],
    soon: 8_000,
    // The one that waited for the last question, if it was answered.
    received: 1,
  },
  refused: { how: 'a closed port', codes: ['ECONNREFUSED'], soon: 5_000, received: 0 },
  'black hole': {
    how: 'a stopped process with a full queue',
    codes: ['UND_ERR_CONNECT_TIMEOUT'],
    soon: 5_000,
    received: 0,
    signal: true,
  },
  reset: { how: 'a server that resets', codes: ['ECONNRESET', 'UND_ERR_SOCKET'], soon: 5_000, received: 3 },
  'half-open': {
    how: 'SIGSTOP to a server with connections that stand',
    codes: ['UND_ERR_HEADERS_TIMEOUT'],
    soon: 5_000,
    // Three on the connections that stood, and the three that went into nothing, which are read later.
    received: 6,
    signal: true,
  },
};

export const networks: readonly Row[] = KINDS.map((kind): Row => ({
  name: nameOf(kind),
  required:
    'the error is the own one of the client, with the resolution; nobody else is asked; the next call is a new one',
  how: `${WANTED[kind].how}, in a network of its own; fetch, fetch with an agent, undici`,
  beside: true,
  run: async (tools, given) => run(kind, tools, given),
}));

function nameOf(kind: Kind): string {
  if (kind === 'NXDOMAIN' || kind === 'SERVFAIL' || kind === 'silence') return `DNS: ${kind}`;
  return `a connection: ${kind}`;
}

/** The head of a response is waited for so long by itself: too long for the short form. */
const HEADERS_TIMEOUT = 30_000;
const PATIENCE = 1_000;

async function run(kind: Kind, tools: Tools, { times }: Given): Promise<Seen> {
  const { same, must } = tools;
  const { codes, soon, received, signal = false } = WANTED[kind];
  const ownTimeout = kind === 'half-open' ? times(0, HEADERS_TIMEOUT) : 0;
  const over = await inPod(tools, {
    kind,
    headersTimeout: ownTimeout === 0 ? 1_000 : null,
    patience: signal ? PATIENCE : null,
  });
  const where = { service: 'my-rest', namespace: 'feature-x', via: 'branch', url: 'http://my-rest.feature-x.svc:8080' };
  for (const call of over.calls) {
    const { client, code = '', resolution, milliseconds } = call;
    must(milliseconds <= soon + ownTimeout, `${client} waited ${milliseconds} ms`);
    if (signal && client === 'fetch') {
      // The reason of a signal is the caller's, and may end many calls: nothing is written on it.
      same([call.name, call.isReason], ['TimeoutError', true], `${client}: the error`);
      continue;
    }
    must(codes.includes(code), `${client} failed with ${JSON.stringify(call)}, not ${codes.join(' or ')}`);
    const { service, namespace, via, url } = resolution ?? {};
    same({ service, namespace, via, url }, where, `${client}: the resolution of its error`);
  }
  same(over.elsewhere, 0, 'connections to the baseline');
  same(
    over.questions.filter((question) => question.includes('develop')),
    [],
    'questions for the baseline',
  );
  const answers = over.mended.map(({ answer = 0 }) => answer);
  must(
    answers.every((answer) => answer > 0),
    `not all were answered when it was mended: ${JSON.stringify(over.mended)}`,
  );
  const before = Math.max(...answers) - answers.length;
  must(before <= received, `${before} requests reached the Pod of the branch before it was mended, not ${received}`);
  return {
    noticed: namesOf(over.calls),
    milliseconds: Math.max(...over.calls.map(({ milliseconds }) => milliseconds)),
  };
}

function namesOf(calls: readonly Call[]): string {
  return [...new Set(calls.map(({ name, code, isReason }) => (isReason === true ? name : code)))].join(', ');
}

/** As the kubelet writes it, but for the patience. */
const RESOLV_CONF = `search feature-x.svc.cluster.local svc.cluster.local cluster.local
nameserver 127.0.0.1
options ndots:5 timeout:1 attempts:1
`;
/** `ip` is not everywhere, and perl nearly so: SIOCSIFFLAGS, with IFF_UP and IFF_RUNNING. */
const LOOPBACK_UP = `ip link set lo up 2>/dev/null || perl -e '
  my $flags = pack("a16 s x22", "lo", 0x41);
  socket(ANY, 2, 2, 0) and ioctl(ANY, 0x8914, $flags) or die $!;
' || { echo 'not injected: lo is down; apt-get install iproute2' >&2; exit 1; }`;
/** Whatever it starts dies with it, stopped or not. */
const FLAGS = ['-r', '-m', '-n', '-p', '-f', '--kill-child'];

async function inPod({ folder, start, same }: Tools, task: Task): Promise<Over> {
  const namespaces = unshared(...FLAGS);
  const room = folder();
  const files = { 'resolv.conf': RESOLV_CONF, 'nsswitch.conf': 'hosts: files dns\n', hosts: '127.0.0.1 localhost\n' };
  const mounts = Object.entries(files).map(([name, text]) => {
    writeFileSync(join(room, name), text);
    return existsSync(`/etc/${name}`) ? `mount --bind '${join(room, name)}' /etc/${name}` : ':';
  });
  const child = start('service-network-child.ts', {
    args: [JSON.stringify(task)],
    env: { HTTP_PROXY: undefined, http_proxy: undefined, LOCALDOMAIN: undefined, RES_OPTIONS: undefined },
    under: [...namespaces, 'sh', '-ec', `${[LOOPBACK_UP, ...mounts].join('\n')}\nexec "$@"`, 'sh'],
  });
  const { over } = await child.said('over', 60_000);
  const { code, stderr } = await child.exited();
  same([code, stderr], [0, ''], 'how the Pod ended');
  return over as Over;
}
