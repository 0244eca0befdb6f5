// The application of the story. It runs in the branch and knows names; where they lead is asked at every call.

import { resolve } from 'branchline';

/** Every service of the story says who it is. */
export interface Reply {
  readonly service: string;
  readonly namespace: string;
}

export const calls = {
  'my-rest': () => get(`${resolve('my-rest')}/get-customer-permissions`),
  orders: () => get(`${resolve('orders')}/list-open-orders`),
  billing: () => get(`${resolve('billing')}/create-invoice`),
};

export type Service = keyof typeof calls;

async function get(url: string): Promise<Reply> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as Reply;
}
