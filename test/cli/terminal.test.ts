import { expect, test } from 'vitest';

import { Failure, painter, type Style } from '../../src/cli/terminal.ts';

const styles: readonly Style[] = ['bold', 'dim', 'green', 'yellow', 'red', 'cyan'];

test('a painter ends what it starts, and changes no text', () => {
  const paint = painter(true);
  expect(paint('red', 'x')).toBe('\u001b[31mx\u001b[39m');
  expect(paint('bold', 'x')).toBe('\u001b[1mx\u001b[22m');
  for (const style of styles) {
    // Each end takes back its own start: 22 for bold and dim, 39 for a colour.
    expect(paint(style, 'x')).toMatch(/^\u001b\[(?:[12]mx\u001b\[22m|3\dmx\u001b\[39m)$/);
    expect(painter(false)(style, 'x')).toBe('x');
  }
});

test('a failure is wrong use unless it says otherwise', () => {
  expect(new Failure('x')).toMatchObject({ message: 'x', exitCode: 2 });
  expect(new Failure('x', 1).exitCode).toBe(1);
});
