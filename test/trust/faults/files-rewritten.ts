// A document that is rewritten in place, at full speed. Half of a JSON text never parses, so that nothing false is ever
// accepted; two halves of the same size can, which nobody who reads files can tell.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { fileSource, type Resolver } from 'branchline';

import { until } from '../../doubles/await.ts';
import { look, numberedDocument } from '../../doubles/numbered.ts';
import { type Given, grouped } from '../trial.ts';
import { FAST, open } from './mount-opened.ts';
import type { Row, Seen, Tools } from './service-row.ts';

const ENTRIES = 30;
/** Every number has as many digits, so that all documents are of one size. */
const FIRST = 100_000;

interface Result {
  /** How often it was looked at, settled or not. */
  readonly looks: number;
  /** Tables that answered. */
  readonly tables: number;
  readonly mixed: readonly string[];
}

export const rewritten: Row = {
  name: 'a document is truncated and written, at full speed',
  required: 'false accepts: 0; the last is reached',
  how: 'another process writes JSON in two halves, without and with pauses',
  run: async (tools, given) => {
    const result = await rewrite(tools, given, true);
    tools.must(result.mixed.length === 0, `${result.mixed.length} false accepts; the first: ${result.mixed[0]}`);
    return figure('false accepts', result);
  },
};

export const overwritten: Row = {
  name: 'a document is overwritten by one of its size, at full speed',
  required: 'the last is reached, whole; in between the figure is what it is: rename what you write',
  how: 'another process writes JSON in two halves, not truncated, without and with pauses',
  run: async (tools, given) => figure('mixed', await rewrite(tools, given, false)),
};

function figure(what: string, { mixed, tables, looks }: Result): Seen {
  return {
    noticed: `${what} ${mixed.length} of ${grouped(tables)} tables, ${grouped(looks)} looks`,
    milliseconds: null,
  };
}

/**
 * At full speed it is looked at as often as can be; with pauses, between two writes and within one, as it is by itself.
 */
async function rewrite(tools: Tools, { times, seed }: Given, truncates: boolean): Promise<Result> {
  const results = await Promise.all([
    one(tools, { truncates, times: times(10_000, 30_000) }, true),
    one(tools, { truncates, times: times(12, 100), pause: { seed, most: 200 } }, false),
  ]);
  return {
    looks: results.reduce((sum, { looks }) => sum + looks, 0),
    tables: results.reduce((sum, { tables }) => sum + tables, 0),
    mixed: results.flatMap(({ mixed }) => mixed),
  };
}

async function one(
  tools: Tools,
  order: { times: number; truncates: boolean; pause?: object },
  urges: boolean,
): Promise<Result> {
  const path = join(tools.folder(FAST), 'routes.json');
  writeFileSync(path, numberedDocument(ENTRIES, FIRST));
  const { resolver, events } = await open(tools, fileSource({ path }), { pollInterval: 50 });
  const mixed: string[] = [];
  const see = (): void => {
    try {
      look(resolver, ENTRIES);
    } catch (error) {
      mixed.push(String(error));
    }
  };
  resolver.on('change', see);
  const writer = tools.start('files-rewriter-process.ts', {
    args: [JSON.stringify({ path, first: FIRST + 1, entries: ENTRIES, ...order })],
  });
  let isOver = false;
  let looks = 0;
  const written = writer.exited(60_000).finally(() => (isOver = true));
  written.catch(() => {});
  while (urges && !isOver) {
    await resolver.reload();
    looks += 1;
  }
  const { code, stderr } = await written;
  if (code !== 0) throw new Error(`not injected: the writer ended with ${code}: ${stderr}`);
  const last = FIRST + order.times;
  await until(
    () => sequenceOf(resolver) === last,
    () => `number ${last} to be reached, whole; seen is ${sequenceOf(resolver)}`,
  );
  await resolver.reload();
  tools.same(resolver.status().stale, [], 'what is stale afterwards');
  tools.must(events.change.length > 0, 'no table was ever seen; that shows nothing');
  await resolver.close();
  return { tables: events.change.length, mixed, looks };
}

function sequenceOf(resolver: Resolver): number | string {
  try {
    return look(resolver, ENTRIES).sequence;
  } catch (error) {
    return String(error);
  }
}
