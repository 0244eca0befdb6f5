// Requests that go to one of two namespaces by what they ask for: by the client itself, beside by an nginx in between.

import type { Origins, Way, What } from '../children/client.ts';
import { type Child, start } from '../harness/child.ts';
import { interleave, ratio, type Rounds, typical } from '../harness/interleave.ts';
import { count, type Given, type Part, type Row, row } from '../harness/part.ts';
import { type Nginx, nginxVersion, startNginx } from './nginx.ts';

const WAYS: readonly Way[] = [
  'fetch by name',
  'fetch via nginx',
  'fetch at hand',
  'request by name',
  'request via nginx',
  'request at hand',
];
/** Clients of the same way are not quite the same: a new process for each set of rounds. */
const SETS = 2;
const ROUNDS = 15;
const REQUESTS = { p50: 100, cpu: 400 };
const target = { most: 0.7 };

interface Measured {
  readonly p50: Rounds<Way>;
  readonly cpu: Rounds<Way>;
}

export const headerRouting: Part = {
  name: 'header-routing',
  title: 'routing by header to one of two namespaces, every other request to a branch',
  async run(given) {
    const version = nginxVersion();
    if (version === null) return [notMeasured()];
    const backends = await Promise.all([
      start<number>('backend', ['develop']),
      start<number>('backend', ['feature-x']),
    ]);
    let nginx: Nginx | null = null;
    try {
      const [develop, branch] = backends.map(({ said }) => said) as [number, number];
      nginx = await startNginx({ develop, 'feature-x': branch });
      const origins = { nginx: nginx.origin, develop: originOf(develop), 'feature-x': originOf(branch) };
      return rowsOf(await measure(given, nginx, origins), version);
    } finally {
      await nginx?.stop();
      await Promise.all(backends.map((backend) => backend.stop()));
    }
  },
};

function originOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

async function measure({ times, progress }: Given, nginx: Nginx, origins: Origins): Promise<Measured> {
  const all = { p50: [] as Rounds<Way>[number][], cpu: [] as Rounds<Way>[number][] };
  const [sets, rounds] = [times(SETS, 1), times(ROUNDS, 2)];
  for (let set = 1; set <= sets; set += 1) {
    progress(`set ${set} of ${sets}: ${rounds} rounds of p50, ${rounds} of CPU`);
    const clients = await startClients(origins);
    try {
      for (const what of ['p50', 'cpu'] as const) {
        const requests = times(REQUESTS[what], 20);
        const candidates = Object.fromEntries(
          WAYS.map((way) => [way, () => ask(clients.get(way) as Child<string>, nginx, what, requests)] as const),
        ) as Record<Way, () => Promise<number>>;
        // The first requests are those of code that is not compiled yet.
        await interleave(candidates, times(4, 1));
        all[what].push(...(await interleave(candidates, rounds)));
      }
    } finally {
      await Promise.all([...clients.values()].map((client) => client.stop()));
    }
  }
  return all;
}

async function startClients(origins: Origins): Promise<Map<Way, Child<string>>> {
  const args = JSON.stringify(origins);
  const clients = WAYS.map(
    async (way) => [way, await start<string>('client', [way, args], { execArgv: ['--expose-gc'] })] as const,
  );
  return new Map(await Promise.all(clients));
}

/** The CPU time of nginx is that of a request, too; it has none when it is not asked. */
async function ask(client: Child<string>, nginx: Nginx, what: What, requests: number): Promise<number> {
  const before = nginx.cpu();
  const own = await client.ask<number>({ what, requests });
  return what === 'cpu' ? own + (nginx.cpu() - before) / requests : own;
}

function rowsOf(measured: Measured, version: string): Row[] {
  const { p50, cpu } = measured;
  const sides = `the client sets x-branch, nginx ${version} maps it and keeps its connections`;
  return [
    row('p50 of fetch by name', 'fetch via nginx', ratio(p50, 'fetch by name', 'fetch via nginx'), {
      target,
      note: `${noteOf(measured, 'p50', 'fetch')}; ${sides}, and its way is the shortest there is: one machine`,
    }),
    row('CPU of fetch by name', 'fetch and nginx', ratio(cpu, 'fetch by name', 'fetch via nginx'), {
      target,
      note: noteOf(measured, 'cpu', 'fetch'),
    }),
    row('p50 of undici request by name', 'request via nginx', ratio(p50, 'request by name', 'request via nginx'), {
      note: `${noteOf(measured, 'p50', 'request')}; by name is through createDispatcher()`,
    }),
    row('CPU of undici request by name', 'request and nginx', ratio(cpu, 'request by name', 'request via nginx'), {
      note: noteOf(measured, 'cpu', 'request'),
    }),
  ];
}

/** Both, and the least that any library can have: a client that needs neither a name nor a header. */
function noteOf(measured: Measured, what: What, client: 'fetch' | 'request'): string {
  const rounds = measured[what];
  const amount = (way: Way): string =>
    what === 'p50' ? `${typical(rounds, way).toFixed(3)} ms` : `${typical(rounds, way).toFixed(0)} µs`;
  const least = ratio(rounds, `${client} at hand`, `${client} via nginx`).median.toFixed(2);
  const [own, other] = [amount(`${client} by name`), amount(`${client} via nginx`)];
  return `${own} beside ${other}; straight to the final URL ${amount(`${client} at hand`)}, which is ${least} ×, the least there can be`;
}

function notMeasured(): Row {
  return row('not measured: there is no nginx here', 'nginx', count(0), {
    unit: 'requests',
    note: 'on Debian and Ubuntu: apt-get install nginx-light',
  });
}
