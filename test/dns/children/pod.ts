// A process in a Pod of its own: its network is a DNS server with the cluster's names, and one server of all services.
// It answers commands, `<number> <command> <arguments>`, each with the questions that DNS was asked for it.

import { lookup as dnsLookup } from 'node:dns';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createInterface } from 'node:readline';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';

import { createResolver, type Data, memorySource, resolutionOf } from 'branchline';
import { clusterLookup, createDispatcher, type LookupCacheOptions } from 'branchline/undici';
import { request } from 'undici';

import { createCertificates } from '../../doubles/certificates.ts';
import { type Answer, startDnsServer } from '../../doubles/dns-server.ts';

export interface Pod {
  data: Data;
  answers: Record<string, Answer>;
  lookup?: LookupCacheOptions;
}

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const { data, answers, lookup } = JSON.parse(process.argv[2] ?? '{}') as Pod;

const dns = await startDnsServer(answers, { port: 53 });
const answer = ({ headers, socket }: IncomingMessage, response: ServerResponse): void => {
  const { servername } = socket as Partial<TLSSocket>;
  response.end(JSON.stringify({ host: headers.host, ...(servername === undefined ? {} : { servername }) }));
};
const certificates = createCertificates('my-rest.develop.svc');
const servers = [createServer(answer).listen(8080), createSecureServer(certificates, answer).listen(8443)];
await Promise.all(servers.map((server) => new Promise((resolve) => void server.once('listening', resolve))));

const dispatcher = createDispatcher({
  resolver: createResolver({ sources: [memorySource(data)], namespace: 'feature-x' }),
  agent: { connect: { ca: certificates.ca, ...(lookup === undefined ? {} : { lookup: clusterLookup(lookup) }) } },
});
const find = clusterLookup(lookup);

/** Time that has passed without anybody waiting for it. */
let passed = 0;
const now = performance.now.bind(performance);
performance.now = () => now() + passed;

const commands: Record<string, (...args: string[]) => unknown> = {
  // Each over a connection of its own.
  call: async (url = '', times = '1') =>
    Promise.all(
      Array.from({ length: Number(times) }, async () => (await request(url, { dispatcher, reset: true })).body.json()),
    ),
  // Each told when all are over.
  failures: async (...calls) => {
    const all = calls.flatMap((url, index) =>
      index % 2 === 0 ? Array.from({ length: Number(calls[index + 1]) }, () => url) : [],
    );
    const settled = await Promise.allSettled(all.map(async (url) => request(url, { dispatcher })));
    return settled.map((one) => (one.status === 'rejected' ? problemOf(one.reason) : one.status));
  },
  fetch: async (url = '') => (await fetch(url)).json(),
  find: async (name = '', options = '{}') => promisify(find)(name, JSON.parse(options)),
  lookup: async (name = '', options = '{}') => promisify(dnsLookup)(name, JSON.parse(options)),
  answer: (name = '', value = 'null') => {
    const given = JSON.parse(value) as Answer | null;
    if (given === null) dns.answers.delete(name);
    else dns.answers.set(name, given);
  },
  pass: (milliseconds = '0') => {
    passed += Number(milliseconds);
  },
};

const problemOf = (error: unknown): object => {
  const { name, code, message } = error as NodeJS.ErrnoException;
  return { name, code, message, resolution: resolutionOf(error as Error) };
};
createInterface({ input: process.stdin }).on('line', (text) => {
  const [number, command = '', ...args] = text.split(' ');
  void (async () => commands[command]?.(...args))()
    .then(
      (result) => ({ result }),
      (error: unknown) => ({ error: problemOf(error) }),
    )
    .then((outcome) => say({ [`answer ${number}`]: true, ...outcome, questions: dns.take() }));
});
say({ ready: true });
