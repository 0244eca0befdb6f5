// What the first calls of a Pod ask DNS, counted by its DNS server. Nothing is timed.

import { count, type Part, row } from '../harness/part.ts';
import { noPod, questionsOf } from './pod.ts';

const BURST = 50;
const target = { most: 2 };
const unit = 'queries';

export const dns: Part = {
  name: 'dns',
  title: 'DNS queries of cold calls in a Pod: ndots:5, four search domains',
  async run({ progress }) {
    const reason = noPod();
    if (reason !== null) return [row(`not measured: ${reason}`, null, count(0), { unit: 'calls' })];
    progress(`one call, and ${BURST} at the same time, each in a new process`);
    const [one, burst] = [await countsOf(1), await countsOf(BURST)];
    const dispatched = "undici's request through createDispatcher()";
    return [
      row('one call', `built-in fetch: ${one.fetch}`, count(one.ours), {
        unit,
        target,
        note: `${dispatched}, beside the built-in fetch of my-rest.develop.svc.cluster.local; of the same with a final dot, which Host has then, too: ${one.dotted}`,
      }),
      row(`${BURST} at the same time`, `built-in fetch: ${burst.fetch}`, count(burst.ours), {
        unit,
        target,
        note: `the same; with a final dot: ${burst.dotted}`,
      }),
      row('one call of the wrapped fetch', `built-in fetch: ${one.fetch}`, count(one.wrapped), {
        unit,
        note: `it asks for my-rest.develop.svc, as the built-in fetch asks; ${BURST} at the same time: ${burst.wrapped}`,
      }),
    ];
  },
};

async function countsOf(calls: number): Promise<Record<'ours' | 'wrapped' | 'fetch' | 'dotted', number>> {
  return {
    ours: await questionsOf('dispatcher', calls),
    wrapped: await questionsOf('wrapped fetch', calls),
    fetch: await questionsOf('fetch', calls),
    dotted: await questionsOf('fetch, final dot', calls),
  };
}
