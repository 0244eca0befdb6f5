// Kafka: the wish is in the headers of a message. Everybody reads the same topic, with a consumer group for each namespace
// that has the consumer; each message is handled by one of them.

import { context, createResolver, defaultResolver, type Resolver, type RoutingContext } from 'branchline';

/** As in kafkajs. */
export interface Message {
  readonly value: Buffer | string | null;
  readonly headers?: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
}

/** What `producer.send({ topic, messages })` takes. */
export function message(payload: unknown): Message {
  return { value: JSON.stringify(payload), headers: context.inject({ 'content-type': 'application/json' }) };
}

/** `kafka.consumer({ groupId: ownGroup('invoicing') })` */
export function ownGroup(service: string): string {
  const { namespace } = defaultResolver();
  return namespace === null ? service : `${service}-${namespace}`;
}

export interface Handlers {
  readonly work: (payload: unknown) => Promise<void>;
  /** Keeps a message that nobody can work on now: in a topic of its own, for later or for a person. */
  readonly park: (message: Message, why: unknown) => Promise<void>;
}

/**
 * For `consumer.run({ eachMessage })`. In `eachBatch` call it for each message: a batch has the wishes of many.
 * @param table answers as for nobody: without an own namespace on the path all groups agree whose a message is
 */
export function eachMessage(
  service: string,
  { work, park }: Handlers,
  table: Resolver = createResolver({ namespace: null }),
): (payload: { message: Message }) => Promise<void> {
  const isOurs = (wish: RoutingContext | undefined): boolean => {
    const { namespace, via } = table.lookup(service, { context: wish ?? null });
    return via === 'unconfigured' || namespace === defaultResolver().namespace;
  };

  return async ({ message: received }) => {
    let wish: RoutingContext | undefined;
    try {
      wish = context.extract(received.headers ?? {});
    } catch (error) {
      // Nobody knows this branch, or not yet. It is not the work of the baseline; but the group of the baseline keeps it.
      if (defaultResolver().isBaseline) await park(received, error);
      return;
    }
    if (isOurs(wish)) await context.run(wish, () => work(JSON.parse(String(received.value))));
  };
}
