// The application of the story. It runs in the branch and knows names; where they lead is decided at every call.

import { fetch } from 'branchline';

import { readReply, type Reply } from './reply.ts';

export const calls = {
  'my-rest': () => get('http://my-rest/get-customer-permissions'),
  orders: () => get('http://orders/list-open-orders'),
  billing: () => get('http://billing/create-invoice'),
};

export type Service = keyof typeof calls;

async function get(url: string): Promise<Reply> {
  return readReply(await fetch(url, { signal: AbortSignal.timeout(5000) }));
}
