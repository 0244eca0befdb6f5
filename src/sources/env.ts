// The environment of the process: fixed at its start, so read once.

import { InvalidOptionError } from '../core/errors.ts';
import { VARIABLE_PREFIX } from '../core/keys.ts';
import { ownOptions } from '../core/own-options.ts';
import { isThenable } from '../core/own.ts';
import { describe, quote } from '../core/quote.ts';
import type { Source } from '../core/source.ts';
import { type Environment, processEnvironment, variableOf } from './environment.ts';
import { idle } from './idle.ts';
import { readVariables } from './variables.ts';

export interface EnvSourceOptions {
  /** @default process.env */
  env?: Environment | undefined;
}

/**
 * Entries from environment variables: `BRANCHLINE_MY_REST__FEATURE_X=8080`, settings like `BRANCHLINE_BASELINE`, and
 * the raw key `BRANCHLINE_my-rest.feature-x`, which shells drop.
 */
export function envSource(options: EnvSourceOptions = {}): Source {
  const { env = processEnvironment() } = ownOptions('envSource', options, ['env']);
  if (typeof env !== 'object' || env === null || Symbol.iterator in env || isThenable(env)) {
    throw new InvalidOptionError(
      `env is ${describe(env)}; want an object like process.env; was a promise not awaited?`,
    );
  }
  const wrong = Object.entries(env).find(
    ([name, value]: [string, unknown]) =>
      (name.startsWith(VARIABLE_PREFIX) && value !== undefined && typeof value !== 'string') ||
      (typeof value === 'object' && value !== null),
  );
  if (wrong !== undefined)
    throw new InvalidOptionError(`${quote(wrong[0])} in env is ${describe(wrong[1])}; want a string.`);
  return {
    name: 'env',
    fixed: true,
    open(sink) {
      const own = variableOf(env, 'BRANCHLINE_NAMESPACE');
      sink.pushNow(readVariables(Object.entries(env), (name) => `the environment variable ${name}`));
      sink.watching('none');
      return {
        ...idle(),
        namespace:
          own === undefined
            ? undefined
            : { value: own, at: 'the environment variable BRANCHLINE_NAMESPACE', binding: true },
      };
    },
  };
}
