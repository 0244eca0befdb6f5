// Every step considered, and why: plain data that prints well.

import type { Problem } from './errors.ts';
import { parseKey, parseVariable, VARIABLE_PREFIX } from './keys.ts';
import { isEndpoint, isServiceName } from './names.ts';
import { ownOf } from './own.ts';
import { escape, quote } from './quote.ts';
import type { Explanation, Resolution, Step } from './types.ts';

/** What `util.inspect` and `console.log` ask for (https://nodejs.org/api/util.html#utilinspectcustom). */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Plain data; `toString` and the inspection are there, but not among the enumerable properties. */
export function explanation(data: Omit<Explanation, 'toString'>): Explanation {
  const print = ownOf({ value: () => draw(data), enumerable: false });
  return Object.defineProperties({ ...data }, { toString: print, [INSPECT]: print });
}

/** Whether a problem has a say in the answers about a service: its entries, and whatever is wider than one service. */
export function concerns({ code, key }: Problem, service: string): boolean {
  const aboutKey = code === 'ERR_ENTRY_INVALID' || code === 'ERR_INVALID_NAME' || code === 'WARN_KEY_HIDDEN';
  if (key === null || !aboutKey) return true;
  const parsed = key.startsWith(VARIABLE_PREFIX) ? parseVariable(key) : parseKey(key);
  if (parsed.kind === 'setting') return true;
  // What a malformed key means is not known when it means nothing legal: it may be this one.
  const entry = parsed.kind === 'entry' || parsed.meant === null ? parsed : parseKey(parsed.meant);
  return entry.kind !== 'entry' || entry.service === service;
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
  const name = isServiceName(service) ? service : quote(service);
  const asked = endpoint === 'default' ? name : `${name} (${isEndpoint(endpoint) ? endpoint : quote(endpoint)})`;
  if (resolution !== null) return `${asked} → ${resolution.url}  [${why(resolution)}, revision ${revision}]`;
  return `${asked} → ${error?.message ?? 'no answer'}  [revision ${revision}]`;
}

function why({ via, namespace }: Resolution): string {
  return namespace === null ? via : `${via} ${namespace}`;
}

function detail({ key, value, source, stale, note }: Step): string {
  if (key === null) return note;
  const said = value === null ? key : `${key} = ${quote(value)}`;
  return `${said} in ${escape(source ?? '?')}${stale ? ' (last good value)' : ''}: ${note}`;
}

/** Columns of equal width, the last one as long as it is. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '),
  );
}
