import { copyFile } from 'node:fs/promises';

import { defineConfig, type Options } from 'tsup';

const common: Options = {
  outDir: 'dist',
  target: 'node20.19',
  removeNodeProtocol: false,
  // `npm run build` removes dist before: the two builds below run side by side, and would remove each other's files.
  clean: false,
  silent: true,
};

export default defineConfig([
  {
    ...common,
    entry: {
      index: 'src/index.ts',
      express: 'src/express.ts',
      testing: 'src/testing.ts',
      undici: 'src/undici.ts',
    },
    format: ['esm', 'cjs'],
    // One copy of what the entries share, in both formats. With `treeshake` rollup writes the CommonJS chunks; without it
    // sucrase does, and turns `import()` into `require()`: an ESM-only dependency would not load where require(esm) is off.
    splitting: true,
    treeshake: true,
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    esbuildOptions(options, { format }) {
      // All chunks land flat in dist, so the sibling's path is the same in each of them.
      options.define = { ...options.define, ZOD_BUNDLE: '"./zod.cjs"' };
      // createRequire takes a path as well.
      if (format === 'cjs') options.define['import.meta.url'] = '__filename';
    },
  },
  {
    // The command is a process of its own: nobody imports it, so it shares no chunk, and needs no CommonJS.
    ...common,
    entry: { cli: 'src/cli.ts' },
    format: 'esm',
    splitting: false,
    treeshake: true,
    esbuildOptions(options) {
      options.define = { ...options.define, ZOD_BUNDLE: '"./zod.cjs"' };
    },
  },
  {
    // zod is bundled: importing it whole costs more than all of this package. CommonJS, because it is loaded synchronously.
    ...common,
    entry: { zod: 'src/sources/zod.ts' },
    format: 'cjs',
    splitting: false,
    minify: true,
    onSuccess: () => copyFile('node_modules/zod/LICENSE', 'dist/zod.LICENSE.txt'),
  },
]);
