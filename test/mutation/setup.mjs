// In every test file that Stryker runs: the same draws every time, and no work that only a reader of a failure wants.
import fc from 'fast-check';
import { beforeEach, chai } from 'vitest';

fc.configureGlobal({ seed: 1, numRuns: 12, endOnFailure: true });

/** Tests in child processes, and one that changes the working folder, which no thread may. */
const LEFT_OUT = /heap of|working folder that is a folder|under OpenTelemetry’s instrumentations/;

beforeEach(({ task, skip }) => {
  skip(LEFT_OUT.test(`${task.suite?.name ?? ''} ${task.name}`));
});

// That a test fails is all that counts. To show how two tables of 20,000 entries differ takes longer than all tests.
for (const name of ['actual', 'expected']) {
  Object.defineProperty(chai.AssertionError.prototype, name, {
    configurable: true, // defined again for every file of a thread
    get: () => undefined,
    set: () => {},
  });
}
