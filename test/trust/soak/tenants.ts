// The calls of many tenants at the same time, each judged by the table that answered it: who was due, who was reached,
// and whose wish arrived there.

import { context, type FetchLike } from 'branchline';

import { BASELINE, BRANCHES, type Fleet, type Hop, hopOf, SERVICES } from './fleet.ts';

const CONCURRENCY = 32;
/** Before the first time that counts: connections are made, code is compiled. */
const WARM_UP = 500;
const FRONT = `front.${BASELINE}`;

export interface Tally {
  readonly calls: number;
  readonly failed: number;
  /** Milliseconds of the calls that were answered well. */
  readonly p99: number;
  readonly targets: readonly string[];
  readonly tenants: readonly string[];
  readonly repeated: readonly string[];
}

/** Calls the front, as many at a time as there is room for. `byRevision` says what was deployed by which table. */
export async function callAll(
  fleet: Fleet,
  fetch: FetchLike,
  byRevision: ReadonlyMap<number, ReadonlySet<string>>,
  random: () => number,
  count: number,
): Promise<Tally> {
  const times: number[] = [];
  const targets: string[] = [];
  const tenants: string[] = [];
  let failed = 0;
  let next = 0;

  const one = async (id: number): Promise<void> => {
    const tenant = BRANCHES[Math.floor(random() * (BRANCHES.length + 1))] ?? null;
    const service = SERVICES[Math.floor(random() * SERVICES.length)] as string;
    const told = `call ${id} of ${tenant} to ${service}`;
    const start = performance.now();
    const call = (): Promise<Response> => fetch(`http://front/${service}`, { headers: { 'x-call': String(id) } });
    const first = await hopOf(context.run(tenant === null ? undefined : { namespaces: [tenant] }, call));
    if (first.wanted !== FRONT) targets.push(`${told} was sent to ${first.wanted}`);
    // The front itself never fails, and says what came of the next hop.
    if (first.said?.next === undefined) throw new Error(`${told} came back as ${JSON.stringify(first)}`);
    const { who, baggage, next: hop } = first.said;
    if (who !== FRONT) targets.push(`${told} reached ${who}`);
    judge(hop, told, tenant, service, baggage);
    if (hop.status !== 200) failed += 1;
    else if (id >= WARM_UP) times.push(performance.now() - start);
  };

  const judge = (hop: Hop, told: string, tenant: string | null, service: string, baggage: string): void => {
    const { said, revision, wanted } = hop;
    const deployed = byRevision.get(revision);
    const due = tenant !== null && deployed?.has(`${service}.${tenant}`) === true ? tenant : BASELINE;
    if (deployed === undefined || wanted !== `${service}.${due}`)
      targets.push(`${told} was sent to ${wanted}, and ${due} was due at revision ${revision}`);
    if (said !== null && said.who !== wanted) targets.push(`${told} was sent to ${wanted} and reached ${said.who}`);
    const member = tenant === null ? '' : `branchline=${tenant}`;
    if (baggage !== member) tenants.push(`${told} came with ${baggage}`);
    if (said !== null && said.baggage !== member) tenants.push(`${told} went on with ${said.baggage}`);
  };

  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      while (next < count) await one(next++);
    }),
  );
  const repeated = [...fleet.arrived]
    .filter(([, often]) => often > 1)
    .map(([id, often]) => `call ${id} arrived ${often} times`);
  times.sort((first, second) => first - second);
  return { calls: count, failed, p99: times[Math.floor(times.length * 0.99)] ?? 0, targets, tenants, repeated };
}
