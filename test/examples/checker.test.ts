import { describe, expect, test } from 'vitest';

import { createChecker } from '../../examples/demo/checker.ts';

describe("the demo's checker", () => {
  test('is content when every check was right', () => {
    const checker = createChecker();
    expect(checker.check('my-rest', 'feature-x', 'feature-x')).toBe(true);
    expect(checker.check('orders', 'develop', 'feature-x', 'develop')).toBe(true);
    expect(checker).toMatchObject({ checked: 2, complaints: [], status: 0 });
  });

  test('fails for one wrong answer among right ones, and says which', () => {
    const checker = createChecker();
    checker.check('my-rest', 'feature-x', 'feature-x');
    expect(checker.check('orders', 'develop', 'feature-x', 'ERR_ENTRY_INVALID')).toBe(false);
    checker.check('billing', 'develop', 'develop');
    expect(checker).toMatchObject({ checked: 3, status: 1 });
    expect(checker.complaints).toEqual(['orders: develop, and it must be feature-x or ERR_ENTRY_INVALID']);
  });

  test('tells a number from its text', () => {
    const checker = createChecker();
    checker.check('calls', 0, 'no');
    checker.check('calls', 1, '1');
    expect(checker.complaints).toHaveLength(2);
  });

  test('fails when nothing was checked', () => {
    expect(createChecker().status).toBe(1);
  });

  test('fails when nothing is allowed', () => {
    const checker = createChecker();
    checker.check('my-rest', 'develop');
    expect(checker.status).toBe(1);
  });
});
