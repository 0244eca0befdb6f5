// undici's own `request`, with an Agent that finds its way. undici's interceptors go on top of it.

import { createDispatcher } from 'branchline/undici';
import { type Dispatcher, interceptors, request } from 'undici';

/** One a process. A retry goes to the same branch as the first try; a redirect is routed again. */
export function openDispatcher(): Dispatcher {
  return createDispatcher({ agent: { connections: 20 } }).compose(
    interceptors.redirect({ maxRedirections: 3 }),
    interceptors.retry({ maxRetries: 2, minTimeout: 50, statusCodes: [503] }),
  );
}

export async function getPermissions(dispatcher: Dispatcher, customer: string): Promise<string[]> {
  const { statusCode, body } = await request('http://my-rest/get-customer-permissions', {
    dispatcher,
    query: { customer },
  });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`my-rest answered ${statusCode}`);
  }
  return (await body.json()) as string[];
}
