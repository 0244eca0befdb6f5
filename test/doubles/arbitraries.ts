// What people may write, as fast-check makes it up.

import fc from 'fast-check';

const ALNUM = 'abcxyz019'.split('');

/** An RFC 1123 label, sometimes with dashes, sometimes a number. */
export function label(maxLength = 12): fc.Arbitrary<string> {
  const end = fc.constantFrom(...ALNUM);
  const middle = fc.string({ unit: fc.constantFrom(...ALNUM, '-'), maxLength: maxLength - 2 });
  return fc
    .oneof(
      { weight: 1, arbitrary: end },
      { weight: 5, arbitrary: fc.tuple(end, middle, end).map((parts) => parts.join('')) },
    )
    .filter((text) => !text.startsWith('xn--'));
}

/** Text of any kind: printable, all of Unicode, lone surrogates, and the characters that mean something to us. */
export function anyText(maxLength = 80): fc.Arbitrary<string> {
  // Not fast-check's own unit of all of Unicode: making it costs seconds.
  const unit = fc.oneof(
    { weight: 3, arbitrary: fc.nat(0xffff).map((code) => String.fromCodePoint(code)) },
    { weight: 1, arbitrary: fc.integer({ min: 0x10000, max: 0x10ffff }).map((code) => String.fromCodePoint(code)) },
  );
  return fc.oneof(
    fc.string({ maxLength }),
    fc.string({ unit, maxLength }),
    fc.string({
      unit: fc.constantFrom(...'abAB019.-_/:@?#[]{}%\\ \t\r\n=,~"\'&*!|>^\u0000\u001b\u202e'.split('')),
      maxLength,
    }),
  );
}

/** Characters that a terminal or a log would obey instead of showing. */
export const UNSHOWABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
