// Four worker threads, or four workers of a cluster, each with the default resolver of its own. It answers commands,
// `<number> <command>`: look (what each answers), lose (one is killed), leave (the others are let go, while they watch).

import cluster, { type Worker as Process } from 'node:cluster';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setImmediate as turn } from 'node:timers/promises';
import { isMainThread, parentPort, Worker as Thread } from 'node:worker_threads';

import { context, defaultResolver, lookup, resolve } from 'branchline';

const UNITS = 4;
/** Requests at once, of so many branches. */
const REQUESTS = 50;
const BRANCHES = 10;

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** How many of the requests that run at once saw the branch of another, or none. */
async function bled(): Promise<number> {
  const answers = Array.from({ length: REQUESTS }, async (_, index) => {
    const wished = `feature-${index % BRANCHES}`;
    return context.run({ namespaces: [wished] }, async () => {
      await turn();
      const { namespace } = lookup('my-rest');
      await turn();
      return namespace !== wished || !resolve('my-rest').includes(`.${wished}.`);
    });
  });
  const wrong = (await Promise.all(answers)).filter(Boolean).length;
  return context.current() === undefined ? wrong : wrong + 1;
}

/** One of them: it says that a change has come, and what it answers. */
function unit(post: (message: object) => unknown): (question: string) => Promise<void> {
  const resolver = defaultResolver();
  resolver.on('change', () => post({ changed: lookup('my-rest').port }));
  void resolver.ready().then(() => post({ ready: true }));
  return async (question) => {
    if (question === 'look')
      post({ port: lookup('my-rest').port, revision: resolver.status().revision, bled: await bled() });
  };
}

function asThread(): void {
  const port = parentPort;
  if (port === null) return;
  const answer = unit((message) => port.postMessage(message));
  port.on('message', (question: string) => {
    if (question === 'leave') port.close();
    else void answer(question);
  });
}

function asProcess(): void {
  const answer = unit((message) => process.send?.(message));
  process.on('message', (question: string) => {
    if (question === 'leave') process.disconnect();
    else void answer(question);
  });
}

interface Unit {
  ask(question: string): Promise<unknown>;
  kill(): unknown;
  readonly exited: Promise<unknown>;
}

function unitOf(of: Thread | Process, send: (question: string) => unknown, kill: () => unknown): Unit {
  const exited = once(of, 'exit').then(([code]: unknown[]) => code);
  let answered: (answer: unknown) => void = () => {};
  of.on('message', (message: Record<string, unknown>) => {
    if ('bled' in message) answered(message);
    else say(message);
  });
  of.on('error', (error: unknown) => say({ failed: String(error) }));
  const ask = async (question: string): Promise<unknown> => {
    const answer = new Promise((take) => {
      answered = take;
    });
    send(question);
    return answer;
  };
  return { ask: async (question) => (question === 'leave' ? send(question) : ask(question)), kill, exited };
}

/** A thread does not have the loader of the main one, in some versions of Node. */
const LOADING = `const { workerData: { tsx, file } } = require('node:worker_threads');
import(tsx).then(({ register }) => { register(); return import(file); });`;

function startUnits(kind: string): Unit[] {
  return Array.from({ length: UNITS }, () => {
    if (kind === 'threads') {
      const workerData = { tsx: import.meta.resolve('tsx/esm/api'), file: import.meta.url };
      const thread = new Thread(LOADING, { eval: true, workerData });
      return unitOf(
        thread,
        // oxlint-disable-next-line require-post-message-target-origin -- it is a thread, no window
        (question) => thread.postMessage(question),
        async () => thread.terminate(),
      );
    }
    const worker = cluster.fork();
    return unitOf(
      worker,
      (question) => worker.send(question),
      () => worker.process.kill('SIGKILL'),
    );
  });
}

async function main(): Promise<void> {
  let units = startUnits(process.argv[2] ?? '');
  const commands: Record<string, () => Promise<unknown>> = {
    look: async () => Promise.all(units.map(async ({ ask }) => ask('look'))),
    lose: async () => {
      const [lost, ...others] = units;
      units = others;
      lost?.kill();
      return lost?.exited;
    },
    leave: async () => {
      const start = performance.now();
      for (const { ask } of units) void ask('leave');
      const codes = await Promise.all(units.map(async ({ exited }) => exited));
      return { codes, milliseconds: performance.now() - start };
    },
  };
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [number = '', command = ''] = line.split(' ');
    void commands[command]?.().then((answer) => say({ [`answer ${number}`]: answer ?? null }));
    if (command === 'leave') process.stdin.destroy();
  });
}

if (!isMainThread) asThread();
else if (cluster.isWorker) asProcess();
else await main();
