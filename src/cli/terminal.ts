// Where a command reads and writes. What machines read goes to standard output alone, everything else to standard error.

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Terminal {
  /** A line, or several, for standard output. */
  out(text: string): void;
  /** A message for standard error: shown escaped, and broken between words where a person looks on. */
  err(text: string, style?: Style): void;
  /** All of standard input; rejects with a `Failure` when nobody has redirected it. */
  input(): Promise<string>;
  /** The text of a file; rejects with a `Failure`. */
  file(path: string): Promise<string>;
  /** The width of the terminal that standard output is; `null` when it is none. */
  readonly columns: number | null;
  readonly color: boolean;
  readonly env: Environment;
  /** Aborted when the reader has gone, or the user has enough. */
  readonly ended: AbortSignal;
}

/** 1: problems were found, or there is no answer. 2: the command was used wrongly. */
export type ExitCode = 0 | 1 | 2;

/** What ends a command with one line on standard error. */
export class Failure extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan';

const CODES: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  green: [32, 39],
  yellow: [33, 39],
  red: [31, 39],
  cyan: [36, 39],
};

export type Paint = (style: Style, text: string) => string;

/** Escape sequences where a person looks on; nothing in a pipe, and with NO_COLOR (https://no-color.org). */
export function painter(color: boolean): Paint {
  return (style, text) => (color ? `\u001b[${CODES[style][0]}m${text}\u001b[${CODES[style][1]}m` : text);
}

/** A text of any length in lines of a width, broken between words; what follows the first line is indented. */
export function wrap(text: string, width: number | null, indent = ''): string[] {
  if (width === null || text.length <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S)(?= )/)) {
    if (line.trim() === '' || line.length + word.length <= width) {
      line += word;
      continue;
    }
    lines.push(line);
    line = indent + word.trimStart();
  }
  return [...lines, line];
}
