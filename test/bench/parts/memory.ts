// What a resolver keeps in memory for an entry, and what it costs while nothing happens.

import type { Holder } from '../children/memory.ts';
import { start } from '../harness/child.ts';
import { interleave, type Rounds, spread } from '../harness/interleave.ts';
import { type Part, type Row, row } from '../harness/part.ts';
import { createFlip, type Flip } from './flip.ts';
import { type Form, FULL, fullTable, payloadOf } from './full.ts';
import { idleRow } from './idle.ts';

const TARGET = { target: { most: 250 } } as const;

export const memory: Part = {
  name: 'memory',
  title: 'memory of a full ConfigMap, 1 MiB with 20,000 entries, and CPU time of an idle resolver',
  async run(given) {
    const mounts = { keys: mountsOf('keys'), document: mountsOf('document') };
    const candidates = {
      keys: () => bytesOf('mount', mounts.keys),
      document: () => bytesOf('mount', mounts.document),
      memory: () => bytesOf('memory', mounts.keys),
      map: () => bytesOf('map', mounts.keys),
    };
    given.progress('memory');
    try {
      const rounds = await interleave(candidates, given.times(3, 1));
      return [
        rowOf(rounds, 'keys', 'from key files', TARGET),
        rowOf(rounds, 'document', 'from a JSON document', TARGET),
        rowOf(rounds, 'memory', 'from memory', TARGET),
        rowOf(rounds, 'map', 'a bare Map of the texts', { note: 'what keys and values take that nobody has read' }),
        await idleRow(given),
      ];
    } finally {
      for (const { few, many } of Object.values(mounts)) for (const flip of [few, many]) flip.remove();
    }
  },
};

interface Mounts {
  readonly few: Flip;
  readonly many: Flip;
}

function mountsOf(form: Form): Mounts {
  const of = (entries: number): Flip => createFlip([payloadOf(fullTable(1, form, entries), form), {}]);
  return { few: of(1), many: of(FULL) };
}

async function bytesOf(holder: Holder, { few, many }: Mounts): Promise<number> {
  const options = { execArgv: ['--expose-gc'] };
  const child = await start<{ bytes: number; entries: number }>(
    'memory',
    [holder, few.mount, many.mount, String(FULL)],
    options,
  );
  await child.stop();
  const { bytes, entries } = child.said;
  if (entries !== FULL) throw new Error(`${holder} holds ${entries} entries`);
  return bytes;
}

function rowOf<Name extends string>(
  rounds: Rounds<Name>,
  name: Name,
  what: string,
  more: { target?: { most: number }; note?: string },
): Row {
  return row(what, null, spread(rounds.map((round) => round[name])), { unit: 'bytes an entry', ...more });
}
