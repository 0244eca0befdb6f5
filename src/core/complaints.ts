// What is said of a problem: what, where, what was found (escaped, cut), what is wanted, and what holds meanwhile.

import type { Problem, ProblemCode } from './errors.ts';
import { type MalformedKey, VARIABLE_PREFIX } from './keys.ts';
import { escape, place as placed, quote } from './quote.ts';
import type { Breakage, Raw } from './reading.ts';
import { isSettingName, SETTING_NAMES, SETTING_WANTED, type SettingName } from './settings.ts';
import { VALUE_WANTED } from './values.ts';

export interface Where {
  readonly source: string;
  readonly spelling: string;
  /** A path, a variable, an object's key. */
  readonly at: string;
  readonly line: number | null;
}

function problem(
  code: ProblemCode,
  text: string,
  { source, key, line }: { source: string; key: string | null; line: number | null },
): Problem {
  const made: Problem = { code, message: text.replaceAll(LINE, ':$1'), source, key, line };
  identities.set(made, [code, source, key, text.replaceAll(LINE, '')].join('\n'));
  return made;
}

/** A line number in a text that is being made: what is foreign in it is escaped, so NUL is nobody else's. */
const LINE = /\0(\d+)\0/g;
const identities = new WeakMap<Problem, string>();

/** Two problems are the same one when they differ in nothing but lines. */
export function identityOf(made: Problem): string {
  const { code, source, key, message } = made;
  return identities.get(made) ?? [code, source, key, message].join('\n');
}

function place(at: string, line: number | null): string {
  return line === null ? placed(at) : `${placed(at)}\0${line}\0`;
}

function found(raw: Raw): string {
  return typeof raw === 'string' ? quote(raw.trim()) : raw.found;
}

function meanwhile(kept: boolean): string {
  return kept ? ' Its last good value stays.' : ' Looking it up is an error until it is mended.';
}

function settingMeanwhile(name: SettingName, kept: boolean): string {
  if (name === 'overrides') return ' Overrides are off until it is mended.';
  return kept ? ' Its last good value stays.' : ' It counts as not given.';
}

export function entryProblem(where: Where, key: string, raw: Raw, kept: boolean): Problem {
  const message = `${quote(key)} is ${found(raw)} in ${place(where.at, where.line)}; ${VALUE_WANTED}.${meanwhile(kept)}`;
  return problem('ERR_ENTRY_INVALID', message, { source: where.source, key, line: where.line });
}

export function conflictProblem(
  where: Where,
  key: string,
  raw: Raw,
  other: { raw: Raw; at: string; line: number | null },
  kept: boolean,
): Problem {
  const code = isSettingName(key) ? 'ERR_CONFIG_INVALID' : 'ERR_ENTRY_INVALID';
  const message =
    `${quote(key)} has two values: ${found(raw)} in ${place(where.at, where.line)} and ${found(other.raw)} in ` +
    `${place(other.at, other.line)}; keep one.${isSettingName(key) ? settingMeanwhile(key, kept) : meanwhile(kept)}`;
  return problem(code, message, { source: where.source, key, line: where.line });
}

export function keyProblem(
  source: string,
  spelling: string,
  key: MalformedKey,
  at: string,
  line: number | null,
  isThere: boolean,
): Problem {
  const where = at.endsWith(spelling) ? place(at, line) : `the key ${quote(spelling)} in ${place(at, line)}`;
  const follows = isThere ? 'which is there, and holds' : 'which is an error until this one is spelt right';
  const meant = key.meant === null ? '' : ` It seems to mean ${quote(key.meant)}, ${follows}.`;
  const message = `${where} is malformed: ${key.wanted}.${meant}`;
  return problem('ERR_INVALID_NAME', message, { source, key: spelling, line });
}

const KEYS = `the settings are ${SETTING_NAMES.join(', ')}, and an entry is keyed "service.namespace"`;
const VARIABLES =
  `the settings are ${SETTING_NAMES.map((name) => VARIABLE_PREFIX + name.toUpperCase()).join(', ')}, ` +
  'and an entry is named BRANCHLINE_SERVICE__NAMESPACE';

export function unknownSetting(source: string, spelling: string, at: string, line: number | null): Problem {
  const message =
    `${at.endsWith(spelling) ? place(at, line) : `${quote(spelling)} in ${place(at, line)}`} is no setting; ` +
    `${spelling.startsWith(VARIABLE_PREFIX) ? VARIABLES : KEYS}. It is ignored.`;
  return problem('WARN_SETTING_UNKNOWN', message, { source, key: spelling, line });
}

export function settingProblem(where: Where, name: SettingName, raw: Raw, kept: boolean): Problem {
  const at = place(where.at, where.line);
  const message = `the setting ${name} is ${found(raw)} in ${at}; ${SETTING_WANTED[name]}.${settingMeanwhile(name, kept)}`;
  return problem('ERR_CONFIG_INVALID', message, { source: where.source, key: name, line: where.line });
}

/** `name` is empty when the document is the whole source. */
export function documentProblem(source: string, name: string, at: string, broken: Breakage, kept: boolean): Problem {
  const stays = kept ? 'What it said before stays.' : 'Nothing of it is read.';
  const message = `${place(at, broken.line)} does not parse: ${escape(broken.reason)}. ${stays}`;
  return problem('ERR_CONFIG_INVALID', message, { source, key: name === '' ? null : name, line: broken.line });
}

export function overflowProblem(source: string, more: number): Problem {
  const message = `${escape(source)} has ${more} further problems, which are not listed.`;
  return problem('ERR_CONFIG_INVALID', message, { source, key: null, line: null });
}

export function limitProblem(source: string, what: string): Problem {
  const message = `${escape(source)} holds ${what}; nothing of this reading is taken. Split it, or remove what is not a table.`;
  return problem('ERR_SOURCE_UNREADABLE', message, { source, key: null, line: null });
}
