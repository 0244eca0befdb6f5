import { fileURLToPath } from 'node:url';

import {
  context,
  createResolver,
  dotenvSource,
  fileSource,
  receive,
  type Resolver,
  route,
  type Source,
} from 'branchline';
import { memorySource } from 'branchline/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

import { until } from '../doubles/await.ts';
import { type Cluster, startCluster } from '../doubles/cluster.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import type { Data } from '../doubles/kubectl.ts';
import { alone, type Outcome, runJobs, type Variables } from './pipelines/run.ts';

const pathOf = (file: string): string => fileURLToPath(new URL(`../../examples/laptop/${file}`, import.meta.url));
const tables: readonly (readonly [string, () => Source])[] = [
  ['table.yaml', () => fileSource({ path: pathOf('table.yaml') })],
  ['example.env', () => dotenvSource({ path: pathOf('example.env') })],
];

function open(source: Source, namespace: string): Resolver {
  const resolver = createResolver({ sources: [source], namespace });
  onTestFinished(() => resolver.close());
  return resolver;
}

describe.for(tables)('the service on the laptop, with %s,', ([, source]) => {
  test('calls the baseline through the ports that are forwarded', () => {
    const resolver = open(source(), 'develop');
    expect(resolver.resolve('orders')).toBe('http://localhost:8081');
    expect(resolver.resolve('billing')).toBe('http://localhost:8082');
    expect(resolver.status().problems).toEqual([]);
  });

  test('is told the name of what nobody forwards', () => {
    const resolver = open(source(), 'develop');
    expect(() => resolver.resolve('invoices')).toThrow(/^ERR_SERVICE_NOT_FOUND.*invoices/);
  });

  test('takes the requests that ask for it, and passes on what they ask for', () => {
    const resolver = open(source(), 'feature-x');
    const wish = 'branchline=laptop-anna~feature-x';
    const received = receive({ baggage: wish }, { trust: true, resolver });
    expect(received).toMatchObject({ reject: false, refusal: null });
    const call = context.run(received.context, () => route('http://orders/open', {}, { resolver }));
    expect(call).toMatchObject({ url: 'http://localhost:8081/open', headers: { baggage: wish } });
  });

  test('carries the wish of its branch when it starts a call itself', () => {
    const resolver = open(source(), 'feature-x');
    const { url, headers } = route('http://billing/', {}, { resolver });
    expect({ url, headers }).toEqual({ url: 'http://localhost:8082/', headers: { baggage: 'branchline=feature-x' } });
  });
});

test('both tables of the laptop say the same', () => {
  const digests = tables.map(([, source]) => open(source(), 'develop').status().digest);
  expect(new Set(digests).size).toBe(1);
});

const BASELINE: Data = {
  baseline: 'develop',
  'my-rest.develop': '8080',
  'orders.develop': '8080',
  'web.feature-x': '80',
};

async function startBranch(): Promise<Cluster> {
  return startCluster(BASELINE, ['feature-x']);
}

function run(script: string, args: readonly string[], cluster: Cluster, env: Variables = {}): Promise<Outcome> {
  const text = `sh '${pathOf(script)}' ${args.map((argument) => `'${argument}'`).join(' ')}`;
  return runJobs([alone({ name: script, shell: ['sh', '-eu'], text, env })], cluster, temporaryFolder());
}

describe.skipIf(process.platform === 'win32')('with-baseline.sh', () => {
  const ours = 'echo "$BRANCHLINE_NAMESPACE $(basename "$BRANCHLINE_CONFIG")"; exit 3';

  test('starts the command beside the ports that its table names, and ends them with it', async () => {
    const cluster = await startBranch();
    const { succeeded, output } = await run('with-baseline.sh', ['sh', '-c', ours], cluster, {
      NAMESPACE: 'feature-x',
    });
    expect(output).toBe('feature-x table.yaml\n');
    expect(succeeded).toBe(false); // as the command ended
    const forwards = cluster.calls
      .filter(({ args }) => args[0] === 'port-forward')
      .map(({ args }) => args.slice(1).join(' '));
    expect(forwards.toSorted()).toEqual([
      '--namespace develop service/billing 8082:8080',
      '--namespace develop service/orders 8081:8080',
    ]);
    await until(() => cluster.running() === 0, 'the forwards to end');
  });

  test('is the baseline where no branch is named', async () => {
    const { output } = await run('with-baseline.sh', ['sh', '-c', ours], await startBranch());
    expect(output).toBe('develop table.yaml\n');
  });

  test('starts nothing when a port is taken', async () => {
    const cluster = await startBranch();
    cluster.before(async ({ program, args }) => {
      if (args.includes('service/billing')) throw new Error('unable to listen on any of the requested ports');
      // All three have been started, and this sleep and the other forward are left.
      const failed = (): boolean => cluster.calls.length === 3 && cluster.running() === 2;
      if (program === 'sleep') await until(failed, 'the forward to fail');
    });
    const { succeeded, output } = await run('with-baseline.sh', ['sh', '-c', ours], cluster);
    expect(succeeded).toBe(false);
    expect(output).not.toContain('table.yaml');
    await until(() => cluster.running() === 0, 'the other forward to end');
  });
});

describe.skipIf(process.platform === 'win32')('a laptop in a branch', () => {
  const entry = 'my-rest.laptop-anna';

  test('is called by who asks for it, until it leaves', async () => {
    const cluster = await startBranch();
    await expect(run('join-branch.sh', [`${entry}=10.8.0.7:3000`, 'feature-x'], cluster)).resolves.toMatchObject({
      succeeded: true,
    });
    const joined = { ...BASELINE, [entry]: '10.8.0.7:3000' };
    expect(cluster.map('develop')).toEqual(joined);
    expect(cluster.map('feature-x')).toEqual(joined);
    const web = open(memorySource(cluster.map('feature-x')), 'feature-x');
    const { context: wish } = receive({ baggage: 'branchline=laptop-anna~feature-x' }, { trust: true, resolver: web });
    expect(web.resolve('my-rest', { context: wish ?? null })).toBe('http://10.8.0.7:3000');
    expect(web.resolve('my-rest')).toBe('http://my-rest.develop.svc:8080');

    await expect(run('leave-branch.sh', [entry, 'feature-x'], cluster)).resolves.toMatchObject({ succeeded: true });
    expect(cluster.map('develop')).toEqual(BASELINE);
    expect(cluster.map('feature-x')).toEqual(BASELINE);
  });

  test('is called by the whole branch under the name of that', async () => {
    const cluster = await startBranch();
    await run('join-branch.sh', ['my-rest.feature-x=https://anna.tunnel.example.com', 'feature-x'], cluster);
    const web = open(memorySource(cluster.map('feature-x')), 'feature-x');
    expect(web.lookup('my-rest')).toMatchObject({ url: 'https://anna.tunnel.example.com', via: 'branch' });
  });

  test.for([
    ['join-branch.sh', 'my-rest.develop=10.8.0.7:3000', 'an entry of the baseline develop'],
    ['join-branch.sh', `${entry}=10.8.0.7:300O`, '10.8.0.7:300O'],
    ['leave-branch.sh', 'my-rest.develop', 'an entry of the baseline develop'],
    ['leave-branch.sh', 'baseline', 'is a setting'],
  ] as const)('%s %s is refused, and touches nothing', async ([script, argument, words]) => {
    const cluster = await startBranch();
    const { succeeded, output } = await run(script, [argument, 'feature-x'], cluster);
    expect(succeeded).toBe(false);
    expect(output).toContain(words);
    expect(cluster.calls).toEqual([]);
  });

  test.for(['join-branch.sh', 'leave-branch.sh'])('%s stops at every command that fails', async (script) => {
    const cluster = await startBranch();
    const argument = script === 'join-branch.sh' ? `${entry}=10.8.0.7:3000` : entry;
    for (const count of [1, 2, 3]) {
      const failing = cluster.calls.length + count;
      cluster.before(() => {
        if (cluster.calls.length === failing) throw new Error('the API server is away');
      });
      const { succeeded } = await run(script, [argument, 'feature-x'], cluster);
      expect([count, succeeded]).toEqual([count, false]);
      expect(cluster.calls).toHaveLength(failing);
    }
  });
});
