// Every way to fail: one code and one class a cause, told apart across copies of the package by brand.

import { ownOf } from './own.ts';

/** A problem of the configuration: what `status()`, `explain()` and the `problem` event show. Plain data. */
export interface Problem {
  /** An `ERR_` code, or a `WARN_` code where nothing is refused. */
  code: ProblemCode;
  /** What, where, what was found (escaped, cut), and what is wanted. */
  message: string;
  /** The name of the source, `null` when it is no source's. */
  source: string | null;
  /** The key, as the source spells it; `null` when it is about the whole source. */
  key: string | null;
  /** The line in a document, counted from 1; `null` where there is none. */
  line: number | null;
}

/** What only warns: nothing is refused, but somebody should know. */
export type WarningCode =
  | 'WARN_NAMESPACE_UNKNOWN'
  | 'WARN_BASELINE_MISSING'
  | 'WARN_KEY_HIDDEN'
  | 'WARN_SETTING_UNKNOWN'
  | 'WARN_WATCH_LOST';

/** The codes of all errors, with one sentence each. The README's table is held equal to it by a test. */
export const ERROR_CODES = {
  ERR_INVALID_NAME: 'A service, namespace or endpoint is no legal name.',
  ERR_SERVICE_NOT_FOUND: 'Nobody on the search path has the service, and no convention applies.',
  ERR_SERVICE_DISABLED: 'The service is deployed there but is not to be called.',
  ERR_ENDPOINT_NOT_FOUND: 'No entry gives the named endpoint a port.',
  ERR_ENTRY_INVALID: 'The entry that decides cannot be read, and there is no last good value.',
  ERR_ADDRESS_INVALID: 'The template and these names make no legal host.',
  ERR_CONFIG_INVALID: 'A document, a setting or an option is wrong; at start `problems` lists everything.',
  ERR_SOURCE_UNREADABLE: 'A named source is missing or cannot be read.',
  ERR_BRANCH_UNMAPPABLE: 'No namespace can be made of this branch name.',
  ERR_OVERRIDE_REFUSED: 'A request asks for what this table does not have, or for what is no wish.',
  ERR_SCHEME_MISMATCH: 'An https call would be sent on without encryption, or in another protocol.',
  ERR_SCHEME_UNSUPPORTED: 'The address is not of http or https, and cannot be fetched.',
  ERR_CROSS_ORIGIN_PATH: 'The path of a call would leave the address of its service.',
  ERR_INVALID_OPTION: 'An argument has the wrong type or range, or an option is unknown.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
export type ProblemCode = ErrorCode | WarningCode;

/** What an error may carry besides its message. */
export interface ErrorDetails {
  readonly service?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly namespace?: string | undefined;
  readonly source?: string | undefined;
  readonly key?: string | undefined;
  readonly line?: number | undefined;
  readonly considered?: readonly string[] | undefined;
  readonly suggestion?: string | undefined;
  readonly problems?: readonly Problem[] | undefined;
  readonly items?: readonly string[] | undefined;
  readonly revision?: number | undefined;
  readonly digest?: string | undefined;
  readonly cause?: unknown;
}

const BRAND: unique symbol = Symbol.for('branchline.error.v1') as never;

/**
 * The base of all errors of this package. Tell them apart by `code`: it is stable, and it is the same in two copies of
 * the package, where `instanceof` is not.
 */
export class BranchlineError extends Error {
  declare readonly code: ErrorCode;
  /** The service that was asked for. */
  declare readonly service?: string;
  /** The endpoint that was asked for. */
  declare readonly endpoint?: string;
  /** The namespace where the search stopped. */
  declare readonly namespace?: string;
  /** The source that decided. */
  declare readonly source?: string;
  /** The key that decided. */
  declare readonly key?: string;
  /** The line in its document, counted from 1. */
  declare readonly line?: number;
  /** The namespaces that were looked at, in order. */
  declare readonly considered?: readonly string[];
  /** The nearest known name. */
  declare readonly suggestion?: string;
  /** Everything that is wrong with a configuration at start. */
  declare readonly problems?: readonly Problem[];
  /** The items of a wish that were refused. */
  declare readonly items?: readonly string[];
  /** The table that refused it: its revision in this process, and its digest, the same in all processes. */
  declare readonly revision?: number;
  declare readonly digest?: string;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { cause, ...fields } = details;
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, BRAND, ownOf({ value: true }));
    Object.assign(this, { code });
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined) Object.assign(this, { [name]: value });
    }
  }

  /** As plain data, the message included: for the body of a response, or a log. */
  toJSON(): { code: ErrorCode; message: string } & Omit<ErrorDetails, 'cause'> {
    return {
      ...(Object.fromEntries(Object.entries(this)) as Omit<ErrorDetails, 'cause'>),
      code: this.code,
      message: this.message,
    };
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'BranchlineError', configurable: true, writable: true });
  }
}

export class InvalidNameError extends BranchlineError {
  constructor(message: string, details?: ErrorDetails) {
    super('ERR_INVALID_NAME', message, details);
  }
}

export class ServiceNotFoundError extends BranchlineError {
  constructor(message: string, details?: ErrorDetails) {
    super('ERR_SERVICE_NOT_FOUND', message, details);
  }
}

export class ServiceDisabledError extends BranchlineError {
  constructor(message: string, details?: ErrorDetails) {
    super('ERR_SERVICE_DISABLED', message, details);
  }
}

export class EndpointNotFoundError extends BranchlineError {
  constructor(message: string, details?: ErrorDetails) {
    super('ERR_ENDPOINT_NOT_FOUND', message, details);
  }
}

export class EntryInvalidError extends BranchlineError {
  constructor(message: string, details?: ErrorDetails) {
    super('ERR_ENTRY_INVALID', message, details);
  }
}

export class AddressInvalidError extends BranchlineError {
  constructor(message: string, details?: ErrorDetails) {
    super('ERR_ADDRESS_INVALID', message, details);
  }
}

export class ConfigInvalidError extends BranchlineError {
  constructor(message: string, details?: ErrorDetails) {
    super('ERR_CONFIG_INVALID', message, details);
  }
}

export class SourceUnreadableError extends BranchlineError {
  constructor(message: string, details?: ErrorDetails) {
    super('ERR_SOURCE_UNREADABLE', message, details);
  }
}

export class BranchUnmappableError extends BranchlineError {
  constructor(message: string, details?: ErrorDetails) {
    super('ERR_BRANCH_UNMAPPABLE', message, details);
  }
}

export class OverrideRefusedError extends BranchlineError {
  constructor(message: string, details?: ErrorDetails) {
    super('ERR_OVERRIDE_REFUSED', message, details);
  }
}

export class SchemeMismatchError extends BranchlineError {
  constructor(message: string, details?: ErrorDetails) {
    super('ERR_SCHEME_MISMATCH', message, details);
  }
}

export class SchemeUnsupportedError extends BranchlineError {
  constructor(message: string, details?: ErrorDetails) {
    super('ERR_SCHEME_UNSUPPORTED', message, details);
  }
}

export class CrossOriginPathError extends BranchlineError {
  constructor(message: string, details?: ErrorDetails) {
    super('ERR_CROSS_ORIGIN_PATH', message, details);
  }
}

/** A wrong type, a range, an unknown option: the caller's code is wrong, so it is a `TypeError`. */
export class InvalidOptionError extends TypeError {
  readonly code = 'ERR_INVALID_OPTION';

  constructor(message: string) {
    super(`ERR_INVALID_OPTION: ${message}`);
    Object.defineProperty(this, BRAND, ownOf({ value: true }));
  }
}

/** True for every error that this package made, whichever copy or version of it. */
export function isBranchlineError(error: unknown): error is Error & ErrorDetails & { readonly code: ErrorCode } {
  return error instanceof Error && (error as { [BRAND]?: boolean })[BRAND] === true;
}
