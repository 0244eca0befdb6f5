// Traffic of many tenants while the table changes and servers fail: nobody is sent to a place that the table of that
// moment did not name, nobody travels with another's wish, and nothing is sent twice.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { createFetch, createResolver, mountSource, type Resolver } from 'branchline';

import { eventOf } from '../../doubles/await.ts';
import { createKubelet, type Kubelet } from '../../doubles/kubelet.ts';
import { withFolder } from '../model/folder.ts';
import { grouped, randomOf, type Trial } from '../trial.ts';
import { BASELINE, BRANCHES, type Fleet, type Mood, startFleet } from './fleet.ts';
import { callAll, type Tally } from './tenants.ts';

/** From the moment that a table is live to the next one, in milliseconds. */
const LONGEST_CALM = 20;

export const churn: Trial = {
  axis: 'verified',
  name: 'traffic of many tenants under churn and failing servers never goes wrong',
  from: 'short',
  async run({ seed, times }) {
    const count = times(3000, 15_000);
    const calm = await withFolder((folder) => traffic(folder, seed, Math.ceil(count / 3), false));
    const rough = await withFolder((folder) => traffic(folder, seed, count, true));
    const { calls, failed, tables, targets, tenants, repeated } = rough;
    const breaches = [
      ...[...calm.targets, ...targets].map((one) => `wrong target: ${one}`),
      ...[...calm.tenants, ...tenants].map((one) => `wrong tenant: ${one}`),
      ...[...calm.repeated, ...repeated].map((one) => `sent twice: ${one}`),
    ];
    if (failed === 0 || tables < 3) breaches.push(`nothing was tried: ${failed} failed, ${tables} tables`);
    return {
      figure: `wrong target ${targets.length}, wrong tenant ${tenants.length}, sent twice ${repeated.length} of ${grouped(calls)} calls`,
      breaches: breaches.slice(0, 20),
      rows: [
        ['tables meanwhile', grouped(tables)],
        ['failed by their servers', grouped(failed)],
        ['p99 of the others', `${rough.p99.toFixed(1)} ms under churn, ${calm.p99.toFixed(1)} ms in calm`],
      ],
    };
  },
};

async function traffic(
  folder: string,
  seed: number,
  count: number,
  isRough: boolean,
): Promise<Tally & { readonly tables: number }> {
  const random = randomOf(seed);
  const moods = isRough ? 0.15 : 0;
  const mood = (): Mood => {
    const drawn = random();
    if (drawn > moods) return 'well';
    return drawn > (moods * 2) / 3 ? 'slow' : drawn > moods / 3 ? 'unavailable' : 'reset';
  };
  const fleet = await startFleet(mood);
  const kubelet = createKubelet(join(folder, 'config'));
  const tables = new Map<number, ReadonlySet<string>>();
  write(kubelet, fleet, random, 0, tables);
  const resolver = createResolver({
    sources: [mountSource({ path: kubelet.mount })],
    namespace: BASELINE,
    pollInterval: 50,
  });
  // A table that is swapped while it is read, again and again, is said to be stale.
  resolver.on('problem', () => {});
  const byRevision = observe(resolver, tables);
  const fetch = createFetch({ resolver });
  fleet.serve(resolver, fetch);
  try {
    await resolver.ready();
    let isOver = false;
    const changing = async (): Promise<void> => {
      for (let version = 1; isRough && !isOver; version += 1) {
        await pause(random() * LONGEST_CALM);
        const live = eventOf(resolver, 'change', () => true, 60_000);
        write(kubelet, fleet, random, version, tables);
        await live;
      }
    };
    const calling = callAll(fleet, fetch, byRevision, random, count).finally(() => (isOver = true));
    const [tally] = await Promise.all([calling, changing()]);
    return { ...tally, tables: byRevision.size };
  } finally {
    await resolver.close();
    await fleet.close();
  }
}

/** Some of the services in some of the branches; the number of the table is the port of an entry that nobody calls. */
function write(
  kubelet: Kubelet,
  fleet: Fleet,
  random: () => number,
  version: number,
  tables: Map<number, ReadonlySet<string>>,
): void {
  const deployed = [...fleet.addresses].filter(([key]) => key.endsWith(`.${BASELINE}`) || random() < 0.5);
  // A branch with nothing in it is still known.
  const known = BRANCHES.map((branch) => [`idle.${branch}`, '80']);
  const mark = 1 + (version % 60_000);
  tables.set(mark, new Set(deployed.map(([key]) => key)));
  kubelet.write(
    Object.fromEntries([['baseline', BASELINE], [`mark.${BASELINE}`, String(mark)], ...deployed, ...known]) as Record<
      string,
      string
    >,
  );
}

/** Revision → what was deployed by it. */
function observe(
  resolver: Resolver,
  tables: ReadonlyMap<number, ReadonlySet<string>>,
): Map<number, ReadonlySet<string>> {
  const byRevision = new Map<number, ReadonlySet<string>>();
  const look = (): void => {
    const { port, revision } = resolver.lookup('mark', { namespace: BASELINE });
    byRevision.set(revision, tables.get(Number(port)) as ReadonlySet<string>);
  };
  look();
  resolver.on('change', look);
  return byRevision;
}
