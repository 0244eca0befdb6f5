// Runs a block of TypeScript in a process that looks like the Pod the README talks about: in `feature-x`, with the README's
// ConfigMap mounted. `// → value` at the end of a statement, and `// throws ERR_…`, are checked; words in brackets may follow.

import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { format } from 'node:util';
import vm from 'node:vm';

import * as branchline from 'branchline';
import * as forExpress from 'branchline/express';
import * as testing from 'branchline/testing';
import * as forUndici from 'branchline/undici';
import ts from 'typescript';
import { expect, onTestFinished, vi } from 'vitest';

import { temporaryFolder } from '../doubles/folder.ts';
import { createKubelet } from '../doubles/kubelet.ts';
import { type Asked, openNetwork } from './network.ts';

const DEFAULT_MOUNT = '/etc/branchline';
const NOTE = /\/\/ (?:→|throws\b)/g;
const CHECK = /^\s*\/\/ → (.+?)(?: \([^()]+\))?$/;
const THROWS = /^\s*\/\/ throws (ERR_[A-Z_]+)(?: \([^()]+\))?$/;

const installed = createRequire(import.meta.url);

/** What a block leaves behind: what it exports, its `app`, and what the Services were asked. */
export type Left = Readonly<Record<string, unknown>> & { readonly asked: readonly Asked[] };

/**
 * Resolves with what it printed; rejects when a note is not true, or was never reached. `data` is the ConfigMap, and
 * `use` uses what the block leaves, while the Pod runs.
 */
export async function expectToRun(
  text: string,
  data: Readonly<Record<string, string>>,
  use: (left: Left) => unknown = () => undefined,
): Promise<string> {
  const { mount, asked } = await pod(data);
  const hide = (shown: string): string => shown.replaceAll(mount, DEFAULT_MOUNT);
  const { script, notes } = instrument(text);
  const reached = new Set<number>();
  const printed: string[] = [];
  const tests: (() => unknown)[] = [];
  const after: (() => unknown)[] = [];

  const print = (...values: unknown[]): void => void printed.push(hide(format(...values)));
  const modules: Readonly<Record<string, unknown>> = {
    branchline,
    'branchline/express': forExpress,
    'branchline/testing': testing,
    'branchline/undici': forUndici,
    vitest: { expect, test: (_: string, body: () => unknown) => tests.push(body), afterEach: after.push.bind(after) },
  };
  const globals = {
    require: (name: string) => modules[name] ?? installed(name),
    exports: {} as Record<string, unknown>,
    console: { log: print, info: print, warn: print, error: print },
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
    async rejects(note: number, body: () => Promise<unknown>, code: string) {
      reached.add(note);
      await expect(body()).rejects.toMatchObject({ code });
    },
  };
  const names = Object.keys(globals);
  const leave = 'return { ...exports, app: typeof app === "undefined" ? null : app };';
  const body = vm.runInThisContext(`(async (${names.join(', ')}) => {${script}\n${leave}})`, {
    filename: 'README.md',
  }) as (...values: unknown[]) => Promise<Record<string, unknown>>;
  const left = await body(...Object.values(globals));
  for (const test of tests) {
    await test();
    for (const hook of after) await hook();
  }
  expect(reached.size, 'a note that was never reached').toBe(notes);
  await use({ ...left, asked });
  return printed.join('\n');
}

/** What the machine that runs the tests says to the library is not the README's. */
export function forgetMachine(): void {
  const steering = /^(?:BRANCHLINE_.+|POD_NAMESPACE|KUBERNETES_SERVICE_HOST)$/;
  for (const name of Object.keys(process.env)) if (steering.test(name)) vi.stubEnv(name, undefined);
}

/** A Pod of `feature-x`: its mount, its variables, its default resolver, and a network in which every Service answers. */
async function pod(data: Readonly<Record<string, string>>): Promise<{ mount: string; asked: readonly Asked[] }> {
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
  onTestFinished(async () => {
    restore();
    await resolver.close();
    process.chdir(working);
  });
  return { mount, asked: await openNetwork(data) };
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
        const checked = inside.startsWith('await ') ? 'await rejects' : 'throws';
        const by = `${checked}(${note}, () => ${inside.replace(/^await /, '')}, '${code}');`;
        edits.push({ from: node.getStart(), to: node.end, by });
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
