// After close() the process holds what it held before: handles, timers, listeners, descriptors and watches.

import { join } from 'node:path';

import { createKubelet } from '../../doubles/kubelet.ts';
import { runChild } from '../soak/child.ts';
import type { Trial } from '../trial.ts';
import { withFolder } from './folder.ts';

/** Opens and closes 200 resolvers, at every moment. */
const CHILD = new URL('../../mount/children/leaks.ts', import.meta.url);

type Held = Readonly<Record<string, readonly string[] | number>>;

export const leaving: Trial = {
  axis: 'bounded',
  name: 'after close() a process holds what it held before',
  from: 'short',
  async run() {
    const { before, after } = await withFolder(async (folder) => {
      const path = join(folder, 'config');
      createKubelet(path).write({ 'my-rest.develop': '8080', 'my-rest.feature-x': '8081' });
      return runChild<{ before: Held; after: Held }>(CHILD, { args: [path], timeout: 120_000 });
    });
    const breaches = Object.keys(before)
      .filter((kind) => JSON.stringify(before[kind]) !== JSON.stringify(after[kind]))
      .map((kind) => `${kind}: ${JSON.stringify(before[kind])} before, ${JSON.stringify(after[kind])} after`);
    return { figure: `200 resolvers opened and closed; ${breaches.length} kinds of things held more`, breaches };
  },
};
