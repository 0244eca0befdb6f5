// Runs a block of TypeScript in a process that looks like the Pod the README talks about: in `feature-x`, with the README's
// ConfigMap mounted. `// → value` at the end of a statement, and `// throws ERR_…`, are checked; words in brackets may follow.

import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { format } from 'node:util';
import vm from 'node:vm';

import * as branchline from 'branchline';
import * as testing from 'branchline/testing';
import ts from 'typescript';
import { expect, onTestFinished, vi } from 'vitest';

import { temporaryFolder } from '../doubles/folder.ts';
import { createKubelet } from '../doubles/kubelet.ts';

const DEFAULT_MOUNT = '/etc/branchline';
const NOTE = /\/\/ (?:→|throws\b)/g;
const CHECK = /^\s*\/\/ → (.+?)(?: \([^()]+\))?$/;
const THROWS = /^\s*\/\/ throws (ERR_[A-Z_]+)(?: \([^()]+\))?$/;

/** Resolves with what it printed; rejects when a note is not true, or was never reached. `data` is the ConfigMap. */
export async function expectToRun(text: string, data: Readonly<Record<string, string>>): Promise<string> {
  const { mount, fetch } = await pod(data);
  const hide = (shown: string): string => shown.replaceAll(mount, DEFAULT_MOUNT);
  const { script, notes } = instrument(text);
  const reached = new Set<number>();
  const printed: string[] = [];
  const tests: (() => unknown)[] = [];
  const after: (() => unknown)[] = [];

  const print = (...values: unknown[]): void => void printed.push(hide(format(...values)));
  const modules: Readonly<Record<string, unknown>> = {
    branchline,
    'branchline/testing': testing,
    vitest: { expect, test: (_: string, body: () => unknown) => tests.push(body), afterEach: after.push.bind(after) },
  };
  const globals = {
    require: (name: string) => (name.startsWith('node:') ? createRequire(import.meta.url)(name) : modules[name]),
    exports: {},
    console: { log: print, info: print, warn: print, error: print },
    fetch,
    check(note: number, actual: unknown, expected: unknown) {
      reached.add(note);
      const shown = actual === undefined ? undefined : (JSON.parse(hide(JSON.stringify(actual))) as unknown);
      if (typeof expected === 'object' && expected !== null) expect(shown).toMatchObject(expected);
      else expect(shown).toBe(expected);
    },
    throws(note: number, body: () => unknown, code: string) {
      reached.add(note);
      expect(body).toThrow(expect.objectContaining({ code }));
    },
  };
  const names = Object.keys(globals);
  const body = vm.runInThisContext(`(async (${names.join(', ')}) => {${script}\n})`, { filename: 'README.md' }) as (
    ...values: unknown[]
  ) => Promise<void>;
  await body(...Object.values(globals));
  for (const test of tests) {
    await test();
    for (const hook of after) await hook();
  }
  expect(reached.size, 'a note that was never reached').toBe(notes);
  return printed.join('\n');
}

/** What the machine that runs the tests says to the library is not the README's. */
export function forgetMachine(): void {
  const steering = /^(?:BRANCHLINE_.+|POD_NAMESPACE|KUBERNETES_SERVICE_HOST)$/;
  for (const name of Object.keys(process.env)) if (steering.test(name)) vi.stubEnv(name, undefined);
}

/** A Pod of `feature-x`: its mount, its variables, its default resolver, and a network in which every Service answers. */
async function pod(data: Readonly<Record<string, string>>): Promise<{ mount: string; fetch: typeof globalThis.fetch }> {
  const root = temporaryFolder();
  const mount = join(root, DEFAULT_MOUNT);
  createKubelet(mount).write(data);
  forgetMachine();
  vi.stubEnv('BRANCHLINE_CONFIG', mount);
  vi.stubEnv('POD_NAMESPACE', 'feature-x');

  const working = process.cwd();
  mkdirSync(join(root, 'app'));
  process.chdir(join(root, 'app'));
  const resolver = branchline.createResolver();
  const restore = branchline.setDefaultResolver(resolver);

  const services = createServer((request, response) => {
    response.end(JSON.stringify({ service: request.headers['x-service'], path: request.url }));
  }).listen(0, '127.0.0.1');
  await once(services, 'listening');
  const { port } = services.address() as AddressInfo;
  onTestFinished(async () => {
    restore();
    await resolver.close();
    services.close();
    process.chdir(working);
  });
  return {
    mount,
    fetch(input, init) {
      const { href, hostname, host, pathname } = new URL(input instanceof Request ? input.url : input);
      if (!hostname.endsWith('.svc')) return fetch(href, init);
      return fetch(`http://127.0.0.1:${port}${pathname}`, { ...init, headers: { 'x-service': host } });
    },
  };
}

/** As JavaScript, each note a call that checks it. */
function instrument(text: string): { script: string; notes: number } {
  const source = ts.createSourceFile('block.ts', text, ts.ScriptTarget.ES2023, true);
  const edits: { from: number; to: number; by: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStatement(node)) {
      const rest = text.slice(node.end).split('\n', 1)[0] as string;
      const note = edits.length;
      const [, expected] = CHECK.exec(rest) ?? [];
      const [, code] = THROWS.exec(rest) ?? [];
      const inside = ts.isExpressionStatement(node) ? node.expression.getText() : null;
      if (inside !== null && expected !== undefined) {
        edits.push({ from: node.getStart(), to: node.end, by: `check(${note}, ${inside}, (${expected}));` });
        return;
      }
      if (inside !== null && code !== undefined) {
        edits.push({ from: node.getStart(), to: node.end, by: `throws(${note}, () => ${inside}, '${code}');` });
        return;
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  const notes = text.match(NOTE)?.length ?? 0;
  expect(edits, 'a note that does not follow an expression').toHaveLength(notes);

  const edited = edits.reduceRight((so, { from, to, by }) => so.slice(0, from) + by + so.slice(to), text);
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023, esModuleInterop: true };
  return { script: ts.transpileModule(edited, { compilerOptions }).outputText, notes };
}
