// A resolver of the branch feature-x, and what it says: opened for one fault, closed when that is over.

import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { createResolver, type Events, type Resolver, type ResolverOptions, type Source } from 'branchline';

import { eventOf, until } from '../../doubles/await.ts';
import type { Payload } from '../../doubles/kubelet.ts';
import { record, type Record } from '../../doubles/recorder.ts';
import type { Tools } from './service-row.ts';

/** In memory, where there is such a place, a writer is limited by nothing but the processor. */
export const FAST = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** How often these resolvers look, in milliseconds. */
export const POLL = 200;
/** What is found by the next poll is found so many milliseconds after it, on a machine that does other things too. */
export const SOON = 2_000;

export const tableWith = (port: number): Payload => ({
  'my-rest.develop': '8080',
  'my-rest.feature-x': String(port),
  'orders.develop': 'https://orders.example.com',
});

export interface Opened {
  readonly resolver: Resolver;
  readonly events: Record;
  /** Does something, and waits for the event that names it. */
  whenTold<E extends keyof Events>(event: E, inject: () => unknown): Promise<{ told: Events[E]; after: number }>;
  /** Waits until my-rest is at this port; resolves with how long that took, in milliseconds. */
  reached(port: number): Promise<number>;
  answers(): Answers;
}

export interface Answers {
  readonly urls: readonly string[];
  readonly digest: string;
  readonly revision: number;
}

export async function open(tools: Tools, source: Source, options: ResolverOptions = {}): Promise<Opened> {
  const resolver = createResolver({
    sources: [source],
    namespace: 'feature-x',
    baseline: 'develop',
    pollInterval: POLL,
    ...options,
  });
  tools.after(async () => resolver.close());
  const events = record(resolver);
  await resolver.ready();
  const port = (): number | null => resolver.lookup('my-rest').port;
  return {
    resolver,
    events,
    async whenTold(event, inject) {
      const start = performance.now();
      let after = Number.NaN;
      const told = eventOf(resolver, event, () => {
        after = performance.now() - start;
        return true;
      });
      inject();
      return { told: await told, after };
    },
    async reached(wanted) {
      const start = performance.now();
      await until(
        () => port() === wanted,
        () => `my-rest to be at port ${wanted}; it is at ${port()}`,
      );
      return performance.now() - start;
    },
    answers: () => ({
      urls: [
        resolver.resolve('my-rest'),
        resolver.resolve('my-rest', { namespace: 'develop' }),
        resolver.resolve('orders'),
      ],
      digest: resolver.status().digest,
      revision: resolver.status().revision,
    }),
  };
}
