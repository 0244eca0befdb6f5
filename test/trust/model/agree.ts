// A resolver on a mount that the kubelet writes, under random commands, and a model of it: they agree after each, on
// every answer, on what is stale, on what listeners were told of that, and on whether something is wrong.

import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { createResolver, mountSource, type Resolver } from 'branchline';
import fc from 'fast-check';

import { until } from '../../doubles/await.ts';
import { createKubelet } from '../../doubles/kubelet.ts';
import { grouped, type Trial } from '../trial.ts';
import { difference, differences, namesOf } from './agreement.ts';
import { type Command, commands } from './drawn.ts';
import { withFolder } from './folder.ts';
import { FIRST_MARK, type Memory, nothingSaid, payloadOf, read, vanished, type Written } from './mount.ts';
import { breachesOf } from './property.ts';
import { listen, type Told } from './told.ts';
import { captureWatchers, type Watchers } from './watchers.ts';

/** How it is seen that the resolver has looked. */
interface Way {
  readonly name: string;
  readonly pollInterval: number;
  /** Waited for with `reload()`; otherwise the watch or the poll has to find it. */
  readonly reloads: boolean;
  /** What only a poll can find is left out. */
  readonly without: readonly Command['do'][];
}

const HOUR = 3_600_000;
const RELOAD: Way = { name: 'reload()', pollInterval: HOUR, reloads: true, without: [] };
const WATCH: Way = { name: 'the watch', pollInterval: HOUR, reloads: false, without: ['delete', 'kill the watcher'] };
const POLL: Way = { name: 'the poll', pollInterval: 50, reloads: false, without: [] };
/** So many are played at the same time: they wait more than they work. */
const LANES = 4;

interface Count {
  commands: number;
  swaps: number;
}

export const agreement: Trial = {
  axis: 'predictable',
  name: 'the resolver and a model of it agree after each of random commands',
  from: 'short',
  async run({ seed, times, progress }) {
    const count: Count = { commands: 0, swaps: 0 };
    const watchers = captureWatchers();
    const breaches: string[] = [];
    const runs: [Way, number][] = [
      [RELOAD, times(25, 110)],
      [WATCH, times(12, 50)],
      [POLL, times(4, 15)],
    ];
    const lane = (way: Way, numRuns: number, number: number): Promise<fc.RunDetails<Drawn>> => {
      const property = fc.asyncProperty(own, fc.boolean(), commands, (...drawn) =>
        withFolder((folder) => play({ folder, watchers, way, count }, ...drawn)),
      );
      // A run that waits in vain takes its time: then what failed is not made smaller.
      const endOnFailure = !way.reloads;
      return fc.check(property, { seed: seed + number, numRuns, endOnFailure });
    };
    try {
      for (const [way, numRuns] of runs) {
        const start = performance.now();
        const details = await Promise.all(Array.from({ length: LANES }, (_, number) => lane(way, numRuns, number)));
        breaches.push(...details.flatMap((one) => breachesOf(`found by ${way.name}`, one)));
        progress(`${LANES * numRuns} runs, found by ${way.name} (${Math.round(performance.now() - start)} ms)`);
      }
    } finally {
      watchers.restore();
    }
    const { commands: all, swaps } = count;
    return { figure: `${breaches.length} differences in ${grouped(all)} commands, ${grouped(swaps)} swaps`, breaches };
  },
};

type Drawn = [own: string | null, startsEmpty: boolean, all: readonly Command[]];

const own: fc.Arbitrary<string | null> = fc.constantFrom('feature-x', 'develop', null);

interface Scene {
  readonly folder: string;
  readonly watchers: Watchers;
  readonly way: Way;
  readonly count: Count;
}

/** Throws where they differ. */
async function play(scene: Scene, ...[namespace, startsEmpty, all]: Drawn): Promise<void> {
  const { folder, way, count } = scene;
  const path = join(folder, 'config');
  // A folder that is not there can only be polled.
  if (startsEmpty || way === WATCH) createKubelet(path);
  const { pollInterval } = way;
  const resolver = createResolver({ sources: [mountSource({ path, optional: true })], namespace, pollInterval });
  const told = listen(resolver);
  try {
    await resolver.ready();
    let model = nothingSaid(namespace);
    let version = 0;
    const played: string[] = [];
    for (const command of all.filter((one) => !way.without.includes(one.do))) {
      played.push(command.do);
      const swaps = swapsOf(command);
      const seen = version + swaps.length;
      model = await perform(command, { ...scene, path, resolver, model, version });
      version = seen;
      count.commands += 1;
      count.swaps += swaps.length;
      compare(resolver, model, told, played);
    }
  } finally {
    await resolver.close();
  }
}

interface Moment extends Scene {
  readonly path: string;
  readonly resolver: Resolver;
  readonly model: Memory;
  /** How often the kubelet has swapped so far. */
  readonly version: number;
}

async function perform(command: Command, moment: Moment): Promise<Memory> {
  const { path, resolver, model, watchers, version } = moment;
  const isClosed = resolver.status().closed;
  switch (command.do) {
    case 'kill the watcher':
      watchers.kill(path);
      return model;
    case 'reload':
      await resolver.reload();
      return model;
    case 'close':
      await resolver.close();
      return model;
    case 'empty':
    case 'delete': {
      if (command.do === 'delete') rmSync(path, { recursive: true, force: true });
      else createKubelet(path).write({});
      if (isClosed) return model;
      await found(moment, () => !model.hasSpoken || resolver.status().sources[0]?.state === 'stale');
      return vanished(model);
    }
    case 'write':
    case 'burst': {
      const swaps = swapsOf(command).map((what, index) => marked(what, version + index + 1));
      const kubelet = createKubelet(path);
      for (const what of swaps) kubelet.write(payloadOf(what));
      const last = swaps.at(-1);
      if (last === undefined || isClosed) return model;
      await found(moment, () => hasSeen(resolver, version + swaps.length));
      return read(model, last);
    }
  }
}

function swapsOf(command: Command): readonly Written[] {
  if (command.do === 'write') return [command.what];
  return command.do === 'burst' ? command.what : [];
}

async function found({ resolver, way }: Moment, isSeen: () => boolean): Promise<void> {
  if (way.reloads) await resolver.reload();
  else await until(isSeen, () => `the resolver to see it: ${JSON.stringify(resolver.status())}`, 5_000);
}

/** Every version has a key that tells it from the others. */
const marked = ({ keys, documents }: Written, version: number): Written => ({
  keys: { ...keys, 'mark.develop': String(FIRST_MARK + version) },
  documents,
});
const hasSeen = (resolver: Resolver, version: number): boolean =>
  resolver.has('mark', { namespace: 'develop' }) &&
  resolver.lookup('mark', { namespace: 'develop' }).port === FIRST_MARK + version;

function compare(resolver: Resolver, model: Memory, { revisions, stale }: Told, played: readonly string[]): void {
  const wrong = differences(resolver, model);
  if (revisions.some((revision, index) => revision !== index + 2))
    wrong.push(`the revisions told are ${revisions.join(', ')}`);
  if (resolver.status().revision !== revisions.length + 1) wrong.push(`revision ${resolver.status().revision}`);
  wrong.push(...difference('told to be stale', namesOf(stale), namesOf(model.stale)));
  if (wrong.length > 0) throw new Error(`after ${played.join(', ')}:\n${wrong.slice(0, 5).join('\n')}`);
}
