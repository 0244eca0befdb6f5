// BullMQ: the wish is in the data of a job, and there is a queue for each namespace that has the worker.

import { context, defaultResolver, lookup } from 'branchline';

export interface Data<T> {
  readonly payload: T;
  readonly headers: Record<string, string>;
}

/** As much of bullmq's `Queue` as is needed here. */
export interface Queue<T> {
  add(name: string, data: Data<T>): Promise<unknown>;
}

const queueIn = (namespace: string | null): string => (namespace === null ? 'invoicing' : `invoicing-${namespace}`);

/** A job goes to the worker that a call of `invoicing` would reach: the branch's own, or the shared one. */
export function enqueue<T>(queues: (name: string) => Queue<T>, payload: T): Promise<unknown> {
  const { namespace } = lookup('invoicing');
  return queues(queueIn(namespace)).add('invoice', { payload, headers: context.inject({}) });
}

/** The queue that this Pod works on: `new Worker(ownQueue(), processor(…))`. */
export function ownQueue(): string {
  const resolver = defaultResolver();
  return queueIn(resolver.status().configured ? resolver.namespace : null);
}

/** A job with a wish that the table does not know fails: `attempts` and `backoff` wait for the ConfigMap. */
export function processor<T, R>(work: (payload: T) => Promise<R>): (job: { data: Data<T> }) => Promise<R> {
  return async ({ data: { payload, headers } }) => context.run(context.extract(headers), () => work(payload));
}
