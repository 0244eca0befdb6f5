import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

const inProject = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

export default defineConfig({
  root: inProject(''),
  resolve: {
    // The package by its own name, from the sources: no build before the tests. tsconfig.json says the same.
    alias: [
      { find: /^branchline$/, replacement: inProject('src/index.ts') },
      { find: /^branchline\/(express|testing|undici)$/, replacement: inProject('src/$1.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', inProject('test/reporter.ts')],
    // A process a file: tests change the environment, the working folder and process-wide stores.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    // Types as tests. Errors elsewhere are `npm run typecheck`'s to report.
    typecheck: {
      enabled: true,
      include: ['test/**/*.test-d.ts'],
      tsconfig: inProject('tsconfig.json'),
      ignoreSourceErrors: true,
    },
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text', 'html'] },
  },
});
