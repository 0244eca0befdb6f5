// The W3C baggage header (https://www.w3.org/TR/baggage/): finding our member among those of others, taking it out and
// putting it in. What is not ours stays byte for byte; nothing here throws.

/** What a header says under our keys. */
export interface Member {
  readonly key: string;
  /** Percent-decoded, without properties; `null` for a member that has none. */
  readonly value: string | null;
}

/** A token of RFC 9110, section 5.6.2: what a key may be. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;

export function isBaggageKey(text: string): boolean {
  return TOKEN.test(text);
}

/** Several header lines are one list (RFC 9110, section 5.3). */
export function joinLines(lines: readonly string[]): string {
  return lines.filter((line) => trimmed(line) !== '').join(',');
}

/** All members with one of these keys, in the order of the header. One whose value is empty says nothing. */
export function membersOf(header: string, keys: readonly string[]): Member[] {
  const members: Member[] = [];
  for (const segment of header.split(',')) {
    const key = keyOf(segment);
    const value = keys.includes(key) ? valueOf(segment) : '';
    if (value !== '') members.push({ key, value });
  }
  return members;
}

/** The header without the members of these keys; `null` when nothing is left. Unchanged when there are none. */
export function withoutMembers(header: string, keys: readonly string[]): string | null {
  const others = header.split(',').filter((segment) => !keys.includes(keyOf(segment)));
  const rest = others.join(',');
  return trimmed(rest) === '' ? null : rest;
}

/**
 * The header with this member, in the place of all that have one of the keys. It stands first: what a server behind us
 * cannot take is cut at the end (64 members and 8,192 bytes are what must be passed on).
 */
export function withMember(header: string | null, keys: readonly string[], key: string, value: string): string {
  const rest = header === null ? null : withoutMembers(header, keys);
  const member = `${key}=${value}`;
  return rest === null ? member : `${member},${rest}`;
}

/** The key of a list member, which has to match exactly; space around it does not count. */
function keyOf(segment: string): string {
  const end = segment.search(/[=;]/);
  return trimmed(end === -1 ? segment : segment.slice(0, end));
}

function valueOf(segment: string): string | null {
  const start = segment.indexOf('=');
  const end = segment.indexOf(';');
  if (start === -1 || (end !== -1 && end < start)) return null;
  return decode(trimmed(segment.slice(start + 1, end === -1 ? undefined : end)));
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // As it is: no wish has a `%`.
    return text;
  }
}

/** Without the white space of RFC 9110, section 5.6.3, at its ends: a space or a tab, and no other. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
