import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { createResolver, memorySource } from 'branchline';
import { branchline as middleware } from 'branchline/express';
import express from 'express';
import { describe, expect, onTestFinished, test } from 'vitest';

import { until } from '../../doubles/await.ts';
import { type Answer, startServer } from '../../doubles/http-server.ts';
import { branchline, start } from '../command.ts';

const CONFIRMED = 'branchline-accepted';

/** Answers each request with the next of these, and with the last one for ever after. */
function answers(...all: readonly [status: number, headers: Record<string, string>][]): Answer {
  let asked = 0;
  return (_, response) => {
    const [status, headers] = all[Math.min(asked, all.length - 1)] as [number, Record<string, string>];
    asked += 1;
    response.writeHead(status, headers).end('body');
  };
}
const yes: [number, Record<string, string>] = [200, { [CONFIRMED]: 'feature-x' }];
const mere: [number, Record<string, string>] = [200, {}];

const wait = (url: string, ...args: string[]) =>
  branchline(['wait', url, '--request', 'feature-x', '--interval', '1', ...args]);
const notYet = (stderr: string): string[] =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('branchline: not yet: '))
    .map((line) => line.slice('branchline: not yet: '.length));

describe('branchline wait', () => {
  test('ends with 0 when so many answers in a row confirm the wish', async () => {
    const server = await startServer(answers(yes));
    const { code, stdout, stderr } = await wait(`${server.url}/health?deep=1`, '--consecutive', '3');
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toBe(`branchline: ${server.url}/health?*** has confirmed feature-x 3 times in a row.\n`);
    expect(server.asked).toHaveLength(3);
    // A Service picks the Pod per connection.
    for (const { headers } of server.asked) expect(headers['connection']).toBe('close');
    for (const { method, path, headers } of server.asked)
      expect({ method, path, baggage: headers['baggage'] }).toEqual({
        method: 'GET',
        path: '/health?deep=1',
        baggage: 'branchline=feature-x',
      });
  });

  test('wants ten by default', async () => {
    const server = await startServer(answers(yes));
    expect(await wait(server.url)).toMatchObject({ code: 0 });
    expect(server.asked).toHaveLength(10);
  });

  test('starts anew after one that does not confirm', async () => {
    const server = await startServer(answers(yes, yes, mere, yes, yes, [503, {}], yes));
    const { code, stderr } = await wait(server.url, '--consecutive', '3');
    expect(code).toBe(0);
    expect(server.asked).toHaveLength(9);
    expect(notYet(stderr)).toEqual(['200, without branchline-accepted', '503, without branchline-accepted']);
  });

  test('is content with nothing else, says why once, and ends with 1 after its time', async () => {
    const others: [why: string, status: number, headers: Record<string, string>][] = [
      ['200, without branchline-accepted', ...mere],
      ['200, it confirms feature-y', 200, { [CONFIRMED]: 'feature-y' }],
      ['200, it confirms feature-x~a.feature-y', 200, { [CONFIRMED]: 'feature-x~a.feature-y' }],
      ['412, it refuses feature-x', 412, { 'branchline-refused': 'feature-x' }],
      ['200, it refuses feature-x', 200, { 'branchline-refused': 'feature-x' }],
      ['500, though it confirms the wish', 500, { [CONFIRMED]: 'feature-x' }],
      ['302, without branchline-accepted', 302, { location: '/elsewhere' }],
    ];
    await Promise.all(
      others.map(async ([why, ...answer]) => {
        const server = await startServer(answers(answer));
        // The second question is the last: a third would come too late.
        const args = ['--timeout', '4', '--interval', '2100', '--consecutive', '1'];
        const { code, stdout, stderr } = await wait(server.url, ...args);
        expect([code, stdout]).toEqual([1, '']);
        expect(stderr).toBe(
          `branchline: not yet: ${why}\nbranchline: ${server.url} has not confirmed feature-x 1 times in a row: ${why}.\n`,
        );
        expect(server.asked).toHaveLength(2);
      }),
    );
  });

  test('gives up in time on a server that is silent, and on one that is not there', async () => {
    const silent = await startServer(() => undefined);
    const { code, stderr } = await wait(silent.url, '--timeout', '1');
    expect(code).toBe(1);
    expect(stderr).toMatch(/has not confirmed feature-x 10 times in a row: [^\n]*timeout[^\n]*\n$/);
    const { url } = await startServer();
    const closed = await wait(url.replace(/\d+$/, '9'), '--timeout', '1');
    expect(closed).toMatchObject({ code: 1, stdout: '' });
  });

  test('asks for the wish in its canonical form, under the key that is said', async () => {
    const server = await startServer(answers([200, { [CONFIRMED]: 'feature-x~a.feature-y~b.feature-y' }]));
    const wish = 'b.feature-y~feature-x~a.feature-y~feature-x';
    const args = [
      'wait',
      server.url,
      '--request',
      wish,
      '--interval',
      '1',
      '--consecutive',
      '1',
      '--key',
      'okteto-divert',
    ];
    expect(await branchline(args)).toMatchObject({ code: 0 });
    expect(server.only().headers['baggage']).toBe('okteto-divert=feature-x~a.feature-y~b.feature-y');
  });

  test('waits for a real application until its table has the branch, which it is told with a 412', async () => {
    const table = memorySource({ 'a.develop': '80' });
    const resolver = createResolver({ sources: [table], namespace: 'develop' });
    resolver.on('refused', () => undefined);
    const app = express();
    app.use(middleware({ trust: true, resolver }));
    app.get('/health', (_request, response) => void response.send('ok'));
    const server = app.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
    const running = await start(['wait', url, '--request', 'feature-x', '--interval', '1']);
    await running.says('not yet: 412, it refuses feature-x');
    table.set({ 'a.develop': '80', 'a.feature-x': '81' });
    expect(await running.exited()).toMatchObject({ code: 0, stdout: '' });
  });

  test.for([
    ['between two questions', 'SIGINT', answers(mere)],
    ['between two questions', 'SIGTERM', answers(mere)],
    ['while nobody answers', 'SIGINT', () => undefined],
    ['while nobody answers', 'SIGTERM', () => undefined],
  ] as const)('ends soon, %s, on %s, and says that nothing was confirmed', async ([, signal, answer]) => {
    const server = await startServer(answer);
    const running = await start(['wait', server.url, '--request', 'feature-x']);
    await until(() => server.asked.length > 0, 'the first question');
    running.process.kill(signal);
    expect(await running.exited(5_000)).toMatchObject({ code: 1, signal: null, stdout: '' });
  });

  test('never prints what is secret in its URL', async () => {
    const server = await startServer(answers(yes));
    const url = server.url.replace('http://', 'http://user:hunter2@');
    const { stdout, stderr } = await wait(url, '--timeout', '1');
    expect(stdout + stderr).not.toContain('hunter2');
  });

  test.each<[string, string[], RegExp]>([
    ['no URL', ['x', '--request', 'feature-x'], /^branchline: "x" is no URL; want http:/],
    ['another scheme', ['ftp://h.example.com/', '--request', 'feature-x'], /is no URL; want http:/],
    ['no wish', ['http://127.0.0.1/', '--request', 'a b'], /^branchline: "a b" is no wish: /],
    ['an empty wish', ['http://127.0.0.1/', '--request', ''], /^branchline: "" is no wish: /],
    ['nothing to confirm', ['http://127.0.0.1/'], /required option '--request <wish>' not specified/],
    ['a count that is none', ['http://127.0.0.1/', '--request', 'x', '--consecutive', '0'], /Want a number from 1\./],
    ['a time that is none', ['http://127.0.0.1/', '--request', 'x', '--timeout', '1s'], /Want a number from 1\./],
    ['a key that is none', ['http://127.0.0.1/', '--request', 'x', '--timeout', '1', '--key', 'a b'], /key/],
  ])('refuses %s at once, with one line', async (_, args, why) => {
    const { code, stdout, stderr } = await branchline(['wait', ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^branchline: [^\n]+\n$/);
    expect(stderr).toMatch(why);
  });
});
