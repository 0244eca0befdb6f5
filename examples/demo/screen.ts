// What is seen: 80 columns, colours for people only.

import { setTimeout as sleep } from 'node:timers/promises';

const { stdout } = process;
const forPeople = stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
const WIDTH = 80;

const style =
  (code: number) =>
  (text: string): string =>
    forPeople ? `\u001B[${code}m${text}\u001B[0m` : text;

export const bold = style(1);
export const dim = style(2);
export const red = style(31);
export const green = style(32);
export const yellow = style(33);

export function say(line = ''): void {
  stdout.write(`${line}\n`);
}

/** A text of any length, broken between words, each line drawn by `paint`. */
export function tell(text: string, indent = '   ', paint = (line: string): string => line): void {
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
      say(indent + paint(line));
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  say(indent + paint(line));
}

/** Time to read, for those who do. */
export async function pause(): Promise<void> {
  if (stdout.isTTY) await sleep(400);
}
