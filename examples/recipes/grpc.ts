// gRPC: a channel for each address, and the metadata of a call as the carrier.

import {
  type ChannelCredentials,
  type Client,
  credentials,
  type handleUnaryCall,
  Metadata,
  status,
} from '@grpc/grpc-js';
import { context, lookup, receive } from 'branchline';

/** The client of a service, for where it is now: ask for it at each call. */
export function clients<C extends Client>(
  service: string,
  Generated: new (address: string, credentials: ChannelCredentials) => C,
): () => C {
  const made = new Map<string, C>();
  return () => {
    const { hostname, port } = lookup(service, { endpoint: 'grpc' });
    const address = `${hostname}:${port}`;
    const client = made.get(address) ?? new Generated(address, credentials.createInsecure());
    made.set(address, client);
    return client;
  };
}

/** The metadata of a call. */
export function metadata(given = new Metadata()): Metadata {
  return context.inject(given);
}

/** A handler that runs in the routing context of its call. */
export function routed<Q, A>(trust: boolean, handler: handleUnaryCall<Q, A>): handleUnaryCall<Q, A> {
  return (call, callback) => {
    const received = receive(call.metadata, { trust });
    const { reject, refusal, responseHeaders } = received;
    const head = new Metadata();
    for (const [name, value] of Object.entries(responseHeaders)) head.set(name, value);
    call.sendMetadata(head);
    if (reject) callback({ code: status.FAILED_PRECONDITION, details: refusal?.message ?? '' });
    else context.run(received.context, () => handler(call, callback));
  };
}
