// The tests that run for every mutant: those of the room that run in one process, made quick.
import { defineConfig, mergeConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

import project from '../vitest.config.ts';
import { room } from './rooms.mjs';

/** Stryker asks for tests by name, and some names are longer than a regular expression may be. */
const LONGEST_PATTERN = 20_000;

/** The file that mirrors the mutated one first: it kills most of what is killed, and there the run ends. */
class MirrorFirst extends BaseSequencer {
  async sort(files) {
    for (const { config } of this.ctx.projects) {
      if ((config.testNamePattern?.source.length ?? 0) > LONGEST_PATTERN) delete config.testNamePattern;
    }
    const mutated = this.ctx.config.related?.[0]?.replace(/^.*\/src\/|\.ts$/g, '');
    const isMirror = ({ moduleId }) => mutated !== undefined && moduleId.endsWith(`/test/${mutated}.test.ts`);
    // oxlint-disable-next-line unicorn/no-array-sort -- the sequencer's own
    const shortFirst = (await super.sort(files)).toReversed();
    return [...shortFirst.filter(isMirror), ...shortFirst.filter((file) => !isMirror(file))];
  }
}

/** Twelve runs of a property are enough to reach what a single test would; a thousand cost as much as all the rest. */
const quick = {
  name: 'quick',
  enforce: 'pre',
  transform(code, id) {
    if (id.endsWith('/test/doubles/linear.ts')) return 'export const expectLinear = (work) => void work(64);';
    return id.endsWith('.test.ts') ? code.replaceAll(/numRuns: \d+/g, 'numRuns: 12') : undefined;
  },
};

// oxlint-disable-next-line import/no-default-export -- vitest wants it so
export default mergeConfig(
  { ...project, test: { ...project.test, include: [], reporters: [] } },
  defineConfig({
    plugins: [quick],
    test: {
      include: room.tests.map((folder) => `test/${folder}/**/*.test.ts`),
      exclude: [
        // Child processes, which have the sources as they are.
        'test/context/store.test.ts',
        'test/mount/{environment,lifecycle,special-files}.test.ts',
        // Thousands of swaps.
        'test/mount/{burst,swaps}.test.ts',
        'test/sources/files/scale.test.ts',
        // Of the whole process.
        ...(room.isolate ? [] : ['test/resolver/default.test.ts']),
      ],
      setupFiles: ['test/mutation/setup.mjs'],
      sequence: { sequencer: MirrorFirst },
      isolate: room.isolate,
      testTimeout: 20_000,
      typecheck: { enabled: false },
    },
  }),
);
