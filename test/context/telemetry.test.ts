import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text as bodyOf } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';

import { context as otel, propagation } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { context, createResolver, memorySource, type Resolver, setDefaultResolver } from 'branchline';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { runIn } from '../../src/context/store.ts';
import { withMemberInStep } from '../../src/context/telemetry.ts';
import { type Routed, ROUTING } from '../../src/core/routing.ts';
import { startChild } from '../doubles/child.ts';
import { startRawServer } from '../doubles/raw-server.ts';
import type { Order } from './children/instrumented.ts';

const KEYS = ['branchline', 'okteto-divert'];
/** OpenTelemetry's active baggage; `null` where there is none. */
function active(): Record<string, string> | null {
  const baggage = propagation.getActiveBaggage();
  if (baggage === undefined) return null;
  return Object.fromEntries(baggage.getAllEntries().map(([key, { value }]) => [key, value]));
}
/** Runs in this baggage, and says what the baggage is then. */
function within<T>(entries: Record<string, string> | null, run: () => T): T {
  if (entries === null) return run();
  const baggage = propagation.createBaggage(
    Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, { value }])),
  );
  return otel.with(propagation.setBaggage(otel.active(), baggage), run);
}

describe('without the API of OpenTelemetry in the process', () => {
  test('a function just runs', () => {
    expect(withMemberInStep(KEYS, 'feature-x', () => 7)).toBe(7);
    expect(context.run({ namespaces: ['feature-x'] }, () => context.current())).toEqual({ namespaces: ['feature-x'] });
  });

  test.each([
    ['without a manager', {}],
    ['that is another one', { context: { active: null, with: (): number => 0 } }],
    ['without a baggage', { context: { active: () => ({ getValue: () => undefined }), with: (): number => 0 } }],
  ])('or with one %s, too', (_, api) => {
    const globals = globalThis as Record<symbol, unknown>;
    const key = Symbol.for('opentelemetry.js.api.1');
    globals[key] = api;
    onTestFinished(() => {
      Reflect.deleteProperty(globals, key);
    });
    expect(withMemberInStep(KEYS, 'feature-x', () => 7)).toBe(7);
  });
});

describe('our member in OpenTelemetry’s active baggage', () => {
  beforeEach(() => {
    new NodeTracerProvider().register();
  });
  afterEach(() => {
    otel.disable();
    propagation.disable();
  });

  test.each([
    ['nowhere, and nothing wished', null, null, null],
    ['nowhere', null, 'feature-x', null],
    ['not in it', { t: '7' }, 'feature-x', { t: '7' }],
    ['not in it, and nothing wished', { t: '7' }, null, { t: '7' }],
    ['in it', { branchline: 'a', t: '7' }, 'feature-x', { branchline: 'feature-x', t: '7' }],
    ['in it, and nothing wished', { branchline: 'a', t: '7' }, null, { t: '7' }],
    ['in it alone, and nothing wished', { branchline: 'a' }, null, {}],
    ['in it as it is wished', { branchline: 'feature-x', t: '7' }, 'feature-x', { branchline: 'feature-x', t: '7' }],
    ['in it under another key', { 'okteto-divert': 'a', t: '7' }, 'b', { branchline: 'b', t: '7' }],
    ['in it under both keys', { 'okteto-divert': 'a', branchline: 'b' }, 'b', { branchline: 'b' }],
    ['in it under both keys, and nothing wished', { 'okteto-divert': 'a', branchline: 'b', t: '7' }, null, { t: '7' }],
    ['spelt otherwise', { Branchline: 'a' }, 'feature-x', { Branchline: 'a' }],
  ])('is kept in step, and never put there: %s', (_, before, value, after) => {
    within(before, () => {
      expect(withMemberInStep(KEYS, value, active)).toEqual(after);
      expect(active()).toEqual(before);
    });
  });

  test('is left alone where no key is ours', () => {
    within({ branchline: 'a' }, () => expect(withMemberInStep([], null, active)).toEqual({ branchline: 'a' }));
  });

  test('stays in step in what is started then, and an error goes through', async () => {
    await within({ branchline: 'a', t: '7' }, async () => {
      const later = withMemberInStep(KEYS, null, async () => {
        await turn();
        return active();
      });
      expect(active()).toEqual({ branchline: 'a', t: '7' });
      expect(await later).toEqual({ t: '7' });
      const fail = (): never => {
        throw new Error('mine');
      };
      expect(() => withMemberInStep(KEYS, null, fail)).toThrow('mine');
    });
  });

  const open = (namespace: string, entries: Record<string, string> = { 'a.develop': '1', 'a.feature-x': '2' }) => {
    const resolver = createResolver({ sources: [memorySource(entries)], namespace });
    onTestFinished(setDefaultResolver(resolver));
    return resolver;
  };
  const carried = { branchline: 'feature-o', t: '7' };
  const sent = (resolver: Resolver): string | null =>
    new Headers(context.inject({}, { resolver })).get('baggage')?.replace('branchline=', '') ?? null;

  test('is the member of the context that is run', () => {
    open('develop');
    within(carried, () => {
      expect(context.run({ namespaces: ['feature-x'] }, active)).toEqual({ branchline: 'feature-x', t: '7' });
      expect(context.run({ services: { a: 'feature-x' } }, active)).toEqual({ branchline: 'a.feature-x', t: '7' });
      expect(context.run({}, active)).toEqual({ t: '7' });
      expect(context.run(undefined, active)).toEqual({ t: '7' });
      expect(context.run({ namespaces: ['feature-x'] }, () => context.run(undefined, active))).toEqual({ t: '7' });
      expect(active()).toEqual(carried);
    });
    expect(context.run({ namespaces: ['feature-x'] }, active)).toBeNull();
  });

  test('is what a message carries on, unseen', () => {
    const resolver = createResolver({ sources: [memorySource({ 'a.develop': '1' })], namespace: 'feature-own' });
    const ignored = context.extract({ baggage: 'branchline=feature-z' }, { resolver, refused: 'ignore' });
    within(carried, () => {
      expect(context.run(ignored, active)).toEqual({ branchline: 'feature-z~feature-own', t: '7' });
    });
  });

  test('is the member that a call carries: in a branch Pod with the branch', () => {
    const resolver = open('feature-x');
    within(carried, () => {
      context.run({ namespaces: ['feature-y'] }, () => {
        expect(sent(resolver)).toBe('feature-y~feature-x');
        expect(active()).toEqual({ branchline: 'feature-y~feature-x', t: '7' });
      });
    });
  });

  test('is the one that the resolver of the request would send, whichever is the default', () => {
    const branch = open('feature-x') as Resolver & Routed;
    open('develop');
    const request = { context: undefined, hops: undefined, routing: branch[ROUTING] };
    within(carried, () => {
      expect(runIn(request, () => context.run({ namespaces: ['feature-y'] }, active))).toEqual({
        branchline: 'feature-y~feature-x',
        t: '7',
      });
    });
  });

  test('stands under the keys of the request, where no resolver is known', () => {
    const resolver = createResolver({
      sources: [memorySource({ 'a.feature-x': '1' })],
      namespace: 'develop',
      keys: ['okteto-divert'],
    });
    const extracted = context.extract({ baggage: 'okteto-divert=feature-x' }, { resolver });
    within({ 'okteto-divert': 'a', branchline: 'b' }, () => {
      context.run(extracted, () => {
        const inner = (): unknown => context.run({ namespaces: ['feature-y'] }, active);
        expect(inner()).toEqual({ 'okteto-divert': 'feature-y', branchline: 'b' });
      });
    });
  });

  test('is taken out by a run that wishes for nothing, where no resolver is known', () => {
    within(carried, () => {
      expect(context.run(undefined, active)).toEqual({ t: '7' });
      expect(context.run({}, active)).toEqual({ t: '7' });
      expect(context.run({ namespaces: ['feature-x'] }, active)).toEqual({ branchline: 'feature-x', t: '7' });
    });
  });

  test('is what was wished where it is too much with the branch: the call that would carry it says so', () => {
    open('feature-x');
    within(carried, () => {
      expect(context.run({ namespaces: Array.from('abcdefgh') }, active)).toEqual({
        branchline: 'a~b~c~d~e~f~g~h',
        t: '7',
      });
    });
  });

  test.each([
    ['overrides are off', { 'a.develop': '1', overrides: 'off' }],
    ['nothing is configured', {}],
  ])('is left alone by a run where %s', (_, entries) => {
    open('develop', entries);
    within(carried, () => {
      expect(context.run({ namespaces: ['feature-x'] }, active)).toEqual(carried);
      expect(context.run(undefined, active)).toEqual(carried);
    });
  });

  test('makes no default resolver', () => {
    const slot = (): unknown =>
      (globalThis as Record<symbol, { own?: unknown }>)[Symbol.for('branchline.default.v1')]?.own;
    within(carried, () => context.run({ namespaces: ['feature-x'] }, () => undefined));
    expect(slot()).toBeUndefined();
  });
});

describe('under OpenTelemetry’s instrumentations', () => {
  const FOREIGN = 'tenant=7';

  /** An instrumented service, and a callee that shows the bytes that it received. */
  async function start(order: Omit<Order, 'entries'>) {
    const callee = await startRawServer();
    const entries = { 'callee.develop': callee.url, 'other.feature-x': '8080', 'other.feature-y': '8080' };
    const args = [JSON.stringify({ ...order, entries } satisfies Order)];
    const child = startChild(new URL('children/instrumented.ts', import.meta.url), { args });
    const { port } = await child.said('port');
    let calls = 0;

    /** What the callee receives, as lines of baggage, when the service is asked with these lines. */
    const ask = async (way: string, baggage: readonly string[], query: Record<string, string> = {}) => {
      calls += 1;
      const to = way === 'fetch' || way.startsWith('routed') ? 'http://callee' : callee.url;
      const search = new URLSearchParams({ url: `${to}/${calls}`, way, ...query });
      const request = get(`http://127.0.0.1:${port as number}/?${search.toString()}`, {
        headers: { baggage: [...baggage], connection: 'close' },
      });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      const body = await bodyOf(response);
      expect([response.statusCode, body]).toEqual([200, body]);
      const heads = callee
        .received()
        .split('\r\n\r\n')
        .filter((head) => head.startsWith(`GET /${calls} `));
      expect(heads).toHaveLength(1);
      const lines = (heads[0] ?? '').split('\r\n').filter((line) => /^baggage:/i.test(line));
      const members = lines.flatMap((line) =>
        line
          .slice('baggage:'.length)
          .split(',')
          .map((member) => member.trim()),
      );
      return { members, active: JSON.parse(body) as Record<string, string> };
    };
    return { ask, third: callee.url };
  }

  const develop: Omit<Order, 'entries'> = {
    resolver: { namespace: 'develop' },
    middleware: { trust: true, refused: 'ignore' },
  };
  const ALL = ['fetch', 'http', 'routed http', 'global fetch', 'routed global fetch'];
  /** Those that find the address, and write the header. */
  const ROUTED = ALL.filter((way) => way === 'fetch' || way.startsWith('routed'));

  test('what the middleware strips does not travel on, and foreign baggage does', async () => {
    const untrusted = await start({ ...develop, middleware: { trust: false } });
    const malformed = await start(develop);
    for (const way of ALL) {
      for (const baggage of [
        ['branchline=feature-x', FOREIGN],
        [`${FOREIGN},branchline=A`, 'branchline=b'],
        [`branch%6Cine=feature-x , ${FOREIGN}`],
      ]) {
        const { members, active: kept } = await untrusted.ask(way, baggage);
        expect([way, members, kept]).toEqual([way, [FOREIGN], { tenant: '7' }]);
      }
      for (const baggage of [`branchline=A,${FOREIGN}`, `branchline=a,${FOREIGN},branchline=b`]) {
        const { members, active: kept } = await malformed.ask(way, [baggage]);
        expect([way, members, kept]).toEqual([way, [FOREIGN], { tenant: '7' }]);
      }
    }
  });

  test('no call carries two members of ours, or another one than the header says', async () => {
    const { ask } = await start(develop);
    for (const [way, baggage, query, wish] of [
      ['fetch', [FOREIGN, 'branchline=feature-x'], {}, 'feature-x'],
      ['fetch', [`branchline=feature-x;p , ${FOREIGN}`], { forward: '' }, 'feature-x'],
      ['fetch', [`branchline=feature-x,branchline=feature-x,${FOREIGN}`], {}, 'feature-x'],
      ['fetch', [FOREIGN, 'branchline=feature-z'], {}, 'feature-z'],
      ['fetch', [FOREIGN], { branch: 'feature-x' }, 'feature-x'],
      ['fetch', [`branch%6Cine=feature-z,${FOREIGN}`], { branch: 'feature-x' }, 'feature-x'],
      ['fetch', [FOREIGN, 'branchline=feature-x'], { run: 'feature-y' }, 'feature-y'],
      ['routed http', [FOREIGN, 'branchline=feature-x'], {}, 'feature-x'],
      ['routed http', [FOREIGN, 'branchline=feature-x'], { forward: '' }, 'feature-x'],
      ['routed http', [FOREIGN, 'branchline=other.feature-y~feature-x'], {}, 'feature-x~other.feature-y'],
      ['routed http', [FOREIGN, 'branchline=feature-z'], {}, 'feature-z'],
      ['routed http', [], { branch: 'feature-x' }, 'feature-x'],
    ] as const) {
      const { members } = await ask(way, baggage, query);
      const [ours, ...more] = members.filter((member) => member.startsWith('branch')).map(decodeURIComponent);
      expect([way, baggage, query, ours, more]).toEqual([way, baggage, query, `branchline=${wish}`, []]);
      expect(members.includes(FOREIGN)).toBe(baggage.length > 0);
    }
  });

  test('a context that is run inside goes with the call, in whatever way: two wishes would be refused', async () => {
    const { ask } = await start(develop);
    for (const way of ROUTED) {
      const { members } = await ask(way, [FOREIGN, 'branchline=feature-x'], { run: 'feature-y' });
      const ours = members.filter((member) => member.startsWith('branch'));
      expect([way, [...new Set(ours)]]).toEqual([way, ['branchline=feature-y']]);
    }
  });

  test('in a branch Pod the branch goes with what the baggage carries', async () => {
    const { ask } = await start({ ...develop, resolver: { namespace: 'feature-x' } });
    for (const [baggage, wish] of [
      ['branchline=feature-y', 'feature-y~feature-x'],
      ['branchline=feature-z', 'feature-z~feature-x'],
      ['branchline=other.feature-y', 'feature-x~other.feature-y'],
      ['branchline=feature-x', 'feature-x'],
    ] as const) {
      for (const way of ['fetch', 'routed http']) {
        const { members } = await ask(way, [`${baggage},${FOREIGN}`]);
        expect([way, members.map(decodeURIComponent).toSorted()]).toEqual([way, [`branchline=${wish}`, FOREIGN]]);
      }
    }
  });

  test('nothing is added to the baggage where it was not, and a third party sees nothing of ours', async () => {
    const { ask } = await start({ ...develop, resolver: { namespace: 'feature-x' } });
    for (const way of ['http', 'global fetch']) {
      expect(await ask(way, [])).toEqual({ members: [], active: {} });
      expect(await ask(way, [FOREIGN])).toEqual({ members: [FOREIGN], active: { tenant: '7' } });
      expect(await ask(way, [FOREIGN], { branch: 'feature-y' })).toEqual({
        members: [FOREIGN],
        active: { tenant: '7' },
      });
    }
  });

  test('the wrapped fetch takes our member out of what OpenTelemetry sends to a third party', async () => {
    const { ask, third } = await start(develop);
    const { members, active: kept } = await ask('fetch', [FOREIGN, 'branchline=feature-x'], { url: `${third}/1` });
    expect([members, kept]).toEqual([[FOREIGN], { tenant: '7', branchline: 'feature-x' }]);
  });

  test('where wishes are not listened to, the baggage of a trusted request is as it came', async () => {
    const { ask } = await start({ ...develop, resolver: { namespace: 'feature-x', overrides: false } });
    const { members, active: kept } = await ask('global fetch', [FOREIGN, 'branchline=feature-z']);
    expect([members, kept]).toEqual([[FOREIGN, 'branchline=feature-z'], { tenant: '7', branchline: 'feature-z' }]);
  });
});
