// Baggage headers, a line each: the decision of the model, in whatever the headers are kept, and whatever their case is;
// what was injected is extracted again.

import { context, receive, type RoutingContext } from 'branchline';

import { fixedTable } from '../decisions/fixed.ts';
import { foreignIn, judge, type Judgement, memberOf } from '../decisions/model.ts';
import { attempt, differs, firstOf } from '../oracle.ts';
import { corpus, type Target } from '../target.ts';

const inBaseline = fixedTable('develop');
const inBranch = fixedTable('feature-y');

export const baggage: Target = {
  name: 'baggage',
  seeds: corpus('baggage'),
  words: [
    'branchline',
    '=',
    ',',
    ';',
    '~',
    '.',
    ' ',
    '\n',
    'feature-x',
    'feature-y',
    'my-rest',
    'user=7',
    '%7E',
    '%2D',
    '%',
  ],
  hold(input) {
    const lines = input.split('\n');
    const request = { lines, trust: true, refused: 'reject', select: undefined } as const;
    const judged = judge(inBaseline, request);
    const decision = decisionOf({ baggage: lines });
    const kept = carriers(lines).map(({ what, carrier }) => () => {
      const inThis = differs(`the decision from ${what}`, decisionOf(carrier), decision);
      return inThis ?? extractFault(carrier, judged);
    });
    return firstOf(
      () => differs('whether it is rejected', decision.reject, judged.reject),
      () => differs('what is told', decision.headers, judged.headers),
      ...kept,
      () => roundTripFault(lines),
    );
  },
};

function decisionOf(carrier: object): { reject: boolean; headers: object; context: RoutingContext | undefined } {
  const received = receive(carrier, { trust: true, resolver: inBaseline.resolver });
  return { reject: received.reject, headers: received.responseHeaders, context: received.context };
}

/** The same lines in everything that headers are kept in. */
function carriers(lines: readonly string[]): { what: string; carrier: object }[] {
  const joined = lines.join(',');
  const text = Buffer.from(joined, 'utf8');
  const all: { what: string; carrier: object }[] = [
    { what: 'a text', carrier: { baggage: joined } },
    { what: 'another case', carrier: { BaGGage: [...lines] } },
    {
      what: 'several cases',
      carrier: Object.fromEntries([
        ['baggage', lines[0] ?? ''],
        ['Baggage', lines.slice(1)],
      ]),
    },
    { what: 'a Map', carrier: new Map([['BAGGAGE', joined]]) },
    { what: 'get and set', carrier: { get: (name: string) => (name === 'baggage' ? joined : undefined), set() {} } },
    {
      what: 'foreign members',
      carrier: { baggage: ['user=1, x=branchline=y', ...lines, 'Branchline=no;branchline=no'] },
    },
    {
      what: 'other headers',
      carrier: { baggage: [...lines], headers: 'x', get: 'x' },
    },
  ];
  // What is no text in UTF-8 has no bytes to compare.
  if (!/\p{Surrogate}/u.test(joined) && !joined.startsWith('\ufeff'))
    all.push({ what: 'a buffer', carrier: { baggage: text } });
  const headers = attempt(() => new Headers(lines.map((line): [string, string] => ['baggage', line])));
  // Headers takes line ends away.
  if ('value' in headers && !/[\r\n]/.test(joined)) all.push({ what: 'Headers', carrier: headers.value });
  return all;
}

function extractFault(carrier: object, judged: Judgement): string | null {
  const answer = attempt(() => context.extract(carrier, { resolver: inBaseline.resolver }));
  if ('value' in answer) return differs('whether extract refuses', false, judged.reject);
  return (
    answer.fault ?? differs('why extract refuses', answer.code, judged.reject ? 'ERR_OVERRIDE_REFUSED' : 'no error')
  );
}

/** Into a message of a Pod of a branch and out of it, with what others say byte for byte. */
function roundTripFault(lines: readonly string[]): string | null {
  const judged = judge(inBranch, { lines, trust: true, refused: 'ignore', select: undefined });
  const received = receive({ baggage: [...lines] }, { trust: true, refused: 'ignore', resolver: inBranch.resolver });
  const member = memberOf(inBranch, judged.carried);
  const written = attempt(() =>
    context.run(received.context, () =>
      context.inject({ Baggage: received.baggage ?? '' }, { resolver: inBranch.resolver }),
    ),
  );
  if ('code' in written)
    return written.fault ?? differs('injecting', written.code, member === null ? 'ERR_OVERRIDE_REFUSED' : 'no error');
  const header = written.value.Baggage;
  const again = judge(inBranch, { lines: [header], trust: true, refused: 'ignore', select: undefined });
  return firstOf(
    () => differs('what is told of what was injected', again.headers, expectedAgain(member ?? '')),
    () =>
      differs(
        'what others say',
        shown(foreignIn(header, ['branchline'])),
        shown(foreignIn(received.baggage ?? '', ['branchline'])),
      ),
  );
}

function expectedAgain(member: string): object {
  const { headers } = judge(inBranch, {
    lines: [`branchline=${member}`],
    trust: true,
    refused: 'ignore',
    select: undefined,
  });
  return headers;
}

function shown(members: readonly string[]): string {
  const text = members.join(',');
  return text.replaceAll(/[ \t]/g, '') === '' ? '' : text;
}
