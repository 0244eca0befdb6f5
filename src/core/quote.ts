// How foreign text is shown in a message: escaped, cut, and without a secret.

const LONGEST = 80;

/** C0, C1, DEL, line separators, bidirectional and zero-width characters: a log line must show them, not obey them. */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\ud800-\udfff]/gu;

/** Credentials in an address: what is before an `@` in its host, and its query. */
const USER_INFO = /(^|\/\/)[^/?#]*@/;
const QUERY = /(:\/\/[^?]*\?).+$/s;

/** Replaces what a terminal or a log would interpret by `\u{…}` escapes. */
export function escape(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`);
}

/** `text` in quotation marks, escaped, cut to 80 characters, user info and query of an address blotted out. */
export function quote(text: string): string {
  const head = text.length > 4 * LONGEST ? text.slice(0, 4 * LONGEST) : text;
  const shown = escape(head.replace(USER_INFO, '$1***@').replace(QUERY, '$1***').replace(/["\\]/g, '\\$&'));
  if (shown.length <= LONGEST && head.length === text.length) return `"${shown}"`;
  return `"${shown.slice(0, LONGEST)}…" (${text.length} characters)`;
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
