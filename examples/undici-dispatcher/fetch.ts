// The wrapped fetch with the dispatcher's connections: one DNS question for a name, timeouts that notice a Pod that has gone.

import { createFetch, type FetchLike } from 'branchline';
import { createDispatcher } from 'branchline/undici';

export function openFetch(): { fetch: FetchLike; close: () => Promise<void> } {
  const dispatcher = createDispatcher();
  return { fetch: createFetch({ dispatcher }), close: () => dispatcher.close() };
}
