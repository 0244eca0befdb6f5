// The known name that somebody may have meant.

/** More edits than this is another name. */
const FARTHEST = 2;

/** The nearest of the other `names` by insertions, deletions, substitutions and swaps; `undefined` when none is near. */
export function nearest(wanted: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = FARTHEST + 1;
  for (const name of names) {
    if (name === wanted || Math.abs(name.length - wanted.length) >= least) continue;
    const edits = distance(wanted, name, least);
    if (edits < least && edits < Math.max(wanted.length, name.length) / 2) [best, least] = [name, edits];
  }
  return best;
}

/** Optimal string alignment distance, given up as soon as it must reach `limit`. */
function distance(one: string, other: string, limit: number): number {
  let older: number[] = [];
  let previous = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1];
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const edits = Math.min(
        (previous[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (previous[column - 1] as number) + (same ? 0 : 1),
        swapped ? (older[column - 2] as number) + 1 : Number.POSITIVE_INFINITY,
      );
      current.push(edits);
    }
    if (Math.min(...current) >= limit) return limit;
    older = previous;
    previous = current;
  }
  return previous[other.length] as number;
}
