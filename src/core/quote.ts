// How foreign text is shown in a message: escaped, cut, and without a secret.

const LONGEST = 80;
const LONGEST_PLACE = 512;

/** C0, C1, DEL, line separators, bidirectional and zero-width characters: a log line must show them, not obey them. */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\ud800-\udfff]/gu;

/** Replaces what a terminal or a log would interpret by `\u{…}` escapes. */
export function escape(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`);
}

/** Something like an address, before its query or fragment: no white space, and a dot or a colon. */
const ADDRESS = /:\/\/|^[^\s.:]*[.:]\S*$/;

/** User info whose `@` was cut off: what stands for a port is none. */
const HALF_USER_INFO = /(\/\/[^/?#@[\]:]*:)(?!\d*(?:[/?#]|$))[^/?#]*/;

/**
 * What may be a secret in what looks like an address, blotted out: everything between its `//` and the last `@`, what stands
 * for a port and is none, and everything after a `?` or `#`.
 */
function blot(text: string): string {
  const at = text.lastIndexOf('@');
  const slashes = text.indexOf('//');
  const start = slashes === -1 || slashes > at ? 0 : slashes + 2;
  const bare = at === -1 ? text.replace(HALF_USER_INFO, '$1***') : `${text.slice(0, start)}***${text.slice(at)}`;
  const query = bare.search(/[?#]/);
  return query !== -1 && ADDRESS.test(bare.slice(0, query)) ? `${bare.slice(0, query + 1)}***` : bare;
}

/** Escaped, and at most so long; never cut in the middle of a character. Tells how much there was when it was cut. */
function cut(text: string, longest: number, escapes: (text: string) => string): { shown: string; whole: boolean } {
  const head = text.slice(0, 4 * longest);
  const shown = escapes(head);
  if (shown.length <= longest && head.length === text.length) return { shown, whole: true };
  return { shown: `${shown.slice(0, longest).replace(HALF, '')}…`, whole: false };
}

/** The first half of a character that was cut in two. */
const HALF = /[\ud800-\udbff]$/;

/** `text` in quotation marks, escaped, cut to 80 characters, user info, query and fragment of an address blotted out. */
export function quote(text: string): string {
  const { shown, whole } = cut(blot(text), LONGEST, (head) => escape(head.replace(/["\\]/g, '\\$&')));
  return whole ? `"${shown}"` : `"${shown}" (${text.length} characters)`;
}

/** An address, or a path, as it may be shown: what comes after a `?` or `#` may be a secret. */
export function withoutQuery(text: string): string {
  const query = text.search(/[?#]/);
  return query === -1 ? text : text.slice(0, query);
}

/** Where something stands: a path, a variable, an object's key. */
export function place(text: string): string {
  return cut(text.includes('//') ? blot(text) : text, LONGEST_PLACE, escape).shown;
}

/** What kind of value this is, in words, for a message about a wrong type. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return `of type ${typeof value}`;
}
