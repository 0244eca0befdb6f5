// One changed key among 20,000, beside making everything anew.

import type { Way } from '../children/load.ts';
import { interleave, ratio, typical } from '../harness/interleave.ts';
import { type Given, type Part, type Row, row } from '../harness/part.ts';
import { type Form, FULL, fullTable, withOneChanged } from './full.ts';
import { startLoads } from './loads.ts';

const TARGET = { target: { least: 10 } } as const;

export const changing: Part = {
  name: 'change',
  title: 'one changed key among 20,000, until the answers are new',
  async run(given) {
    return [
      ...(await rowsOfMemory(given)),
      ...(await rowsOfMount('keys', given)),
      ...(await rowsOfMount('document', given)),
    ];
  },
};

async function rowsOfMemory({ times, progress }: Given): Promise<readonly Row[]> {
  progress('from memory');
  const ways = ['set one', 'set all', 'create from memory', 'read object'] as const satisfies readonly Way[];
  const loads = await startLoads(ways, 'keys', times(FULL, 1000));
  const candidates = {
    one: () => loads.ask('set one'),
    all: () => loads.ask('set all'),
    anew: () => loads.ask('create from memory'),
    read: () => loads.ask('read object'),
  };
  try {
    await interleave(candidates, times(5, 0));
    const rounds = await interleave(candidates, times(30, 1));
    const ms = (name: keyof typeof candidates): string => `${typical(rounds, name).toFixed(1)} ms`;
    return [
      row('createResolver(), from memory', 'set() with one change', ratio(rounds, 'anew', 'one'), {
        ...TARGET,
        note: `${ms('anew')} beside ${ms('one')}; set() takes the whole table, so all of it must be read: bare ${ms('read')}`,
      }),
      row('set() with all changed', 'set() with one change', ratio(rounds, 'all', 'one'), { note: ms('all') }),
    ];
  } finally {
    await loads.stop();
  }
}

const FLOOR: Readonly<Record<Form, string>> = {
  keys: 'the kubelet writes every file anew, so all must be read',
  document: 'its whole text must be read',
};

async function rowsOfMount(form: Form, { times, progress }: Given): Promise<readonly Row[]> {
  const what = form === 'keys' ? 'key files' : 'a JSON document';
  progress(`from ${what}`);
  const entries = times(FULL, 1000);
  const table = fullTable(1, form, entries);
  const one = await startLoads(['reload', 'create', 'read'], form, entries, [table, withOneChanged(table)]);
  const all = await startLoads(['reload'], form, entries, [table, fullTable(2, form, entries)]);
  const candidates = {
    one: () => one.ask('reload'),
    anew: () => one.ask('create'),
    read: () => one.ask('read'),
    all: () => all.ask('reload'),
  };
  try {
    await interleave(candidates, times(2, 0));
    const rounds = await interleave(candidates, times(form === 'keys' ? 8 : 20, 1));
    const ms = (name: keyof typeof candidates): string => `${typical(rounds, name).toFixed(1)} ms`;
    return [
      row(`createResolver(), from ${what}`, 'reload() with one change', ratio(rounds, 'anew', 'one'), {
        ...TARGET,
        note: `${ms('anew')}, which reads synchronously, beside ${ms('one')}; ${FLOOR[form]}: bare ${ms('read')}`,
      }),
      row('reload() with all changed', 'reload() with one change', ratio(rounds, 'all', 'one'), { note: ms('all') }),
    ];
  } finally {
    await one.stop();
    await all.stop();
  }
}
