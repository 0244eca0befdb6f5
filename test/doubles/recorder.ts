import type { Events, Resolver } from 'branchline';

export type Record = { readonly [E in keyof Events]: Events[E][] };

/** Keeps every event. It listens to problems too, so that none of them becomes a warning of the process. */
export function record(resolver: Resolver): Record {
  const events: Record = { change: [], stale: [], recovered: [], problem: [], refused: [] };
  resolver.on('change', (event) => events.change.push(event));
  resolver.on('stale', (event) => events.stale.push(event));
  resolver.on('recovered', (event) => events.recovered.push(event));
  resolver.on('problem', (event) => events.problem.push(event));
  resolver.on('refused', (event) => events.refused.push(event));
  return events;
}
