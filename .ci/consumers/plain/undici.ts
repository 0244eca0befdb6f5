// The interceptor and the lookup fit undici's own types.
import { clusterLookup, createDispatcher, routing } from 'branchline/undici';
import { Agent, type Dispatcher } from 'undici';

export const composed: Dispatcher = new Agent({ connect: { lookup: clusterLookup() } }).compose(routing());
export const closed: Promise<void> = createDispatcher().close();
// @ts-expect-error the declarations are found, and are not any
export const wrong: number = routing();
