// What is printed, handed to a real kubectl where one is on the machine: it needs no cluster for a patch of a file. What it
// would do is always tried with RFC 7386 by the letter, in patches.test.ts.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { branchline, folderWith, shell } from './command.ts';
import { configMap, type Data, expectConfigMap, expectData, json, namespaces, patched, README } from './kubernetes.ts';

const { status, error } = spawnSync('kubectl', ['version', '--client']);
const isThere = error === undefined && status === 0;

const before: Data = {
  ...README,
  '_admin.my-rest.feature-x': '9090',
  'table.yaml': 'a.develop: "1"\n',
};
const files = () =>
  folderWith({ 'map.json': json(configMap(before)), 'namespaces.json': json(namespaces('develop', 'feature-y')) });
/** As pipelines write it; nothing is sent anywhere. */
const KUBECTL = 'kubectl patch --local -f map.json --type merge --patch-file /dev/stdin -o json';

const lines = [
  'branchline add my-rest.feature-x=9000 orders.feature-x _admin.orders.feature-x=1',
  'branchline add --baseline orders.develop=disabled strict=on',
  'branchline remove my-rest.feature-x _admin.my-rest.feature-x',
  'branchline remove not.there',
  'branchline remove --namespace feature-x < map.json',
  'branchline remove --namespace feature-z < map.json',
  'branchline prune --namespaces namespaces.json < map.json',
];

/** What the API server would have afterwards, by our own rules. */
async function ours(line: string, cwd: string): Promise<Data> {
  const { code, stdout } = await shell(line, { cwd });
  expect([line, code]).toEqual([line, 0]);
  return expectData(patched(before, stdout));
}

test.each(lines)('what %s prints leaves a ConfigMap that Kubernetes takes', async (line) => {
  const after = await ours(line, files());
  expect(after['table.yaml']).toBe(before['table.yaml']);
});

describe.skipIf(!isThere)('with the kubectl of this machine', () => {
  test.each(lines)('%s | kubectl patch --local makes the same of it', async (line) => {
    const cwd = files();
    const { code, stdout, stderr } = await shell(`${line} 2>/dev/null | ${KUBECTL}`, { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect((JSON.parse(stdout) as { data: Data }).data).toEqual(await ours(line, cwd));
  });

  test('a manifest is read as it was written: whatever stands in it', async () => {
    const data = {
      ...before,
      'notes.txt': ' \ttab\r\n"quoted" \\ \u001b \u007f \u0085 \u009b \u00a0 \u2028 x \u2029 x \ufeff 🚀 ä\n\n',
      yes: 'no',
      '1': '1e3',
    };
    const { stdout: manifest } = await branchline(['manifest', '--namespace', 'feature-x'], {
      input: json(configMap(data)),
    });
    const cwd = folderWith({ 'cm.yaml': manifest, 'nothing.json': '{}' });
    const args = [
      'patch',
      '--local',
      '-f',
      join(cwd, 'cm.yaml'),
      '--type',
      'merge',
      '--patch-file',
      join(cwd, 'nothing.json'),
    ];
    const { stdout, stderr } = spawnSync('kubectl', [...args, '-o', 'json'], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(expectConfigMap(JSON.parse(stdout))).toEqual(data);
  });
});
