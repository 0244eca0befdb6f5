// A `.env` file: the names of environment variables, one a line. dotenv says what a line means
// (https://github.com/motdotla/dotenv#rules); what it passes over in silence is an error here when it is one of ours.

import { VARIABLE_PREFIX } from '../keys.ts';
import { quote } from '../quote.ts';
import { sizeOf, SLOW_DOCUMENT_LIMIT } from '../reading.ts';
import type { Broken } from './json.ts';

/** The module `dotenv`, as a value: it is loaded when the first `.env` file asks for it. */
export interface DotenvModule {
  parse(text: string): Record<string, string>;
}

export interface Variables {
  /** All variables of the file, ours and others'. */
  readonly variables: ReadonlyMap<string, string>;
  /** The line of each of ours. */
  readonly lines: ReadonlyMap<string, number>;
}

const OURS = /^\s*(?:export\s+)?(BRANCHLINE_[^\s=:]*)(\s*=|:\s)?/;

/** One of our names with a value, wherever it stands: what dotenv makes of `declare -x NAME=1` is nothing. */
const STRAY = /(?:^|[^\w.-])(BRANCHLINE_[\w.-]+)\s*=|^\s*["'`]\s*(BRANCHLINE_[\w.-]+)/;
/** Comments, and what is quoted after the first `=`: somebody else's text. */
const ASIDE = /=\s*(?:"[^"]*"|'[^']*'|`[^`]*`)|(?:^|\s)#.*$/g;

/** A value that begins with a quotation mark; dotenv takes it off where there is a second one. */
const OPENED = /^[^=:]*(?:=|:\s)\s*(["'`])/;

/** What dotenv takes for no name. */
const UNREADABLE = /[^\w.-]/;

export function parseDotenv(text: string, dotenv: DotenvModule): Variables | Broken {
  if (sizeOf(text) > SLOW_DOCUMENT_LIMIT)
    return broken(`it is larger than ${SLOW_DOCUMENT_LIMIT} bytes, the limit of .env`, null);
  // What dotenv takes for an end of a line is none in a file; no value of ours can hold one.
  const rows = text.replaceAll(/[\u2028\u2029]/g, ' ').split(/\r\n?|\n/);
  const parsed = dotenv.parse(rows.filter((row) => row.trim() !== '').join('\n'));
  const variables = new Map(Object.entries(parsed));

  const lines = new Map<string, number>();
  for (const [index, row] of rows.entries()) {
    // A file that is cut off in the middle of our prefix must not read as one that ends before it.
    const isLast = index === rows.length - 1 && row.trim() !== '';
    if (isLast && VARIABLE_PREFIX.startsWith(row.trim().replace(/^export\s+/, '')))
      return broken(`it ends in the middle of a name, ${quote(row)}`, index + 1);
    if (!row.includes(VARIABLE_PREFIX)) continue;
    const match = OURS.exec(row);
    const name = match?.[1];
    if (name === undefined) {
      const stray = STRAY.exec(row.replaceAll(ASIDE, '='));
      if (stray === null) continue;
      return broken(
        `${quote(stray[1] ?? stray[2] ?? '')} is not read there; want NAME=value on a line of its own`,
        index + 1,
      );
    }
    if (UNREADABLE.test(name)) return broken(`${quote(name)} is no name that a .env can hold`, index + 1);
    if (match?.[2] === undefined) return broken(`${quote(name)} has no value; want NAME=value`, index + 1);
    if (lines.has(name)) return broken(`${quote(name)} stands twice; keep one`, index + 1);
    const quotation = OPENED.exec(row)?.[1];
    if (quotation !== undefined && variables.get(name)?.startsWith(quotation) === true)
      return broken(`${quote(name)} opens a quotation that nothing closes; close it`, index + 1);
    if (!variables.has(name))
      return broken(`${quote(name)} stands inside a quotation that an earlier line opens; close it there`, index + 1);
    lines.set(name, index + 1);
  }
  return { variables, lines };
}

function broken(reason: string, line: number | null): Broken {
  return { broken: { reason, line } };
}
