import {
  createResolver,
  isBranchlineError,
  type LookupOptions,
  memorySource,
  type Resolver,
  type ResolverOptions,
} from 'branchline';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ERROR_CODES } from '../../src/core/errors.ts';
import { anyText, label } from '../doubles/arbitraries.ts';
import { expectLinear } from '../doubles/linear.ts';

/** What a value says, as it was made up. */
type Said =
  | { text: string; kind: 'empty' | 'disabled' | 'invalid' }
  | { text: string; kind: 'port'; port: number }
  | { text: string; kind: 'address'; url: string };
type Answer = { url: string; namespace: string | null; via: string } | { error: string };
interface World {
  /** Keys well-formed. */
  readonly entries: Readonly<Record<string, Said>>;
  /** Keys that almost read, by what they mean. */
  readonly misspelt: readonly string[];
  readonly own: string | null;
  readonly baseline: readonly string[] | null;
  readonly strict: boolean;
  readonly overrides: boolean;
}
type Query = { service: string } & LookupOptions;

/** The rules of resolution, in their own words: absence falls back, failure never does. */
function model(
  { entries, misspelt, own, baseline: given, strict, overrides }: World,
  { service, endpoint = 'default', namespace, context }: Query,
): Answer {
  const table: Record<string, Said> = {
    ...Object.fromEntries(misspelt.map((key) => [key, { text: '', kind: 'invalid' as const }])),
    ...entries,
  };
  const at = (place: string, port = endpoint): Said | undefined =>
    table[port === 'default' ? `${service}.${place}` : `_${port}.${service}.${place}`];
  const template = (place: string, port?: number): string =>
    `http://${service}.${place}.svc${port === undefined || port === 80 ? '' : `:${port}`}`;

  if (Object.keys(table).length === 0 && given === null) {
    if (namespace !== undefined || strict) return { error: 'ERR_SERVICE_NOT_FOUND' };
    return endpoint === 'default'
      ? { url: `http://${service}`, namespace: null, via: 'unconfigured' }
      : { error: 'ERR_ENDPOINT_NOT_FOUND' };
  }
  const baseline = given ?? ['develop'];
  const asked = overrides && context ? [context.services?.[service] ?? [], context.namespaces ?? []].flat() : [];
  const home =
    own !== null && baseline.includes(own) ? baseline.slice(baseline.indexOf(own)) : [own ?? [], baseline].flat();
  const path = namespace === undefined ? [...asked, ...home] : [namespace];

  const place = path.find((name) =>
    Object.keys(table).some(
      (key) => key === `${service}.${name}` || (key.startsWith('_') && key.endsWith(`.${service}.${name}`)),
    ),
  );
  if (place === undefined) {
    if (strict || (namespace !== undefined && !baseline.includes(namespace))) return { error: 'ERR_SERVICE_NOT_FOUND' };
    const last = namespace ?? baseline.at(-1) ?? '';
    return endpoint === 'default'
      ? { url: template(last), namespace: last, via: 'convention' }
      : { error: 'ERR_ENDPOINT_NOT_FOUND' };
  }
  const via = baseline.includes(place) ? 'baseline' : place === own ? 'branch' : 'override';
  const [main, entry] = [at(place, 'default'), at(place)];
  if (main?.kind === 'disabled' || entry?.kind === 'disabled') return { error: 'ERR_SERVICE_DISABLED' };
  if (entry?.kind === 'invalid') return { error: 'ERR_ENTRY_INVALID' };
  if (entry?.kind === 'address') return { url: entry.url, namespace: place, via };
  if (entry?.kind === 'port') return { url: template(place, entry.port), namespace: place, via };

  if (endpoint !== 'default' && main?.kind === 'invalid') return { error: 'ERR_ENTRY_INVALID' };
  if (endpoint !== 'default' && main?.kind === 'address') return { error: 'ERR_ENDPOINT_NOT_FOUND' };
  const giver = baseline.map((name) => at(name)).find((said) => said !== undefined && said.kind !== 'empty');
  if (giver?.kind === 'invalid') return { error: 'ERR_ENTRY_INVALID' };
  if (giver?.kind === 'port') return { url: template(place, giver.port), namespace: place, via };
  return endpoint === 'default' ? { url: template(place), namespace: place, via } : { error: 'ERR_ENDPOINT_NOT_FOUND' };
}

function answer(resolver: Resolver, { service, ...lookup }: Query): Answer {
  try {
    const { url, namespace, via } = resolver.lookup(service, lookup);
    return { url, namespace, via };
  } catch (error) {
    if (!isBranchlineError(error)) throw error;
    return { error: error.code };
  }
}

function open(data: Record<string, string>, options: ResolverOptions = {}): Resolver {
  const resolver = createResolver({ namespace: null, sources: [memorySource(data)], ...options });
  resolver.on('problem', () => undefined);
  return resolver;
}

function build({ entries, misspelt, own, baseline, strict, overrides }: World): Resolver {
  const data: Record<string, string> = Object.fromEntries(
    Object.entries(entries).map(([key, { text }]) => [key, text]),
  );
  for (const key of misspelt) data[key.toUpperCase()] = '8080';
  if (baseline !== null) data['baseline'] = baseline.join(', ');
  if (strict) data['strict'] = 'on';
  if (!overrides) data['overrides'] = 'off';
  return open(data, { namespace: own });
}

const said: fc.Arbitrary<Said> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Said>({ text: '', kind: 'empty' }, { text: ' \n', kind: 'empty' }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(80, 443, 8080, 9090).map((port): Said => ({ text: String(port), kind: 'port', port })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Said>(
      { text: 'h.example.com:9', kind: 'address', url: 'http://h.example.com:9' },
      { text: 'localhost', kind: 'address', url: 'http://localhost' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Said>(
      { text: 'https://H.example.com:443/Base/', kind: 'address', url: 'https://h.example.com/Base' },
      { text: 'postgres://db/x', kind: 'address', url: 'postgres://db/x' },
    ),
  },
  { weight: 1, arbitrary: fc.constant<Said>({ text: 'disabled', kind: 'disabled' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Said>({ text: '808O', kind: 'invalid' }, { text: 'http://u:p@h', kind: 'invalid' }),
  },
);
const service = fc.constantFrom('a', 'b', 'constructor');
const namespace = fc.constantFrom('feature-x', 'feature-y', 'epic-1', 'develop');
const key = fc
  .tuple(fc.constantFrom('', '', '_admin.', '_grpc.'), service, namespace)
  .map(([endpoint, name, place]) => `${endpoint}${name}.${place}`);
const world: fc.Arbitrary<World> = fc.record({
  entries: fc.dictionary(key, said, { maxKeys: 10, noNullPrototype: true }),
  misspelt: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.uniqueArray(key, { maxLength: 2 }) },
  ),
  own: fc.option(namespace),
  baseline: fc.option(fc.uniqueArray(namespace, { minLength: 1, maxLength: 3 })),
  strict: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  overrides: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
});
const context = fc.record(
  {
    namespaces: fc.array(namespace, { maxLength: 2 }),
    services: fc.dictionary(service, namespace, { noNullPrototype: true }),
  },
  { requiredKeys: [] },
);
const query: fc.Arbitrary<Query> = fc.record(
  { service, endpoint: fc.constantFrom('default', 'admin', 'grpc', 'metrics'), namespace, context: fc.option(context) },
  { requiredKeys: ['service'] },
);

describe('the rules of resolution', () => {
  test('are those of a model of twenty lines, on any table and for any question', () => {
    fc.assert(
      fc.property(world, fc.array(query, { minLength: 1, maxLength: 6 }), (table, queries) => {
        const resolver = build(table);
        for (const asked of queries) {
          const wanted = model(table, asked);
          expect([asked, answer(resolver, asked)]).toEqual([asked, wanted]);
          const { resolution, error } = resolver.explain(asked.service, {
            endpoint: asked.endpoint,
            namespace: asked.namespace,
            context: asked.context,
          });
          expect('error' in wanted ? error?.code : resolution?.url).toBe('error' in wanted ? wanted.error : wanted.url);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('answer the same, however often they are asked', () => {
    fc.assert(
      fc.property(world, service, (table, name) => {
        const resolver = build(table);
        const first = answer(resolver, { service: name });
        expect([
          answer(resolver, { service: name }),
          answer(resolver, { service: name, context: null }),
          answer(resolver, { service: name, endpoint: 'default' }),
        ]).toEqual([first, first, first]);
      }),
      { numRuns: 200 },
    );
  });

  test('of removing what a branch has of a service change that service alone, to the next on the path', () => {
    fc.assert(
      fc.property(world, service, (table, name) => {
        const { baseline } = table;
        fc.pre(
          !(baseline ?? ['develop']).includes('feature-x') &&
            Object.keys(table.entries).some((entry) => !entry.endsWith(`${name}.feature-x`)),
        );
        const inBranch = (entry: string): boolean =>
          entry === `${name}.feature-x` || entry.endsWith(`.${name}.feature-x`);
        const before = { ...table, own: 'feature-x' };
        const after = {
          ...before,
          entries: Object.fromEntries(Object.entries(table.entries).filter(([entry]) => !inBranch(entry))),
          misspelt: table.misspelt.filter((entry) => !inBranch(entry)),
        };
        const [had, has, elsewhere] = [build(before), build(after), build({ ...before, own: null })];
        for (const other of ['a', 'b', 'constructor']) {
          for (const endpoint of ['default', 'admin']) {
            const asked = { service: other, endpoint };
            expect(answer(has, asked)).toEqual(answer(other === name ? elsewhere : had, asked));
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('whatever is asked', () => {
  const settings = { baseline: 'epic-1,develop' };
  const resolver = open(
    {
      ...settings,
      'a.develop': '8080',
      'b.feature-x': 'https://b.example.com/base',
      'c.develop': 'disabled',
      'd.develop': 'x y',
    },
    { namespace: 'feature-x' },
  );
  const origins = new Set(['https://b.example.com']);

  test('is an address of the table, or the template with legal names, or an error with a listed code', () => {
    const text = fc.oneof(
      anyText(),
      label(63),
      fc.constantFrom(
        'a',
        'b',
        'c',
        'd',
        'x@evil.com#',
        '169.254.169.254',
        'evil.com',
        '//evil.com',
        '/\\evil.com',
        '__proto__',
        '127',
        'a\r\nHost: x',
      ),
    );
    const lookup = fc.record(
      {
        endpoint: text,
        namespace: text,
        context: fc.record({
          namespaces: fc.array(text, { maxLength: 3 }),
          services: fc.dictionary(text, text, { maxKeys: 2 }),
        }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(text, fc.option(lookup, { nil: undefined }), (name, options) => {
        try {
          const { url, hostname, namespace: place, service: asked } = resolver.lookup(name, options);
          expect(asked).toBe(name);
          const { origin, href, hostname: parsed } = new URL(url);
          expect([url, `${url}/`]).toContain(href);
          expect(parsed).toBe(hostname);
          if (!origins.has(origin)) expect(hostname).toBe(`${name}.${place as string}.svc`);
          expect(`${name}.${place as string}`).toMatch(/^[a-z0-9-]{1,63}\.[a-z0-9-]{1,63}$/);
        } catch (error) {
          if (!isBranchlineError(error)) throw error;
          expect(Object.keys(ERROR_CODES)).toContain(error.code);
          expect(error.message.length).toBeLessThan(1500);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('is answered with a namespace that somebody wrote or asked for, never with one made up', () => {
    fc.assert(
      fc.property(world, query, (table, asked) => {
        const result = answer(build(table), asked);
        if ('error' in result || result.namespace === null) return;
        const named = [
          table.own,
          ...(table.baseline ?? ['develop']),
          asked.namespace,
          ...(asked.context?.namespaces ?? []),
          ...Object.values(asked.context?.services ?? {}),
        ];
        expect(named).toContain(result.namespace);
      }),
      { numRuns: 300 },
    );
  });

  test('is answered in linear time', () => {
    for (const unit of ['a', '-', '.', '/', '\u0000']) {
      const ask = (name: string, lookup?: LookupOptions): unknown => answer(resolver, { service: name, ...lookup });
      expectLinear((length) => [
        ask(unit.repeat(length)),
        ask('a', { endpoint: unit.repeat(length) }),
        ask('a', { namespace: unit.repeat(length) }),
      ]);
    }
  });
});
