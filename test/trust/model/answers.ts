// What holds for any question to any table: it is answered or refused by a listed code, with an address that somebody
// wrote or that the template makes of legal names, and what one branch has is no other service's concern.

import { isBranchlineError, type LookupOptions, type Resolution, type Resolver } from 'branchline';
import fc from 'fast-check';

import { label } from '../../doubles/arbitraries.ts';
import { type Invariant, must, mustEqual } from './invariant.ts';
import { data, few, key, namespace, open, place, question, service, template, value } from './tables.ts';

const CODES = new Set([
  'ERR_INVALID_NAME',
  'ERR_SERVICE_NOT_FOUND',
  'ERR_SERVICE_DISABLED',
  'ERR_ENDPOINT_NOT_FOUND',
  'ERR_ENTRY_INVALID',
  'ERR_ADDRESS_INVALID',
]);
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The answer, or the code of the error; anything else is thrown. */
function answer(resolver: Resolver, name: string, options?: LookupOptions): Resolution | string {
  try {
    return resolver.lookup(name, options);
  } catch (error) {
    if (!isBranchlineError(error) || !CODES.has(error.code)) throw error;
    must(error.message.length < 3000, () => `a message of ${error.message.length} characters`);
    return error.code;
  }
}

const setting = fc.record({ template }, { requiredKeys: [] });

const anyAnswer: Invariant = {
  name: 'any question to any table is answered, or refused with a listed code; explain says the same',
  runs: { short: 800, full: 4000 },
  property: fc.property(data(), setting, fc.array(question, { minLength: 1, maxLength: 4 }), (entries, given, all) => {
    const resolver = open({ ...entries, ...given });
    for (const [name, options] of all) {
      const found = answer(resolver, name, options);
      const { resolution, error } = resolver.explain(name, options);
      mustEqual(resolution?.url ?? error?.code, typeof found === 'string' ? found : found.url, 'explain');
      if (typeof found !== 'string') mustEqual(resolver.resolve(name, options), found.url, 'resolve');
    }
  }),
};

const origin: Invariant = {
  name: 'an answer is in the table or the template with legal names, and new URL changes nothing of it',
  runs: { short: 1500, full: 8000 },
  property: fc.property(
    data(key(few, place), value),
    setting,
    fc.constantFrom('feature-x', 'develop', null),
    fc.array(
      fc.tuple(
        fc.oneof(few, service),
        fc.record(
          {
            endpoint: fc.constantFrom('default', 'admin'),
            namespace: place,
            context: fc.constant({ namespaces: ['epic-1', 'nowhere'] }),
          },
          { requiredKeys: [] },
        ),
      ),
      { minLength: 1, maxLength: 6 },
    ),
    (entries, given, own, all) => {
      const resolver = open({ ...entries, ...given }, own);
      for (const [name, options] of all) {
        const found = answer(resolver, name, options);
        if (typeof found === 'string') continue;
        // Where nothing is configured, the caller's own name goes on as it is.
        if (found.via !== 'unconfigured') survives(found);
        belongs(found, entries, given.template ?? 'http://{service}.{namespace}.svc', own);
      }
    },
  ),
};

function survives({ url, protocol, hostname, port }: Resolution): void {
  const parsed = new URL(url);
  mustEqual([parsed.protocol, parsed.hostname], [protocol, hostname], `what new URL makes of ${url}`);
  must(parsed.href === url || parsed.href === `${url}/`, () => `new URL makes ${parsed.href} of ${url}`);
  must(parsed.port === '' || Number(parsed.port) === port, () => `${url} with port ${port}`);
  must(parsed.username === '' && parsed.search === '' && parsed.hash === '', () => `more than an address: ${url}`);
}

function belongs(found: Resolution, entries: Record<string, string>, pattern: string, own: string | null): void {
  const { service: name, namespace: where, hostname, via } = found;
  if (via === 'unconfigured') {
    mustEqual([found.url, where], [`http://${name}`, null], 'an unconfigured answer');
    return;
  }
  must(where !== null, () => `no namespace: ${JSON.stringify(found)}`);
  const isWritten =
    where === own || where === 'develop' || Object.keys(entries).some((one) => one.endsWith(`.${where}`));
  must(isWritten, () => `nobody wrote the namespace ${where}`);
  const spelt = Object.entries(entries).some(
    ([one, text]) => one.endsWith(`${name}.${where}`) && text.toLowerCase().includes(hostname),
  );
  if (spelt) return;
  must(LABEL.test(name) && LABEL.test(where), () => `rendered with ${name} and ${where}`);
  const host = /:\/\/([^:/]+)/.exec(pattern)?.[1] ?? '';
  mustEqual(hostname, host.replaceAll('{service}', name).replaceAll('{namespace}', where), 'the rendered host');
}

/** Names that are told apart by little: the same characters, cut elsewhere. */
const near = fc.oneof(
  fc.tuple(label(), label(), label(), label()).map(([one, two, three, four]): [Pair, Pair] => [
    [one, two],
    [three, four],
  ]),
  fc.tuple(label(6), label(6), label(6)).map(([one, two, three]): [Pair, Pair] => [
    [`${one}-${two}`, three],
    [one, `${two}-${three}`],
  ]),
  fc.tuple(label(), label()).map(([one, two]): [Pair, Pair] => [
    [one, two],
    [two, one],
  ]),
  fc.tuple(label(), label()).map(([one, two]): [Pair, Pair] => [
    [one, two],
    [`${one}0`, two],
  ]),
);
type Pair = [service: string, namespace: string];

const injective: Invariant = {
  name: 'two deployments never have one address where the placeholders are whole labels',
  runs: { short: 2000, full: 10_000 },
  property: fc.property(
    near.filter((pairs) => pairs.every(([, where]) => !['json', 'yaml', 'yml'].includes(where))),
    fc.constantFrom(
      '{service}.{namespace}.svc',
      '{namespace}.{service}.test',
      'x.{service}.y.{namespace}.z',
      '{namespace}.{service}',
    ),
    fc.constantFrom('', '8080'),
    ([one, other], host, port) => {
      fc.pre(one.join('.') !== other.join('.'));
      const resolver = open({ template: `http://${host}`, [one.join('.')]: port, [other.join('.')]: port }, null);
      const [first, second] = [one, other].map(([name, where]) => answer(resolver, name, { namespace: where }));
      if (typeof first === 'string' || typeof second === 'string') return;
      must(
        first?.hostname !== second?.hostname,
        () => `${one.join('.')} and ${other.join('.')} are both ${first?.url}`,
      );
    },
  ),
};

const ENDPOINTS = ['default', 'admin'];

const removal: Invariant = {
  name: 'taking out what a branch has of a service changes that service alone, to the next on the path',
  runs: { short: 800, full: 4000 },
  property: fc.property(data(key(few, place), value, 12), few, fc.boolean(), (entries, name, listed) => {
    const isOwn = (one: string): boolean => one.endsWith(`${name}.feature-x`);
    const settings: Record<string, string> = { baseline: listed ? 'epic-1,develop' : 'develop' };
    const left = Object.fromEntries(Object.entries(entries).filter(([one]) => !isOwn(one)));
    const changing = open({ ...entries, ...settings });
    const before = everything(changing);
    changing.source.set({ ...left, ...settings });
    const next = everything(open({ ...entries, ...settings }, null));
    const after = everything(changing);
    for (const [asked, found] of Object.entries(after)) {
      mustEqual(found, asked.startsWith(`${name} `) ? next[asked] : before[asked], asked);
    }
  }),
};

function everything(resolver: Resolver): Record<string, unknown> {
  const asked = ['a', 'b', 'constructor'].flatMap((name) => ENDPOINTS.map((endpoint) => [name, endpoint] as const));
  return Object.fromEntries(
    asked.map(([name, endpoint]) => {
      const found = answer(resolver, name, { endpoint });
      return [`${name} ${endpoint}`, typeof found === 'string' ? found : [found.url, found.namespace, found.via]];
    }),
  );
}

const home: fc.Arbitrary<string | null> = fc.option(namespace);

const again: Invariant = {
  name: 'the same question has the same answer, however often and in whatever words it is asked',
  runs: { short: 500, full: 3000 },
  property: fc.property(data(key(few, place)), few, home, (entries, name, own) => {
    const resolver = open(entries, own);
    const first = answer(resolver, name);
    const others = [undefined, { context: null }, { endpoint: 'default' }, {}].map((options) =>
      answer(resolver, name, options),
    );
    mustEqual(others, [first, first, first, first], name);
  }),
};

export const answers: readonly Invariant[] = [anyAnswer, origin, injective, removal, again];
