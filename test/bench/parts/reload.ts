// A full ConfigMap of which everything changed, read in again, beside reading the same bytes.

import { interleave, ratio, spread, typical } from '../harness/interleave.ts';
import { type Given, type Part, type Row, row } from '../harness/part.ts';
import { type Form, FULL, fullTable } from './full.ts';
import { startLoads } from './loads.ts';

export const reloading: Part = {
  name: 'reload',
  title: 'reload of a full ConfigMap: 1 MiB, 20,000 entries, every one of them changed',
  async run(given) {
    return [...(await rowsOf('keys', given)), ...(await rowsOf('document', given))];
  },
};

const WHAT: Readonly<Record<Form, readonly [ours: string, bare: string]>> = {
  keys: ['as key files', 'reading them'],
  document: ['as a JSON document', 'reading and parsing it'],
};

async function rowsOf(form: Form, { times, progress }: Given): Promise<readonly Row[]> {
  const [what, bare] = WHAT[form];
  progress(what);
  const entries = times(FULL, 1000);
  const loads = await startLoads(['reload', 'read'], form, entries, [
    fullTable(1, form, entries),
    fullTable(2, form, entries),
  ]);
  const candidates = {
    reload: () => loads.ask('reload'),
    read: () => loads.ask('read'),
    reloadBlock: () => loads.ask('reload', 'block'),
    readBlock: () => loads.ask('read', 'block'),
  };
  try {
    // The first ones are those of code that is not compiled yet.
    await interleave(candidates, times(2, 0));
    const rounds = await interleave(candidates, times(form === 'keys' ? 12 : 20, 1));
    const ms = (name: keyof typeof candidates): string => `${typical(rounds, name).toFixed(1)} ms`;
    return [
      row(`reload(), ${what}`, `${bare}, bare`, ratio(rounds, 'reload', 'read'), {
        target: { most: 3 },
        note: `${ms('reload')} beside ${ms('read')}; both asynchronously${form === 'keys' ? ', 16 files at a time' : ''}`,
      }),
      row(
        `longest block of the event loop, ${what}`,
        `that of ${bare}`,
        spread(rounds.map(({ reloadBlock, readBlock }) => reloadBlock - readBlock)),
        {
          unit: 'ms more',
          target: { most: 20 },
          note: `${ms('reloadBlock')} beside ${ms('readBlock')}; between two turns of setImmediate`,
        },
      ),
    ];
  } finally {
    await loads.stop();
  }
}
