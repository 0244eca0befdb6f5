// What every source must do, as a suite: for the sources of this package, and for those that others write.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

import type { Sink, Source } from '../core/source.ts';
import { createResolver } from '../default.ts';
import type { Resolver } from '../resolver/resolver.ts';

/** A source that can be made to say something else. */
export interface SourceUnderTest {
  readonly source: Source;
  /** Makes it say exactly this from now on; left out by a source that cannot change. */
  set?(data: Readonly<Record<string, string>>): void | Promise<void>;
  /** Takes away what it reads; left out by a source that cannot vanish. */
  vanish?(): void | Promise<void>;
  /** Afterwards. */
  cleanup?(): void | Promise<void>;
}

export interface ConformanceCase {
  readonly name: string;
  /** Rejects with an `AssertionError` when the source does something else. */
  run(): Promise<void>;
}

const FIRST = {
  baseline: 'develop',
  'my-rest.develop': '8080',
  'orders.develop': 'https://orders.example.com',
  '_admin.my-rest.develop': '9090',
};
const SECOND = { baseline: 'develop', 'my-rest.develop': '8081', 'billing.develop': '8082' };
/** How long it must be quiet after close, in milliseconds: some poll intervals. */
const QUIET = 200;
/** How long a source may take to notice, beyond its poll interval, in milliseconds. */
const PATIENCE = 5000;

/**
 * The suite. `make` prepares a source that says `data`: keys as in a mounted folder, settings among them.
 *
 * @example
 * ```ts
 * for (const { name, run } of sourceConformance((data) => ({ source: mySource(data) }))) test(name, run);
 * ```
 */
export function sourceConformance(
  make: (data: Readonly<Record<string, string>>) => SourceUnderTest | Promise<SourceUnderTest>,
): ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  const add = (
    name: string,
    body: (under: SourceUnderTest, open: () => Promise<Resolver>) => Promise<void>,
    data: Record<string, string> = FIRST,
  ): void => {
    cases.push({ name, run: () => inOrder(make, data, body) });
  };

  add('it has a name', async ({ source }) => {
    assert.equal(typeof source.name, 'string');
    assert.notEqual(source.name, '');
  });
  add('once ready, it answers with what it was told', async (_, open) => {
    const resolver = await open();
    assert.equal(resolver.resolve('my-rest'), 'http://my-rest.develop.svc:8080');
    assert.equal(resolver.resolve('my-rest', { endpoint: 'admin' }), 'http://my-rest.develop.svc:9090');
    assert.equal(resolver.resolve('orders'), 'https://orders.example.com');
  });
  add('answers and status tell its name', async ({ source }, open) => {
    const resolver = await open();
    assert.equal(resolver.lookup('my-rest').source, source.name);
    assert.equal(resolver.status().sources[0]?.name, source.name);
    assert.equal(resolver.status().sources[0]?.entries, 3);
  });
  add(
    'its settings count',
    async (_, open) => {
      const resolver = await open();
      assert.equal(resolver.resolve('unheard-of'), 'http://unheard-of.epic-1.svc');
    },
    { baseline: 'epic-1', 'my-rest.epic-1': '8080' },
  );
  add(
    'a value that cannot be read is the error of that service alone',
    async (_, open) => {
      const resolver = await open();
      assert.throws(() => resolver.resolve('broken'), { code: 'ERR_ENTRY_INVALID' });
      assert.equal(resolver.resolve('my-rest'), 'http://my-rest.develop.svc:8080');
    },
    { ...FIRST, 'broken.develop': '808O' },
  );
  add('looking again at the same makes no revision', async (_, open) => {
    const resolver = await open();
    const { revision, digest } = resolver.status();
    await resolver.reload();
    await resolver.reload();
    assert.deepEqual([resolver.status().revision, resolver.status().digest], [revision, digest]);
  });
  add('two resolvers may open it, and closing one leaves the other', async (_, open) => {
    const [one, other] = [await open(), await open()];
    await one.close();
    await other.reload();
    assert.equal(other.resolve('my-rest'), 'http://my-rest.develop.svc:8080');
  });
  add('it keeps no process alive', async (_, open) => {
    const before = process.getActiveResourcesInfo();
    await open();
    // Reads that are under way do, for a moment.
    const kept = (): string[] => more(process.getActiveResourcesInfo(), before);
    const end = performance.now() + PATIENCE;
    while (kept().length > 0 && performance.now() < end) await pause(10);
    assert.deepEqual(kept(), [], 'it has something that is not unref()ed');
  });
  add('it can be closed twice, and before it is ready; answers stay', async ({ source }) => {
    const resolver = createResolver({ sources: [source], namespace: null });
    await Promise.all([resolver.close(), resolver.ready(), resolver.close()]);
    await resolver.reload();
    assert.equal(resolver.status().closed, true);
    assert.equal(resolver.resolve('my-rest').startsWith('http://my-rest'), true);
  });

  add('opened by itself, it keeps its promises: nothing rejects, and nothing is said after close', async (under) => {
    const said: string[] = [];
    const opened = under.source.open(recorder(said), { pollInterval: 50, watch: true });
    await opened.ready;
    await opened.reload();
    assert.ok(said.includes('push') || said.includes('pushNow'), 'it said nothing until it was ready');
    await opened.close();
    await opened.close();
    const before = said.length;
    await under.set?.(SECOND);
    await opened.reload();
    await pause(QUIET);
    assert.deepEqual(said.slice(before), [], 'it went on after close');
  });
  add('it can be made to say something else, or says that it is fixed', async (under) => {
    assert.ok(under.source.fixed === true || under.set !== undefined, 'give the suite a way to change what it says');
  });

  const changing = (name: string, body: (under: Changing, open: () => Promise<Resolver>) => Promise<void>): void => {
    add(name, async (under, open) => {
      if (under.set !== undefined) await body(under as Changing, open);
    });
  };
  changing('a change is live after reload: what was added, changed and removed', async (under, open) => {
    const resolver = await open();
    await under.set(SECOND);
    await resolver.reload();
    assert.deepEqual(resolver.services(), ['billing', 'my-rest']);
    assert.equal(resolver.resolve('my-rest'), 'http://my-rest.develop.svc:8081');
    assert.throws(() => resolver.resolve('my-rest', { endpoint: 'admin' }), { code: 'ERR_ENDPOINT_NOT_FOUND' });
  });
  changing('a change is noticed without being asked for', async (under, open) => {
    const resolver = await open();
    await under.set(SECOND);
    await until(() => resolver.services().includes('billing'), 'the change');
  });
  changing('an entry that stops parsing keeps its last good value', async (under, open) => {
    const resolver = await open();
    await under.set({ ...SECOND, 'my-rest.develop': '808O' });
    await resolver.reload();
    assert.equal(resolver.resolve('my-rest'), 'http://my-rest.develop.svc:8080');
    assert.equal(resolver.resolve('billing'), 'http://billing.develop.svc:8082');
    assert.deepEqual(
      resolver.status().stale.map(({ key }) => key),
      ['my-rest.develop'],
    );
  });
  changing('after close nothing changes any more', async (under, open) => {
    const resolver = await open();
    await resolver.close();
    await under.set(SECOND);
    await resolver.reload();
    assert.equal(resolver.resolve('my-rest'), 'http://my-rest.develop.svc:8080');
  });
  add('what it said stays when it vanishes, and it is found again', async (under, open) => {
    if (under.vanish === undefined) return;
    const resolver = await open();
    await under.vanish();
    await resolver.reload();
    assert.equal(resolver.resolve('my-rest'), 'http://my-rest.develop.svc:8080');
    assert.equal(resolver.status().sources[0]?.state, 'stale');
    if (under.set === undefined) return;
    await under.set(SECOND);
    await until(() => resolver.status().sources[0]?.state === 'live', 'the source to come back');
    assert.equal(resolver.resolve('my-rest'), 'http://my-rest.develop.svc:8081');
  });
  return cases;
}

type Changing = SourceUnderTest & { set(data: Readonly<Record<string, string>>): void | Promise<void> };

/** A sink that only notes what is said to it; work is not done. */
function recorder(said: string[]): Sink {
  return {
    push() {
      said.push('push');
      return Promise.resolve();
    },
    pushNow: () => void said.push('pushNow'),
    checked: () => void said.push('checked'),
    watching: (how) => void said.push(`watching ${how}`),
  };
}

async function inOrder(
  make: Parameters<typeof sourceConformance>[0],
  data: Readonly<Record<string, string>>,
  body: (under: SourceUnderTest, open: () => Promise<Resolver>) => Promise<void>,
): Promise<void> {
  const under = await make(data);
  const opened: Resolver[] = [];
  try {
    await body(under, async () => {
      const resolver = createResolver({ sources: [under.source], namespace: null, pollInterval: 50 });
      opened.push(resolver);
      resolver.on('problem', () => undefined);
      await resolver.ready();
      return resolver;
    });
  } finally {
    await Promise.allSettled(opened.map((resolver) => resolver.close()));
    await under.cleanup?.();
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (!holds()) {
    assert.ok(performance.now() < deadline, `waited ${PATIENCE} ms for ${what}`);
    await pause(5);
  }
}

/** What is in a list more often than in another. */
function more(list: readonly string[], other: readonly string[]): string[] {
  const left = [...other];
  return list.filter((one) => {
    const index = left.indexOf(one);
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}
