import { describe, expect, test } from 'vitest';

import { branchline } from '../command.ts';
import { configMap, json, namespaces, README } from '../kubernetes.ts';

const data = {
  ...README,
  '_admin.my-rest.feature-x': '9090',
  'My_Rest.feature-x': '1',
  'other.feature-xx': '',
  'table.yaml': 'a.feature-x: 1',
};
const input = json(configMap(data));
const patch = (...keys: string[]): string =>
  `${JSON.stringify({ data: Object.fromEntries(keys.toSorted().map((key) => [key, null])) })}\n`;

describe('branchline remove', () => {
  test('prints the patch that removes keys, with nulls', async () => {
    expect(await branchline(['remove', 'b.feature-x', '_admin.a.feature-x'])).toEqual({
      code: 0,
      signal: null,
      stdout: patch('_admin.a.feature-x', 'b.feature-x'),
      stderr: '',
    });
  });

  test('of a deployment removes its named endpoints as well, if that is asked, and nothing of another', async () => {
    expect(await branchline(['remove', 'my-rest.feature-x', '--endpoints'], { input })).toMatchObject({
      code: 0,
      stdout: patch('my-rest.feature-x', '_admin.my-rest.feature-x'),
    });
    expect(await branchline(['remove', '--namespace', 'feature-x', '--endpoints'], { input })).toMatchObject({
      code: 2,
      stdout: '',
    });
  });

  test('takes out a misspelt key, and leaves the one that was meant', async () => {
    expect(await branchline(['remove', 'My_Rest.feature-x'])).toMatchObject({
      code: 0,
      stdout: patch('My_Rest.feature-x'),
    });
  });

  test.each<[string, Record<string, string>]>([
    ['a key', { baseline: 'staging' }],
    ['a document', { 'table.yaml': 'baseline: staging\n' }],
    ['a document of JSON', { 'table.json': '{"baseline":["staging","develop"]}' }],
  ])('removes nothing of the baseline that the map says in %s', async (_, said) => {
    const of = json(configMap({ ...said, 'a.staging': '', 'a.feature-x': '' }));
    const refused = await branchline(['remove', '--namespace', 'staging'], { input: of });
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toMatch(/a\.staging is an entry of the baseline staging.* say --baseline\.\n$/);
    const meant = await branchline(['remove', '--namespace', 'staging', '--baseline'], { input: of });
    expect(meant).toMatchObject({ code: 0, stdout: patch('a.staging') });
    const branch = await branchline(['remove', '--namespace', 'feature-x'], { input: of });
    expect(branch).toMatchObject({ code: 0, stdout: patch('a.feature-x') });
  });

  test.each<[string, Record<string, string>]>([
    ['a baseline that is none', { baseline: 'staging,' }],
    ['a document that does not parse, where the baseline might be', { 'table.yaml': 'baseline: [staging' }],
  ])('removes nothing while the map has %s', async (_, said) => {
    const of = json(configMap({ ...said, 'a.staging': '', 'a.feature-x': '' }));
    const { code, stdout, stderr } = await branchline(['remove', '--namespace', 'staging'], { input: of });
    expect([code === 0, stdout]).toEqual([false, '']);
    expect(stderr).toMatch(/(?:baseline is "staging,"|table\.yaml.* does not parse)/);
  });

  test('of a namespace removes what the ConfigMap has of it, a misspelt key too, and says what it does not look at', async () => {
    const { code, stdout, stderr } = await branchline(['remove', '--namespace', 'feature-x'], { input });
    expect([code, stdout]).toEqual([0, patch('my-rest.feature-x', '_admin.my-rest.feature-x', 'My_Rest.feature-x')]);
    expect(stderr).toMatch(
      /^branchline: what stands in "?table\.yaml"? is not looked at; a patch removes whole keys\.\n$/,
    );
  });

  test('of a namespace that the ConfigMap does not have removes nothing, and says so', async () => {
    const { code, stdout, stderr } = await branchline(['remove', '--namespace', 'feature-z'], {
      input: json(configMap(README)),
    });
    expect([code, stdout]).toEqual([0, patch()]);
    expect(stderr).toBe('branchline: the ConfigMap has no key of feature-z.\n');
  });

  test('reads the ConfigMap of the name that is said', async () => {
    const both = json({ kind: 'List', items: [configMap({ 'a.feature-x': '' }, 'other'), configMap(README)] });
    const removed = async (...args: string[]): Promise<string> =>
      (await branchline(['remove', '--namespace', 'feature-x', ...args], { input: both })).stdout;
    expect(await removed()).toBe(patch('my-rest.feature-x'));
    expect(await removed('--name', 'other')).toBe(patch('a.feature-x'));
  });

  test.each<[string, string[], string, RegExp]>([
    ['neither keys nor a namespace', [], input, /^branchline: remove wants keys, or --namespace .*\n$/],
    [
      'both',
      ['a.feature-x', '--namespace', 'feature-x'],
      input,
      /^branchline: remove wants keys, or --namespace .*\n$/,
    ],
    ['no key', ['My Rest.feature-x'], '', /"My Rest\.feature-x" is no key: .*\n$/],
    ['a misspelt key of the baseline', ['My_Rest.develop'], '', /say --baseline\.\n$/],
    ['no namespace', ['--namespace', 'A'], input, /^branchline: "A" is no namespace: a namespace is .*\n$/],
    [
      'nothing on standard input',
      ['--namespace', 'x'],
      '',
      /^branchline: standard input is empty; want what kubectl get … -o json prints\.\n$/,
    ],
    ['something else there', ['--namespace', 'x'], 'kind: ConfigMap', /^branchline: standard input is no JSON: .*\n$/],
    [
      'no ConfigMap',
      ['--namespace', 'x'],
      json(namespaces('a')),
      /^branchline: standard input has no ConfigMap branchline; .*found Namespace a\.\n$/,
    ],
    [
      'the ConfigMap of several namespaces',
      ['--namespace', 'x'],
      input + json(configMap({}, 'branchline', 'feature-x')),
      /of several namespaces; want the baseline's only\.\n$/,
    ],
    ['a key of the baseline', ['my-rest.develop'], '', /say --baseline\.\n$/],
  ])('refuses %s, with one line', async (_, args, text, why) => {
    const { code, stdout, stderr } = await branchline(['remove', ...args], { input: text });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(why);
  });
});
