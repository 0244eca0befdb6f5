// Templates: what is accepted renders every pair of legal names to a host that has both, survives `new URL`, and is no
// other pair's; or to none.

import { createResolver, memorySource, type Resolver } from 'branchline';

import { type Answer, attempt, differs, firstOf } from '../oracle.ts';
import { corpus, type Target } from '../target.ts';
import { survives } from './values.ts';

const LONG = 'a'.repeat(63);
const PAIRS = [
  ['my-rest', 'develop'],
  ['my', 'rest-develop'],
  ['my-rest-develop', 'x'],
  ['a', '1'],
  ['1', '2'],
  ['127', '0'],
  ['0x7f', '0x1'],
  ['n--a', 'xn'],
  [LONG, LONG],
] as const;

const DATA = Object.fromEntries(
  PAIRS.flatMap(([service, namespace]) => [
    [`${service}.${namespace}`, ''],
    [`_port.${service}.${namespace}`, '9090'],
    [`_host.${service}.${namespace}`, 'h.example.com:9091'],
  ]),
);

export const templates: Target = {
  name: 'templates',
  seeds: corpus('templates'),
  words: [
    'http',
    'https',
    'grpc',
    'file',
    '://',
    '{service}',
    '{namespace}',
    '.',
    '-',
    'svc',
    ':8080',
    '/base',
    '{',
    '}',
  ],
  hold(template) {
    const made = attempt(() => createResolver({ sources: [memorySource(DATA)], namespace: null, template }), template);
    if ('code' in made) return made.fault ?? differs('a template that is none', made.code, 'ERR_CONFIG_INVALID');
    const resolver = made.value;
    const text = template.trim();
    const host = text.slice(text.indexOf('://') + 3).split(/[/:]/)[0] as string;
    const fault = firstOf(
      () =>
        differs(
          'whether both names are in the host',
          /\{service\}.*\{namespace\}|\{namespace\}.*\{service\}/i.test(host),
          true,
        ),
      ...PAIRS.map((pair) => () => pairFault(resolver, host, pair)),
      () => meeting(resolver, host),
    );
    void resolver.close();
    return fault;
  },
};

function pairFault(resolver: Resolver, host: string, [service, namespace]: readonly [string, string]): string | null {
  const expected = host.toLowerCase().replaceAll('{service}', service).replaceAll('{namespace}', namespace);
  const looks = ['default', 'port', 'host'].map((endpoint) => () => {
    const answer = attempt(() => resolver.lookup(service, { namespace, endpoint }));
    if ('code' in answer)
      return answer.fault ?? differs(`${service} in ${namespace}`, answer.code, 'ERR_ADDRESS_INVALID');
    const wanted = endpoint === 'host' ? 'h.example.com' : expected;
    return firstOf(
      () => differs('the host', answer.value.hostname, wanted),
      // Names that make an address of numbers are no names any more.
      () => differs('whether the host is a number', /^[\d.]+$/.test(answer.value.hostname), false),
      () => survives(answer.value.url, answer.value),
    );
  });
  return firstOf(...looks);
}

/** Two pairs at one address, where each placeholder is a whole label. */
function meeting(resolver: Resolver, host: string): string | null {
  const labels = host.toLowerCase().split('.');
  if (!labels.includes('{service}') || !labels.includes('{namespace}')) return null;
  const seen = new Map<string, string>();
  for (const [service, namespace] of PAIRS) {
    const answer: Answer<string> = attempt(() => resolver.lookup(service, { namespace }).hostname);
    if ('code' in answer) continue;
    const other = seen.get(answer.value);
    if (other !== undefined) return `${service}.${namespace} and ${other} are both at ${answer.value}`;
    seen.set(answer.value, `${service}.${namespace}`);
  }
  return null;
}
