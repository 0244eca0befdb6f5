// A resolver belongs to the process, whoever made it: what it does later happens in nobody's context.

import { AsyncLocalStorage } from 'node:async_hooks';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { context, createResolver, memorySource, mountSource, type Resolver, type Source } from 'branchline';
import { describe, expect, onTestFinished, test } from 'vitest';

import { until } from '../doubles/await.ts';
import { temporaryFolder } from '../doubles/folder.ts';

const foreign = new AsyncLocalStorage<string>();
const within = <T>(run: () => T): T =>
  foreign.run('of the request', () => context.run({ namespaces: ['feature-x'] }, run));
/** What code sees of the requests of this process. */
const seen = (): unknown => [context.current() ?? null, foreign.getStore() ?? null];
const NOTHING = [null, null];

function keep(resolver: Resolver): Resolver {
  onTestFinished(() => resolver.close());
  return resolver;
}

describe('a listener hears in no context', () => {
  test('of a change that the watch or the poll finds, where a request made the resolver and added the listener', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'my-rest.develop'), '1');
    writeFileSync(join(folder, 'my-rest.feature-x'), '2');
    const heard: unknown[] = [];
    const resolver = within(() => {
      const made = keep(
        createResolver({ sources: [mountSource({ path: folder })], namespace: null, pollInterval: 200 }),
      );
      made.on('change', () => heard.push([seen(), made.resolve('my-rest'), context.inject({}, { resolver: made })]));
      return made;
    });
    await resolver.ready();
    writeFileSync(join(folder, 'orders.develop'), '3');
    await until(() => heard.length > 0, 'a change that was heard');
    expect(heard).toEqual([[NOTHING, 'http://my-rest.develop.svc:1', {}]]);
  });

  test('of a reload, and of a change, that a request asks for', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'my-rest.develop'), '1');
    const memory = memorySource();
    const resolver = keep(
      createResolver({ sources: [mountSource({ path: folder }), memory], namespace: null, watch: false }),
    );
    const heard: unknown[] = [];
    resolver.on('change', () => heard.push(seen()));
    await resolver.ready();
    writeFileSync(join(folder, 'my-rest.develop'), '2');
    await within(() => resolver.reload());
    within(() => memory.set({ 'orders.develop': '1' }));
    expect(heard).toEqual([NOTHING, NOTHING]);
  });

  test('of what happened at creation, and of a wish that is refused', async () => {
    const heard: unknown[] = [];
    const resolver = within(() => {
      const made = createResolver({ sources: [memorySource({ 'my-rest.develop': 'x y' })], namespace: null });
      made.on('problem', () => heard.push(seen()));
      made.on('refused', () => heard.push(seen()));
      return made;
    });
    await Promise.resolve();
    within(() => context.extract({ baggage: 'branchline=feature-z' }, { resolver, refused: 'ignore' }));
    expect(heard).toEqual([NOTHING, NOTHING]);
  });
});

test('a source of somebody else is opened, asked and closed in no context', async () => {
  const calls: unknown[] = [];
  const note = async (): Promise<void> => void calls.push(seen());
  const source: Source = {
    name: 'own',
    open(sink) {
      calls.push(seen());
      sink.pushNow({ keys: new Map([['a.develop', '1']]) });
      return { ready: Promise.resolve(), reload: note, close: note };
    },
  };
  await within(async () => {
    const resolver = createResolver({ sources: [source], namespace: null });
    await resolver.reload();
    await resolver.close();
    expect(seen()).toEqual([{ namespaces: ['feature-x'] }, 'of the request']);
  });
  expect(calls).toEqual([NOTHING, NOTHING, NOTHING]);
});
