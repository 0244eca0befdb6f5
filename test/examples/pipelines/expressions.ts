// The conditions of GitHub Actions and of the Jenkinsfile, as far as the examples use them.

export type Scope = Readonly<Record<string, unknown>>;

const TOKEN = /\s*(?:'([^']*)'|([\w.]+)(\(\))?|(&&|\|\||==|!=|[!()]))/y;

interface Token {
  readonly kind: 'text' | 'name' | 'call' | 'sign';
  readonly text: string;
}

/** `a == 'b' && !c || d`; `always()` is true, and what is not there is null. */
export function evaluate(expression: string, scope: Scope): unknown {
  const tokens = tokensOf(expression.trim());
  let next = 0;
  const takes = (sign: string): boolean => {
    const token = tokens[next];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    next += 1;
    return true;
  };
  const either = (): unknown => {
    let value = both();
    while (takes('||')) {
      const other = both();
      if (!isTrue(value)) value = other;
    }
    return value;
  };
  const both = (): unknown => {
    let value = equal();
    while (takes('&&')) {
      const other = equal();
      if (isTrue(value)) value = other;
    }
    return value;
  };
  const equal = (): unknown => {
    const value = single();
    if (takes('==')) return value === single();
    if (takes('!=')) return value !== single();
    return value;
  };
  const single = (): unknown => {
    if (takes('!')) return !isTrue(single());
    if (takes('(')) {
      const value = either();
      if (!takes(')')) throw new Error(`${expression}: a bracket is open`);
      return value;
    }
    const token = tokens[next];
    next += 1;
    if (token === undefined || token.kind === 'sign') throw new Error(`${expression}: a value is missing`);
    if (token.kind === 'text') return token.text;
    if (token.kind === 'call') return called(token.text);
    return token.text
      .split('.')
      .reduce<unknown>((one, name) => (one as Scope | null | undefined)?.[name] ?? null, scope);
  };
  const value = either();
  if (next < tokens.length) throw new Error(`${expression}: not understood from token ${next}`);
  return value;
}

const isTrue = (value: unknown): boolean => Boolean(value);

function called(name: string): boolean {
  if (name !== 'always') throw new Error(`${name}() is not known here`);
  return true;
}

function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < expression.length) {
    const found = pattern.exec(expression);
    if (found === null) throw new Error(`${expression}: not understood`);
    const [, text, name, call, sign] = found;
    if (text !== undefined) tokens.push({ kind: 'text', text });
    else if (name !== undefined) tokens.push({ kind: call === undefined ? 'name' : 'call', text: name });
    else tokens.push({ kind: 'sign', text: sign as string });
  }
  return tokens;
}
