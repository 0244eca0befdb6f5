// A client that reaches one of two namespaces in one way. A process for each way: what one of them turns on for the whole
// process, as an AsyncLocalStorage does on Node 20, the others do not pay for.

import process from 'node:process';

import { context, createFetch, createResolver, memorySource } from 'branchline';
import { createDispatcher } from 'branchline/undici';
import { median } from 'simple-statistics';
import { Agent, request } from 'undici';

import { cpuOf } from '../harness/cpu.ts';

export type Namespace = 'develop' | 'feature-x';
export type Origins = Readonly<Record<Namespace | 'nginx', string>>;
/** By name: branchline, and the wish in the context. Via nginx: the wish in a header. At hand: the client knows where. */
export type Way = `${'fetch' | 'request'} ${'by name' | 'via nginx' | 'at hand'}`;
/** Milliseconds of one after the other, or microseconds of CPU of this process while there are a few at the same time. */
export type What = 'p50' | 'cpu';

/** Makes a request for that namespace, and says which one answered. */
type Ask = (namespace: Namespace) => Promise<unknown>;

const PATH = '/get-customer-permissions';
const WISH = { namespaces: ['feature-x'] };
const HEADERS = { 'x-branch': 'feature-x' };

const [way, given] = process.argv.slice(2) as [Way, string];
const origins = JSON.parse(given) as Origins;

const WAYS: Record<Way, () => Ask> = {
  'fetch by name': () => {
    const routed = createFetch({ resolver: resolver() });
    const send: Ask = async () => (await routed(`http://my-rest${PATH}`)).json();
    return (namespace) => (namespace === 'develop' ? send(namespace) : context.run(WISH, () => send(namespace)));
  },
  'fetch via nginx': () => {
    const url = `${origins.nginx}${PATH}`;
    return async (namespace) =>
      (await (namespace === 'develop' ? fetch(url) : fetch(url, { headers: HEADERS }))).json();
  },
  'fetch at hand': () => async (namespace) => (await fetch(`${origins[namespace]}${PATH}`)).json(),
  'request by name': () => {
    const dispatcher = createDispatcher({ resolver: resolver() });
    const send: Ask = async () => (await request(`http://my-rest${PATH}`, { dispatcher })).body.json();
    return (namespace) => (namespace === 'develop' ? send(namespace) : context.run(WISH, () => send(namespace)));
  },
  'request via nginx': () => {
    const dispatcher = new Agent();
    const url = `${origins.nginx}${PATH}`;
    const withHeaders = { dispatcher, headers: HEADERS };
    return async (namespace) =>
      (await request(url, namespace === 'develop' ? { dispatcher } : withHeaders)).body.json();
  },
  'request at hand': () => {
    const dispatcher = new Agent();
    return async (namespace) => (await request(`${origins[namespace]}${PATH}`, { dispatcher })).body.json();
  },
};

function resolver(): ReturnType<typeof createResolver> {
  const data = { 'my-rest.develop': origins.develop, 'my-rest.feature-x': origins['feature-x'] };
  return createResolver({ sources: [memorySource(data)], namespace: 'develop' });
}

const ask = WAYS[way]();
let turn = 0;

/** Every other one is for a branch. */
async function sendNext(): Promise<void> {
  const namespace = (turn += 1) % 2 === 0 ? 'develop' : 'feature-x';
  const answer = (await ask(namespace)) as { namespace: Namespace };
  if (answer.namespace !== namespace) throw new Error(`${way}: a request for ${namespace} went elsewhere`);
}

async function p50(requests: number): Promise<number> {
  const took: number[] = [];
  while (took.length < requests) {
    const sent = performance.now();
    await sendNext();
    took.push(performance.now() - sent);
  }
  return median(took);
}

process.on('message', ({ what, requests }: { what: What; requests: number }) => {
  const measured = what === 'p50' ? p50(requests) : cpuOf(sendNext, requests)();
  void measured.then((value) => process.send?.(value));
});
process.send?.('ready');
