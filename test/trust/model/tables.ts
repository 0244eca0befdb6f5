// Tables and questions of any kind, well-formed and hostile, as fast-check makes them up.

import { createResolver, type Data, type LookupOptions, memorySource, type Resolver } from 'branchline';
import fc from 'fast-check';

import { anyText, label } from '../../doubles/arbitraries.ts';

export const service = fc.oneof(fc.constantFrom('a', 'b', 'my-rest', 'constructor', '1'), label());
export const namespace = fc
  .oneof(fc.constantFrom('develop', 'feature-x', 'epic-1', '10'), label())
  .filter((name) => !['json', 'yaml', 'yml'].includes(name));
export const few = fc.constantFrom('a', 'b', 'constructor');
export const place = fc.constantFrom('develop', 'feature-x', 'epic-1');

export const key = (services = service, namespaces = namespace): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom('', '', '', '_admin.'), services, namespaces)
    .map(([endpoint, name, where]) => `${endpoint}${name}.${where}`);

const authority = fc.oneof(
  fc.tuple(label(), label()).map((labels) => labels.join('.')),
  fc.ipV4(),
  fc.ipV6().map((text) => `[${text}]`),
  fc.constantFrom('localhost', 'H.Example.COM', '1.2', '0x7f.1', 'a..b', 'xn--a', 'evil.com#', 'u:p@h.com', '[::1]'),
);
const port = fc.oneof(
  fc.constant(''),
  fc.integer({ min: 0, max: 70_000 }).map((number) => `:${number}`),
);
const scheme = fc.constantFrom('http', 'https', 'HTTP', 'ws', 'postgres', 'javascript', 'file', 'x');
const path = fc.constantFrom(
  '',
  '/',
  '/base',
  '/Base/',
  '/a/../b',
  '//evil.com',
  '/\\evil.com',
  '/a?b',
  '/%2e%2e/x',
  '/a b',
);

/** What somebody may write into an entry: addresses of every kind, and anything. */
export const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('', ' ', 'disabled', '80', '8080', '443\n') },
  { weight: 3, arbitrary: fc.tuple(authority, port).map((parts) => parts.join('')) },
  {
    weight: 4,
    arbitrary: fc.tuple(scheme, authority, port, path).map(([how, host, at, base]) => `${how}://${host}${at}${base}`),
  },
  { weight: 1, arbitrary: anyText(40) },
);

const hostOfTemplate = fc.constantFrom(
  '{service}.{namespace}.svc',
  '{namespace}.{service}.example.com',
  '{service}-{namespace}.example.com',
  'x.{service}.{namespace}',
  '{service}.{namespace}',
  '{service}{namespace}',
);
export const template = fc
  .tuple(
    fc.constantFrom('http', 'https', 'postgres'),
    hostOfTemplate,
    fc.constantFrom('', ':8443'),
    fc.constantFrom('', '/{service}'),
  )
  .map(([how, host, at, base]) => `${how}://${host}${at}${base}`);

export const data = (keys = key(), values = value, maxKeys = 8): fc.Arbitrary<Record<string, string>> =>
  fc.dictionary(keys, values, { maxKeys, noNullPrototype: true });

/** Names as they should be, and whatever else somebody passes. */
const anyName = fc.oneof({ weight: 3, arbitrary: service }, { weight: 1, arbitrary: anyText(80) });
const context = fc.record(
  { namespaces: fc.array(anyName, { maxLength: 3 }), services: fc.dictionary(anyName, anyName, { maxKeys: 2 }) },
  { requiredKeys: [] },
);
export const question: fc.Arbitrary<[string, LookupOptions]> = fc.tuple(
  anyName,
  fc.record(
    { endpoint: fc.oneof(fc.constantFrom('default', 'admin'), anyName), namespace: anyName, context },
    { requiredKeys: [] },
  ),
);

/** A resolver on entries in memory; what is wrong with them is no warning. */
export function open(
  entries: Data,
  own: string | null = 'feature-x',
): Resolver & { readonly source: ReturnType<typeof memorySource> } {
  const source = memorySource(entries);
  const resolver = createResolver({ sources: [source], namespace: own });
  resolver.on('problem', () => {});
  return { ...resolver, source };
}
