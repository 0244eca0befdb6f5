// Keys of entries: what a text is, by the grammar of the contract, and that the table makes of it just that.

import { dataOf, openDesk } from '../desk.ts';
import { attempt, differs, firstOf, isEndpoint, isLabel, isNamespace, messageFault } from '../oracle.ts';
import { corpus, type Target } from '../target.ts';

type Meaning =
  | { readonly kind: 'setting' }
  | { readonly kind: 'entry'; readonly service: string; readonly namespace: string; readonly endpoint: string }
  /** With the entry that it poisons, if it almost spells one. */
  | { readonly kind: 'malformed'; readonly meant: string | null };

/** `_endpoint.service.namespace`, each as long as it may be; what is longer is looked at no closer. */
const LONGEST = 1 + 15 + 1 + 63 + 1 + 63;

export function meaningOf(key: string): Meaning {
  if (!key.includes('.')) return key.startsWith('_') ? { kind: 'malformed', meant: null } : { kind: 'setting' };
  return entryOf(key) ?? { kind: 'malformed', meant: key.length > LONGEST ? null : meantBy(key.toLowerCase()) };
}

function entryOf(key: string): (Meaning & { kind: 'entry' }) | null {
  const parts = key.split('.');
  if (parts.length === 2) return made('default', parts);
  const [first = '', ...rest] = parts;
  const endpoint = first.slice(1);
  const named = parts.length === 3 && first.startsWith('_') && isEndpoint(endpoint) && endpoint !== 'default';
  return named ? made(endpoint, rest) : null;
}

function made(
  endpoint: string,
  [service = '', namespace = '']: readonly string[],
): (Meaning & { kind: 'entry' }) | null {
  return isLabel(service) && isNamespace(namespace) ? { kind: 'entry', service, namespace, endpoint } : null;
}

/** In lower case and with `-` for `_`; where only the endpoint is no name, the service is meant. */
function meantBy(lower: string): string | null {
  const named = lower.startsWith('_') && lower.split('.').length === 3;
  const key = named ? `_${lower.slice(1).replaceAll('_', '-')}` : lower.replaceAll('_', '-');
  if (entryOf(key) !== null) return key;
  const home = key.slice(key.indexOf('.') + 1);
  return named && entryOf(home) !== null ? home : null;
}

const SETTINGS = new Set(['baseline', 'template', 'strict', 'overrides']);
const desk = openDesk();

export const keys: Target = {
  name: 'keys',
  seeds: corpus('keys'),
  words: ['my-rest', 'develop', 'feature-x', '_admin', 'default', '.', '_', '-', 'json', 'yaml', '__'],
  hold(key) {
    desk.lay(
      dataOf([
        ['other.develop', '1000'],
        [key, '8080'],
      ]),
    );
    const { resolver } = desk;
    const problems = desk.problems();
    const codes = problems.map(({ code }) => code);
    const meaning = meaningOf(key);
    const expected = new Set(['other']);
    const looks: (() => string | null)[] = problems.map(
      ({ message }) =>
        () =>
          messageFault(message, key),
    );
    if (meaning.kind === 'setting') {
      const wanted = SETTINGS.has(key) ? null : 'WARN_SETTING_UNKNOWN';
      if (wanted !== null) looks.push(() => differs('what is said of a setting', codes, [wanted]));
    } else if (meaning.kind === 'malformed') {
      looks.push(() => differs('what is said of a malformed key', codes, ['ERR_INVALID_NAME']));
      const meant = meaning.meant === null ? null : entryOf(meaning.meant);
      if (meant !== null) {
        expected.add(meant.service);
        if (meaning.meant !== 'other.develop') looks.push(() => urlIs(meant, 'ERR_ENTRY_INVALID'));
      }
    } else {
      expected.add(meaning.service);
      looks.push(() => differs('what is said of a good key', codes, []));
      looks.push(() => urlIs(meaning, `http://${meaning.service}.${meaning.namespace}.svc:8080`));
    }
    looks.push(() => differs('services()', resolver.services(), [...expected].toSorted()));
    const isOther = meaning.kind === 'entry' && meaning.service === 'other' && meaning.namespace === 'develop';
    if (!isOther && key !== 'baseline')
      looks.push(() => differs('another service', resolver.resolve('other'), 'http://other.develop.svc:1000'));
    return firstOf(...looks);
  },
};

function urlIs({ service, namespace, endpoint }: Meaning & { kind: 'entry' }, expected: string): string | null {
  const answer = attempt(() => desk.resolver.resolve(service, { namespace, endpoint }));
  if ('value' in answer) return differs('what the key names', answer.value, expected);
  return answer.fault ?? differs('what the key names', answer.code, expected);
}
