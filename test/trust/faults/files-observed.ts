// A reader in a process of its own, which a fault can be injected into from outside: what it heard, when, what it answers.

import { spawnSync } from 'node:child_process';

import type { Events, Resolution, ResolverOptions, Status } from 'branchline';

import { until } from '../../doubles/await.ts';
import type { Child } from './service-child.ts';
import type { Tools } from './service-row.ts';

export interface Order extends Omit<ResolverOptions, 'sources'> {
  readonly sources?: readonly { readonly mount?: string; readonly file?: string }[];
}

export interface Heard<T> {
  readonly told: T;
  /** In milliseconds, on a clock that all processes share. */
  readonly at: number;
}

export interface Observed {
  readonly child: Child;
  /** When it began to make its resolver. */
  readonly began: number;
  /** The first event of this kind from this time on that matches. */
  heard<E extends Told>(event: E, since: number, matches?: (told: Events[E]) => boolean): Promise<Heard<Events[E]>>;
  all<E extends Told>(event: E): Heard<Events[E]>[];
  ask<T>(question: string): Promise<T>;
  /** Where my-rest is. */
  port(): Promise<number | null>;
  status(): Promise<Status>;
}

type Told = 'change' | 'stale' | 'recovered' | 'problem';

/** Nothing of the machine that this runs on. */
const NOTHING = {
  BRANCHLINE_CONFIG: undefined,
  BRANCHLINE_NAMESPACE: undefined,
  POD_NAMESPACE: undefined,
  KUBERNETES_SERVICE_HOST: undefined,
};

export const now = (): number => performance.timeOrigin + performance.now();

/** `under`: a program that is given the reader's command to run, and its arguments. */
export async function observe(tools: Tools, order: Order, under: readonly string[] = []): Promise<Observed> {
  const child = tools.start('files-child.ts', {
    args: [JSON.stringify({ namespace: 'feature-x', baseline: 'develop', ...order })],
    env: NOTHING,
    under,
  });
  // A tracer that is killed leaves what it traced behind; this ends both.
  tools.after(async () => {
    child.process.stdin?.end();
    await child.exited(5_000).catch(() => {});
  });
  const began = (await child.said('starting'))['at'] as number;

  const all = <E extends Told>(event: E): Heard<Events[E]>[] =>
    child.lines
      .filter((line) => event in line)
      .map((line) => ({ told: line[event] as Events[E], at: line['at'] as number }));
  const ask = async <T>(question: string): Promise<T> => {
    const line = await child.ask(question);
    if (line['error'] !== undefined) throw new Error(`${question}: ${JSON.stringify(line['error'])}`);
    return Object.entries(line).find(([name]) => name.startsWith('answer '))?.[1] as T;
  };
  return {
    child,
    began,
    all,
    ask,
    async heard(event, since, matches = () => true) {
      const find = () => all(event).find(({ told, at }) => at >= since && matches(told));
      await until(
        () => find() !== undefined,
        () => `the event "${event}"; heard was:\n${child.lines.map((line) => JSON.stringify(line)).join('\n')}`,
        20_000,
      );
      return find() as Heard<Events[typeof event]>;
    },
    port: async () => (await ask<Resolution>('lookup my-rest')).port,
    status: async () => ask<Status>('status'),
  };
}

/** Runs a command whose calls to the system go wrong in this way, as `strace -e inject` says it; below these paths only. */
export function traced(inject: string, paths: readonly string[] = [], log = '/dev/null'): string[] {
  const { error, status, stderr } = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true'], { encoding: 'utf8' });
  if (error !== undefined) throw new Error('not injected: strace is missing; apt-get install strace');
  if (status !== 0)
    throw new Error(`not injected: strace may not trace: ${stderr.trim()}; run it outside a container, or with ptrace`);
  const calls = inject.slice(0, inject.indexOf(':'));
  const only = paths.flatMap((path) => ['-P', path]);
  return ['strace', '-f', '--seccomp-bpf', '-qq', '-o', log, ...only, '-e', `trace=${calls}`, '-e', `inject=${inject}`];
}
