// What the README's table "What happens when things go wrong" says, done for real: each fault by the words of its first cell.
// Each asserts what answers, and returns what was told: events, and the codes of problems and errors.

import { EventEmitter } from 'node:events';
import fs, { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  createResolver,
  envSource,
  isBranchlineError,
  memorySource,
  mountSource,
  type Resolver,
  type ResolverOptions,
  type Source,
} from 'branchline';
import { expect, onTestFinished, vi } from 'vitest';

import { until } from '../doubles/await.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { createKubelet, type Kubelet, type Payload } from '../doubles/kubelet.ts';
import { record, type Record as Events } from '../doubles/recorder.ts';
import { forgetMachine } from './playground.ts';

const OWN = 'http://my-rest.feature-x.svc:8081';
const GOOD: Payload = { baseline: 'develop', 'my-rest.develop': '8080', 'my-rest.feature-x': '8081' };

interface Opened {
  readonly resolver: Resolver;
  readonly events: Events;
  told(): string[];
}

/** A resolver of the branch `feature-x`. */
async function open(options: ResolverOptions): Promise<Opened> {
  const resolver = createResolver({ namespace: 'feature-x', pollInterval: 50, ...options });
  onTestFinished(() => resolver.close());
  const events = record(resolver);
  await resolver.ready();
  const told = (): string[] => [
    ...(['stale', 'recovered', 'problem'] as const).filter((name) => events[name].length > 0),
    ...new Set(events.problem.map(({ code }) => code)),
  ];
  return { resolver, events, told };
}

async function mounted(payload: Payload, ...above: Source[]): Promise<Opened & { kubelet: Kubelet }> {
  const kubelet = createKubelet(join(temporaryFolder(), 'config'));
  kubelet.write(payload);
  return { ...(await open({ sources: [mountSource({ path: kubelet.mount }), ...above] })), kubelet };
}

/** What answers and what is told after an update that follows a good table. */
async function after(payload: Payload, answer: string | { code: string }, first = GOOD): Promise<string[]> {
  const { resolver, kubelet, told } = await mounted(first);
  kubelet.write(payload);
  await resolver.reload();
  expectAnswer(resolver, answer);
  return told();
}

async function start(payload: Payload, answer: string | { code: string }, ...above: Source[]): Promise<string[]> {
  const { resolver, told } = await mounted(payload, ...above);
  expectAnswer(resolver, answer);
  return told();
}

function expectAnswer(resolver: Resolver, answer: string | { code: string }): void {
  if (typeof answer === 'string') expect(resolver.resolve('my-rest')).toBe(answer);
  else expect(() => resolver.resolve('my-rest')).toThrow(expect.objectContaining(answer));
}

/** The code of the error that keeps a resolver from being created; `problems` is how many it lists. */
function refused(sources: readonly Source[], problems: number): string[] {
  try {
    createResolver({ sources });
  } catch (error) {
    if (!isBranchlineError(error)) throw error;
    expect(error.problems).toHaveLength(problems);
    return [error.code];
  }
  throw new Error('a resolver was created');
}

const INVALID = { code: 'ERR_ENTRY_INVALID' };

export const faults: Readonly<Record<string, () => Promise<string[]>>> = {
  'a value becomes invalid': () => after({ ...GOOD, 'my-rest.feature-x': '808O' }, OWN),

  async 'a value is invalid from the start'() {
    const { resolver, told } = await mounted({ ...GOOD, 'my-rest.feature-x': '808O', 'orders.feature-x': '' });
    expectAnswer(resolver, INVALID);
    expect(resolver.resolve('my-rest', { namespace: 'develop' })).toBe('http://my-rest.develop.svc:8080');
    expect(resolver.resolve('orders')).toBe('http://orders.feature-x.svc');
    return told();
  },

  async 'a key is misspelt: `My_Rest.feature-x`'() {
    const { 'my-rest.feature-x': value = '', ...others } = GOOD;
    expect(await start({ ...GOOD, 'My_Rest.feature-x': value }, OWN)).toContain('ERR_INVALID_NAME');
    return start({ ...others, 'My_Rest.feature-x': value }, INVALID);
  },

  async 'a key has two values: in a key and a document, or in two spellings of a variable'() {
    const env = { BRANCHLINE_MY_REST__FEATURE_X: '1', 'BRANCHLINE_my-rest.feature-x': '2' };
    const variables = await open({ sources: [envSource({ env: { ...env, BRANCHLINE_ORDERS__DEVELOP: '' } })] });
    expectAnswer(variables.resolver, INVALID);
    expect(variables.told()).toEqual(['problem', 'ERR_ENTRY_INVALID']);
    const two = { ...GOOD, 'table.json': '{ "my-rest.feature-x": 9999 }' };
    expect(await after(two, OWN)).toContain('stale');
    return start(two, INVALID);
  },

  async 'a document stops parsing'() {
    const document = JSON.stringify(GOOD);
    return after({ 'table.json': document.slice(0, -2) }, OWN, { 'table.json': document });
  },

  async 'a setting becomes invalid'() {
    const { resolver, kubelet, told } = await mounted({ ...GOOD, baseline: 'main,develop', overrides: 'on' });
    kubelet.write({ ...GOOD, baseline: 'Main', overrides: 'of' });
    await resolver.reload();
    expect(resolver.status()).toMatchObject({ baseline: ['main', 'develop'], overrides: false });
    return told();
  },

  async 'a document or a setting is invalid at start'() {
    const kubelet = createKubelet(join(temporaryFolder(), 'config'));
    kubelet.write({ 'one.json': '{', 'two.yaml': '[', strict: 'perhaps' });
    return refused([mountSource({ path: kubelet.mount })], 3);
  },

  'a setting has an unknown name': () => start({ ...GOOD, basline: 'main' }, OWN),

  async 'the ConfigMap is deleted, or its last key, or the folder'() {
    const { resolver, kubelet, told } = await mounted(GOOD);
    rmSync(kubelet.mount, { recursive: true });
    await resolver.reload();
    expectAnswer(resolver, OWN);
    expect(told()).toEqual(await after({}, OWN));
    return told();
  },

  async 'the source cannot be read any more, or is over a limit'() {
    const { resolver, kubelet, told } = await mounted(GOOD);
    renameSync(kubelet.mount, `${kubelet.mount}-before`);
    writeFileSync(kubelet.mount, 'a file where the folder was');
    await resolver.reload();
    expectAnswer(resolver, OWN);
    const many = Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [`s${index}.develop`, 1]));
    expect(told()).toEqual(await after({ ...GOOD, 'table.json': JSON.stringify(many) }, OWN));
    return told();
  },

  async 'a named folder or file is missing at start'() {
    const path = join(temporaryFolder(), 'config');
    expect(refused([mountSource({ path: `${path}.yaml` })], 1)).toEqual(['ERR_SOURCE_UNREADABLE']);
    return refused([mountSource({ path })], 1);
  },

  async '`/etc/branchline` is missing at start'() {
    // The default folder is not a test's to make; a named one that may be missing behaves the same.
    const path = join(temporaryFolder(), 'config');
    const { resolver, told } = await open({ sources: [mountSource({ path, optional: true })] });
    expectAnswer(resolver, 'http://my-rest');
    expect(resolver.status().sources[0]?.state).toBe('missing');
    mkdirSync(path);
    createKubelet(path).write(GOOD);
    await until(() => resolver.resolve('my-rest') === OWN, 'the folder to be found');
    return told();
  },

  async 'inotify is exhausted, or the watcher cannot be loaded'() {
    vi.doMock('chokidar', () => ({
      watch() {
        const watcher = Object.assign(new EventEmitter(), { close: () => Promise.resolve() });
        setImmediate(() => {
          watcher.emit('error', Object.assign(new Error('no watch is left'), { code: 'ENOSPC' }));
          watcher.emit('ready');
        });
        return watcher;
      },
    }));
    onTestFinished(() => {
      vi.doUnmock('chokidar');
    });
    const { resolver, kubelet, told, events } = await mounted(GOOD);
    if (process.platform !== 'win32') expect(events.problem[0]?.message).toContain('ENOSPC');
    kubelet.write({ ...GOOD, 'my-rest.feature-x': '8082' });
    await until(() => resolver.resolve('my-rest') === 'http://my-rest.feature-x.svc:8082', 'the poll to find it');
    return told();
  },

  async 'a variable has a key that the mount has too'() {
    const env = envSource({ env: { BRANCHLINE_MY_REST__FEATURE_X: '9000' } });
    const { resolver, kubelet, told } = await mounted(GOOD, env);
    kubelet.write({ ...GOOD, 'my-rest.feature-x': '8082' });
    await resolver.reload();
    expectAnswer(resolver, 'http://my-rest.feature-x.svc:9000');
    return told();
  },

  async 'the own namespace is not known, inside a cluster'() {
    forgetMachine();
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.0.0.1');
    // This machine may be a Pod, and tell.
    const { statSync } = fs;
    vi.spyOn(fs, 'statSync').mockImplementation(((path: string, ...rest: []) => {
      if (/serviceaccount|resolv\.conf/.test(path)) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
      return statSync(path, ...rest);
    }) as typeof statSync);
    const source = memorySource(GOOD as Record<string, string>);
    const { resolver, told } = await open({ sources: [source], namespace: undefined });
    expectAnswer(resolver, 'http://my-rest.develop.svc:8080');
    return told();
  },

  async 'the copy in a branch has no entry of the baseline'() {
    const { resolver, told } = await mounted({ baseline: 'develop', 'my-rest.feature-x': '8081' });
    expectAnswer(resolver, OWN);
    expect(resolver.resolve('orders')).toBe('http://orders.develop.svc');
    return told();
  },

  async 'a listener throws'() {
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const source = memorySource();
    const resolver = createResolver({ sources: [source], namespace: null });
    onTestFinished(() => resolver.close());
    const heard = vi.fn<() => void>();
    resolver.on('change', () => {
      throw new Error('a bad listener');
    });
    resolver.on('change', heard);
    source.set({ baseline: 'main' });
    expect(heard).toHaveBeenCalledOnce();
    return warned.mock.calls.map(([, options]) => (options as { code: string }).code);
  },
};
