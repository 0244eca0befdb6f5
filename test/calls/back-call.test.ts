// The back-call: web → orders → billing, in processes of their own, each found in the branch or in the baseline, for the
// requests of twenty branches and of none at the same time, while services are busy, slow, and break connections.

import { context, createFetch, createResolver, type FetchLike, memorySource, resolutionOf } from 'branchline';
import { routeOf } from 'branchline/testing';
import { describe, expect, test } from 'vitest';

import { type Child, startChild } from '../doubles/child.ts';
import {
  KINDS,
  type Kind,
  namespacesOf,
  plan,
  type Planned,
  type Service,
  SERVICES,
  type Stop,
  tableOf,
} from './fleet.ts';

const REQUESTS = 10_000;
const CONCURRENCY = 64;
const SEED = Number(process.env['BACK_CALL_SEED'] ?? 20_261_123);

interface Fleet {
  readonly table: Record<string, string>;
  /** The numbers of the requests that came, by namespace. */
  asked(service: Service): Promise<Record<string, number[]>>;
}

async function startFleet(kind: Kind): Promise<Fleet> {
  const file = new URL('children/service.ts', import.meta.url);
  const children = new Map<Service, Child>(
    SERVICES.map((service) => [service, startChild(file, { args: [service, kind] })]),
  );
  const ports = new Map<string, Record<string, number>>();
  for (const [service, child] of children)
    ports.set(service, (await child.said('ports'))['ports'] as Record<string, number>);
  const table = tableOf((service, namespace) => ports.get(service)?.[namespace] as number);
  for (const child of children.values()) await child.ask(`table ${JSON.stringify(table)}`);
  return {
    table,
    asked: async (service) =>
      (await (children.get(service) as Child).ask('asked'))['asked'] as Record<string, number[]>,
  };
}

type Sent = readonly Stop[] | { readonly failedIn: string | null | undefined };

/** Makes one request; what came back, and what its route says. */
async function send({ id, pod, context: wish, fault }: Planned, table: Record<string, string>, fetch: FetchLike) {
  const query = fault === null ? '' : `?${fault.service}=${fault.fault}`;
  const headers = { 'branchline-via': '1' };
  const origin = pod === null ? 'http://web' : table[`web.${pod}`];
  // One that is called by its address is told by hand what a context would tell.
  const items = [...(wish?.namespaces ?? []), ...Object.entries(wish?.services ?? {}).map((pin) => pin.join('.'))];
  const byHand = pod === null || items.length === 0 ? {} : { baggage: `userId=${id},branchline=${items.join('~')}` };
  const call = () => fetch(`${origin}/call/${id}${query}`, { headers: { ...headers, ...byHand } });
  try {
    const response = await (pod === null ? context.run(wish, call) : call());
    return { sent: (await response.json()) as Stop[], route: routeOf(response) };
  } catch (error) {
    return { sent: { failedIn: resolutionOf(error as Error)?.namespace }, route: [] };
  }
}

/** What must come of it. */
function expected({ pod, stops, fault }: Planned, kind: Kind): Sent {
  const failing = fault === null || fault.fault === 'slow' ? -1 : SERVICES.indexOf(fault.service);
  const isMended = kind === 'dispatcher with retry' && failing > 0;
  if (failing === -1 || isMended) return stops;
  if (fault?.fault === 'busy') return stops.slice(0, failing + 1);
  if (failing === 0) return { failedIn: pod === null ? (stops[0]?.namespace ?? null) : undefined };
  return stops.slice(0, failing + 1).map((stop, index) => (index === failing ? { ...stop, accepted: 'failed' } : stop));
}

/** How often each service must have been asked: once, and once more where a client was told to try again. */
function arrivals({ fault, stops }: Planned, kind: Kind): Map<Service, [namespace: string, times: number]> {
  const failing = fault === null || fault.fault === 'slow' ? -1 : SERVICES.indexOf(fault.service);
  const isMended = kind === 'dispatcher with retry' && failing > 0;
  const reached = failing === -1 || isMended ? stops : stops.slice(0, failing + 1);
  return new Map(
    reached.map(({ service, namespace }, index) => [
      service,
      [namespace as string, isMended && index === failing ? 2 : 1],
    ]),
  );
}

describe.each(KINDS)('through %s', (kind) => {
  test(
    `${REQUESTS} requests find their way back into their branch, and none into another`,
    { timeout: 180_000 },
    async () => {
      const { table, asked } = await startFleet(kind);
      const fetch = createFetch({ resolver: createResolver({ sources: [memorySource(table)], namespace: null }) });
      const requests = plan(REQUESTS, SEED);
      const wrong: object[] = [];
      const waiting = requests.values();
      const worker = async (): Promise<void> => {
        for (const request of waiting) {
          const { sent, route } = await send(request, table, fetch);
          const wanted = expected(request, kind);
          const told = route.map(({ service, namespace }) => `${service}=${namespace}`).join(', ');
          const wholeRoute = request.stops.map(({ service, namespace }) => `${service}=${namespace}`).join(', ');
          const isWrongRoute = request.fault === null && told !== wholeRoute;
          if (JSON.stringify(sent) !== JSON.stringify(wanted) || isWrongRoute)
            wrong.push({ request, sent, wanted, told });
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, worker));

      expect(wrong.slice(0, 3), `${wrong.length} of ${REQUESTS} answers are wrong; seed ${SEED}`).toEqual([]);

      // What the services themselves saw: also of requests that were never answered.
      const strays: object[] = [];
      for (const service of SERVICES) {
        const came = new Map<string, number>();
        for (const [namespace, ids] of Object.entries(await asked(service)))
          for (const id of ids) came.set(`${id} ${namespace}`, (came.get(`${id} ${namespace}`) ?? 0) + 1);
        for (const request of requests) {
          const [namespace, times] = arrivals(request, kind).get(service) ?? [];
          const key = `${request.id} ${namespace}`;
          if ((came.get(key) ?? 0) !== (times ?? 0)) strays.push({ service, key, came: came.get(key), times });
          came.delete(key);
        }
        strays.push(...[...came.keys()].map((key) => ({ service, key })));
      }
      expect(strays.slice(0, 3), `${strays.length} requests strayed; seed ${SEED}`).toEqual([]);
    },
  );
});

test('the requests are of all branches and of none, to every deployment, with every fault at every service', () => {
  const requests = plan(REQUESTS, SEED);
  const of = <T>(value: (request: Planned) => T): Set<T> => new Set(requests.map(value));
  expect(of(({ context: wish }) => wish?.namespaces?.[0]).size).toBe(21);
  expect(of(({ fault }) => JSON.stringify(fault)).size).toBe(10);
  for (const [index, service] of SERVICES.entries())
    expect(of(({ stops }) => stops[index]?.namespace).size).toBe(namespacesOf(service).length);
  // In the branch, out of it, and back.
  const shapes = of(({ stops }) => stops.map(({ namespace }) => (namespace === 'develop' ? '-' : 'x')).join(''));
  expect(shapes.size).toBe(8);
});
