// How a process ends while a resolver watches: by itself, by its own word, by SIGTERM in the middle of a reload; and a
// resolver that is closed at every wrong moment. In time, with the code that is wanted, and with nothing left.

import { join } from 'node:path';

import { createKubelet, type Kubelet } from '../../doubles/kubelet.ts';
import { numberedPayload } from '../../doubles/numbered.ts';
import { FAST } from './mount-opened.ts';
import type { Child, Exit } from './service-child.ts';
import type { Row, Tools } from './service-row.ts';

/** Until a process has ended, in milliseconds. */
const SOON = 1_000;
const ENDS = '../../mount/children/ends.ts';
const WRITER = '../../doubles/kubelet-process.ts';
const WATCHED = JSON.stringify({ pollInterval: 3_600_000 });
const POLLED = JSON.stringify({ pollInterval: 50, watch: false });
const BOTH = JSON.stringify({ pollInterval: 50 });

const volume = ({ folder }: Tools, entries = 1): Kubelet => {
  const kubelet = createKubelet(join(folder(FAST), 'config'));
  kubelet.write(numberedPayload(entries, 0));
  return kubelet;
};

/** Waits for the end, and sees to it that it was soon. */
async function ended({ must }: Tools, child: Child, what: string): Promise<Exit & { readonly milliseconds: number }> {
  const start = performance.now();
  const exit = await child.exited();
  const milliseconds = performance.now() - start;
  must(milliseconds <= SOON, `${what}: it ended after ${milliseconds} ms`);
  return { ...exit, milliseconds };
}

export const exits: Row = {
  name: 'exit while watching',
  required: 'the process ends within a second, by itself or with its own code, and says nothing',
  how: 'a child that ends when the resolver is made, is ready, reloads; one that calls process.exit',
  async run(tools, { times }) {
    const { mount } = volume(tools);
    let slowest = 0;
    const cases = [
      ['ready', BOTH],
      ['exit', BOTH],
      ['reloading', POLLED],
      ['created', WATCHED],
      ['ready', WATCHED],
    ] as const;
    for (const [moment, options] of cases.slice(0, times(3, cases.length))) {
      const child = tools.start(ENDS, { args: [mount, options, moment] });
      // The one that exits says nothing before.
      if (moment !== 'exit') await child.said(moment);
      const what = `${moment}, ${options}`;
      const { code, signal, stderr, milliseconds } =
        moment === 'exit' ? { ...(await child.exited()), milliseconds: 0 } : await ended(tools, child, what);
      tools.same([code, signal, stderr], [moment === 'exit' ? 7 : 0, null, ''], what);
      slowest = Math.max(slowest, milliseconds);
    }
    return { noticed: 'exit', milliseconds: slowest };
  },
};

export const terminations: Row = {
  name: 'SIGTERM during a reload',
  required: 'the process ends within a second: by the signal, or by its own handler that closes the resolver',
  how: 'kill while a kubelet swaps at full speed and the child reloads without a pause',
  async run(tools) {
    let slowest = 0;
    for (const manner of ['by itself', 'closing first']) {
      const { mount } = volume(tools, 50);
      const child = tools.start('../../mount/children/sigterm.ts', { args: [mount, manner] });
      const order = { path: mount, first: 1, times: 100_000, entries: 50 };
      const writer = tools.start(WRITER, { args: [JSON.stringify(order)] });
      await child.said('reloading');
      child.process.kill('SIGTERM');
      const { code, signal, stderr, milliseconds } = await ended(tools, child, manner);
      const wanted = manner === 'by itself' ? [null, 'SIGTERM', ''] : [0, null, ''];
      tools.same([code, signal, stderr], wanted, manner);
      if (manner === 'closing first')
        tools.same(child.lines.at(-1), { closed: true, settled: true }, 'what it said last');
      tools.must(
        writer.process.exitCode === null,
        `not injected: the writer ended before, and nothing changed any more`,
      );
      writer.process.kill('SIGKILL');
      slowest = Math.max(slowest, milliseconds);
    }
    return { noticed: 'exit', milliseconds: slowest };
  },
};

/** Of the child, so that none is forgotten. */
const MOMENTS = 8;

interface Over {
  readonly before: object;
  readonly after: object;
  readonly wrong: readonly string[];
  readonly moments: number;
}

export const closings: Row = {
  name: 'close twice, before ready, during a reload',
  required: 'everything settles, answers stay, nothing is told later, and the process holds what it held before',
  how: 'eight moments, with a watch and without, again and again in one process',
  async run(tools, { times }) {
    const { mount } = volume(tools);
    const child = tools.start('service-close-child.ts', { args: [mount, String(times(1, 6))] });
    const { before, after, wrong, moments } = (await child.said('over', 60_000))['over'] as Over;
    const { code, stderr, milliseconds } = await ended(tools, child, 'when everything is closed');
    tools.same([code, stderr], [0, ''], 'how the process ended');
    tools.same(wrong, [], 'what was wrong after close');
    tools.same(after, before, 'what the process holds in the end');
    tools.same(moments, MOMENTS, 'moments');
    return { noticed: 'exit', milliseconds };
  },
};
