// How Stryker changes the sources. Run by .ci/mutation, in the folder of the project.
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CACHE, name, room } from './rooms.mjs';

// oxlint-disable-next-line import/no-default-export -- Stryker wants it so
export default {
  mutate: process.env['MUTATION_FILES']?.split(',') ?? room.mutate,
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.mjs' },
  coverageAnalysis: 'perTest',
  // Every kind of change, texts too: half of the strings decide something (keys, codes, names of settings), and a message
  // is how a user learns why a call went nowhere. The report gives the figure without them beside the one with them.
  mutator: { excludedMutations: [] },
  // Types are what a compiler would refuse; what it would not refuse is what the tests have to.
  disableTypeChecks: false,
  concurrency: Number(process.env['MUTATION_WORKERS'] ?? 2),
  timeoutMS: 10_000,
  incremental: true,
  incrementalFile: `${CACHE}/${name}.incremental.json`,
  // A copy of the project outside of it: the sources that are tested stay as they are.
  tempDirName: join(tmpdir(), `branchline-mutation-${name}`),
  ignorePatterns: [
    '/*',
    '!/src',
    '!/test',
    '!/package.json',
    '!/tsconfig.json',
    '/test/bench',
    '/test/trust',
    '/test/mutation/node_modules',
  ],
  reporters: ['json', 'clear-text', 'progress-append-only'],
  clearTextReporter: { logTests: false, reportTests: false, reportMutants: false },
  jsonReporter: { fileName: `${CACHE}/${name}.json` },
  warnings: { slow: false },
  thresholds: { high: 95, low: 90, break: 90 },
};
