// The fuzzer's part of the card: inputs that nobody should write, at every way into the library, under oracles that were
// written from the contract.

import { type Given, grouped, type Outcome, randomOf, type Trial } from '../trial.ts';
import { decide } from './decisions/target.ts';
import { expectedRows, unexpected } from './expected.ts';
import { hotFaults } from './hot.ts';
import { askOverHttp } from './http/ask.ts';
import { costsOf } from './linear.ts';
import { fuzz, type Fuzzed } from './run.ts';
import type { Target } from './target.ts';
import { HEADERS, PARSERS, SLOW } from './targets/index.ts';

export const fuzzing: readonly Trial[] = [
  {
    axis: 'safe by default',
    name: 'a request chooses among targets that an operator wrote, and makes none',
    from: 'short',
    run: chooses,
  },
  {
    axis: 'safe by default',
    name: 'hostile inputs end as the contract says',
    from: 'short',
    run() {
      const rows = expectedRows();
      const breaches = rows.flatMap((row) => unexpected(row) ?? []);
      return Promise.resolve({ figure: `${rows.length - breaches.length} of ${rows.length}`, breaches });
    },
  },
  {
    axis: 'safe by default',
    name: 'nothing in a header or a URL leads elsewhere, is lost, or breaks',
    from: 'short',
    run: (given) => under(given, HEADERS, 1),
  },
  {
    axis: 'bounded',
    name: 'nothing in a table breaks its parser, and a bad update changes no answer',
    from: 'short',
    run: (given) => under(given, PARSERS, 2),
  },
  {
    axis: 'bounded',
    name: 'time grows with the length of a text, not with its square',
    from: 'short',
    run: linear,
  },
  {
    axis: 'predictable',
    name: 'the thousandth answer is the first one',
    from: 'short',
    async run({ times }) {
      const count = times(4000, 12_000);
      return { figure: `${grouped(count)} calls of each kind`, breaches: await hotFaults(count) };
    },
  },
];

async function chooses({ times, seed, progress }: Given): Promise<Outcome> {
  const inProcess = times(99_000, 990_000);
  const wrong = await decide(inProcess, randomOf(seed));
  progress(`${grouped(inProcess)} decisions in the process`);
  const { requests, evilCalls, breaches } = await askOverHttp(times(1000, 10_000), randomOf(seed + 1));
  const all = wrong.length + breaches.length;
  return {
    figure: `wrong target in ${grouped(inProcess + requests)} requests: ${all}`,
    breaches: [...wrong, ...breaches],
    rows: [
      ['in the process', grouped(inProcess), `${wrong.length} wrong`],
      ['over HTTP', grouped(requests), `${breaches.length} wrong`, `${evilCalls} calls of somebody else`],
    ],
  };
}

/** Each of these targets with its share of inputs. */
async function under({ times, seed, progress }: Given, targets: readonly Target[], offset: number): Promise<Outcome> {
  const done: Fuzzed[] = [];
  for (const [index, target] of targets.entries()) {
    const count = SLOW.has(target) ? times(150, 2000) : times(1500, 20_000);
    const fuzzed = await fuzz(target, count, randomOf(seed + 1000 * offset + index));
    progress(`${target.name}: ${grouped(count)} inputs, ${fuzzed.breaches.length} faults`);
    done.push(fuzzed);
  }
  const inputs = done.reduce((sum, one) => sum + one.inputs, 0);
  const breaches = done.flatMap((one) => one.breaches);
  return {
    figure: `${breaches.length} faults in ${grouped(inputs)} inputs`,
    breaches,
    rows: done.map((one) => [one.target, grouped(one.inputs), `${one.breaches.length} faults`]),
  };
}

async function linear({ times }: Given): Promise<Outcome> {
  const costs = await costsOf(times(0.25, 1));
  const texts = costs.reduce((sum, cost) => sum + cost.texts, 0);
  const slowest = Math.max(...costs.map((cost) => cost.slowest));
  return {
    figure: `${texts} kinds of text, the slowest ${Math.round(slowest)} ms`,
    breaches: costs.flatMap((cost) => cost.breaches),
    rows: costs.map((cost) => [
      cost.way,
      `${cost.texts}`,
      `${Math.round(cost.slowest)} ms`,
      JSON.stringify(cost.piece),
    ]),
  };
}
