// GitHub Actions: jobs whose conditions hold, a bash for each step, and a file of variables for the next ones.

import { load } from 'js-yaml';

import { evaluate, type Scope } from './expressions.ts';
import { COMMIT, type Job, type System, textOf, type Variables, withSettings } from './run.ts';

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly env: Variables;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly if: string;
        readonly needs?: string;
        readonly env?: Variables;
        readonly concurrency: { readonly group: string };
        readonly steps: readonly {
          readonly name?: string;
          readonly uses?: string;
          readonly run?: string;
          readonly env?: Variables;
        }[];
      }
    >
  >;
}

/** An event as GitHub describes it to expressions, and to shells. */
export interface GithubEvent {
  readonly github: Readonly<Record<string, unknown>>;
  readonly variables: Variables;
}

const repositoryName = 'example/my-rest';

export const githubEvents = {
  pullRequest: (branch: string, from = repositoryName): GithubEvent => ({
    github: {
      event_name: 'pull_request',
      repository: repositoryName,
      head_ref: branch,
      ref_name: '12/merge',
      event: { pull_request: { head: { repo: { full_name: from } } } },
    },
    variables: { GITHUB_HEAD_REF: branch, GITHUB_REF_NAME: '12/merge' },
  }),
  mergeGroup: (branch: string): GithubEvent => ({
    github: { event_name: 'merge_group', repository: repositoryName, head_ref: '', ref_name: branch, event: {} },
    variables: { GITHUB_HEAD_REF: '', GITHUB_REF_NAME: branch },
  }),
  /** Runs for the default branch. */
  deleted: (ref: string, type = 'branch'): GithubEvent => ({
    github: {
      event_name: 'delete',
      repository: repositoryName,
      head_ref: '',
      ref_name: 'main',
      event: { ref, ref_type: type },
    },
    variables: { GITHUB_HEAD_REF: '', GITHUB_REF_NAME: 'main' },
  }),
};

const workflow = load(textOf('github-actions.yaml')) as Workflow;

/** What the event starts. */
export function githubJobs({ github, variables }: GithubEvent, settings: Variables): Job[] {
  if (!(String(github['event_name']) in workflow.on)) return [];
  const scope: Scope = { github, secrets: { KUBECONFIG: 'kind: Config\n' } };
  const filled = (env: Variables = {}): Variables =>
    Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value, scope)]));
  return Object.entries(workflow.jobs).map(([name, job]) => {
    return {
      name,
      runs: (ended) =>
        (job.if.includes('always()') || job.needs === undefined || ended[job.needs] === 'success') &&
        Boolean(evaluate(job.if, scope)),
      steps: job.steps.flatMap(({ name: step = '', run, env }) =>
        run === undefined
          ? []
          : {
              name: step,
              // What a step without `shell` gets.
              shell: ['bash', '-e'],
              text: run,
              env: {
                GITHUB_ACTIONS: 'true',
                GITHUB_SHA: COMMIT,
                ...variables,
                ...withSettings(filled(workflow.env), settings),
                ...filled(job.env),
                ...filled(env),
              },
            },
      ),
    };
  });
}

/** The groups in which its jobs run one after the other. */
export const githubGroups = ({ github: event }: GithubEvent): string[] =>
  Object.values(workflow.jobs).map(({ concurrency }) => fill(concurrency.group, { github: event }));

const fill = (text: string, scope: Scope): string =>
  text.replaceAll(/\$\{\{(.*?)\}\}/g, (_, expression: string) => {
    const value = evaluate(expression, scope);
    if (value !== null && typeof value !== 'string') throw new Error(`${expression} is no text`);
    return value ?? '';
  });

export const github: System = {
  file: 'github-actions.yaml',
  texts: Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? [])),
  jobs: ({ kind, branch }, settings) =>
    githubJobs(kind === 'push' ? githubEvents.pullRequest(branch) : githubEvents.deleted(branch), settings),
};
