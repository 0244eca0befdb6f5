// nginx as a competent user sets it up to route by a header, in a folder of its own, and the CPU time it has taken.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Nginx {
  readonly origin: string;
  /** Of all its processes so far, in microseconds; exact to the tick of the kernel, 10 ms. */
  cpu(): number;
  stop(): Promise<void>;
}

/** By name of a namespace: the port of the server that it has. */
export type Servers = Readonly<Record<'develop' | 'feature-x', number>>;

/** Microseconds: USER_HZ is 100 on every Linux. */
const TICK = 10_000;
const PATIENCE = 5000;

/** `null` where there is none. */
export function nginxVersion(): string | null {
  if (process.platform !== 'linux') return null;
  const { stderr, status } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
  return status === 0 ? stderr.trim().replace(/^nginx version: nginx\//, '') : null;
}

export async function startNginx(servers: Servers): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'branchline-nginx-'));
  const port = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), configuration(port, servers));
  const args = ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'];
  const master = spawn('nginx', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const gone = once(master, 'exit');
  const stop = async (): Promise<void> => {
    master.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  const origin = `http://127.0.0.1:${port}`;
  const until = performance.now() + PATIENCE;
  while (!(await answers(origin))) {
    if (master.exitCode === null && performance.now() < until) continue;
    await stop();
    throw new Error('nginx does not start');
  }
  const processes = processesOf(master.pid as number);
  return { origin, cpu: () => processes.reduce((sum, pid) => sum + statOf(pid).cpu, 0), stop };
}

/** Connections to both sides are kept, without end; the exact value of a header decides, which is the cheapest way. */
function configuration(port: number, servers: Servers): string {
  const upstreams = Object.entries(servers).map(
    ([namespace, its]) =>
      `upstream ${namespace} { server 127.0.0.1:${its}; keepalive 64; keepalive_requests 1000000; keepalive_timeout 1h; }`,
  );
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${what};`);
  return `daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporary.join('\n  ')}
  keepalive_requests 1000000;
  keepalive_timeout 1h;
  map $http_x_branch $namespace { default develop; feature-x feature-x; }
  ${upstreams.join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://$namespace;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(origin: string): Promise<boolean> {
  try {
    const response = await fetch(origin);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    await delay(20);
    return false;
  }
}

/** The master, and its workers. */
function processesOf(master: number): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return [master, ...all.filter((pid) => isChild(pid, master))];
}

function isChild(pid: number, parent: number): boolean {
  try {
    return statOf(pid).parent === parent;
  } catch {
    return false; // It has ended meanwhile.
  }
}

/** What proc(5) says of a process: its second field, the name, is in brackets, and may have blanks. */
function statOf(pid: number): { parent: number; cpu: number } {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [, parent = 0] = fields;
  const [user = 0, system = 0] = fields.slice(11);
  return { parent, cpu: (user + system) * TICK };
}
