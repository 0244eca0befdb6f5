#!/usr/bin/env node
// branchline: the command for CI and for people. It reads and prints; kubectl does the rest.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import process from 'node:process';
import { text } from 'node:stream/consumers';

import { run } from './cli/program.ts';
import { Failure, painter, type Terminal, wrap } from './cli/terminal.ts';
import type { Tools } from './cli/tools.ts';
import { asked } from './core/choice.ts';
import { contextOf } from './core/context.ts';
import { escape, quote } from './core/quote.ts';
import { rowsOf } from './core/rows.ts';
import { WISH_WANTED } from './core/wish.ts';
import { createResolver, namespaceOf, routingOf } from './default.ts';
import { dotenvSource } from './sources/dotenv.ts';
import { envSource } from './sources/env.ts';
import { memorySource } from './sources/memory.ts';
import { mountSource } from './sources/mount.ts';
import { textSource } from './sources/text.ts';

const { stdin, stdout, stderr, env } = process;
const ended = new AbortController();
// The reader has gone, `branchline table | head`: an end, and no stack trace. A full disk is no success.
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    ended.abort();
    if (error.code === 'EPIPE') return;
    process.once('exit', () => (process.exitCode = 1));
    if (stream === stdout) terminal.err(`branchline: standard output cannot be written: ${error.message}`);
  });
}
// The user has enough.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ended.abort());

const terminal: Terminal = {
  out: (line) => void stdout.write(`${line}\n`),
  err(message, style) {
    const paint = painter(style !== undefined && wantsColor(stderr));
    for (const line of wrap(escape(message), stderr.isTTY ? stderr.columns || 80 : null, '  '))
      stderr.write(`${style === undefined ? line : paint(style, line)}\n`);
  },
  async input() {
    if (stdin.isTTY) throw new Failure('this wants something on standard input: kubectl get … -o json | branchline …');
    ended.signal.addEventListener('abort', () => stdin.destroy());
    try {
      return await text(stdin);
    } catch (error) {
      throw new Failure(
        `standard input cannot be read: ${ended.signal.aborted ? 'interrupted' : (error as Error).message}`,
        1,
      );
    }
  },
  async file(path) {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      throw new Failure(`${quote(path)} cannot be read: ${(error as Error).message}`);
    }
  },
  columns: stdout.isTTY ? stdout.columns || 80 : null,
  color: wantsColor(stdout),
  env,
  ended: ended.signal,
};

/** https://no-color.org, and FORCE_COLOR as Node has it. */
function wantsColor(stream: { readonly isTTY?: boolean }): boolean {
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false;
  const forced = env['FORCE_COLOR'] ?? '';
  return forced === '' ? stream.isTTY === true : forced !== '0' && forced !== 'false';
}

const tools: Tools = {
  async open({ config, envFile, own }, follow = false) {
    const table =
      config === '-'
        ? textSource('standard input', await terminal.input())
        : mountSource(config === undefined ? {} : { path: config });
    const dotenv = dotenvSource(envFile === undefined ? {} : { path: envFile });
    const resolver = createResolver({
      sources: [table, dotenv, envSource()],
      watch: follow,
      ...(own === undefined ? {} : { namespace: own }),
      ...(follow ? { pollInterval: 1000 } : {}),
    });
    // Commands print what is wrong themselves.
    resolver.on('problem', () => undefined);
    return resolver;
  },
  openMap(map, baseline) {
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', data: Object.fromEntries(map) };
    const itself = textSource('standard input', JSON.stringify(manifest));
    // The later one has the last word.
    const sources = [memorySource({ baseline: baseline.join(',') }), itself];
    const resolver = createResolver({ sources, namespace: null, watch: false });
    resolver.on('problem', () => undefined);
    return resolver;
  },
  rows: (resolver) => rowsOf(routingOf(resolver).view().entries),
  wish(resolver, words) {
    const { wish } = asked(words);
    if (wish === null) throw new Failure(`${quote(words)} is no wish: ${WISH_WANTED}.`);
    const unknown = routingOf(resolver).view().unknown(wish);
    if (unknown.length > 0)
      throw new Failure(`a request with ${quote(words)} is refused: the table does not have ${unknown.join(', ')}.`, 1);
    return contextOf(wish);
  },
  namespaceOf,
  sha256: (words) => createHash('sha256').update(words).digest('hex'),
};

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
process.exitCode = await run(process.argv.slice(2), tools, terminal, version);
