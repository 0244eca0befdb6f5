// GitLab CI: the jobs of a merge request stage by stage, one shell for all lines of a job, and the job that stops an
// environment.

import { load } from 'js-yaml';

import { COMMIT, type System, textOf, type Variables, withSettings } from './run.ts';

interface GitlabJob {
  readonly stage: string;
  readonly script: readonly string[];
  readonly environment?: { readonly name: string; readonly on_stop?: string; readonly action?: string };
  readonly resource_group?: string;
  readonly rules?: readonly { readonly when: string; readonly allow_failure: boolean }[];
}

interface GitlabFile {
  readonly stages: readonly string[];
  readonly variables: Variables;
  readonly default: { readonly before_script: readonly string[] };
}

const gitlabFile = load(textOf('gitlab-ci.yml')) as GitlabFile & Readonly<Record<string, GitlabJob>>;
const { stages, variables: gitlabVariables, default: gitlabDefault } = gitlabFile;
const gitlabJobs = Object.entries(gitlabFile).filter(([, job]) => 'script' in job);

export const gitlab: System = {
  file: 'gitlab-ci.yml',
  texts: gitlabJobs.map(([, { script }]) => script.join('\n')),
  jobs({ kind, branch }, settings) {
    const env = {
      ...withSettings(gitlabVariables, settings),
      CI_PIPELINE_SOURCE: 'merge_request_event',
      CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: branch,
      CI_MERGE_REQUEST_IID: '12',
      CI_COMMIT_SHA: COMMIT,
    };
    const byHand = ({ rules = [] }: GitlabJob): boolean => rules.some(({ when }) => when === 'manual');
    const stopped = new Set(gitlabJobs.flatMap(([, { environment }]) => environment?.on_stop ?? []));
    const chosen =
      kind === 'end'
        ? gitlabJobs.filter(([name, job]) => stopped.has(name) && job.environment?.action === 'stop')
        : stages.flatMap((stage) => gitlabJobs.filter(([, job]) => job.stage === stage && !byHand(job)));
    return chosen.map(([name, { script }]) => ({
      name,
      runs: (ended) => !Object.values(ended).includes('failure'),
      // One shell for all lines, as the runner writes them.
      steps: [{ name, shell: ['sh', '-e'], text: [...gitlabDefault.before_script, ...script].join('\n'), env }],
    }));
  },
};
