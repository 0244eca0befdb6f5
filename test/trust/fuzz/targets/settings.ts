// Settings: `name=value`, at the start and as an update: what is legal is in force, what is not refuses the start, and
// later leaves what was.

import { createResolver, memorySource } from 'branchline';

import { dataOf, openDesk } from '../desk.ts';
import { attempt, differs, firstOf, isNamespace, messageFault } from '../oracle.ts';
import { corpus, type Target } from '../target.ts';

const GOOD = { baseline: 'good', strict: 'on', overrides: 'on', 'my-rest.good': '1' };
type Name = 'baseline' | 'strict' | 'overrides';
const desk = openDesk();

export const settings: Target = {
  name: 'settings',
  seeds: corpus('settings'),
  words: ['baseline', 'strict', 'overrides', '=', ',', 'on', 'off', 'true', 'false', 'develop', 'epic-1', ' '],
  hold(input) {
    const at = input.indexOf('=');
    const [name, value] = [input.slice(0, at), input.slice(at + 1)];
    if (name !== 'baseline' && name !== 'strict' && name !== 'overrides') return null;
    const legal = meaningOf(name, value);
    const started = attempt(() => {
      const data = dataOf([
        ['my-rest.good', '1'],
        [name, value],
      ]);
      const resolver = createResolver({ sources: [memorySource(data)], namespace: null });
      const status = resolver.status();
      void resolver.close();
      return status[name];
    }, value);
    const start = (): string | null => {
      if ('value' in started) return differs(`${name} at the start`, started.value, legal);
      return started.fault ?? differs(`${name} at the start`, started.code, legal ?? 'ERR_CONFIG_INVALID');
    };
    return firstOf(start, () => updateFault(name, value, legal));
  },
};

function updateFault(name: Name, value: string, legal: unknown): string | null {
  desk.lay(GOOD);
  const before = desk.resolver.status();
  desk.update(dataOf([...Object.entries(GOOD), [name, value]]));
  const after = desk.resolver.status();
  // Whoever meant to switch them off must not have them on because of a typo.
  const kept = name === 'overrides' ? false : before[name];
  return firstOf(
    () => differs(`${name} after an update`, after[name], legal ?? kept),
    () =>
      differs(
        `what is said of ${name}`,
        after.problems.map(({ code }) => code),
        legal === null ? ['ERR_CONFIG_INVALID'] : [],
      ),
    ...after.problems.map(
      ({ message }) =>
        () =>
          messageFault(message, value),
    ),
  );
}

/** What it sets; `null` for what is none. */
function meaningOf(name: Name, value: string): readonly string[] | boolean | null {
  const text = value.trim();
  if (name !== 'baseline') return SWITCHES.get(text) ?? null;
  const names = text.split(',').map((one) => one.trim());
  return names.length <= 64 && names.every((one) => isNamespace(one)) ? [...new Set(names)] : null;
}

const SWITCHES: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['off', false],
  ['false', false],
]);
