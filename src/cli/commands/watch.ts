// branchline watch: what changes, as it changes, until somebody has seen enough.

import { once } from 'node:events';

import type { Problem } from '../../core/errors.ts';
import { escape } from '../../core/quote.ts';
import { type ExitCode, Failure, type Paint, painter, type Terminal } from '../terminal.ts';
import type { TableOptions, Tools } from '../tools.ts';

export interface WatchOptions extends TableOptions {
  readonly json?: boolean | undefined;
}

export async function watch(options: WatchOptions, tools: Tools, terminal: Terminal): Promise<ExitCode> {
  if (options.config === '-') throw new Failure('standard input never changes; name a folder or a file to watch.');
  const resolver = await tools.open(options, true);
  const paint = painter(terminal.color);
  const say = (event: string, fields: object, text: string): void => {
    const time = new Date().toISOString();
    terminal.out(
      options.json === true
        ? JSON.stringify({ time, event, ...fields })
        : `${paint('dim', time.slice(11, 23))}  ${text}`,
    );
  };
  resolver.on('change', ({ revision, digest, changes }) => {
    for (const change of changes)
      say('change', { revision, digest, ...change }, `r${revision}  ${drawn(change, paint)}`);
  });
  resolver.on('stale', ({ source, keys, problem }) => {
    say(
      'stale',
      { source, keys, message: problem.message },
      paint('yellow', `stale  ${escape(keys?.join(', ') ?? source)}`),
    );
  });
  resolver.on('recovered', ({ source, keys }) => {
    say('recovered', { source, keys }, paint('green', `recovered  ${escape(keys?.join(', ') ?? source)}`));
  });
  const tell = (problem: Problem): void => {
    say('problem', { ...problem }, paint('red', `${problem.code}  ${problem.message}`));
  };
  await resolver.ready();
  for (const problem of resolver.status().problems) tell(problem);
  resolver.on('problem', tell);
  const { entries, revision, digest } = resolver.status();
  terminal.err(`branchline: watching ${entries} entries, revision ${revision}, digest ${digest}. Ctrl-C ends.`);
  // A resolver keeps nothing alive: this does.
  const alive = setInterval(() => undefined, 60_000);
  if (!terminal.ended.aborted) await once(terminal.ended, 'abort');
  clearInterval(alive);
  await resolver.close();
  return 0;
}

function drawn({ key, from, to }: { key: string; from: string | null; to: string | null }, paint: Paint): string {
  if (from === null) return paint('green', `+ ${key}  ${shown(to)}`);
  if (to === null) return paint('red', `- ${key}  ${shown(from)}`);
  return paint('yellow', `~ ${key}  ${shown(from)} → ${shown(to)}`);
}

function shown(value: string | null): string {
  return value === '' ? '""' : (value ?? '');
}
