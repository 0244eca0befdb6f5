import { describe, expect, test } from 'vitest';

import { startChild } from '../doubles/child.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { createKubelet } from '../doubles/kubelet.ts';

const main = new URL('../../examples/resolve/main.ts', import.meta.url);

/** Runs it with these variables, and none of this machine's. */
async function run(env: Readonly<Record<string, string>>): Promise<{ code: number | null; lines: string[] }> {
  const nothing = Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => /^(BRANCHLINE_|POD_NAMESPACE$|KUBERNETES_)/.test(name))
      .map((name) => [name, undefined]),
  );
  const { code, stdout } = await startChild(main, { cwd: temporaryFolder(), env: { ...nothing, ...env } }).exited();
  return { code, lines: stdout.trimEnd().split('\n') };
}

describe('the example of resolve', () => {
  test('asks a mounted folder, says why, and ends', async () => {
    const { mount, write } = createKubelet(temporaryFolder());
    write({ baseline: 'develop', 'my-rest.develop': '8080', 'my-rest.feature-x': '8081' });
    const { code, lines } = await run({ BRANCHLINE_CONFIG: mount, POD_NAMESPACE: 'feature-x' });
    expect(code).toBe(0);
    expect(lines[0]).toBe('http://my-rest.feature-x.svc:8081/get-customer-permissions');
    expect(lines[1]).toContain('my-rest → http://my-rest.feature-x.svc:8081  [branch feature-x');
    expect(lines[2]).toContain(`my-rest.feature-x = "8081" in mount:${mount}`);
  });

  test('asks the shared one where the branch has none', async () => {
    const { mount, write } = createKubelet(temporaryFolder());
    write({ baseline: 'develop', 'my-rest.develop': '8080' });
    const { lines } = await run({ BRANCHLINE_CONFIG: mount, POD_NAMESPACE: 'feature-x' });
    expect(lines[0]).toBe('http://my-rest.develop.svc:8080/get-customer-permissions');
  });

  test('asks the environment', async () => {
    const { code, lines } = await run({ BRANCHLINE_NAMESPACE: 'feature-x', BRANCHLINE_MY_REST__FEATURE_X: '8080' });
    expect(code).toBe(0);
    expect(lines[0]).toBe('http://my-rest.feature-x.svc:8080/get-customer-permissions');
  });

  test('changes nothing where there is no table', async () => {
    const { code, lines } = await run({ BRANCHLINE_NAMESPACE: 'production' });
    expect(code).toBe(0);
    expect(lines[0]).toBe('http://my-rest/get-customer-permissions');
  });
});
