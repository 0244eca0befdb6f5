// A stand-in for a cluster: its objects live in this process, and programs on a PATH hand their arguments over to it.

import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { delimiter, dirname, join } from 'node:path';

import { onTestFinished } from 'vitest';

import { builtCommand } from '../cli/built.ts';
import { temporaryFolder } from './folder.ts';
import { type Call, type Data, kubectl, type KubernetesObject, Refusal, type Store, type Stored } from './kubectl.ts';

/** What the API server is asked for, as RBAC sees it. */
export interface Access {
  readonly verb: string;
  /** `configmaps`, `deployments.apps` */
  readonly resource: string;
  readonly namespace: string | null;
  /** `null` for a POST and a list. */
  readonly name: string | null;
}

export interface Cluster {
  /** The PATH of a shell in which kubectl, npm, npx, sleep and the command are the cluster's. */
  readonly path: string;
  /** The calls of kubectl, npm and sleep, in order. */
  readonly calls: readonly Call[];
  readonly accesses: readonly Access[];
  /** How many of kubectl, npm and sleep have not ended yet. */
  running(): number;
  object(kind: string, name: string, namespace?: string): KubernetesObject | undefined;
  /** The data of the ConfigMap `branchline`. */
  map(namespace: string): Data | undefined;
  /** What an operator has applied. */
  put(object: KubernetesObject): void;
  /** Called when something may have changed. */
  onChange(listener: () => void): void;
  /** Called before each call: may hold it, and fails it by rejecting. */
  before(interceptor: (call: Call) => Promise<void> | void): void;
  /** Decides about each access. */
  guard(allows: (access: Access, cluster: Cluster) => boolean): void;
}

/** What a program is told: to print this and to end, or to go on until it is killed. */
interface Reply {
  readonly code: number | 'stays';
  /** For standard output; for standard error when the code is not 0. */
  readonly text: string;
}

/**
 * A program that is nothing but a messenger, for bash, which starts ten times as fast as Node. It says where it is, its
 * name, how many arguments it has, these and its standard input, with a zero byte after each.
 */
const MESSENGER = `
case " $* " in *' - '* | *' /dev/stdin '*) input=$(cat) ;; *) input= ;; esac
exec 3<> "/dev/tcp/127.0.0.1/$PORT"
printf '%s\\0' "$PWD" "$PROGRAM" "$#" "$@" "$input" >&3
read -r code <&3
if [ "$code" = stays ]; then exec tail -f /dev/null; fi
if [ "$code" = 0 ]; then cat <&3; else cat <&3 >&2; fi
exit "$code"`;

/** With the namespace `develop`, that map in it, and further namespaces. */
export async function startCluster(map: Data, namespaces: readonly string[] = []): Promise<Cluster> {
  const home = temporaryFolder();
  const stored = new Map<string, Stored>();
  const calls: Call[] = [];
  const accesses: Access[] = [];
  const connections = new Set<Socket>();
  const listeners: (() => void)[] = [];
  let intercept: (call: Call) => Promise<void> | void = () => {};
  let allows: (access: Access, cluster: Cluster) => boolean = () => true;

  const idOf = (kind: string, name: string, namespace = ''): string => `${kind.toLowerCase()} ${namespace}/${name}`;
  const store: Store = {
    find: (kind, name, namespace) => stored.get(idOf(kind, name, namespace)),
    has: (kind, name, namespace) => stored.has(idOf(kind, name, namespace)),
    put(object, owner) {
      const { name, namespace } = object.metadata;
      const owners = new Map(Object.keys(object.data ?? {}).map((key) => [key, new Set([owner])]));
      stored.set(idOf(object.kind, name, namespace), { object, owners });
    },
    remove(kind, name, namespace) {
      const isThere = stored.delete(idOf(kind, name, namespace));
      const inside = kind === 'namespace' ? [...stored.keys()].filter((id) => id.includes(` ${name}/`)) : [];
      for (const id of inside) stored.delete(id);
      return isThere;
    },
    authorize(verb, kind, namespace, name) {
      const plural = `${kind.toLowerCase()}s`;
      const resource = plural === 'deployments' ? 'deployments.apps' : plural;
      const access: Access = { verb, resource, namespace: namespace ?? null, name };
      accesses.push(access);
      if (!allows(access, cluster))
        throw new Refusal(`Error from server (Forbidden): cannot ${verb} ${resource} ${namespace}/${name}`);
    },
  };
  const cluster: Cluster = {
    path: [join(home, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    calls,
    accesses,
    running: () => connections.size,
    object: (kind, name, namespace) => store.find(kind, name, namespace)?.object,
    map: (namespace) => store.find('ConfigMap', 'branchline', namespace)?.object.data,
    put: (object) => store.put(object, 'operator'),
    onChange: (listener) => void listeners.push(listener),
    before: (interceptor) => void (intercept = interceptor),
    guard: (guard) => void (allows = guard),
  };
  for (const name of ['develop', ...namespaces])
    cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const metadata = { name: 'branchline', namespace: 'develop' };
  cluster.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: map });

  const answer = async (call: Call): Promise<Reply> => {
    calls.push(call);
    try {
      await intercept(call);
      if (call.program !== 'kubectl') return { code: 0, text: '' };
      if (call.args[0] === 'port-forward') return { code: 'stays', text: '' };
      const printed = kubectl(call, store);
      for (const listener of listeners) listener();
      return { code: 0, text: printed };
    } catch (error) {
      return { code: 1, text: `${(error as Error).message}\n` };
    }
  };
  const server = createServer((connection) => {
    let said = '';
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
    connection.on('error', () => {}); // a program that was killed does not listen
    connection.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      const call = callIn(said);
      if (call !== null) void answer(call).then(({ code, text }) => connection.end(`${code}\n${text}`));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const connection of connections) connection.destroy();
  });
  await writePrograms(join(home, 'bin'), (server.address() as AddressInfo).port);
  return cluster;
}

/** What a messenger has said; `null` as long as something is missing. */
function callIn(said: string): Call | null {
  const [cwd = '', program = '', count, ...rest] = said.split('\0').slice(0, -1);
  if (count === undefined || rest.length <= Number(count)) return null;
  return { cwd, program, args: rest.slice(0, -1), stdin: rest.at(-1) ?? '' };
}

async function writePrograms(bin: string, port: number): Promise<void> {
  mkdirSync(bin);
  const write = (name: string, script: string): void => {
    writeFileSync(join(bin, name), script);
    chmodSync(join(bin, name), 0o755);
  };
  for (const program of ['kubectl', 'npm', 'sleep'])
    write(program, `#!/usr/bin/env bash\nPORT=${port} PROGRAM=${program}\n${MESSENGER}\n`);
  // The real one; only its patience is a test's, and BROKEN names a subcommand that fails.
  write(
    'branchline',
    `#!/bin/sh
if [ "$1" = "\${BROKEN:-}" ]; then exit 1; fi
if [ "$1" = wait ]; then set -- "$@" --interval 5 --timeout "\${PATIENCE:-20}"; fi
exec '${process.execPath}' '${await builtCommand()}' "$@"
`,
  );
  write('npx', '#!/bin/sh\n[ "$1" = branchline ] || exit 127\nshift\nexec branchline "$@"\n');
}
