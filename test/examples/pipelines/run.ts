// The pipelines of examples/ci, run as their CI systems run them: which jobs an event starts, in which shell, with which
// variables, and what one step hands to the next.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { dump } from 'js-yaml';

import type { Cluster } from '../../doubles/cluster.ts';
import { temporaryFolder } from '../../doubles/folder.ts';

export type Variables = Readonly<Record<string, string>>;

/** What happens to a branch. */
export interface Happening {
  readonly kind: 'push' | 'end';
  readonly branch: string;
}

export interface Step {
  readonly name: string;
  readonly shell: readonly string[];
  readonly text: string;
  readonly env: Variables;
  /** The variable that its standard output becomes. */
  readonly keptAs?: string;
}

export interface Job {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Whether it runs, by how the ones before it ended. */
  runs(ended: Readonly<Record<string, 'success' | 'failure' | 'skipped'>>): boolean;
}

export interface System {
  readonly file: string;
  /** All shell steps, whatever starts them. */
  readonly texts: readonly string[];
  /** The jobs that follow, in order; `settings` replace the variables of the file. */
  jobs(happening: Happening, settings: Variables): Job[];
}

export interface Outcome {
  readonly succeeded: boolean;
  /** The steps that were started. */
  readonly steps: readonly Step[];
  readonly output: string;
}

export const COMMIT = '3d3c42e5aac5ba805825da76410c181273ba90b1';

const folder = new URL('../../../examples/ci/', import.meta.url);
export const textOf = (file: string): string => readFileSync(fileURLToPath(new URL(file, folder)), 'utf8');

/** Runs jobs in a working copy of a repository. */
export async function runJobs(jobs: readonly Job[], cluster: Cluster, repository: string): Promise<Outcome> {
  const ended: Record<string, 'success' | 'failure' | 'skipped'> = {};
  const started: Step[] = [];
  let output = '';
  for (const job of jobs) {
    ended[job.name] = 'skipped';
    if (!job.runs(ended)) continue;
    ended[job.name] = 'success';
    const carried = join(temporaryFolder(), 'env');
    const kept: Record<string, string> = {};
    for (const step of job.steps) {
      started.push(step);
      const env = { ...step.env, ...kept, GITHUB_ENV: carried, RUNNER_TEMP: repository };
      const { code, stdout, all } = await runStep(step, cluster, repository, env);
      output += all;
      if (existsSync(carried)) Object.assign(kept, assignmentsIn(readFileSync(carried, 'utf8')));
      if (step.keptAs !== undefined) kept[step.keptAs] = stdout.trim();
      if (code !== 0) {
        ended[job.name] = 'failure';
        break;
      }
    }
  }
  return { succeeded: !Object.values(ended).includes('failure'), steps: started, output };
}

/** A job of one step. */
export const alone = (step: Step): Job => ({ name: step.name, runs: () => true, steps: [step] });

async function runStep({ shell, text }: Step, cluster: Cluster, cwd: string, env: Variables) {
  const [program = '', ...args] = shell;
  const child = spawn(program, [...args, '-c', text], {
    cwd,
    env: { PATH: cluster.path, HOME: cwd, CI: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let all = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    all += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (all += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, all };
}

const assignmentsIn = (text: string): Variables =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

/** A file that says what it does not have is out of step with its test. */
export function withSettings(variables: Variables, settings: Variables): Variables {
  for (const name of Object.keys(settings)) if (!(name in variables)) throw new Error(`there is no variable ${name}`);
  return { ...variables, ...settings };
}

/** A working copy with the manifests of these services, each with its ports. */
export function repositoryOf(services: Readonly<Record<string, Readonly<Record<string, number>>>>): string {
  const home = temporaryFolder();
  mkdirSync(join(home, 'k8s'));
  for (const [name, ports] of Object.entries(services)) {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: { template: { spec: { containers: [{ name, image: `registry.example.com/${name}:IMAGE_TAG` }] } } },
    };
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { ports: Object.entries(ports).map(([port, number]) => ({ name: port, port: number })) },
    };
    const text = [deployment, service].map((object) => dump(object)).join('---\n');
    writeFileSync(join(home, 'k8s', `${name}.yaml`), text);
  }
  return home;
}
