// Whether the event loop of a reader goes on while something goes wrong. A machine does other things too, so that it is tried
// again: what blocks, blocks each time.

import type { Observed } from './files-observed.ts';
import type { Tools } from './service-row.ts';

/** The event loop may be held up for so long, in milliseconds. */
const MOST = 50;
const TRIES = 4;

/** Injects a fault, which resolves when it was noticed, and with what mends it; for how long the loop was held up by it. */
export async function calm(
  tools: Tools,
  reader: Observed,
  what: string,
  inject: () => Promise<() => Promise<unknown>>,
): Promise<number> {
  return calmest(tools, what, async () => {
    await reader.ask('stood');
    const mend = await inject();
    const stood = await reader.ask<number>('stood');
    await mend();
    return stood;
  });
}

/** The same for a whole try, which tells for how long it was. */
export async function calmest(tools: Tools, what: string, once: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES && least >= MOST; tries += 1) least = Math.min(least, await once());
  tools.must(
    least < MOST,
    `${what}: the event loop was held up for ${Math.round(least)} ms, and more in ${TRIES - 1} other tries`,
  );
  return least;
}
