// The known name that somebody may have meant.

/** More edits than this is another name. */
const FARTHEST = 2;

/** The nearest of the other `names` by insertions, deletions, substitutions and swaps; `undefined` when none is near. */
export function nearest(wanted: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = FARTHEST + 1;
  for (const name of names) {
    if (name === wanted || Math.abs(name.length - wanted.length) >= least) continue;
    const far = distance(wanted, name, least);
    if (far < least && far < Math.max(wanted.length, name.length) / 2) [best, least] = [name, far];
  }
  return best;
}

/** Optimal string alignment distance, given up as soon as it must reach `limit`. Only what differs is compared. */
function distance(wanted: string, name: string, limit: number): number {
  const shorter = Math.min(wanted.length, name.length);
  let start = 0;
  while (start < shorter && wanted[start] === name[start]) start += 1;
  let end = 0;
  while (end < shorter - start && wanted.at(-1 - end) === name.at(-1 - end)) end += 1;
  return edits(wanted.slice(start, wanted.length - end), name.slice(start, name.length - end), limit);
}

/** Only the cells of the table that can stay below the limit: a band beside its diagonal. */
function edits(one: string, other: string, limit: number): number {
  let older: number[] = [];
  let previous = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const current = Array.from<number>({ length: other.length + 1 }).fill(limit);
    if (row < limit) current[0] = row;
    let least = current[0] as number;
    for (let column = Math.max(1, row - limit); column <= Math.min(other.length, row + limit); column += 1) {
      const same = one[row - 1] === other[column - 1];
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const here = Math.min(
        (previous[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (previous[column - 1] as number) + (same ? 0 : 1),
        swapped ? (older[column - 2] as number) + 1 : limit,
      );
      current[column] = here;
      least = Math.min(least, here);
    }
    if (least >= limit) return limit;
    older = previous;
    previous = current;
  }
  return previous[other.length] as number;
}
