import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { namespaceOf } from 'branchline';
import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';

import { type Access, type Cluster, startCluster } from '../doubles/cluster.ts';
import type { Call, Data } from '../doubles/kubectl.ts';
import { startCaller } from './pipelines/caller.ts';
import { github, githubEvents, githubGroups, githubJobs } from './pipelines/github.ts';
import { gitlab } from './pipelines/gitlab.ts';
import { jenkins } from './pipelines/jenkins.ts';
import { allows, covers, grants, manifests } from './pipelines/rbac.ts';
import {
  alone,
  COMMIT,
  type Job,
  type Outcome,
  repositoryOf,
  runJobs,
  type Step,
  type Variables,
} from './pipelines/run.ts';

const systems = [github, gitlab, jenkins].map((system) => [system.file, system] as const);

const BASELINE: Data = {
  baseline: 'develop',
  'my-rest.develop': '8080',
  '_admin.my-rest.develop': '9090',
  'orders.develop': 'https://orders.dev.example.com/api',
  'my-rest.feature-y': '8080',
};
const MY_REST = { 'my-rest': { http: 8080, admin: 9191 } };
const OWN: Data = { 'my-rest.feature-x': '8080', '_admin.my-rest.feature-x': '9191' };

/** A cluster that lets the pipelines do what rbac.yaml says. */
async function startGuarded(map = BASELINE, namespaces: readonly string[] = []): Promise<Cluster> {
  const cluster = await startCluster(map, namespaces);
  cluster.guard(allows);
  return cluster;
}

/** A repository with one of the pipelines. */
interface Team {
  push(branch: string, settings?: Variables): Promise<Outcome>;
  end(branch: string): Promise<Outcome>;
  /** Its settings. */
  readonly variables: Variables;
  run(jobs: readonly Job[]): Promise<Outcome>;
}

async function teamIn(
  cluster: Cluster,
  services: Readonly<Record<string, Readonly<Record<string, number>>>> = MY_REST,
  system = github,
): Promise<Team> {
  const repository = repositoryOf(services);
  const names = Object.keys(services);
  const variables = { CALLERS: await startCaller(cluster), PIPELINE: names[0] ?? '', SERVICES: names.join(' ') };
  const run = (jobs: readonly Job[]): Promise<Outcome> => runJobs(jobs, cluster, repository);
  return {
    variables,
    run,
    push: (branch, settings) => run(system.jobs({ kind: 'push', branch }, { ...variables, ...settings })),
    end: (branch) => run(system.jobs({ kind: 'end', branch }, variables)),
  };
}

/** `apply copy.yaml`, `get namespace`, `npm run e2e` */
function said({ program, args }: Call): string {
  if (program !== 'kubectl') return [program, ...args].join(' ');
  const [verb = '', noun = ''] = args;
  return `${verb} ${args.includes('-f') ? args[args.indexOf('-f') + 1] : noun}`;
}

/** But for npm ci, which each system does where it likes. */
const saidIn = (calls: readonly Call[]): string[] => calls.map((call) => said(call)).filter((one) => one !== 'npm ci');

async function expectSuccess(running: Promise<Outcome>): Promise<readonly Step[]> {
  const { succeeded, output, steps } = await running;
  if (!succeeded) expect.fail(output);
  return steps;
}

async function expectFailure(running: Promise<Outcome>, words = ''): Promise<void> {
  const { succeeded, output } = await running;
  expect(succeeded).toBe(false);
  expect(output).toContain(words);
}

describe.skipIf(process.platform === 'win32')('the pipelines', () => {
  test.for(systems)('%s: a branch, from its first commit to its end', async ([, system]) => {
    const branch = 'feature/JIRA-12_Login';
    const namespace = namespaceOf(branch);
    const cluster = await startGuarded();
    const { push, end } = await teamIn(cluster, MY_REST, system);
    const steps = [...(await expectSuccess(push(branch)))];
    const table = { ...BASELINE, [`my-rest.${namespace}`]: '8080', [`_admin.my-rest.${namespace}`]: '9191' };
    expect(cluster.map('develop')).toEqual(table);
    expect(cluster.map(namespace)).toEqual(table);
    expect(cluster.object('Namespace', namespace)?.metadata.labels).toEqual({ branchline: 'branch' });
    const deployment = JSON.stringify(cluster.object('Deployment', 'my-rest', namespace));
    expect(deployment).toContain(`registry.example.com/my-rest:${COMMIT}`);
    const pushed = saidIn(cluster.calls);
    expect(pushed).toEqual([
      ...['create namespace.json', 'create deploy', 'apply entries.yaml'],
      ...['get configmap', 'apply copy.yaml', 'get configmap'],
      ...['apply deploy', 'rollout status', 'npm run e2e'],
    ]);

    steps.push(...(await expectSuccess(end(branch))));
    expect(cluster.map('develop')).toEqual(BASELINE);
    expect(cluster.object('Namespace', namespace)).toBeUndefined();
    expect(saidIn(cluster.calls).slice(pushed.length)).toEqual([
      ...['apply nothing.json', 'get namespace', 'get configmap'],
      ...['sleep 120', 'get configmap', 'delete namespace'],
    ]);
    // There is no step that was not run here.
    expect(system.texts.filter((text) => !steps.some((step) => step.text.includes(text)))).toEqual([]);
  });

  test.for(systems)('%s: nothing follows a step that fails', async ([, system]) => {
    const cluster = await startGuarded();
    const { push } = await teamIn(cluster, MY_REST, system);
    cluster.before((call) => {
      if (said(call) === 'apply copy.yaml') throw new Error('the API server is away');
    });
    await expectFailure(push('feature-x'), 'the API server is away');
    expect(saidIn(cluster.calls).at(-1)).toBe('apply copy.yaml');
    expect(cluster.object('Deployment', 'my-rest', 'feature-x')).toBeUndefined();
  });

  test('say the same in all three systems', () => {
    const [ours, ...others] = systems.map(([, { texts }]) => texts.flatMap((text) => commandsIn(text)));
    expect(ours).toContain('npx branchline wait "$url" --request "$service.$NAMESPACE"');
    for (const other of others) expect(other).toEqual(ours);
  });

  /** Without what differs: how the commit is called, what one step hands to the next, where the account comes from. */
  function commandsIn(text: string): string[] {
    return text
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .map((line) => line.trim().replaceAll(/GITHUB_SHA|CI_COMMIT_SHA|GIT_COMMIT/g, 'COMMIT'))
      .filter(
        (line) =>
          line !== '' && !/^(#|npm |set -eu|umask|export)|NAMESPACE=|KUBECONFIG|branchline namespace/.test(line),
      );
  }
});

describe.skipIf(process.platform === 'win32')('a pipeline', () => {
  test('drops what the branch does not deploy any more', async () => {
    const cluster = await startGuarded();
    const { push } = await teamIn(cluster, { ...MY_REST, billing: { http: 80 } });
    await expectSuccess(push('feature-x'));
    expect(cluster.map('feature-x')).toEqual({ ...BASELINE, ...OWN, 'billing.feature-x': '80' });
    await expectSuccess(push('feature-x', { SERVICES: 'my-rest' }));
    expect(cluster.map('develop')).toEqual({ ...BASELINE, ...OWN });
    expect(cluster.map('feature-x')).toEqual({ ...BASELINE, ...OWN });
  });

  test('shares the namespace of a branch, which goes with its last entry', async () => {
    const cluster = await startGuarded();
    const [ours, theirs] = [await teamIn(cluster), await teamIn(cluster, { orders: { http: 8080 } })];
    await expectSuccess(ours.push('feature-x'));
    await expectSuccess(theirs.push('feature-x'));
    await expectSuccess(ours.end('feature-x'));
    expect(cluster.map('develop')).toEqual({ ...BASELINE, 'orders.feature-x': '8080' });
    expect(cluster.map('feature-x')).toEqual(cluster.map('develop'));
    expect(cluster.object('Deployment', 'my-rest', 'feature-x')).toBeUndefined();
    expect(cluster.object('Service', 'my-rest', 'feature-x')).toBeUndefined();
    expect(cluster.object('Deployment', 'orders', 'feature-x')).toBeDefined();
    await expectSuccess(theirs.end('feature-x'));
    expect(cluster.map('develop')).toEqual(BASELINE);
    expect(cluster.object('Namespace', 'feature-x')).toBeUndefined();
    // It took every right that rbac.yaml grants; what it does not grant would have failed.
    const idle = grants.flatMap((grant) =>
      grant.verbs.filter((verb) => !cluster.accesses.some((access) => access.verb === verb && covers(grant, access))),
    );
    expect(idle).toEqual([]);
  });

  test('writes its own keys only, whoever else runs at the same time', async () => {
    const cluster = await startGuarded();
    const [ours, theirs, again] = await Promise.all([
      teamIn(cluster),
      teamIn(cluster, { orders: { http: 80 } }),
      teamIn(cluster),
    ]);
    await Promise.all([
      expectSuccess(ours.push('feature-x')),
      expectSuccess(theirs.push('feature-x')),
      expectSuccess(again.push('feature-z')),
    ]);
    const all = { ...BASELINE, ...OWN, 'orders.feature-x': '80' };
    const other = { 'my-rest.feature-z': '8080', '_admin.my-rest.feature-z': '9191' };
    expect(cluster.map('develop')).toEqual({ ...all, ...other });
    expect(cluster.map('feature-x')).toMatchObject(all);
    // Two minutes are longer than anything else takes.
    const waiting: (() => void)[] = [];
    cluster.before(async ({ program }) => {
      if (program !== 'sleep') return;
      await new Promise<void>((go) => {
        waiting.push(go);
        if (waiting.length === 2) for (const one of waiting) one();
      });
    });
    await Promise.all([expectSuccess(ours.end('feature-x')), expectSuccess(theirs.end('feature-x'))]);
    expect(cluster.map('develop')).toEqual({ ...BASELINE, ...other });
    expect(cluster.object('Namespace', 'feature-x')).toBeUndefined();
    expect(cluster.object('Namespace', 'feature-z')).toBeDefined();
  });

  test('does not leave an old copy behind when another one overtakes it', async () => {
    const cluster = await startGuarded();
    const [ours, theirs] = [await teamIn(cluster), await teamIn(cluster, { orders: { http: 80 } })];
    let overtaking: Promise<unknown> | undefined;
    cluster.before(async (call) => {
      if (said(call) !== 'apply copy.yaml' || overtaking !== undefined) return;
      // What is about to be applied here does not have orders.feature-x yet.
      overtaking = expectSuccess(theirs.push('feature-x'));
      await overtaking;
    });
    await expectSuccess(ours.push('feature-x'));
    await overtaking;
    expect(cluster.map('feature-x')).toEqual({ ...BASELINE, ...OWN, 'orders.feature-x': '80' });
  });

  test('does not take over a key of another one', async () => {
    const cluster = await startGuarded();
    const [ours, theirs] = [await teamIn(cluster), await teamIn(cluster, { 'my-rest': { http: 8081 } })];
    await expectSuccess(ours.push('feature-x'));
    await expectFailure(theirs.push('feature-x', { PIPELINE: 'other' }), 'conflict with "my-rest.feature-x"');
    expect(cluster.map('develop')).toEqual({ ...BASELINE, ...OWN });
  });

  test('does not test before the callers know the service, though they know the namespace', async () => {
    const cluster = await startGuarded();
    const [ours, theirs] = [await teamIn(cluster), await teamIn(cluster, { orders: { http: 80 } })];
    await expectSuccess(theirs.push('feature-x'));
    const before = cluster.calls.length;
    const forgotten = await startCaller(cluster, { follows: false });
    const jobs = github.jobs({ kind: 'push', branch: 'feature-x' }, { ...ours.variables, CALLERS: forgotten });
    await expectFailure(ours.run(jobs.map((job) => withVariables(job, { PATIENCE: '1' }))), 'has not confirmed');
    expect(saidIn(cluster.calls).slice(before)).not.toContain('npm run e2e');
  });

  test('touches nothing for a branch that is called like a namespace of somebody else', async () => {
    const cluster = await startGuarded(BASELINE, ['monitoring']);
    const { push, end } = await teamIn(cluster);
    for (const branch of ['monitoring', 'develop']) {
      await expectFailure(push(branch), 'already exists');
      await expectSuccess(end(branch));
      expect(cluster.object('Namespace', branch)).toBeDefined();
    }
    expect(cluster.map('develop')).toEqual(BASELINE);
    expect(cluster.map('monitoring')).toBeUndefined();
    expect(saidIn(cluster.calls)).not.toContain('apply deploy');
  });

  test('stops for a branch that has no namespace', async () => {
    const cluster = await startGuarded();
    await expectFailure((await teamIn(cluster)).push('HEAD'), 'ERR_BRANCH_UNMAPPABLE');
    expect(saidIn(cluster.calls)).toEqual([]);
  });

  test('ends a branch that has nothing', async () => {
    const cluster = await startGuarded();
    await expectSuccess((await teamIn(cluster)).end('feature-z'));
    expect(saidIn(cluster.calls)).toEqual(['apply nothing.json', 'get namespace']);
    expect(cluster.map('develop')).toEqual(BASELINE);
  });
});

const withVariables = (job: Job, env: Variables): Job => ({
  ...job,
  steps: job.steps.map((step) => ({ ...step, env: { ...step.env, ...env } })),
});

describe.skipIf(process.platform === 'win32')('a step', () => {
  const inFeatureX = (step: Step, env: Variables = {}): Job[] => [
    alone({ ...step, env: { ...step.env, NAMESPACE: 'feature-x', ...env } }),
  ];

  /** Somebody else has a service in the branch. */
  const SHARED: Data = { ...BASELINE, 'billing.feature-x': '80' };

  test('fails when any of its commands does, and goes no further', async () => {
    const cluster = await startGuarded(SHARED);
    const team = await teamIn(cluster);
    await expectSuccess(team.push('feature-x'));
    let failing = Infinity;
    cluster.before((call) => {
      if (cluster.calls.length === failing) throw new Error(`no ${said(call)}`);
    });
    const tried: string[] = [];
    for (const step of githubJobs(githubEvents.deleted('feature-x'), team.variables).flatMap(({ steps }) => steps)) {
      for (let count = 1; ; count += 1) {
        const before = cluster.calls.length;
        failing = before + count;
        const { succeeded } = await team.run(inFeatureX(step));
        const made = saidIn(cluster.calls.slice(before));
        // It has fewer commands than that, or has made sure that the namespace is there.
        if (cluster.calls.length < failing || made.at(-2) === 'create namespace.json') {
          expect([step.name, succeeded]).toEqual([step.name, true]);
          break;
        }
        tried.push(...made.slice(-1));
        expect([step.name, made, succeeded]).toEqual([step.name, made, false]);
        expect(cluster.calls).toHaveLength(failing);
      }
    }
    expect(new Set(tried)).toEqual(new Set(saidIn(cluster.calls).filter((one) => one !== 'create namespace.json')));
  });

  test.for([
    ['Name the namespace', 'namespace', []],
    ['Register', 'manifest', ['create deploy']],
    ['Copy the map', 'manifest', ['get configmap']],
    ['Wait', 'wait', []],
    ['Wait, and delete', 'remove', ['get namespace', 'get configmap']],
    ['Wait, and delete', 'manifest', ['get namespace', 'get configmap', 'get configmap']],
  ] as const)('%s: fails when `branchline %s` does', async ([name, broken, made]) => {
    const cluster = await startGuarded(SHARED);
    const labels = { branchline: 'branch' };
    cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'feature-x', labels } });
    const team = await teamIn(cluster);
    const all = githubJobs(githubEvents.deleted('feature-x'), team.variables).flatMap(({ steps }) => steps);
    const fill = all.find((step) => step.name === 'Fill in the manifests') as Step;
    await expectSuccess(team.run(inFeatureX(fill)));
    const step = all.find((one) => one.name === name) as Step;
    await expectFailure(team.run(inFeatureX(step, { BROKEN: broken })));
    expect(saidIn(cluster.calls)).toEqual(made);
  });
});

describe.skipIf(process.platform === 'win32')('GitHub', () => {
  const queue = 'gh-readonly-queue/main/pr-12-3d3c42e5aac5ba805825da76410c181273ba90b1';

  test('gives what the merge queue tests an environment for as long as that takes, however it ends', async () => {
    const cluster = await startGuarded();
    const team = await teamIn(cluster);
    let tested: Data | undefined;
    cluster.before((call) => {
      if (said(call) !== 'npm run e2e') return;
      tested = cluster.map('develop');
      throw new Error('a test failed');
    });
    await expectFailure(team.run(githubJobs(githubEvents.mergeGroup(queue), team.variables)), 'a test failed');
    expect(tested).toHaveProperty([`my-rest.${namespaceOf(queue)}`], '8080');
    expect(cluster.map('develop')).toEqual(BASELINE);
    expect(cluster.object('Namespace', namespaceOf(queue))).toBeUndefined();
  });

  test('lets the end of a branch wait for what still deploys it', () => {
    const groups = [githubEvents.pullRequest('feature-x'), githubEvents.deleted('feature-x')].map(githubGroups);
    expect(new Set(groups.flat())).toEqual(new Set(['branchline-feature-x']));
    expect(githubGroups(githubEvents.mergeGroup(queue))).toContain(`branchline-${queue}`);
  });

  test.for([
    ['a pull request of a fork', githubEvents.pullRequest('feature-x', 'somebody/my-rest')],
    ['the end of a tag', githubEvents.deleted('v1.0.0', 'tag')],
  ] as const)('does nothing for %s', async ([, event]) => {
    const cluster = await startGuarded();
    const team = await teamIn(cluster);
    const { steps } = await team.run(githubJobs(event, team.variables));
    expect(steps).toEqual([]);
  });
});

describe('rbac.yaml', () => {
  const access = (verb: string, resource: string, namespace: string | null, name: string | null): Access => ({
    verb,
    resource,
    namespace,
    name,
  });
  const isGranted = (one: Access): boolean => grants.some((grant) => covers(grant, one));

  test('names just this ConfigMap', () => {
    expect(
      grants.filter(({ resources }) => resources.includes('configmaps')).map(({ resourceNames }) => resourceNames),
    ).toEqual([['branchline'], ['branchline']]);
    expect(isGranted(access('get', 'configmaps', 'develop', 'branchline'))).toBe(true);
    expect(isGranted(access('get', 'configmaps', 'develop', 'other'))).toBe(false);
    expect(isGranted(access('list', 'configmaps', 'develop', null))).toBe(false);
    expect(isGranted(access('delete', 'configmaps', 'develop', 'branchline'))).toBe(false);
    expect(isGranted(access('patch', 'namespaces', null, 'develop'))).toBe(false);
  });

  test('has a policy that keeps the account out of other namespaces', () => {
    const policy = manifests.find(({ kind }) => kind === 'ValidatingAdmissionPolicy');
    const account = manifests.find(({ kind }) => kind === 'ServiceAccount');
    const { namespace, name } = account?.metadata ?? {};
    const resources = [...new Set(grants.flatMap((grant) => grant.resources))];
    expect(policy?.spec).toMatchObject({
      failurePolicy: 'Fail',
      matchConstraints: {
        namespaceSelector: { matchExpressions: [{ key: 'branchline', operator: 'NotIn', values: ['branch'] }] },
        resourceRules: [
          { resources: expect.toSatisfy((all: string[]) => resources.every((one) => all.includes(one))) },
        ],
      },
      matchConditions: [{ expression: `request.userInfo.username == "system:serviceaccount:${namespace}:${name}"` }],
    });
    const binding = manifests.find(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
    expect(binding?.spec).toEqual({ policyName: policy?.metadata.name, validationActions: ['Deny'] });
  });
});

describe('every YAML of the examples', () => {
  const folder = fileURLToPath(new URL('../../examples/', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ya?ml$/.test(name));
  // A template of Helm is YAML when it is rendered: see helm.test.ts.
  const plain = files.filter((name) => !name.startsWith(join('helm', 'templates')));

  test.for(plain)('%s is YAML', (name) => {
    const documents = loadAll(readFileSync(join(folder, name), 'utf8'));
    expect(documents).not.toEqual([]);
    for (const document of documents) expect(document).toBeTypeOf('object');
  });
});
