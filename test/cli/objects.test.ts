import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type KubernetesObject, parseObjects, pick } from '../../src/cli/objects.ts';
import { Failure } from '../../src/cli/terminal.ts';
import { anyText } from '../doubles/arbitraries.ts';
import { configMap, json, namespaces } from './kubernetes.ts';

const names = (text: string): string[] =>
  parseObjects(text, 'here').map(({ kind, metadata }) => `${kind} ${metadata.name}`);
const object = (kind: string, name: string): object => ({ kind, metadata: { name } });

describe('what kubectl prints', () => {
  test('is one object, with its data and its spec', () => {
    expect(parseObjects(json(configMap({ 'a.develop': '1' })), 'here')).toEqual([
      {
        kind: 'ConfigMap',
        metadata: { name: 'branchline', namespace: 'develop' },
        data: { 'a.develop': '1' },
        spec: undefined,
      },
    ]);
    expect(parseObjects('{"kind":"Service","metadata":{"name":"a"},"spec":{"ports":[]}}', 'here')).toMatchObject([
      { kind: 'Service', metadata: { name: 'a', namespace: undefined }, spec: { ports: [] } },
    ]);
  });

  test('is a List, also one of a kind, whose items leave theirs out, and a List in a List', () => {
    expect(names(json(namespaces('a', 'b')))).toEqual(['Namespace a', 'Namespace b']);
    expect(names('{"kind":"ServiceList","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}')).toEqual([
      'Service a',
      'Service b',
    ]);
    expect(names(json({ kind: 'List', items: [namespaces('a'), object('Pod', 'b')] }))).toEqual([
      'Namespace a',
      'Pod b',
    ]);
    expect(names('{"kind":"List","items":[]}')).toEqual([]);
  });

  test.each(['', ' ', '\n', '\n\n\t'])('is several outputs, one after the other, with %j between', (between) => {
    const first = json(configMap({ 'a.develop': '{"}\\"]', 'b.develop': '[' })).trim();
    expect(
      names([first, json(namespaces('x', 'y')).trim(), JSON.stringify(object('Pod', '}{'))].join(between)),
    ).toEqual(['ConfigMap branchline', 'Namespace x', 'Namespace y', 'Pod }{']);
  });

  test('is found apart whatever its texts contain', () => {
    const text = anyText(20);
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 5 }), fc.boolean(), (all, pretty) => {
        const objects = all.map(([name, value]) => ({
          kind: 'ConfigMap',
          metadata: { name },
          data: { [name]: value },
        }));
        const printed = objects.map((one) => (pretty ? json(one) : JSON.stringify(one))).join('');
        expect(parseObjects(printed, 'here').map(({ metadata, data }) => ({ metadata, data }))).toEqual(
          objects.map(({ metadata, data }) => ({ metadata: { ...metadata, namespace: undefined }, data })),
        );
      }),
      { numRuns: 500 },
    );
  });

  test('is nothing else: each says where, what, and what is wanted', () => {
    for (const [text, why] of [
      ['', /^here is empty; want what kubectl get … -o json prints\.$/],
      [' \n', /^here is empty/],
      ['kind: ConfigMap', /^here is no JSON: .*want what kubectl get … -o json prints/i],
      ['{"kind":"Pod","metadata":{"name":"a"}} x', /^here is no JSON/],
      ['{"kind":"Pod","metadata":{"name":"a"}}}', /^here is no JSON/],
      ['{"kind":"Pod"', /^here is no JSON/],
      ['}{', /^here is no JSON/],
      ['[]', /^here is no Kubernetes object: it has no kind/],
      ['{}', /^here is no Kubernetes object/],
      ['5', /^here is no Kubernetes object/],
      ['{"kind":5}', /^here is no Kubernetes object/],
      ['{"kind":"Pod"}', /^here has a "Pod" without metadata\.name\.$/],
      ['{"kind":"Pod","metadata":{"name":5}}', /without metadata\.name/],
      ['{"kind":"List","items":[null]}', /without metadata\.name/],
      ['{"kind":"List","items":[{"kind":"Pod"}]}', /^here has a "Pod" without metadata\.name/],
    ] as const) {
      expect(() => parseObjects(text, 'here')).toThrow(Failure);
      expect(() => parseObjects(text, 'here')).toThrow(why);
    }
  });

  test('never ends in another error than its own, however deep or wild it is', () => {
    const deep = `${'{"kind":"List","items":['.repeat(20_000)}${']}'.repeat(20_000)}`;
    for (const text of [
      '['.repeat(100_000),
      '{"a":'.repeat(100_000),
      `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
      deep,
    ]) {
      try {
        parseObjects(text, 'here');
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }
  });
});

describe('of those objects', () => {
  const objects = parseObjects(
    [configMap({}), configMap({}, 'other'), namespaces('a')].map((one) => json(one)).join(''),
    'here',
  );
  const found = (...[kind, name]: [string, string?]): string[] =>
    pick(objects, kind, 'here', name).map(({ metadata }: KubernetesObject) => metadata.name);

  test('all of a kind are picked, or the one of a name', () => {
    expect(found('ConfigMap')).toEqual(['branchline', 'other']);
    expect(found('ConfigMap', 'other')).toEqual(['other']);
    expect(found('Namespace')).toEqual(['a']);
  });

  test('one that is missing is told, with what was there', () => {
    expect(() => found('Service')).toThrow(
      'here has no Service; want a Service, found ConfigMap branchline, ConfigMap other, Namespace a.',
    );
    expect(() => found('ConfigMap', 'x')).toThrow(/^here has no ConfigMap x; want the ConfigMap x, found /);
    expect(() => pick([], 'ConfigMap', 'here')).toThrow(/^here has no ConfigMap; want a ConfigMap\.$/);
  });
});
