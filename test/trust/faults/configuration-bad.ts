// Updates that cannot be used, in every form that a configuration has: the answers stay, one event says so, and the next
// good update ends it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { fileSource, mountSource } from 'branchline';

import { createKubelet } from '../../doubles/kubelet.ts';
import {
  BLANK,
  type Format,
  GOOD,
  HALF,
  MALFORMED,
  OVERSIZED,
  type Text,
  TOO_DEEP,
  type Updates,
} from './configuration-texts.ts';
import { open, tableWith } from './mount-opened.ts';
import type { Row, Tools } from './service-row.ts';

export const badUpdates: readonly Row[] = [
  row('a malformed update', 'texts that do not parse, are no table, or no UTF-8', MALFORMED),
  row('a truncated update', 'half a document', HALF),
  row('a zero-byte update', 'nothing, white space, comments', BLANK),
  row('an oversized update', 'over 1 MiB, over 256 KiB of YAML and .env, 20,001 entries', OVERSIZED),
  row('an update that nests too deep', '33 levels, and up to 500,000', TOO_DEEP),
];

function row(name: string, how: string, updates: Updates): Row {
  return {
    name,
    required:
      'the answers stay; one stale event with its problem, in status() too; recovered with the next good update',
    how: `${how}: a file, and a key of a mount`,
    async run(tools) {
      const forms = (Object.keys(updates) as Format[]).filter((format) => updates[format].length > 0);
      const places = forms.flatMap((format) =>
        PLACES[format].map((place) => ({ format, place: place(tools, format) })),
      );
      const kept = await Promise.all(
        places.map(async ({ format, place }) => keeps(tools, GOOD[format], updates[format], place)),
      );
      const seen = kept.flat();
      const codes = new Set(seen.map(({ code }) => code));
      const milliseconds = Math.max(...seen.map(({ after }) => after));
      return { noticed: `stale (${[...codes].join(', ')}), ${seen.length} updates`, milliseconds };
    },
  };
}

interface Place {
  readonly name: string;
  readonly source: () => ReturnType<typeof mountSource>;
  write(text: Text): void;
}

function inFile(tools: Tools, format: Format): Place {
  const path = join(tools.folder(), `routes.${format}`);
  return { name: `routes.${format}`, source: () => fileSource({ path }), write: (text) => writeFileSync(path, text) };
}

function inMount(tools: Tools, format: Format): Place {
  const path = join(tools.folder(), 'config');
  const kubelet = createKubelet(path);
  const key = `routes.${format}`;
  return {
    name: `a mount with ${key}`,
    source: () => mountSource({ path }),
    write: (text) => void kubelet.write({ [key]: text }),
  };
}

function asKey(tools: Tools): Place {
  const path = join(tools.folder(), 'config');
  const kubelet = createKubelet(path);
  return {
    name: 'a mount with my-rest.feature-x',
    source: () => mountSource({ path }),
    write: (text) => void kubelet.write({ ...tableWith(8081), 'my-rest.feature-x': text }),
  };
}

const PLACES: Readonly<Record<Format, readonly ((tools: Tools, format: Format) => Place)[]>> = {
  key: [asKey],
  json: [inFile, inMount],
  yaml: [inFile, inMount],
  env: [inFile],
};

async function keeps(
  tools: Tools,
  good: string,
  texts: readonly Text[],
  { name, source, write }: Place,
): Promise<{ code: string; after: number }[]> {
  write(good);
  const opened = await open(tools, source());
  const { resolver, events, whenTold, answers } = opened;
  const seen: { code: string; after: number }[] = [];
  for (const text of texts) {
    const what = `${name} after ${text.length} characters, ${quoted(text)}`;
    const before = answers();
    const { told, after } = await whenTold('stale', () => write(text));
    seen.push({ code: told.problem.code, after });
    tools.same(answers(), before, `${what}: the answers`);
    tools.must(resolver.status().stale.length === 1, `${what}: status() does not say that it is stale`);
    tools.must(
      resolver.status().problems.some(({ message }) => message === told.problem.message),
      `${what}: status() does not have the problem`,
    );
    await whenTold('recovered', () => write(good));
    tools.same(resolver.status().stale, [], `${what}: what is stale when it was good again`);
  }
  tools.same(events.stale.length, texts.length, `${name}: the stale events of ${texts.length} bad updates`);
  const { length } = events.change;
  tools.must(length === 0, `${name}: ${length} changes, the first of them ${JSON.stringify(events.change[0])}`);
  await resolver.close();
  return seen;
}

/** The whole of it where it is short. */
function quoted(text: Text): string {
  const all = typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
  return JSON.stringify(all.length <= 200 ? all : `${all.slice(0, 100)} … ${all.slice(-60)}`);
}
