// What parses documents, each loaded when the first document asks for it: the first load is synchronous, so by
// `require`, which bundlers leave alone under this name.

import { createRequire } from 'node:module';

import type { Parsers, ZodModule } from '../core/documents/document.ts';
import type { DotenvModule } from '../core/documents/dotenv.ts';
import type { YamlModule } from '../core/documents/yaml.ts';

/** Set by the build: zod is bundled, in a file of its own. */
declare const ZOD_BUNDLE: string | undefined;

function load(name: string): unknown {
  try {
    // Not before it is needed: a bundle may have no `import.meta.url`.
    const require = createRequire(import.meta.url);
    return require(name);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'it does not load';
    throw new Error(
      `the parser ${name} is missing (${why}); bundle the application with branchline marked as external`,
      { cause },
    );
  }
}

export const parsers: Parsers & { readonly dotenv: () => DotenvModule } = {
  zod: () => load(typeof ZOD_BUNDLE === 'undefined' ? 'zod/mini' : ZOD_BUNDLE) as ZodModule,
  yaml: () => load('js-yaml') as YamlModule,
  dotenv: () => load('dotenv') as DotenvModule,
};
