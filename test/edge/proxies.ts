// nginx and HAProxy, for real: each in front of a loopback server, on a socket of its own, with the lines that are tried.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { until, within } from '../doubles/await.ts';
import { temporaryFolder } from '../doubles/folder.ts';

/** Milliseconds, on a machine that does much else. */
const PATIENCE = 25_000;

export interface Proxy {
  /** Sends lines of a head, as they are, and waits for the whole answer. */
  send(lines: readonly string[], body?: string): Promise<string>;
}

/** `http` is what stands in the http block, with `listen 80` and the upstream `web`. */
export function startNginx(http: string, upstreams: Readonly<Record<string, number>>): Promise<Proxy> {
  const folder = temporaryFolder();
  const socket = join(folder, 'socket');
  const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const servers = Object.entries(upstreams).map(([name, port]) => `upstream ${name} { server 127.0.0.1:${port}; }`);
  const lines = http.replaceAll('listen 80;', `listen unix:${socket};`);
  const main = ['daemon off;', 'master_process off;', `pid ${folder}/pid;`, 'error_log stderr;', 'events {}'];
  const config = [...main, 'http {', 'access_log off;', ...temps, ...servers, lines, '}'].join('\n');
  writeFileSync(join(folder, 'nginx.conf'), `${config}\n`);
  return start('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], socket);
}

/** `lines` have a frontend with `bind :80`, and send to the backend `web`. */
export function startHaproxy(lines: string, port: number): Promise<Proxy> {
  const folder = temporaryFolder();
  const socket = join(folder, 'socket');
  const defaults = 'defaults\n    mode http\n    timeout client 10s\n    timeout connect 10s\n    timeout server 10s\n';
  const backend = `backend web\n    server one 127.0.0.1:${port}\n`;
  const frontend = lines.replaceAll('bind :80', `bind unix@${socket}`);
  writeFileSync(join(folder, 'haproxy.cfg'), `${defaults}${frontend}\n${backend}`);
  return start('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], socket);
}

async function start(program: string, args: readonly string[], socket: string): Promise<Proxy> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.on('error', (error) => (said += `${error.message}; apt-get install ${program}`));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  onTestFinished(async () => {
    if (child.exitCode !== null || child.pid === undefined) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  await until(
    () => child.exitCode !== null || child.pid === undefined || existsSync(socket),
    () => `${program} to listen; it said:\n${said}`,
    PATIENCE,
  );
  if (child.exitCode !== null || child.pid === undefined) throw new Error(`${program} ended:\n${said}`);
  return { send: (lines, body = '') => exchange(socket, [...lines, 'connection: close', '', body].join('\r\n')) };
}

/** What is not installed is skipped, and the run says so; in CI, which installs it, it fails. */
export function isTried(program: string): boolean {
  return process.env['CI'] !== undefined || spawnSync(program, ['-v'], { stdio: 'ignore' }).error === undefined;
}

async function exchange(path: string, request: string): Promise<string> {
  const socket = connect(path);
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
  socket.on('error', () => {}); // a proxy may cut what it does not like
  socket.write(request);
  await within(once(socket, 'close'), () => `the answer to ${JSON.stringify(request)}; came: ${answer}`, PATIENCE);
  return answer;
}
