// Every way into the library that takes a text of somebody else, with what may be repeated in such a text.

import { context, dotenvSource, fileSource, namespaceOf, receive } from 'branchline';
import { routeOf } from 'branchline/testing';

import { fixedTable } from './decisions/fixed.ts';
import { dataOf, openDesk } from './desk.ts';
import { resolverOf, writeBytes } from './files.ts';
import { sentByRoute, sentByUndici } from './targets/clients.ts';

export interface Way {
  readonly name: string;
  /** The shorter of the two lengths; the longer one is four times this. */
  readonly length: number;
  /** A text of about this length is one of these, again and again; `#` in it counts. */
  readonly pieces: readonly string[];
  run(text: string): unknown;
}

const desk = openDesk();
const { resolver } = fixedTable('feature-x');

async function opened(make: () => ReturnType<typeof resolverOf>): Promise<void> {
  await make().close();
}

const EVERYWHERE = [
  'a',
  '-',
  '.',
  '_',
  '/',
  '%',
  '@',
  ':',
  ' ',
  '\t',
  '[',
  '\\',
  'é',
  'a.',
  '//',
  '%2e',
  '?a',
  'a@',
  '\u202e',
];

export const WAYS: readonly Way[] = [
  { name: 'a key', length: 65_536, pieces: EVERYWHERE, run: (text) => desk.lay(dataOf([[text, '1']])) },
  {
    name: 'a key with a dot',
    length: 65_536,
    pieces: EVERYWHERE,
    run: (text) => desk.lay(dataOf([[`a.${text}`, '1']])),
  },
  { name: 'a value', length: 65_536, pieces: EVERYWHERE, run: (text) => desk.lay(dataOf([['a.b', text]])) },
  {
    name: 'a URL in a value',
    length: 65_536,
    pieces: EVERYWHERE,
    run: (text) => desk.lay(dataOf([['a.b', `http://a/${text}`]])),
  },
  {
    name: 'a baseline',
    length: 65_536,
    pieces: ['a,', ',', ' ', 'a#,'],
    run: (text) => desk.lay(dataOf([['baseline', text]])),
  },
  {
    name: 'a template',
    length: 65_536,
    pieces: ['{', '}', '{service}', '{a', 'http://{service}.{namespace}.'],
    run: (text) => desk.lay(dataOf([['template', text]])),
  },
  {
    name: 'entries',
    length: 65_536,
    pieces: ['a#.develop\n'],
    run: (text) => desk.lay(dataOf(text.split('\n').map((key) => [key, '1']))),
  },
  {
    name: 'JSON',
    length: 262_144,
    pieces: ['[', '{"a":', '"a#.b":1,', '\\n', '\\u0061', ' ', '1', '"', ',', 'a'],
    run: (text) =>
      Promise.all(
        ['', '{"a.b":"', '{'].map(async (start) =>
          opened(() => resolverOf(fileSource({ path: writeBytes('long.json', start + text) }))),
        ),
      ),
  },
  {
    name: 'YAML',
    length: 60_000,
    pieces: [
      '[',
      '{a: ',
      '- ',
      '? ',
      'a: ',
      'a#.b: 1\n',
      '#\n',
      '\n',
      ' ',
      '\t',
      "'",
      '"',
      '\\',
      'a\n',
      'a: |\n x\n',
      '%x\n',
      '&a ',
      '!a ',
      '---\n',
      ',',
      ' \n  ',
    ],
    run: (text) =>
      Promise.all(
        ['', 'a.b: "', 'a: {'].map(async (start) =>
          opened(() => resolverOf(fileSource({ path: writeBytes('long.yaml', start + text) }))),
        ),
      ),
  },
  {
    name: '.env',
    length: 60_000,
    pieces: [
      '\n',
      ' \n',
      'A=1\n',
      'A="\n',
      "A='\n",
      'A=`"\n',
      '=',
      '#',
      ' ',
      'BRANCHLINE_',
      'BRANCHLINE_A#__B=1\n',
      'export ',
      '\\"',
      'A= ',
      '\u2028',
    ],
    run: (text) =>
      Promise.all(
        ['', 'A="', 'A='].map(async (start) =>
          opened(() => resolverOf(dotenvSource({ path: writeBytes('long.env', start + text) }))),
        ),
      ),
  },
  {
    name: 'baggage',
    length: 65_536,
    pieces: [
      ',',
      ';',
      '=',
      ' ',
      '\t',
      'branchline=a,',
      'branchline=feature-x,',
      'branchline,',
      '%',
      'a=b,',
      'é',
      'branchline=a;',
    ],
    run: (text) => both(text),
  },
  {
    name: 'a wish',
    length: 65_536,
    pieces: ['~', 'a~', 'a#~', '.', '%7E', '%', 'a.b~', '-'],
    run: (text) => both(`branchline=${text}`),
  },
  {
    name: 'a path',
    length: 65_536,
    pieces: EVERYWHERE.concat('../', '/..', '%2e/', '/%2e%2e'),
    run: (text) => sentByUndici('http://orders', `/${text}`, resolver),
  },
  { name: 'a URL', length: 65_536, pieces: EVERYWHERE, run: (text) => sentByRoute(`http://orders/${text}`, resolver) },
  { name: 'a host', length: 65_536, pieces: EVERYWHERE, run: (text) => sentByRoute(`http://${text}/`, resolver) },
  {
    name: 'a name',
    length: 65_536,
    pieces: EVERYWHERE,
    run: (text) => resolver.explain(text, { endpoint: text, namespace: text }).toString(),
  },
  { name: 'a branch', length: 65_536, pieces: EVERYWHERE, run: (text) => namespaceOf(text) },
  {
    name: 'a route',
    length: 65_536,
    pieces: [',', '=', 'a=b,', ' ', 'a#=b,', '...,'],
    run: (text) => routeOf({ headers: { 'branchline-via': text } }),
  },
];

function both(header: string): void {
  const { context: wish } = receive({ baggage: header }, { trust: true, resolver, refused: 'ignore' });
  context.run(wish, () => context.inject({ baggage: header }, { resolver }));
  receive({ baggage: [header, header] }, { trust: false, resolver });
}
