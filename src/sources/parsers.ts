// What parses documents, each loaded when the first document asks for it: the first load is synchronous, so by
// `require`, which bundlers leave alone under this name.

import { createRequire } from 'node:module';

import type { Parsers, ZodModule } from '../core/documents/document.ts';
import type { DotenvModule } from '../core/documents/dotenv.ts';
import type { YamlModule } from '../core/documents/yaml.ts';

/** Set by the build: zod is bundled, in a file of its own. */
declare const ZOD_BUNDLE: string | undefined;

const load = createRequire(import.meta.url);

export const parsers: Parsers & { readonly dotenv: () => DotenvModule } = {
  zod: () => load(typeof ZOD_BUNDLE === 'undefined' ? 'zod/mini' : ZOD_BUNDLE) as ZodModule,
  yaml: () => load('js-yaml') as YamlModule,
  dotenv: () => load('dotenv') as DotenvModule,
};
