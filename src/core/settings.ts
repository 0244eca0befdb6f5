// The settings of a table: what they may say, and what the resolver makes of them.

import { isNamespace, NAMESPACE_WANTED } from './names.ts';
import { DEFAULT_TEMPLATE, parseTemplate, type Template, TEMPLATE_WANTED } from './template.ts';

/** A setting that was read: `text` is what was written, without white space: the digest and the `change` event show it. */
export type Setting =
  | { readonly name: 'baseline'; readonly text: string; readonly value: readonly string[] }
  | { readonly name: 'template'; readonly text: string; readonly value: Template }
  | { readonly name: 'strict' | 'overrides'; readonly text: string; readonly value: boolean };

export type SettingName = Setting['name'];

export const SETTING_NAMES: readonly SettingName[] = ['baseline', 'template', 'strict', 'overrides'];

export function isSettingName(name: string): name is SettingName {
  return (SETTING_NAMES as readonly string[]).includes(name);
}

/** What each wants, for a message. */
export const SETTING_WANTED: Readonly<Record<SettingName, string>> = {
  baseline: `want one namespace or several joined by commas; ${NAMESPACE_WANTED}`,
  template: TEMPLATE_WANTED,
  strict: 'want on, off, true or false',
  overrides: 'want on, off, true or false',
};

const LONGEST_LIST = 64;
const SWITCH: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['off', false],
  ['false', false],
]);

/** Reads a setting; `null` when its value is none. */
export function parseSetting(name: SettingName, untrimmed: string): Setting | null {
  const text = untrimmed.trim();
  switch (name) {
    case 'baseline': {
      const value = parseBaseline(text.split(',', LONGEST_LIST + 1));
      return value === null ? null : { name, text: value.join(','), value };
    }
    case 'template': {
      const value = parseTemplate(text);
      return value === null ? null : { name, text, value };
    }
    case 'strict':
    case 'overrides': {
      const value = SWITCH.get(text);
      return value === undefined ? null : { name, text, value };
    }
  }
}

/** At least one namespace, each legal; repeated ones count once. */
export function parseBaseline(list: readonly string[]): readonly string[] | null {
  if (list.length === 0 || list.length > LONGEST_LIST) return null;
  const names = list.map((name) => name.trim());
  return names.every((name) => isNamespace(name)) ? [...new Set(names)] : null;
}

/** The settings in force. */
export interface Settings {
  readonly baseline: readonly string[];
  readonly template: Template;
  readonly strict: boolean;
  /** Whether requests may bring their own search path. */
  readonly overrides: boolean;
}

const DEFAULTS: Settings = {
  baseline: ['develop'],
  template: parseTemplate(DEFAULT_TEMPLATE) as Template,
  strict: false,
  overrides: true,
};

/** The settings in force, from those that somebody gave. */
export function settle(given: ReadonlyMap<SettingName, Setting>): Settings {
  const settings: Record<SettingName, unknown> = { ...DEFAULTS };
  for (const setting of given.values()) settings[setting.name] = setting.value;
  return settings as unknown as Settings;
}
