// Every answer is checked, and a demo in which nothing was checked has shown nothing.

export interface Checker {
  /** Compares what happened with what must; `what` names it in a complaint. */
  check(what: string, actual: string | number, ...allowed: readonly (string | number)[]): boolean;
  readonly checked: number;
  readonly complaints: readonly string[];
  /** The exit status of the process. */
  readonly status: 0 | 1;
}

export function createChecker(): Checker {
  let checked = 0;
  const complaints: string[] = [];
  return {
    check(what, actual, ...allowed) {
      checked += 1;
      const right = allowed.includes(actual);
      if (!right) complaints.push(`${what}: ${actual}, and it must be ${allowed.join(' or ')}`);
      return right;
    },
    get checked() {
      return checked;
    },
    get complaints() {
      return complaints;
    },
    get status() {
      return checked > 0 && complaints.length === 0 ? 0 : 1;
    },
  };
}
