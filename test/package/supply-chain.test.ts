// The check of the supply chain finds what it is there for: each fault is made in a copy of the project.

import { rmSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { copyOfProject } from './copy.ts';

const RELEASE = '.github/workflows/release.yml';
const CI = '.github/workflows/ci.yml';

// It starts npm and the compiler: on a machine that does much else that takes its time.
describe('the check of the supply chain', { timeout: 120_000 }, () => {
  test('finds nothing as it is, and says the figures', () => {
    const { status, problems, figures } = copyOfProject().check();
    expect(problems).toEqual([]);
    expect(status).toBe(0);
    expect(figures).toEqual([
      expect.stringMatching(/^dependencies: \d+, \d+ packages with theirs, 0 install scripts, each with its SHA-512$/),
      expect.stringMatching(/^bill of materials: \d+ components, 1 of them bundled$/),
      expect.stringMatching(/^workflows: 2, \d+ actions, each pinned by a commit; /),
      'release: with provenance, no token kept, the bill of materials attached',
    ]);
  });

  test('finds what runs when it is installed, and what the lock file does not hold', () => {
    const copy = copyOfProject();
    copy.lock('argparse', (entry) => delete entry.integrity);
    copy.lock('readdirp', (entry) => (entry.hasInstallScript = true));
    copy.lock('chokidar', (entry) => (entry.dev = true));
    copy.lock('stray', (entry) => (entry.version = '1.0.0'));
    copy.lock('dotenv', (entry) => (entry.dependencies = { absent: '1.0.0' }));
    copy.manifest('dotenv', (manifest) => (manifest.scripts = { postinstall: 'node x.js', test: 'x' }));
    copy.manifest('commander', (manifest) => (manifest.version = '0.0.1'));
    copy.manifest(null, ({ scripts = {} }) => (scripts['preinstall'] = 'node x.js'));
    copy.write('node_modules/undici/binding.gyp', '{}');
    rmSync(copy.path('node_modules/js-yaml'), { recursive: true });
    const { status, problems } = copy.check();
    expect(status).toBe(1);
    expect(problems.filter((line) => line.startsWith('dependencies: ')).map((line) => line.slice(14))).toEqual([
      'absent, which node_modules/dotenv needs, is not in the lock file',
      'node_modules/chokidar is needed, and marked as for development',
      'node_modules/stray is installed with the package, and nothing needs it',
      'node_modules/argparse has no SHA-512 in the lock file',
      expect.stringMatching(/^node_modules\/commander is 0\.0\.1, and [\d.]+ in the lock file$/),
      'node_modules/dotenv runs a script when it is installed: postinstall',
      'node_modules/js-yaml is not installed: run npm ci',
      'node_modules/readdirp runs a script when it is installed, says the lock file',
      'node_modules/undici runs a script when it is installed: binding.gyp',
      'the package has the script preinstall',
    ]);
  });

  test('finds what the bill of materials lacks, and what it has too much', () => {
    const copy = copyOfProject();
    copy.write('src/more.ts', "import fastify from 'fastify';\nexport { fastify };\nimport type { X } from 'koa';\n");
    rmSync(copy.path('src/sources/zod.ts'));
    copy.lock('argparse', (entry) => delete entry.license);
    const { status, problems } = copy.check();
    expect(status).toBe(1);
    expect(problems).toEqual([
      expect.stringMatching(/^bill of materials: does not list fastify@[\d.]+ [\da-f]{128}$/),
      expect.stringMatching(/^bill of materials: lists zod@[\d.]+ [\da-f]{128}, which does not come with the package$/),
      'bill of materials: does not say the licence of argparse',
    ]);
  });

  test('finds workflows that run what they do not pin, or may do more than they need', () => {
    const copy = copyOfProject();
    copy.replace(CI, /actions\/checkout@[0-9a-f]{40} # v7\.0\.1/, 'actions/checkout@v7');
    copy.replace(CI, /(?<=setup-node@[0-9a-f]{40}) # v7\.0\.0/, '');
    copy.replace(CI, /(?<=setup-node@)[0-9a-f]{8}(?=[0-9a-f]{32} # v7\.0\.0)/, '00000000');
    copy.replace(CI, 'persist-credentials: false', 'persist-credentials: true');
    copy.replace(CI, 'contents: read', 'contents: write');
    copy.replace(CI, 'pull_request:', 'pull_request_target:');
    copy.replace(CI, 'timeout-minutes: 30', 'permissions: write-all');
    copy.replace(CI, 'timeout-minutes: 15', 'permissions: { packages: write }');
    copy.replace(CI, 'run: npm test', ['run: echo "$', '{{ github.head_ref }}" $', '{{ secrets.NPM }}'].join(''));
    const { status, problems } = copy.check();
    expect(status).toBe(1);
    expect(problems.map((line) => line.replaceAll(/[0-9a-f]{40}/g, 'HASH'))).toEqual([
      'workflows: ci.yml runs on pull_request_target, with more rights than who caused it',
      'workflows: ci.yml reads a secret: neither tests nor releases need one',
      'workflows: ci.yml does not start from contents: read alone',
      'workflows: ci.yml, job all has the permissions write-all',
      'workflows: ci.yml, job all: actions/checkout@v7 is not pinned by a commit',
      'workflows: ci.yml, job all: actions/setup-node@HASH does not say its version',
      'workflows: ci.yml, job all leaves the token in the checkout',
      'workflows: ci.yml, job test may write packages',
      'workflows: ci.yml, job test puts an expression into a script: give it by env',
      'workflows: release.yml, job check: actions/setup-node is pinned twice',
      'workflows: release.yml, job publish: actions/setup-node is pinned twice',
      'workflows: release.yml, job release: actions/setup-node is pinned twice',
    ]);
  });

  test('finds a release without provenance or a bill of materials', () => {
    const copy = copyOfProject();
    copy.replace(RELEASE, ' --provenance', '');
    copy.replace(RELEASE, 'id-token: write', 'id-token: none');
    copy.replace(RELEASE, '    environment: npm\n', '');
    copy.replace(RELEASE, / "branchline-\S+\.cdx\.json"\n/, '\n');
    copy.replace(RELEASE, 'needs: publish', 'needs: check');
    copy.replace(RELEASE, '- run: .ci/sbom', '- run: npm ci && .ci/run\n      - run: .ci/sbom');
    const { status, problems } = copy.check();
    expect(status).toBe(1);
    expect(problems).toEqual([
      'workflows: release.yml, job release runs tests, and may write',
      'release: release.yml, job publish publishes without --provenance',
      'release: release.yml, job publish cannot sign: it wants id-token: write',
      'release: release.yml, job publish publishes without an environment, which somebody has to approve',
      'release: release.yml, job release attaches no bill of materials',
      'release: release.yml, job release installs packages, and may write',
      'release: release.yml, job release does not wait until the package is published',
    ]);
  });

  test('finds a release that is none', () => {
    const copy = copyOfProject();
    copy.replace(RELEASE, 'npm publish --', 'echo --');
    copy.replace(RELEASE, 'gh release create', 'echo');
    expect(copy.check().problems).toEqual([
      'release: 0 jobs publish; want one',
      'release: 0 jobs make a release; want one',
    ]);
  });
});
