// What is registered: `my-rest.feature-x=8080` as an argument, judged before anything of it is printed.

import { parseKey, portableVariable, VARIABLE_PREFIX } from '../core/keys.ts';
import { quote } from '../core/quote.ts';
import { isSettingName, parseSetting, SETTING_NAMES, SETTING_WANTED } from '../core/settings.ts';
import { parseValue, VALUE_WANTED } from '../core/values.ts';
import { Failure } from './terminal.ts';

/** One key and its value; `null` where none was given. */
export interface Assignment {
  readonly key: string;
  readonly value: string | null;
}

/** Who may touch what: pipelines own the entries of branches, and nothing of the baseline. */
export interface Permission {
  readonly baseline: readonly string[];
  /** Settings and entries of the baseline too. */
  readonly everything: boolean;
}

/** Reads `key` or `key=value`. @throws {Failure} for a key or a value that is none */
export function parseAssignment(argument: string): Assignment {
  const equals = argument.indexOf('=');
  const key = equals === -1 ? argument : argument.slice(0, equals);
  const value = equals === -1 ? null : argument.slice(equals + 1).trim();
  checkKey(key);
  if (value !== null) checkValue(key, value);
  else if (isSettingName(key))
    throw new Failure(`${key} is a setting, and needs a value: ${key}=…; ${SETTING_WANTED[key]}.`);
  return { key, value };
}

/**
 * @param misspelt a key that only almost says an entry will do: to take it out
 * @throws {Failure}
 */
export function checkKey(key: string, misspelt = false): void {
  const parsed = parseKey(key);
  if (parsed.kind === 'malformed' && !(misspelt && parsed.meant !== null)) {
    const meant = parsed.meant === null ? '' : ` Did you mean ${parsed.meant}?`;
    throw new Failure(`${quote(key)} is no key: ${parsed.wanted}.${meant}`);
  }
  if (parsed.kind === 'setting' && !isSettingName(key))
    throw new Failure(
      `${quote(key)} is no key: an entry is keyed "service.namespace", and the settings are ${SETTING_NAMES.join(', ')}.`,
    );
}

function checkValue(key: string, value: string): void {
  if (isSettingName(key)) {
    if (parseSetting(key, value) === null) throw new Failure(`${key} is ${quote(value)}; ${SETTING_WANTED[key]}.`);
    return;
  }
  if (parseValue(value) === null) throw new Failure(`${key} is ${quote(value)}; ${VALUE_WANTED}.`);
}

/** @throws {Failure} for a setting, or a key of the baseline, without leave */
export function checkPermission(key: string, { baseline, everything }: Permission): void {
  if (everything) return;
  const namespace = namespaceIn(key);
  if (namespace !== null && !baseline.includes(namespace)) return;
  const what = namespace === null ? `${key} is a setting` : `${key} is an entry of the baseline ${namespace}`;
  throw new Failure(`${what}, which is everybody's. If that is meant, say --baseline.`);
}

/** The namespace that a key of a table is about, a misspelt one too; `null` for a setting or a document. */
export function namespaceIn(key: string): string | null {
  const parsed = parseKey(key);
  const canonical = parsed.kind === 'malformed' && parsed.meant !== null ? parseKey(parsed.meant) : parsed;
  return canonical.kind === 'entry' ? canonical.namespace : null;
}

/** The variable that says the same as a key. @throws {Failure} for a name that has no portable spelling */
export function variableFor(key: string): string {
  const parsed = parseKey(key);
  if (parsed.kind === 'setting') return VARIABLE_PREFIX + key.toUpperCase();
  const variable = parsed.kind === 'entry' ? portableVariable(parsed.key) : null;
  if (variable !== null) return variable;
  throw new Failure(`${quote(key)} has no portable spelling: want an entry or a setting, and no "--" in its names.`);
}

/** The variable that applications read the address of a service from: `MY_REST_URL`. */
export function urlVariable(service: string, endpoint: string | null): string {
  const name = endpoint === null ? service : `${service}-${endpoint}`;
  const variable = `${name.replaceAll('-', '_').toUpperCase()}_URL`;
  // No variable of a shell starts with a digit.
  return /^\d/.test(variable) ? `_${variable}` : variable;
}
