// resolve(name) inside a request, whose routing context is asked for each time.

import { ratio, typical } from '../harness/interleave.ts';
import { count, type Part, row } from '../harness/part.ts';
import { callsIn } from './calls.ts';

const TURNS = 100;

export const within: Part = {
  name: 'context',
  title: 'resolve(name), inside a request with a routing context',
  async run({ times, progress }) {
    progress('200 entries');
    const turns = times(TURNS, 2);
    const { rounds: measured, bytes } = await callsIn(
      [[200, 'within']],
      { resolve: [0, 'resolve'], 'Map.get': [0, 'Map.get'], getStore: [0, 'getStore'] },
      { sets: times(15, 1), rounds: times(3, 1), turns },
    );
    const rounds = measured.map((round) => ({ ...round, allowed: 3 * round['Map.get'] + round.getStore }));
    const ns = (name: keyof (typeof rounds)[number]): string => `${typical(rounds, name).toFixed(1)} ns`;
    return [
      row('resolve(name)', '3 × Map.get + getStore', ratio(rounds, 'resolve', 'allowed'), {
        target: { most: 1 },
        note: `${ns('resolve')} beside 3 × ${ns('Map.get')} + ${ns('getStore')}`,
      }),
      row(`bytes, ${(turns * 100_000).toLocaleString('en')} calls`, null, count(bytes), {
        unit: 'bytes a call',
        target: { most: 0 },
        note: "once the context's path was seen",
      }),
    ];
  },
};
