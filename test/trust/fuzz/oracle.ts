// What every answer is held to, written from the contract and not from the code: which names are legal, which errors
// there are, and what no message may show.

/** The table of errors in the README. */
const CODES: ReadonlySet<string> = new Set([
  'ERR_INVALID_NAME',
  'ERR_SERVICE_NOT_FOUND',
  'ERR_SERVICE_DISABLED',
  'ERR_ENDPOINT_NOT_FOUND',
  'ERR_ENTRY_INVALID',
  'ERR_ADDRESS_INVALID',
  'ERR_CONFIG_INVALID',
  'ERR_SOURCE_UNREADABLE',
  'ERR_BRANCH_UNMAPPABLE',
  'ERR_OVERRIDE_REFUSED',
  'ERR_SCHEME_MISMATCH',
  'ERR_SCHEME_UNSUPPORTED',
  'ERR_CROSS_ORIGIN_PATH',
]);

/** In the place of a password in the corpus: no message may have it. */
export const SECRET = 'hunter2';

const NAME_CHARACTERS = new Set('abcdefghijklmnopqrstuvwxyz0123456789-');

/** RFC 1123, and no punycode. */
export function isLabel(text: string, longest = 63): boolean {
  if (text.length === 0 || text.length > longest) return false;
  if (text.startsWith('-') || text.endsWith('-') || text.startsWith('xn--')) return false;
  return Array.from(text).every((character) => NAME_CHARACTERS.has(character));
}

export function isNamespace(text: string): boolean {
  return isLabel(text) && text !== 'json' && text !== 'yaml' && text !== 'yml';
}

export function isEndpoint(text: string): boolean {
  return isLabel(text, 15);
}

/** Characters that a terminal or a log would obey: controls, line ends, and what turns the direction of writing. */
const UNSHOWABLE = /[\p{Cc}\p{Bidi_C}\u2028\u2029]/u;

/** What is wrong with a message; `null` when nothing is. `inputs` is what may have held a secret. */
export function messageFault(message: string, ...inputs: readonly string[]): string | null {
  // Several problems are a list.
  const found = UNSHOWABLE.exec(message.replaceAll('\n  - ', ' '));
  if (found !== null)
    return `a message shows ${JSON.stringify(found[0])} (U+${found[0].codePointAt(0)?.toString(16)}): ${JSON.stringify(message)}`;
  if (message.includes(SECRET) && inputs.some((input) => holdsSecret(input)))
    return `a message shows the secret: ${JSON.stringify(message)}`;
  return null;
}

/** `URL.canParse` is not asked: in hot code some versions of Node answer otherwise for the same text. */
export function urlIn(text: string, base?: string): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}

/**
 * Whether `new URL` finds the secret among the user info of an address, or in its query, where tokens are; and nowhere
 * else.
 */
export function holdsSecret(input: string, base?: string): boolean {
  const url = urlIn(input, base);
  if (url === null || (base === undefined && !input.includes('://'))) return false;
  const { username, password, search, host, pathname, hash, protocol } = url;
  const isElsewhere = `${protocol}\n${host}\n${pathname}\n${hash}`.includes(SECRET);
  return `${username}\n${password}\n${search}`.includes(SECRET) && !isElsewhere;
}

/** The parts of a text, one of which may hold the secret; none where it stands twice: a name that is shown may be the other. */
export function suspects(text: string, parts: readonly string[]): readonly string[] {
  return text.indexOf(SECRET) === text.lastIndexOf(SECRET) ? parts : [];
}

interface Thrown {
  readonly code?: unknown;
  readonly message: string;
  readonly problems?: readonly { readonly code: string; readonly message: string }[];
}

/** What is wrong with an error of the library; `null` when it is one of the table, and shows nothing. */
export function errorFault(error: unknown, ...inputs: readonly string[]): string | null {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  const { code, message, problems = [] } = error as Thrown;
  const isOption = error instanceof TypeError && code === 'ERR_INVALID_OPTION';
  if (!isOption && !CODES.has(String(code))) return `an error of no kind: ${error.stack ?? message}`;
  for (const text of [message, ...problems.map((problem) => problem.message)]) {
    const fault = messageFault(text, ...inputs);
    if (fault !== null) return fault;
  }
  return null;
}

export type Answer<T> = { readonly value: T } | { readonly code: string; readonly fault: string | null };

/** Runs it: the value, or the code of the error with what is wrong with it. */
export function attempt<T>(run: () => T, ...inputs: readonly string[]): Answer<T> {
  try {
    return { value: run() };
  } catch (error) {
    return { code: codeOf(error), fault: errorFault(error, ...inputs) };
  }
}

export function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code);
}

/** The first fault of several looks. */
export function firstOf(...looks: readonly (() => string | null)[]): string | null {
  for (const look of looks) {
    const fault = look();
    if (fault !== null) return fault;
  }
  return null;
}

/** A fault when the two differ. */
export function differs(what: string, actual: unknown, expected: unknown): string | null {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)];
  return one === other ? null : `${what} is ${one}; want ${other}`;
}
