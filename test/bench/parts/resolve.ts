// resolve(name) outside a request, beside what people write by hand.

import { ratio, typical } from '../harness/interleave.ts';
import { count, type Part, row } from '../harness/part.ts';
import { callsIn } from './calls.ts';

const TURNS = 100;

export const resolving: Part = {
  name: 'resolve',
  title: 'resolve(name), outside a request',
  async run({ times, progress }) {
    progress('200 entries');
    const turns = times(TURNS, 2);
    const { rounds, bytes } = await callsIn(
      [[200, 'outside']],
      {
        'Map.get': [0, 'Map.get'],
        resolve: [0, 'resolve'],
        own: [0, 'own'],
        'process.env': [0, 'env'],
        config: [0, 'config'],
        byHand: [0, 'byHand'],
      },
      { sets: times(15, 1), rounds: times(3, 1), turns },
    );
    progress('10 and 20,000 entries');
    const { rounds: sizes } = await callsIn(
      [
        [10, 'outside'],
        [20_000, 'outside'],
      ],
      {
        few: [0, 'resolve'],
        many: [1, 'resolve'],
        'Map.get in turn': [1, 'Map.get in turn'],
        'resolve in turn': [1, 'resolve in turn'],
      },
      { sets: times(9, 1), rounds: times(3, 1), turns: 1 },
    );
    const ns = (name: keyof (typeof rounds)[number]): string => `${typical(rounds, name).toFixed(1)} ns`;
    const nsOf = (name: keyof (typeof sizes)[number]): string => `${typical(sizes, name).toFixed(1)} ns`;
    return [
      row('resolve(name), 200 entries', 'Map.get', ratio(rounds, 'resolve', 'Map.get'), {
        target: { most: 1.5 },
        note: `${ns('resolve')} beside ${ns('Map.get')}; each process has its hash seed, and its own Map.get`,
      }),
      row('resolver.resolve(name)', 'Map.get', ratio(rounds, 'own', 'Map.get'), { note: ns('own') }),
      row('process.env.MY_REST_URL', 'resolve(name)', ratio(rounds, 'process.env', 'resolve'), {
        target: { least: 10 },
        note: ns('process.env'),
      }),
      row("node-config's get", 'resolve(name)', ratio(rounds, 'config', 'resolve'), { note: ns('config') }),
      row('if and else over process.env', 'resolve(name)', ratio(rounds, 'byHand', 'resolve'), { note: ns('byHand') }),
      row('resolve(name), 20,000 entries', '10 entries', ratio(sizes, 'many', 'few'), {
        target: { most: 1.2 },
        note: `flat: ${nsOf('many')} beside ${nsOf('few')}`,
      }),
      row('resolve(name), 20,000 in turn', 'Map.get, the same', ratio(sizes, 'resolve in turn', 'Map.get in turn'), {
        note: `${nsOf('resolve in turn')} beside ${nsOf('Map.get in turn')}: the memory is far for both`,
      }),
      row(`bytes, ${(turns * 100_000).toLocaleString('en')} calls`, null, count(bytes), {
        unit: 'bytes a call',
        target: { most: 0 },
      }),
    ];
  },
};
