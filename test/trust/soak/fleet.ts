// A fleet on loopback: three services in the baseline and in some branches, each server knows who it is, says what it was
// asked, and fails as it is told. The front is deployed in the baseline only, and calls the next service itself.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { context, type FetchLike, receive, type Resolver, resolutionOf } from 'branchline';

export const SERVICES = ['orders', 'billing'];
export const BRANCHES = ['team-a', 'team-b', 'team-c', 'team-d', 'team-e', 'team-f'];
export const BASELINE = 'develop';

export type Mood = 'well' | 'slow' | 'unavailable' | 'reset';

export interface Fleet {
  /** `service.namespace` → its address. */
  readonly addresses: ReadonlyMap<string, string>;
  /** How often each call arrived, by its number and service. */
  readonly arrived: Map<string, number>;
  /** The front calls with it. */
  serve(resolver: Resolver, fetch: FetchLike): void;
  close(): Promise<void>;
}

/** What a server says of the call. */
export interface Said {
  readonly who: string;
  /** Empty where there is none. */
  readonly baggage: string;
  /** What the front got from the next service. */
  readonly next?: Hop;
}

export interface Hop {
  readonly status: number;
  readonly said: Said | null;
  /** The revision of the table by which it was called, and where that one sent it. */
  readonly revision: number;
  readonly wanted: string;
}

/** `mood` is asked at each request. */
export async function startFleet(mood: () => Mood): Promise<Fleet> {
  const arrived = new Map<string, number>();
  const addresses = new Map<string, string>();
  const servers: Server[] = [];
  let calls: { resolver: Resolver; fetch: FetchLike } | null = null;

  const start = async (who: string): Promise<void> => {
    const server = createServer((request, response) => {
      const id = `${String(request.headers['x-call'])} ${who.split('.')[0]}`;
      arrived.set(id, (arrived.get(id) ?? 0) + 1);
      void answer(who, request, response).catch(() => response.destroy());
    });
    // A connection that its server gave up is no fault that is meant here.
    server.keepAliveTimeout = 0;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
    addresses.set(who, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  };

  const answer = async (who: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const said: Said = { who, baggage: String(request.headers['baggage'] ?? '') };
    if (who.startsWith('front.')) {
      response.end(JSON.stringify({ ...said, next: await callNext(request) }));
      return;
    }
    const now = mood();
    if (now === 'reset') request.socket.resetAndDestroy();
    if (now === 'slow') await pause(5 + (arrived.size % 20));
    if (now === 'unavailable') response.statusCode = 503;
    response.end(JSON.stringify(said));
  };

  /** In the context that the request brings, and with what is left of its headers. */
  const callNext = async (request: IncomingMessage): Promise<Hop> => {
    if (calls === null) throw new Error('nobody serves');
    const { resolver, fetch } = calls;
    const received = receive(request.headers, { trust: true, resolver });
    const headers = { 'x-call': String(request.headers['x-call']) };
    const call = async (): Promise<Response> => {
      // What is awaited first, for a time of its own, must not bring another request's context.
      if (arrived.size % 3 === 0) await pause(arrived.size % 4);
      return fetch(`http://${request.url?.slice(1)}/`, { headers });
    };
    return hopOf(context.run(received.context, call));
  };

  await Promise.all([
    start(`front.${BASELINE}`),
    ...[BASELINE, ...BRANCHES].flatMap((namespace) => SERVICES.map((service) => start(`${service}.${namespace}`))),
  ]);
  return {
    addresses,
    arrived,
    serve: (resolver, fetch) => (calls = { resolver, fetch }),
    async close() {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    },
  };
}

/** What came of a call: an error of the network has no answer, but says where it was going. */
export async function hopOf(call: Promise<Response>): Promise<Hop> {
  try {
    const response = await call;
    const said = (await response.json()) as Said;
    return { status: response.status, said, ...towards(response) };
  } catch (error) {
    if (!(error instanceof Error) || resolutionOf(error) === undefined) throw error;
    return { status: 0, said: null, ...towards(error) };
  }
}

function towards(of: Response | Error): { revision: number; wanted: string } {
  const resolution = resolutionOf(of);
  return { revision: resolution?.revision ?? 0, wanted: `${resolution?.service}.${resolution?.namespace}` };
}
