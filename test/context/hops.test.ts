import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createHops, CUT, type Hop, parseRoute, VIA_HEADER } from '../../src/context/hops.ts';
import { anyText, label } from '../doubles/arbitraries.ts';
import { expectLinear } from '../doubles/linear.ts';

const hop = (service: string, namespace: string): Hop => ({ service, namespace });
const web = hop('web', 'develop');
/** Two namespaces that are no file ending. */
const anyHop = fc.record({ service: label(63), namespace: fc.constantFrom('develop', 'feature-x') });

function told(self: Hop | null, ...calls: readonly (readonly [Hop, string | null])[]): string {
  const hops = createHops();
  for (const [called, header] of calls) hops.called(called).answered(header, false);
  return hops.told(self);
}

describe('a route', () => {
  test.each([
    ['this Pod alone', web, [], 'web=develop'],
    ['nothing, where this Pod is not known', null, [], ''],
    ['what was called, after this Pod', web, [[hop('orders', 'develop'), null]], 'web=develop, orders=develop'],
    ['what was called, where this Pod is not known', null, [[hop('a', 'n'), null]], 'a=n'],
    [
      'what those called in turn',
      web,
      [[hop('orders', 'develop'), 'orders=develop, billing=feature-x']],
      'web=develop, orders=develop, billing=feature-x',
    ],
    [
      'what those say of themselves beside where they were called: one of them is wrong',
      web,
      [[hop('orders', 'develop'), 'orders=feature-x, billing=feature-x']],
      'web=develop, orders=develop, orders=feature-x, billing=feature-x',
    ],
    [
      'what was called, where that does not tell itself',
      web,
      [[hop('orders', 'develop'), 'billing=feature-x']],
      'web=develop, orders=develop, billing=feature-x',
    ],
    [
      'each deployment once, in the order of the answers',
      web,
      [
        [hop('b', 'n'), 'b=n, c=n'],
        [hop('a', 'n'), 'a=n, c=n, web=develop'],
        [hop('b', 'm'), null],
      ],
      'web=develop, b=n, c=n, a=n, b=m',
    ],
    [
      'nothing that is no hop, but that there was something',
      web,
      [[hop('a', 'n'), 'a=n, <b>, c=, =d, e=f=g, h, A=b, x=json, __proto__=n, i = j ,, k=l\r\nx: 1']],
      'web=develop, a=n, ...',
    ],
  ] satisfies [string, Hop | null, [Hop, string | null][], string][])('tells %s', (_, self, calls, expected) => {
    expect(told(self, ...calls)).toBe(expected);
  });

  test('may be asked for twice', () => {
    const hops = createHops();
    hops.called(hop('a', 'n')).answered(null, false);
    expect([hops.told(web), hops.told(web)]).toEqual(['web=develop, a=n', 'web=develop, a=n']);
  });

  test('is cut at 2 KiB, between two hops, and says so', () => {
    const calls = Array.from({ length: 200 }, (_, index): [Hop, null] => [hop(`service-${index}`, 'develop'), null]);
    const text = told(web, ...calls);
    const items = text.split(', ');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2048);
    expect(Buffer.byteLength(text)).toBeGreaterThan(1900);
    expect(items.at(-1)).toBe(CUT);
    expect(items.slice(0, -1)).toEqual(
      ['web=develop', ...calls.map(([{ service }]) => `${service}=develop`)].slice(0, items.length - 1),
    );
  });

  test.each([
    ['the last hop that leaves room to say that there was more', 59, 32],
    ['the hop before one that does not', 60, 31],
  ])('is cut behind %s', (_, longer, kept) => {
    const hops = Array.from({ length: 31 }, (_unused, index) => hop(`s${index}-`.padEnd(60, 'x'), 'n'));
    const last = hop('l'.repeat(longer - 2), 'n');
    const text = told(null, ...[...hops, last, hop('a', 'n')].map((one): [Hop, null] => [one, null]));
    expect(text.split(', ')).toEqual([...[...hops, last].slice(0, kept).map(({ service }) => `${service}=n`), CUT]);
    expect(text.length).toBe(kept === 32 ? 2048 : 1987);
  });

  test('that was cut on the way says so to the end', () => {
    expect(told(web, [hop('a', 'n'), `a=n, b=n, ${CUT}`], [hop('c', 'n'), null])).toBe(
      `web=develop, a=n, b=n, c=n, ${CUT}`,
    );
    expect(told(web, [hop('a', 'n'), `a=n, ${'x=n, '.repeat(1000)}`])).toBe(`web=develop, a=n, x=n, ${CUT}`);
  });

  test('is never longer than 2 KiB, and tells a beginning of what was called, for any calls', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyHop, fc.oneof(anyText(), fc.array(anyHop, { maxLength: 40 }))), { maxLength: 40 }),
        (calls) => {
          const text = told(
            web,
            ...calls.map(([called, said]): [Hop, string] => [
              called,
              typeof said === 'string'
                ? said
                : said.map(({ service, namespace }) => `${service}=${namespace}`).join(', '),
            ]),
          );
          expect(text).toMatch(/^[a-z0-9=., -]*$/);
          expect(text.length).toBeLessThanOrEqual(2048);
          const items = text.split(', ');
          expect(items[0]).toBe('web=develop');
          expect(new Set(items).size).toBe(items.length);
          if (items.length < 40)
            for (const [{ service }] of calls) expect(items.some((item) => item.startsWith(`${service}=`))).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('of very many hops is bounded, and costs no more than their number', () => {
    expectLinear((length) => {
      const hops = createHops();
      for (let index = 0; index < length / 64; index += 1) hops.called(hop(`s${index}`, 'n')).answered(null, false);
      expect(hops.told(web).length).toBeLessThanOrEqual(2048);
    });
  });
});

describe('a call', () => {
  test('is told from the moment it is sent, in the order of the calls, whenever it is answered', () => {
    const hops = createHops();
    const first = hops.called(hop('a', 'n'));
    hops.called(hop('b', 'n')).answered('b=n, c=m', false);
    expect(hops.told(web)).toBe('web=develop, a=n, b=n, c=m');
    first.answered('a=n, d=m', false);
    expect(hops.told(web)).toBe('web=develop, a=n, d=m, b=n, c=m');
  });

  test('that fails, or is refused, has not been served; what answered in between has', () => {
    const hops = createHops();
    hops.called(hop('a', 'n')).failed();
    hops.called(hop('b', 'n')).answered('b=m, c=n', true);
    expect(hops.told(web)).toBe('web=develop, b=m, c=n');
    hops.called(hop('a', 'n')).answered(null, false);
    expect(hops.told(web)).toBe('web=develop, a=n, b=m, c=n');
    hops.called(hop('a', 'n')).failed();
    expect(hops.told(web)).toBe('web=develop, a=n, b=m, c=n');
  });

  test('has one end: what fails after its answer was served', () => {
    const hops = createHops();
    const call = hops.called(hop('a', 'n'));
    call.answered('a=n, b=n', false);
    call.failed();
    call.answered('c=n', true);
    expect(hops.told(null)).toBe('a=n, b=n');
    const failed = hops.called(hop('d', 'n'));
    failed.failed();
    failed.failed();
    failed.answered('e=n', false);
    expect(hops.told(null)).toBe('a=n, b=n');
    hops.called(hop('d', 'n'));
    expect(hops.told(null)).toBe('a=n, b=n, d=n');
  });

  test('beyond what is remembered is lost, and the route says so', () => {
    const hops = createHops();
    for (let index = 0; index < 512; index += 1) hops.called(hop('a', 'n')).answered(`s${index}=n`, false);
    expect(hops.told(null)).toMatch(/, \.\.\.$/);
    const few = createHops();
    for (let index = 0; index < 1000; index += 1) few.called(hop('a', 'n')).answered('a=n, b=n', false);
    expect(few.told(null)).toBe('a=n, b=n');
  });
});

describe('a route that is not whole', () => {
  test('says so, also where nothing is known', () => {
    const hops = createHops();
    hops.lost();
    expect([hops.told(null), hops.told(web)]).toEqual([CUT, `web=develop, ${CUT}`]);
  });

  test('is one that went where an answer pointed to', () => {
    const hops = createHops();
    hops.called(hop('a', 'n')).answered(null, false);
    hops.went('http://b/x');
    hops.pointed('http://b/x');
    hops.went('http://b/y');
    expect(hops.told(web)).toBe('web=develop, a=n');
    hops.went('http://b/x');
    expect(hops.told(web)).toBe(`web=develop, a=n, ${CUT}`);
    const many = createHops();
    for (let index = 0; index < 513; index += 1) many.pointed(`http://b/${index}`);
    expect(many.told(web)).toBe(`web=develop, ${CUT}`);
  });

  test('has in it what somebody else has told, behind what was called', () => {
    const hops = createHops();
    hops.heard('');
    hops.heard('orders=develop, auth=develop');
    hops.called(hop('auth', 'feature-x')).answered(null, false);
    hops.heard('auth=feature-x, ...');
    expect(hops.told(web)).toBe(`web=develop, auth=feature-x, orders=develop, auth=develop, ${CUT}`);
  });
});

describe('a header', () => {
  test.each([
    ['', [], false],
    ['a=n', [hop('a', 'n')], false],
    [' a=n ,b=m,', [hop('a', 'n'), hop('b', 'm')], false],
    ['a=n, ...', [hop('a', 'n')], true],
    ['...', [], true],
    ['a=n, b', [hop('a', 'n')], true],
    ['a=n, b=m;v=2', [hop('a', 'n')], true],
    ['a=n, B=m', [hop('a', 'n')], true],
    ['a=n, b = m', [hop('a', 'n')], true],
    ['a=n, ', [hop('a', 'n')], false],
    ['1', [], true],
  ])('%j is read hop by hop', (header, hops, cut) => {
    expect(parseRoute(header)).toEqual({ hops, cut });
  });

  test('that is too long is read up to the last whole hop: half a name is another name', () => {
    const long = `${'a=n,'.repeat(509)}bbbb=feature12`;
    expect(long.slice(0, 2048)).toMatch(/,bbbb=feature$/);
    expect(parseRoute(long)).toEqual({ hops: Array.from({ length: 509 }, () => hop('a', 'n')), cut: true });
  });

  test('of just 2 KiB is read whole', () => {
    const full = `${'a=n,'.repeat(511)}bb=m`;
    expect(full).toHaveLength(2048);
    expect(parseRoute(full)).toEqual({
      hops: [...Array.from({ length: 511 }, () => hop('a', 'n')), hop('bb', 'm')],
      cut: false,
    });
  });

  test('has a name of ours', () => {
    expect(VIA_HEADER).toBe('branchline-via');
  });

  test('is read without an exception, whatever it is, at no more cost than its length', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        for (const { service, namespace } of parseRoute(text).hops) expect(text).toContain(`${service}=${namespace}`);
      }),
    );
    for (const unit of ['a=n,', ',', '=', ' ', 'a'])
      expectLinear((length) => parseRoute(unit.repeat(length / unit.length)));
  });
});
