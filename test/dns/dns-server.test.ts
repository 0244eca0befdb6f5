// The DNS server of these tests, read by another resolver than the one they are about.

import { Resolver } from 'node:dns/promises';

import { expect, onTestFinished, test } from 'vitest';

import { type Answer, type DnsServer, startDnsServer } from '../doubles/dns-server.ts';

async function start(answers: Record<string, Answer>): Promise<{ server: DnsServer; resolver: Resolver }> {
  const server = await startDnsServer(answers);
  onTestFinished(server.close);
  const resolver = new Resolver({ timeout: 100, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.port}`]);
  return { server, resolver };
}

test('answers with addresses, with none, or that there is no such name', async () => {
  const { server, resolver } = await start({ 'my-rest.develop.svc.cluster.local': ['127.0.0.2', '127.0.0.3'] });
  expect(await resolver.resolve4('my-rest.develop.svc.cluster.local')).toEqual(['127.0.0.2', '127.0.0.3']);
  expect(await resolver.resolve4('MY-REST.develop.svc.cluster.local.')).toEqual(['127.0.0.2', '127.0.0.3']);
  await expect(resolver.resolve6('my-rest.develop.svc.cluster.local')).rejects.toMatchObject({ code: 'ENODATA' });
  await expect(resolver.resolve4('orders.develop.svc.cluster.local')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  expect(server.take()).toEqual([
    'A my-rest.develop.svc.cluster.local',
    'A my-rest.develop.svc.cluster.local',
    'AAAA my-rest.develop.svc.cluster.local',
    'A orders.develop.svc.cluster.local',
  ]);
  expect(server.questions).toEqual([]);
});

test('fails, or says nothing', async () => {
  const { server, resolver } = await start({ 'a.example': 'SERVFAIL', 'b.example': 'silence' });
  await expect(resolver.resolve4('a.example')).rejects.toMatchObject({ code: 'ESERVFAIL' });
  await expect(resolver.resolve4('b.example')).rejects.toMatchObject({ code: 'ETIMEOUT' });
  server.answers.set('b.example', ['127.0.0.4']);
  expect(await resolver.resolve4('b.example')).toEqual(['127.0.0.4']);
  expect(server.questions.at(-1)).toBe('A b.example');
});
