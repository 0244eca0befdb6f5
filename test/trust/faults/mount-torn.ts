// Many keys are read while another process swaps them all the time: every table, whoever reads it and when, is of one
// version.

import { join } from 'node:path';

import { createResolver, mountSource, type Resolver } from 'branchline';

import { until } from '../../doubles/await.ts';
import { createKubelet } from '../../doubles/kubelet.ts';
import { look, numberedPayload } from '../../doubles/numbered.ts';
import { grouped } from '../trial.ts';
import { FAST, open } from './mount-opened.ts';
import type { Row, Tools } from './service-row.ts';

const ENTRIES = 30;

export const torn: Row = {
  name: 'many keys are read during constant swaps',
  required:
    'torn reads: 0, by the watch, by the poll, and by the first load of a new resolver; the last swap is reached',
  how: 'a kubelet in another process: at full speed, and held up in the middle of what it removes',
  async run(tools, { times, seed }) {
    const [fast, slow] = await Promise.all([
      during(tools, '../../doubles/kubelet-process.ts', { times: times(1_000, 6_000) }),
      during(tools, 'mount-kubelet-process.ts', { times: times(250, 2_000), pause: { seed, most: 12 } }),
    ]);
    tools.must(slow.seen > times(20, 200), `only ${slow.seen} tables were seen by the resolvers; that shows nothing`);
    const tears = [...fast.tears, ...slow.tears];
    const reads = fast.reads + slow.reads;
    tools.must(tears.length === 0, `${tears.length} torn of ${reads} reads; the first: ${tears[0]}`);
    const tables = [fast, slow].reduce((sum, { seen, loads }) => sum + seen + loads, 0);
    return {
      noticed: `torn ${tears.length} of ${grouped(reads)} reads, ${grouped(tables)} tables`,
      milliseconds: null,
    };
  },
};

interface Result {
  readonly reads: number;
  /** Tables that the resolvers went through, and first loads of new ones. */
  readonly seen: number;
  readonly loads: number;
  readonly tears: readonly string[];
}

async function during(tools: Tools, kubelet: string, swaps: { times: number; pause?: object }): Promise<Result> {
  const mount = join(tools.folder(FAST), 'config');
  createKubelet(mount).write(numberedPayload(ENTRIES, 0));
  const source = () => mountSource({ path: mount });
  const watched = await open(tools, source(), { pollInterval: 3_600_000 });
  const polled = await open(tools, source(), { watch: false, pollInterval: 50 });
  let reads = 0;
  let loads = 0;
  const tears: string[] = [];
  const read = (resolver: Resolver): void => {
    reads += ENTRIES;
    try {
      look(resolver, ENTRIES);
    } catch (error) {
      tears.push(String(error));
    }
  };
  const readers = { watched, polled };
  for (const { resolver } of Object.values(readers)) resolver.on('change', () => read(resolver));

  const order = { path: mount, first: 1, entries: ENTRIES, ...swaps };
  const writer = tools.start(kubelet, { args: [JSON.stringify(order)] });
  let isOver = false;
  const written = writer.exited(80_000).finally(() => (isOver = true));
  written.catch(() => {});
  for (let turn = 0; !isOver; turn += 1) {
    for (const { resolver } of Object.values(readers)) read(resolver);
    // A first load blocks; the others must have their turns between two of them.
    if (turn % 20 === 0) {
      const fresh = createResolver({ sources: [source()], watch: false, namespace: 'feature-x', baseline: 'develop' });
      loads += 1;
      read(fresh);
      await fresh.close();
    }
    await polled.resolver.reload();
  }
  const { code, stderr } = await written;
  if (code !== 0) throw new Error(`not injected: the writer ended with ${code}: ${stderr}`);

  for (const [name, { resolver, events }] of Object.entries(readers)) {
    await until(
      () => look(resolver, ENTRIES).sequence === swaps.times,
      () => `the ${name} resolver to see number ${swaps.times}; it saw ${look(resolver, ENTRIES).sequence}`,
    );
    const odd = events.change.find(({ changes }) => changes.length !== ENTRIES);
    tools.must(odd === undefined, `${name}: a change of ${odd?.changes.length} keys, not of ${ENTRIES}`);
    await resolver.close();
  }
  const seen = watched.events.change.length + polled.events.change.length;
  return { reads, seen, loads, tears };
}
