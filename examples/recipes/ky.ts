// ky: the wrapped fetch in the place of the global one.

import { fetch, isBranchlineError } from 'branchline';
import ky from 'ky';

export const http = ky.create({
  fetch,
  // ky sends a GET again after any error. What the table says does not change by asking again.
  retry: { shouldRetry: ({ error }) => (isBranchlineError(error) ? false : undefined) },
});
