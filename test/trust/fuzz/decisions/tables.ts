// What an operator may have written: a table, drawn from a few names, with what each of its values means.

import { createResolver, memorySource, type Resolver } from 'branchline';

import { below, pick } from '../target.ts';

export interface Address {
  readonly scheme: string;
  readonly host: string;
  /** `null`: none is spelt. */
  readonly port: number | null;
  readonly base: string;
}

export type Meaning =
  | { readonly kind: 'empty' | 'disabled' | 'invalid' }
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'spelt'; readonly address: Address };

/** A template, and what it makes of two names: `null` for no legal host. */
export interface Rendering {
  readonly text: string;
  render(service: string, namespace: string): Address | null;
}

export interface Scenario {
  readonly entries: ReadonlyMap<string, Meaning>;
  readonly own: string | null;
  readonly baseline: readonly string[];
  readonly strict: boolean;
  readonly overrides: boolean;
  readonly keys: readonly string[];
  readonly template: Rendering;
  readonly resolver: Resolver;
}

export const SERVICES = ['my-rest', 'orders', 'billing', 'web', 'a', '0x1x', 'constructor'] as const;
export const NAMESPACES = ['develop', 'epic-1', 'feature-x', 'feature-y', 'feature-z', '1', '0', 'valueof'] as const;

const isNumber = (label: string): boolean => /^(?:\d+|0x[0-9a-f]*)$/.test(label);

const TEMPLATES: readonly Rendering[] = [
  {
    text: 'http://{service}.{namespace}.svc',
    render: (service, namespace) => ({ scheme: 'http', host: `${service}.${namespace}.svc`, port: null, base: '' }),
  },
  {
    text: 'https://{namespace}.{service}.example.com:8443/base/{service}/',
    render: (service, namespace) => ({
      scheme: 'https',
      host: `${namespace}.${service}.example.com`,
      port: 8443,
      base: `/base/${service}`,
    }),
  },
  {
    text: 'http://{service}.{namespace}',
    render: (service, namespace) =>
      isNumber(namespace) ? null : { scheme: 'http', host: `${service}.${namespace}`, port: null, base: '' },
  },
  {
    text: 'http://{namespace}--{service}',
    render: (service, namespace) => ({ scheme: 'http', host: `${namespace}--${service}`, port: null, base: '' }),
  },
];

/** Values, each with what it means with the scheme of the template. */
const VALUES: readonly (readonly [text: string, meaning: (scheme: string) => Meaning])[] = [
  ['', () => ({ kind: 'empty' })],
  ['8080', () => ({ kind: 'port', port: 8080 })],
  [' 9000\n', () => ({ kind: 'port', port: 9000 })],
  ['disabled', () => ({ kind: 'disabled' })],
  ['808O', () => ({ kind: 'invalid' })],
  ['http://1', () => ({ kind: 'invalid' })],
  ['Rest.example.com', (scheme) => spelt(scheme, 'rest.example.com', null, '')],
  ['10.0.0.7:9000', (scheme) => spelt(scheme, '10.0.0.7', 9000, '')],
  ['HTTPS://Orders.example.com:443/v1/', () => spelt('https', 'orders.example.com', 443, '/v1')],
  ['http://rest.example.com:8081/a/b', () => spelt('http', 'rest.example.com', 8081, '/a/b')],
];

function spelt(scheme: string, host: string, port: number | null, base: string): Meaning {
  return { kind: 'spelt', address: { scheme, host, port, base } };
}

export function drawScenario(random: () => number): Scenario {
  const template = pick(random, TEMPLATES);
  const scheme = template.text.split(':')[0] as string;
  const data: Record<string, string> = { template: template.text };
  const entries = new Map<string, Meaning>();
  const put = (key: string): void => {
    const [text, meaning] = pick(random, random() < 0.5 ? VALUES.slice(0, 3) : VALUES);
    data[key] = text;
    entries.set(key, meaning(scheme));
  };
  for (let left = 3 + below(random, 12); left > 0; left -= 1) {
    const key = `${pick(random, SERVICES)}.${pick(random, NAMESPACES)}`;
    put(key);
    if (random() < 0.2) put(`_admin.${key}`);
  }
  const baseline = pick(random, [['develop'], ['develop'], ['epic-1', 'develop'], ['develop', 'feature-z', '1']]);
  const strict = random() < 0.1;
  const overrides = random() < 0.95;
  Object.assign(data, { baseline: baseline.join(', '), strict: String(strict), overrides: overrides ? 'on' : 'off' });
  const own = pick(random, [null, 'develop', 'epic-1', 'feature-x', 'feature-y', 'nobody']);
  const keys = pick(random, [['branchline'], ['branchline'], ['branchline', 'okteto-divert']]);
  const resolver = createResolver({ sources: [memorySource(data)], namespace: own, keys });
  resolver.on('problem', () => {});
  return { entries, own, baseline, strict, overrides, keys, template, resolver };
}
