// Processes beside the one that measures: servers, writers, and what must be measured from its start.

import { type ChildProcess, fork, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Child<Said> {
  readonly process: ChildProcess;
  /** What it said first: that it listens, and where. */
  readonly said: Said;
  /** Says something, and waits for the answer. */
  ask<Answer>(message: object | string): Promise<Answer>;
  stop(): Promise<void>;
}

/** Starts a file of `children/`, which sends a message when it is ready. */
export async function start<Said>(
  name: string,
  args: readonly string[] = [],
  options: ForkOptions = {},
): Promise<Child<Said>> {
  const child = fork(fileURLToPath(new URL(`./${name}.js`, import.meta.url)), args, { stdio: 'inherit', ...options });
  const said = await answerOf<Said>(child, name);
  return {
    process: child,
    said,
    ask(message) {
      child.send(message);
      return answerOf(child, name);
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}

/** The next message, or an error when the process ended without one. */
async function answerOf<Answer>(child: ChildProcess, name: string): Promise<Answer> {
  const ended = new AbortController();
  try {
    const [message] = (await Promise.race([
      once(child, 'message', { signal: ended.signal }),
      once(child, 'exit', { signal: ended.signal }).then(([code]: unknown[]) => {
        throw new Error(`${name} ended with ${String(code)}`);
      }),
    ])) as [Answer];
    return message;
  } finally {
    ended.abort();
  }
}
