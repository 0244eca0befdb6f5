// A process in the network of a Pod, which has a DNS server and one server of all services. It makes calls in one way,
// the first that it ever makes, and says how many questions DNS was asked for them.

import { once } from 'node:events';
import { createServer } from 'node:http';
import process from 'node:process';

import { createFetch, createResolver, memorySource } from 'branchline';
import { createDispatcher } from 'branchline/undici';
import { request } from 'undici';

import { startDnsServer } from '../../doubles/dns-server.ts';

export type Way = 'dispatcher' | 'wrapped fetch' | 'fetch' | 'fetch, final dot';

export interface Counted {
  readonly questions: number;
  readonly answers: number;
}

const NAME = 'my-rest.develop.svc.cluster.local';

const resolver = createResolver({ sources: [memorySource({ 'my-rest.develop': '8080' })], namespace: 'feature-x' });
const dispatcher = createDispatcher({ resolver });
const routed = createFetch({ resolver });
const CALLS: Record<Way, () => Promise<string>> = {
  dispatcher: async () => (await request('http://my-rest/', { dispatcher })).body.text(),
  'wrapped fetch': async () => (await routed('http://my-rest/')).text(),
  fetch: async () => (await fetch(`http://${NAME}:8080/`)).text(),
  'fetch, final dot': async () => (await fetch(`http://${NAME}.:8080/`)).text(),
};

const dns = await startDnsServer({ [NAME]: ['127.0.0.2'] }, { port: 53 });
const server = createServer((_, response) => void response.end('my-rest')).listen(8080);
await once(server, 'listening');

process.on('message', ({ way, calls }: { way: Way; calls: number }) => {
  void Promise.all(Array.from({ length: calls }, CALLS[way])).then((all) => {
    const answers = all.filter((text) => text === 'my-rest').length;
    process.send?.({ questions: dns.take().length, answers } satisfies Counted);
  });
});
process.send?.('ready');
