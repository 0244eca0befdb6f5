/** Prints a line that the parent understands. */
export const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
