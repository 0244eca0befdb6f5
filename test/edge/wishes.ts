// A wish in every spelling that a stranger may send it in, and the server behind the edge that would follow it.

import { createResolver, memorySource, receive } from 'branchline';

import { type Answer, type Asked, type HttpServer, startServer } from '../doubles/http-server.ts';

const WISH = 'branchline=feature-x';

/** Lines of a request's head. */
export const PLAIN: readonly (readonly string[])[] = [
  [`baggage: ${WISH}`],
  [`BAGGAGE:${WISH}`],
  [`Baggage: user=7,${WISH}`],
  ['baggage: user=7 , \tbranchline \t=\tfeature-x ; p=1 ,x=y'],
  [`baggage: ${WISH},${WISH}`],
  [`baggage: ,, ,${WISH},`],
  [`baggage: ${WISH}`, `bAGGAGE: ${WISH}`],
  [`baggage: x=",${WISH}`],
  [`baggage: x=",${WISH},y="`],
  [`baggage: x="\\",${WISH},y="`],
  ['baggage: branchline=feature%2Dx'],
  ['baggage: branchline=feature-x~my-rest.feature-x'],
];

/** What a proxy may join, refuse, or take apart in a way of its own. */
export const ODD: readonly (readonly string[])[] = [
  ['baggage: user=7', `baggage: ${WISH}`],
  [`baggage: ${WISH}`, 'baggage: user=7'],
  ['baggage: user=7', 'x-other: 1', `Baggage: ${WISH}`, 'baggage: y=1'],
  ['x-other: 1', `\tbaggage: ${WISH}`],
  [`baggage:\r\n ${WISH}`],
  [`baggage: user=7,\r\n\t${WISH}`],
  [`baggage : ${WISH}`],
  [` baggage: ${WISH}`],
  [`baggage\0: ${WISH}`],
  [`baggage: ${WISH}`, 'connection: baggage'],
  [`baggage: user=7\r${WISH}`],
  [`baggage: user=7\n${WISH}`],
];

export interface Team extends HttpServer {
  /** How many requests have been heard with a wish, or asked to tell their route. */
  heard(): { wishes: number; routes: number };
  last(): Asked;
  /** How it answers from now on. */
  answer(by: Answer): void;
}

/** A server that trusts whoever reaches it. */
export async function startTeam(): Promise<Team> {
  const resolver = createResolver({ sources: [memorySource({ 'my-rest.feature-x': '8080' })], namespace: null });
  let answer: Answer = (_, response) => response.end('ok');
  const server = await startServer((asked, response) => answer(asked, response));
  const wishOf = ({ headers }: Asked): boolean => {
    const { context, refusal } = receive(headers, { trust: true, resolver });
    return context !== undefined || refusal !== null;
  };
  return {
    ...server,
    heard: () => ({
      wishes: server.asked.filter(wishOf).length,
      routes: server.asked.filter(({ headers }) => 'branchline-via' in headers).length,
    }),
    last() {
      const asked = server.asked.at(-1);
      if (asked === undefined) throw new Error('nobody asked');
      return asked;
    },
    answer: (by) => void (answer = by),
  };
}

export const head = (lines: readonly string[]): string[] => ['GET / HTTP/1.1', 'host: web.example.com', ...lines];
