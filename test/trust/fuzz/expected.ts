// Hostile inputs with what the contract says becomes of each: `corpus/expected.json`, written by hand, row by row.

import { readFileSync } from 'node:fs';

import { createResolver, fileSource, memorySource, namespaceOf, receive } from 'branchline';

import { fixedTable } from './decisions/fixed.ts';
import { dataOf, openDesk } from './desk.ts';
import { resolverOf, writeBytes } from './files.ts';
import { attempt, codeOf, errorFault, messageFault } from './oracle.ts';
import { toBytes } from './target.ts';
import { sentByRoute, sentByUndici } from './targets/clients.ts';

type Row = readonly [kind: string, input: string, outcome: string];

const desk = openDesk();
const { resolver } = fixedTable('develop');

/** What becomes of an input: an answer, or the code of the error. */
const KINDS: Readonly<Record<string, (input: string) => string>> = {
  value(input) {
    desk.lay(dataOf([['my-rest.develop', input]]));
    return desk.resolver.resolve('my-rest');
  },
  key(input) {
    desk.lay(dataOf([[input, '8080']]));
    return (
      desk
        .problems()
        .map(({ code }) => code)
        .join(' ') || desk.resolver.services().join(' ')
    );
  },
  baseline: (input) => opened({ baseline: input, 'my-rest.develop': '1' }, (made) => made.status().baseline.join(' ')),
  template: (input) => opened({ template: input, 'my-rest.develop': '8080' }, (made) => made.resolve('my-rest')),
  overrides: (input) => opened({ overrides: input, 'my-rest.develop': '1' }, (made) => String(made.status().overrides)),
  name: (input) => resolver.resolve(input),
  header(input) {
    const { responseHeaders } = receive({ baggage: input }, { trust: true, resolver });
    return Object.entries(responseHeaders).flat().join(' ') || 'nothing';
  },
  untrusted(input) {
    const { context, baggage } = receive({ baggage: input }, { trust: false, resolver });
    return context === undefined ? String(baggage) : 'a choice';
  },
  url: (input) => sentByRoute(input, resolver).url,
  path: (input) => sentByUndici('http://orders', input, resolver).url,
  branch: (input) => namespaceOf(input),
  json: (input) => read('expected.json', input),
  yaml: (input) => read('expected.yaml', input),
  dotenv: (input) => read('expected.env', input),
};

function opened(data: Record<string, string>, look: (made: ReturnType<typeof createResolver>) => string): string {
  const made = createResolver({ sources: [memorySource(data)], namespace: null });
  made.on('problem', () => {});
  const seen = look(made);
  void made.close();
  return seen;
}

/** The services of a document. */
function read(name: string, text: string): string {
  const made = resolverOf(fileSource({ path: writeBytes(name, toBytes(text)) }));
  const services = made.services().join(' ');
  void made.close();
  return services;
}

export function expectedRows(): readonly Row[] {
  return JSON.parse(readFileSync(new URL('./corpus/expected.json', import.meta.url), 'utf8')) as Row[];
}

/** What is not as it is written. */
export function unexpected([kind, input, outcome]: Row): string | null {
  const answer = attempt(() => outcomeOf(kind, input), input);
  const actual = 'value' in answer ? answer.value : answer.code;
  if (actual === outcome) return null;
  return `the ${kind} ${JSON.stringify(input)} is ${JSON.stringify(actual)}; want ${JSON.stringify(outcome)}`;
}

function outcomeOf(kind: string, input: string): string {
  const ask = KINDS[kind];
  if (ask === undefined) throw new Error(`there is no kind ${kind}`);
  try {
    return ask(input);
  } catch (error) {
    const fault = errorFault(error, input);
    const code = codeOf(error);
    // What the platform says of a URL that is none, and what fetch would say of one with user info.
    if (error instanceof TypeError && (code === 'ERR_INVALID_URL' || code === 'undefined'))
      return messageFault(error.message, input) ?? (code === 'undefined' ? 'TypeError' : code);
    return fault ?? code;
  }
}
