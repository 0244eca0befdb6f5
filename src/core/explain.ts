// Every step considered, and why: plain data that prints well.

import type { Problem } from './errors.ts';
import { parseKey } from './keys.ts';
import { quote } from './quote.ts';
import type { Explanation, Resolution, Step } from './types.ts';

/** What `util.inspect` and `console.log` ask for (https://nodejs.org/api/util.html#utilinspectcustom). */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Plain data; `toString` and the inspection are there, but not among the enumerable properties. */
export function explanation(data: Omit<Explanation, 'toString'>): Explanation {
  const print = { value: () => draw(data), enumerable: false };
  return Object.defineProperties({ ...data }, { toString: print, [INSPECT]: print });
}

/** Whether a problem has a say in the answers about a service: its entries, settings, sources, the own namespace. */
export function concerns({ key }: Problem, service: string): boolean {
  if (key === null) return true;
  const parsed = parseKey(key);
  if (parsed.kind === 'entry') return parsed.service === service;
  if (parsed.kind === 'setting') return true;
  const meant = parsed.meant === null ? null : parseKey(parsed.meant);
  return meant?.kind === 'entry' && meant.service === service;
}

function draw(data: Omit<Explanation, 'toString'>): string {
  const lines = [headline(data)];
  const steps = data.steps.map((step, index) => [
    `${index + 1}.`,
    step.namespace,
    because[step.because],
    step.outcome,
    detail(step),
  ]);
  for (const row of align(steps)) lines.push(`  ${row}`);
  if (data.steps.length === 0 && !data.configured)
    lines.push('  no table, no change: no source gives an entry or a baseline');
  for (const problem of data.problems) lines.push(`  ! ${problem.code}: ${problem.message}`);
  return lines.join('\n');
}

const because: Readonly<Record<Step['because'], string>> = {
  asked: 'asked for',
  pin: 'pinned',
  context: 'request',
  own: 'own namespace',
  baseline: 'baseline',
  convention: 'convention',
};

function headline({ service, endpoint, resolution, error, revision }: Omit<Explanation, 'toString'>): string {
  const asked = endpoint === 'default' ? service : `${service} (${endpoint})`;
  if (resolution !== null) return `${asked} → ${resolution.url}  [${why(resolution)}, revision ${revision}]`;
  return `${asked} → ${error?.message ?? 'no answer'}  [revision ${revision}]`;
}

function why({ via, namespace }: Resolution): string {
  return namespace === null ? via : `${via} ${namespace}`;
}

function detail({ key, value, source, stale, note }: Step): string {
  if (key === null) return note;
  const said = value === null ? key : `${key} = ${quote(value)}`;
  return `${said} in ${source ?? '?'}${stale ? ' (last good value)' : ''}: ${note}`;
}

/** Columns of equal width, the last one as long as it is. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '),
  );
}
