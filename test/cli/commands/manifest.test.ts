import { createResolver, envSource, memorySource } from 'branchline';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';

import { branchline, type CommandOptions } from '../command.ts';
import { configMap, type Data, expectConfigMap, json, README, services } from '../kubernetes.ts';

/** The ConfigMap that it prints, which Kubernetes would take. */
async function written(args: readonly string[], options?: CommandOptions): Promise<{ data: Data; metadata: object }> {
  const { code, stdout, stderr } = await branchline(['manifest', ...args], options);
  expect([code, stderr]).toEqual([0, '']);
  const manifest = load(stdout) as { metadata: object };
  return { data: expectConfigMap(manifest), metadata: manifest.metadata };
}

describe('branchline manifest', () => {
  test('prints a ConfigMap of the entries', async () => {
    expect(await written(['my-rest.feature-x=8080', 'orders.feature-x'])).toEqual({
      data: { 'my-rest.feature-x': '8080', 'orders.feature-x': '' },
      metadata: { name: 'branchline' },
    });
    expect(await written(['a.feature-x', '--namespace', 'develop', '--name', 'table'])).toMatchObject({
      metadata: { name: 'table', namespace: 'develop' },
    });
  });

  test('takes ports from the Services on standard input', async () => {
    const input = json(
      services({
        'a.feature-x': [
          { name: 'http', port: 80 },
          { name: 'admin', port: 81 },
        ],
      }),
    );
    expect(await written(['a.feature-x', '--services'], { input })).toMatchObject({
      data: { 'a.feature-x': '80', '_admin.a.feature-x': '81' },
    });
  });

  test("makes a branch's full copy of the baseline's map, byte for byte", async () => {
    const data = {
      ...README,
      'table.yaml': 'a.develop: "1"\n# ä\n',
      'notes.txt': ' \ttab\r\n"quoted"\\ \u001b 🚀\u00a0',
    };
    expect(await written(['--namespace', 'feature-x'], { input: json(configMap(data)) })).toEqual({
      data,
      metadata: { name: 'branchline', namespace: 'feature-x' },
    });
  });

  test("makes no copy over the baseline's own map, whose baseline it says itself, unless that is meant", async () => {
    const own = { baseline: 'main,epic-1', 'a.main': '80' };
    const input = json(configMap(own));
    for (const namespace of ['main', 'epic-1']) {
      const { code, stdout, stderr } = await branchline(['manifest', '--namespace', namespace], { input });
      expect([namespace, code, stdout]).toEqual([namespace, 2, '']);
      expect(stderr).toMatch(/^branchline: [^\n]* is of the baseline, [^\n]* say --baseline\.\n$/);
    }
    expect(await written(['--namespace', 'main', '--baseline'], { input })).toEqual({
      data: own,
      metadata: { name: 'branchline', namespace: 'main' },
    });
  });

  test('has keys for envFrom where that is asked, which say the same', async () => {
    const input = json(configMap(README));
    const { data } = await written(['--namespace', 'feature-x', '--portable'], { input });
    expect(Object.keys(data).toSorted()).toEqual([
      'BRANCHLINE_BASELINE',
      'BRANCHLINE_BILLING__DEVELOP',
      'BRANCHLINE_MY_REST__DEVELOP',
      'BRANCHLINE_MY_REST__FEATURE_X',
      'BRANCHLINE_MY_REST__FEATURE_Y',
      'BRANCHLINE_ORDERS__DEVELOP',
      'BRANCHLINE__ADMIN__MY_REST__DEVELOP',
    ]);
    const digest = (sources: ReturnType<typeof memorySource>[]): string =>
      createResolver({ sources, namespace: null }).status().digest;
    expect(digest([envSource({ env: data }) as never])).toBe(digest([memorySource(README)]));
  });

  test('prints the field manager of an entry: one a deployment, and never too long', async () => {
    const manager = async (...keys: string[]): Promise<string> =>
      (await branchline(['manifest', '--field-manager', ...keys])).stdout;
    expect(await manager('my-rest.feature-x=8080', '_admin.my-rest.feature-x=9090')).toBe('my-rest.feature-x\n');
    const longest = `${'a'.repeat(63)}.${'b'.repeat(63)}`;
    expect(await manager(longest)).toBe(`${longest}\n`);
  });

  test.each<[string, string[], CommandOptions, RegExp]>([
    [
      'nothing',
      [],
      {},
      /^branchline: manifest wants entries, or --namespace with the map of the baseline on standard input\.\n$/,
    ],
    [
      'a name that is none',
      ['a.feature-x', '--name', 'A_B'],
      {},
      /^branchline: "A_B" is no name of a ConfigMap; .*\n$/,
    ],
    ['a namespace that is none', ['a.feature-x', '--namespace', 'A'], {}, /^branchline: "A" is no namespace: .*\n$/],
    ['a wrong value', ['a.feature-x=808O'], {}, /^branchline: a\.feature-x is "808O"; want .*\n$/],
    ['a key of the baseline', ['a.develop=1'], {}, /say --baseline\.\n$/],
    [
      'a key without a portable spelling',
      ['a--b.feature-x', '--portable'],
      {},
      /^branchline: "a--b\.feature-x" has no portable spelling: .*\n$/,
    ],
    [
      'a document in upper case',
      ['--namespace', 'feature-x', '--portable'],
      { input: json(configMap({ 'table.yaml': '{}' })) },
      /^branchline: "table\.yaml" has no portable spelling: .*\n$/,
    ],
    [
      'a field manager of two deployments',
      ['a.feature-x', 'b.feature-x', '--field-manager'],
      {},
      /^branchline: a field manager owns one deployment: .*\n$/,
    ],
    ['an empty standard input', ['--namespace', 'feature-x'], {}, /^branchline: standard input is empty; .*\n$/],
    [
      'more than a ConfigMap holds',
      ['--namespace', 'feature-x'],
      { input: json(configMap({ 'a.txt': 'x'.repeat(1024 * 1024) })) },
      /^branchline: the data has \d+ bytes, .*\n$/,
    ],
  ])('refuses %s, with one line', async (_, args, options, why) => {
    const { code, stdout, stderr } = await branchline(['manifest', ...args], options);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(why);
  });
});

test.each(['[1]', '"x"', '{}', 'null'])('a map whose data is %s is no copy of anything', async (data) => {
  const input = `{"kind":"ConfigMap","metadata":{"name":"branchline"},"data":${data}}`;
  expect(await branchline(['manifest', '--namespace', 'feature-x'], { input })).toMatchObject({ code: 2, stdout: '' });
});
