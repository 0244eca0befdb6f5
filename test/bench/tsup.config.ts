import { readdirSync } from 'node:fs';

import { defineConfig } from 'tsup';

// Built before it is run: a loader of TypeScript in the process that is measured would be measured too.
export default defineConfig({
  entry: {
    main: 'main.ts',
    run: 'harness/run.ts',
    ...Object.fromEntries(
      readdirSync('children')
        .filter((file) => file.endsWith('.ts'))
        .map((file) => [file.replace(/\.ts$/, ''), `children/${file}`] as const),
    ),
  },
  outDir: 'dist',
  format: 'esm',
  target: 'node20.19',
  removeNodeProtocol: false,
  skipNodeModulesBundle: true,
  silent: true,
  clean: true,
});
