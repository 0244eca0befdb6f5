// The help: of the whole, and of each command, whose example is run as it stands there.

import { join } from 'node:path';

import { expect, test } from 'vitest';

import { startServer } from '../doubles/http-server.ts';
import { createKubelet } from '../doubles/kubelet.ts';
import { branchline, folderWith, shell } from './command.ts';
import { configMap, json, namespaces, README, services, yaml } from './kubernetes.ts';

const commands = [
  'resolve',
  'explain',
  'table',
  'check',
  'watch',
  'wait',
  'add',
  'remove',
  'manifest',
  'prune',
  'namespace',
  'env',
  'types',
];

test('the help names every command, and the exit codes', async () => {
  const { code, stdout, stderr } = await branchline(['--help']);
  expect([code, stderr]).toEqual([0, '']);
  const named = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  expect(named).toEqual([...commands, 'help']);
  expect(stdout).toContain('Exit codes: 0 done, 1 problems found or no answer, 2 wrong use.');
  expect((await branchline(['help'])).stdout).toBe(stdout);
});

test('the version is the one of the package', async () => {
  const { stdout } = await branchline(['--version']);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
});

/** `kubectl get` answers; `kubectl patch` and `kubectl apply` take what they are given. */
const KUBECTL = `
case "$1 $2" in
  'get configmap') cat map.json;;
  'get namespaces') cat namespaces.json;;
  'get services') cat services.json;;
  *) cat > given;;
esac`;

test.each(commands)('the help of %s is on standard output, and shows an example that works', async (name) => {
  const examples = examplesIn(await helpOf(name));
  expect(examples.length).toBeGreaterThan(0);
  const cwd = folderWith({
    'table.yaml': yaml(configMap(README)),
    'map.json': json(configMap(README)),
    'namespaces.json': json(namespaces('develop', 'feature-x')),
    'services.json': json(services({ 'my-rest.develop': [], 'my-rest.feature-x': [], 'my-rest.feature-y': [] })),
  });
  const { mount, write } = createKubelet(join(cwd, 'config'));
  write(README);
  const { url } = await startServer((_, response) => {
    response.writeHead(200, { 'branchline-accepted': 'my-rest.feature-x' }).end();
  });
  for (const example of examples) {
    expect(example).toContain(`branchline ${name}`);
    // What is not on every machine: the application, the mount, and a signal from somebody who has seen enough.
    const here = example
      .replace('https://web.dev.example.com', url)
      .replace('/etc/branchline', mount)
      .replace(/^branchline watch .*/, '$& 2>said & until grep -q Ctrl-C said; do sleep 0.1; done; kill $!; wait $!');
    const exit = await shell(here, { cwd, programs: { kubectl: KUBECTL, npm: 'echo "npm $*"' } });
    expect([example, exit.code]).toEqual([example, 0]);
    expect(exit.stderr).not.toContain('    at ');
  }
});

test('the example of resolve shows what it prints', async () => {
  const cwd = folderWith({ 'table.yaml': yaml(configMap(README)) });
  const [, command = '', printed = ''] = /\$ branchline (.*)\n +(http.*)/.exec(await helpOf('resolve')) ?? [];
  expect(await branchline(command.split(' '), { cwd })).toMatchObject({ code: 0, stdout: `${printed}\n` });
});

async function helpOf(name: string): Promise<string> {
  const { code, stdout, stderr } = await branchline([name, '--help']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(new RegExp(`^Usage: branchline ${name} `));
  return stdout;
}

/** What follows `$ `, with the lines that a pipe at the end of one asks for. */
function examplesIn(help: string): string[] {
  const [, example = ''] = help.split('\nExample:\n');
  const lines = example.split('\n').map((line) => line.trim());
  return lines.flatMap((line, index) => {
    if (!line.startsWith('$ ')) return [];
    const whole = [line.slice(2)];
    while (whole.at(-1)?.endsWith('|') === true) whole.push(lines[index + whole.length] as string);
    return [whole.join('\n')];
  });
}
