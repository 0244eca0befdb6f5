import { describe, expect, test } from 'vitest';

import { branchline, folderWith, shell } from '../command.ts';
import { configMap, json, namespaces, README } from '../kubernetes.ts';

const map = json(configMap(README));
const patch = (...keys: string[]): string =>
  `${JSON.stringify({ data: Object.fromEntries(keys.map((key) => [key, null])) })}\n`;

describe('branchline prune', () => {
  test('removes the entries of namespaces that are gone, from both outputs on standard input', async () => {
    const script = '{ kubectl get configmap branchline -o json; kubectl get namespaces -o json; } | branchline prune';
    const programs = { kubectl: 'if [ "$2" = configmap ]; then echo "$MAP"; else echo "$NAMESPACES"; fi' };
    const env = { MAP: map, NAMESPACES: json(namespaces('develop', 'feature-x', 'kube-system')) };
    expect(await shell(script, { programs, env })).toMatchObject({
      code: 0,
      stdout: patch('my-rest.feature-y'),
      stderr: '',
    });
  });

  test('takes the namespaces from a file', async () => {
    const cwd = folderWith({ 'namespaces.json': json(namespaces('develop', 'feature-y')) });
    expect(await branchline(['prune', '--namespaces', 'namespaces.json'], { cwd, input: map })).toMatchObject({
      code: 0,
      stdout: patch('my-rest.feature-x'),
    });
  });

  test.each([{ baseline: 'staging' }, { 'table.yaml': 'baseline: staging\n' }])(
    'knows the baseline of the map, and misses it in a list that is not whole: %j',
    async (said) => {
      const of = json(configMap({ ...said, 'a.staging': '', 'a.gone': '' }));
      const whole = await branchline(['prune'], { input: of + json(namespaces('staging')) });
      expect(whole).toMatchObject({ code: 0, stdout: patch('a.gone') });
      const { code, stdout, stderr } = await branchline(['prune'], { input: of + json(namespaces('develop')) });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/does not have staging.* not whole/);
    },
  );

  test.each<[string, string[], string, RegExp]>([
    [
      'no namespaces',
      [],
      map,
      /^branchline: the list of namespaces has no Namespace; want a Namespace, found ConfigMap branchline\.\n$/,
    ],
    ['a list without the baseline', [], map + json(namespaces('feature-x')), /does not have develop.* not whole/],
    [
      'a part of a list',
      [],
      `${map}{"kind":"NamespaceList","metadata":{"continue":"x"},"items":[]}`,
      /has a part of a list only/,
    ],
    ['an empty list of them', [], map + json(namespaces()), /has no Namespace/],
    ['no ConfigMap', [], json(namespaces('a')), /^branchline: standard input has no ConfigMap branchline/],
    ['nothing', [], '', /^branchline: standard input is empty/],
    [
      'a file that is not there',
      ['--namespaces', 'nothing.json'],
      map,
      /^branchline: "nothing\.json" cannot be read: .*\n$/,
    ],
  ])('refuses %s: everything would look gone', async (_, args, input, why) => {
    const { code, stdout, stderr } = await branchline(['prune', ...args], { input });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(why);
    expect(stderr).toMatch(/^[^\n]+\n$/);
  });
});
