// Whatever is read costs time in proportion to its length: quadratic work on eight times as much would cost 64 times.

import process from 'node:process';

import { createResolver, memorySource, namespaceOf, receive, route } from 'branchline';

import type { Outcome, Trial } from '../trial.ts';
import { open } from './tables.ts';

const LENGTH = 32_768;
const TIMES = 8;
/** Three times what linear work costs, and a tenth of a second besides, in milliseconds. */
const bound = (few: number): number => 3 * TIMES * few + 100;

/** Texts of any length at which a pattern might walk back and forth. */
const TEXTS: Readonly<Record<string, (length: number) => string>> = {
  letters: (length) => 'a'.repeat(length),
  dashes: (length) => `a${'-'.repeat(length)}!`,
  dots: (length) => 'a.'.repeat(length / 2),
  slashes: (length) => `http://h${'/'.repeat(length)}`,
  spaces: (length) => `a${' '.repeat(length)}b`,
  percents: (length) => '%2'.repeat(length / 2),
  tildes: (length) => 'a~'.repeat(length / 2),
  commas: (length) => 'branchline=a,'.repeat(length / 13),
  equals: (length) => `branchline${'='.repeat(length)}`,
  semicolons: (length) => `branchline=a${' ;'.repeat(length / 2)}`,
  brackets: (length) => '[['.repeat(length / 2),
  braces: (length) => 'http://{service}{namespace}{'.padEnd(length, '{'),
  combining: (length) => 'e\u0301'.repeat(length / 2),
};

const known = open({ 'a.develop': '80', 'my-rest.feature-x': '' });
known.on('refused', () => {});
const attempt = (work: () => unknown): void => {
  try {
    work();
  } catch {
    // Refusing it is a way to read it.
  }
};

const WAYS: Readonly<Record<string, (text: string) => unknown>> = {
  'a service': (text) => known.resolve(text),
  'an endpoint': (text) => known.resolve('a', { endpoint: text }),
  'a namespace': (text) => known.explain('a', { namespace: text }),
  'a context': (text) => known.resolve('a', { context: { namespaces: text.split('a'), services: { a: text } } }),
  'a branch': (text) => namespaceOf(text),
  'a prefix': (text) => namespaceOf('a', { prefix: text }),
  'a header': (text) => receive({ baggage: text }, { trust: true, resolver: known }),
  'a selection': (text) => receive({}, { trust: true, select: text, resolver: known }),
  'a URL': (text) => route(`http://my-rest/${text}`, { baggage: text }, { resolver: known }),
  'a value': (text) => quiet({ 'a.develop': text }),
  'a key': (text) => quiet({ [`${text}.develop`]: '' }),
  'a template': (text) => quiet({ 'a.develop': '', template: text }),
  'a baseline': (text) => quiet({ baseline: text }),
};

function quiet(data: Record<string, string>): void {
  const resolver = createResolver({ sources: [memorySource(data)], namespace: null });
  resolver.on('problem', () => {});
  attempt(() => resolver.resolve('a'));
}

export const linearity: Trial = {
  axis: 'bounded',
  name: 'whatever is read costs time in proportion to its length',
  from: 'short',
  async run({ progress }): Promise<Outcome> {
    const breaches: string[] = [];
    let slowest = { what: '', cost: -1 };
    let count = 0;
    for (const [way, read] of Object.entries(WAYS)) {
      for (const [kind, make] of Object.entries(TEXTS)) {
        const [few, many] = [LENGTH, TIMES * LENGTH].map((length) => cheapest(() => read(make(length)))) as [
          number,
          number,
        ];
        count += 1;
        const what = `${way} of ${TIMES * LENGTH} characters, ${kind}`;
        if (many > slowest.cost) slowest = { what, cost: many };
        if (many > bound(few))
          breaches.push(`${what}: ${many.toFixed(1)} ms, and an eighth of it ${few.toFixed(1)} ms`);
      }
      progress(way);
    }
    return { figure: `${count} kinds of text; the slowest ${slowest.cost.toFixed(1)} ms (${slowest.what})`, breaches };
  },
};

/** Of three runs, in milliseconds of the process: what others do on the machine does not count. */
function cheapest(work: () => unknown): number {
  const costs = [0, 1, 2].map(() => {
    const before = process.cpuUsage();
    attempt(work);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...costs);
}
