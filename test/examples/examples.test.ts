import { readdirSync } from 'node:fs';

import { expect, test } from 'vitest';

test('every folder of examples has tests here', () => {
  const examples = readdirSync(new URL('../../examples/', import.meta.url));
  const tests = readdirSync(new URL('.', import.meta.url));
  expect(examples.map((name) => `${name}.test.ts`).filter((name) => !tests.includes(name))).toEqual([]);
});
