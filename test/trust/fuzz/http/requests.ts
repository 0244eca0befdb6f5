// Requests over real sockets, with header bytes as nobody should send them, and what must come of each.

import { foreignIn, judge, keyIn } from '../decisions/model.ts';
import { drawRequest } from '../decisions/requests.ts';
import type { Meaning, Scenario } from '../decisions/tables.ts';
import { differs, firstOf } from '../oracle.ts';
import { toBytes } from '../target.ts';
import type { Answer, Stage } from './servers.ts';
import type { Reply } from './socket.ts';

export interface Hostile {
  readonly refused: 'reject' | 'ignore';
  readonly trust: boolean;
  /** The lines of the header, as bytes. */
  readonly lines: readonly string[];
  readonly bytes: string;
}

/** Names of the header in any case, and some that are none of it. */
const SPELLINGS = ['baggage', 'Baggage', 'BAGGAGE', 'bAgGaGe'];

export function drawHostile(random: () => number, { evilPort }: Stage): Hostile {
  const { lines: drawn, trust, refused, path } = drawRequest(random);
  const lines = drawn.map((line) => toBytes(line.replaceAll('evil.example', `127.0.0.1:${evilPort}`)).slice(0, 3000));
  const target = toBytes(path.replaceAll('evil.example', `127.0.0.1:${evilPort}`)).replaceAll(
    /[\0-\u0020#\u007f-\u00ff]/g,
    '',
  );
  const headers = lines.map((line, index) => `${SPELLINGS[(index + line.length) % 4]}: ${line}\r\n`);
  const outside = trust ? '' : 'x-outside: 1\r\n';
  const bytes = `GET /${target} HTTP/1.1\r\nhost: orders\r\n${outside}${headers.join('')}branchline-via: 1\r\n\r\n`;
  return { refused, trust, lines, bytes };
}

const MEANINGS: readonly (readonly [string, Meaning])[] = [
  ['my-rest.develop', { kind: 'empty' }],
  ['my-rest.feature-x', { kind: 'empty' }],
  ['other.feature-y', { kind: 'empty' }],
  ['billing.feature-x', { kind: 'disabled' }],
];

/** The names of the stage's table: addresses are told by who answers. */
const TABLE = {
  entries: new Map(MEANINGS),
  own: 'develop',
  baseline: ['develop'],
  overrides: true,
  keys: ['branchline'],
} as unknown as Scenario;

/** What is wrong with the reply; `null` also where the parser of HTTP did not let the request in. */
export function replyFault({ refused, trust, lines }: Hostile, reply: Reply | null): string | null {
  // Bytes that no header may have make it another request, or none.
  const isBroken = lines.some((line) => /[\0-\u0008\u000a-\u001f\u007f]/.test(line));
  if (reply === null || reply.status === 400 || reply.status === 431)
    return isBroken ? null : `a request with legal bytes was not let in: ${String(reply?.status)}`;
  if (isBroken) return reply.status >= 500 ? `the status is ${reply.status}: ${reply.body}` : null;
  const judged = judge(TABLE, { lines, trust, refused, select: undefined });
  const told = ['branchline-accepted', 'branchline-refused'].flatMap((name) => {
    const value = reply.headers.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  const status = judged.reject ? 412 : 200;
  return firstOf(
    () => differs('the status', reply.status, status),
    () => differs('what is told', Object.fromEntries(told), judged.headers),
    () => (judged.reject ? null : answerFault(JSON.parse(utf8(reply.body)) as Answer, judged, lines)),
  );
}

function answerFault(
  { who, url, baggage }: Answer,
  judged: ReturnType<typeof judge>,
  lines: readonly string[],
): string | null {
  const { services, namespaces } = judged.context ?? { services: new Map(), namespaces: [] };
  const path = [services.get('my-rest'), ...namespaces, 'develop'];
  const wanted = path.find((namespace) => namespace === 'develop' || namespace === 'feature-x');
  const ours = baggage.split(',').filter((member) => keyIn(member) === 'branchline');
  const carried = judged.carried === null ? [] : [`branchline=${carriedText(judged.carried)}`];
  const others = (text: string): string[] =>
    foreignIn(text, ['branchline'])
      .map((member) => member.trim())
      .filter((member) => member !== '');
  return firstOf(
    () => differs('who answers', who, wanted),
    () => differs('whether its path is below its base', who === 'develop' || url.startsWith('/v1/'), true),
    () =>
      differs(
        'our member, as it came there',
        ours.map((member) => member.trim()),
        carried,
      ),
    () => differs('what others say, as it came there', others(baggage), others(lines.join(','))),
  );
}

function carriedText({ namespaces, services }: NonNullable<ReturnType<typeof judge>['carried']>): string {
  return [...namespaces, ...[...services].map(([service, namespace]) => `${service}.${namespace}`).toSorted()].join(
    '~',
  );
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
