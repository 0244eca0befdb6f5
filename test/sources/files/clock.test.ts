import { setTimeout as pause } from 'node:timers/promises';

import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.useRealTimers();
});

test('the clock goes on, whether fake timers come before the import or after it', async () => {
  vi.useFakeTimers();
  vi.resetModules();
  const { clock } = await import('../../../src/sources/files/clock.ts');
  const start = clock();
  await pause(20);
  const faked = clock();
  vi.useRealTimers();
  await pause(20);
  // In milliseconds, and from one moment on.
  expect(faked - start).toBeGreaterThanOrEqual(15);
  expect(clock() - faked).toBeGreaterThanOrEqual(15);
  vi.useFakeTimers();
  const again = clock();
  await pause(20);
  expect(clock() - again).toBeGreaterThanOrEqual(15);
});
