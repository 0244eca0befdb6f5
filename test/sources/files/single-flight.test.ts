import { expect, test } from 'vitest';

import { singleFlight } from '../../../src/sources/files/single-flight.ts';

test('calls during a run make one more, which each of them waits for', async () => {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const call = singleFlight(
    (reason: string) => {
      begun.push(reason);
      return new Promise<void>((resolve) => ends.push(resolve));
    },
    (one, other) => (one === 'strong' ? one : other),
  );
  const first = call('a');
  const others = [call('b'), call('strong'), call('c')];
  expect(begun).toEqual(['a']);
  ends[0]?.();
  await first;
  await Promise.resolve();
  expect(begun).toEqual(['a', 'strong']);
  ends[1]?.();
  await Promise.all(others);
  const last = call('d');
  ends[2]?.();
  await last;
  expect(begun).toEqual(['a', 'strong', 'd']);
});

test('a run that fails does not keep the next one from running', async () => {
  let runs = 0;
  const call = singleFlight(
    () => {
      runs += 1;
      return runs === 1 ? Promise.reject(new Error('no')) : Promise.resolve();
    },
    (one) => one,
  );
  const first = call('a');
  const second = call('b');
  await expect(first).rejects.toThrow('no');
  await second;
  await call('c');
  expect(runs).toBe(3);
});
