import { isBranchlineError, type LookupOptions, type Resolver } from 'branchline';

import type { ErrorCode, ErrorDetails } from '../../src/core/errors.ts';

/** The error with which a name is not resolved; whatever else is thrown is passed on. */
export function failure(
  resolver: Resolver,
  service: string,
  lookup?: LookupOptions,
): Error & ErrorDetails & { readonly code: ErrorCode } {
  try {
    resolver.resolve(service, lookup);
  } catch (error) {
    if (isBranchlineError(error)) return error;
    throw error;
  }
  throw new Error('it resolved');
}
