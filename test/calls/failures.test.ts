// A connection that fails is the caller's to see: its own error, with the resolution, and nobody else is asked instead.

import dns from 'node:dns';

import { createFetch, createResolver, type FetchLike, memorySource, resolutionOf } from 'branchline';
import { describe, expect, test, vi } from 'vitest';

import { startServer } from '../doubles/http-server.ts';
import { closedPort, reply, reset, silence, startRawServer } from '../doubles/raw-server.ts';

/** The branch has its own copy at this address, and the baseline's answers. */
async function branchAt(url: string): Promise<{ fetch: FetchLike; askedInBaseline: () => number }> {
  const baseline = await startServer();
  const sources = [memorySource({ 'my-rest.feature-x': url, 'my-rest.develop': baseline.url })];
  const fetch = createFetch({ resolver: createResolver({ sources, namespace: 'feature-x' }) });
  return { fetch, askedInBaseline: () => baseline.asked.length };
}

const failureOf = async (call: Promise<unknown>): Promise<Error> => {
  const error: unknown = await call.then(
    () => 'no failure',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
};

describe('a call of the branch', () => {
  test('that is refused fails, and is not sent to the baseline', async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const { fetch, askedInBaseline } = await branchAt(url);
    const error = await failureOf(fetch('http://my-rest/'));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNREFUSED' } });
    expect(resolutionOf(error)).toMatchObject({ namespace: 'feature-x', via: 'branch', url });
    expect(askedInBaseline()).toBe(0);
  });

  test.each([
    ['is reset', reset],
    ['is closed without an answer', (socket: { end(): unknown }) => void socket.end()],
    ['is answered with what is no HTTP', reply('SSH-2.0-OpenSSH_9.9\r\n\r\n')],
  ])('that %s fails, is sent once, and is not sent to the baseline', async (_, reaction) => {
    const server = await startRawServer(reaction);
    const { fetch, askedInBaseline } = await branchAt(server.url);
    const error = await failureOf(fetch('http://my-rest/'));
    expect(error).toBeInstanceOf(TypeError);
    expect(resolutionOf(error)).toMatchObject({ namespace: 'feature-x', url: server.url });
    expect(server.received().match(/^GET /gm)).toHaveLength(1);
    expect(askedInBaseline()).toBe(0);
  });

  test('that is reset on a connection that was kept fails, and is not sent a second time', async () => {
    let answered = 0;
    const server = await startRawServer((socket, head) => {
      answered += 1;
      if (answered === 1) reply('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')(socket, head);
      else socket.resetAndDestroy();
    });
    const { fetch, askedInBaseline } = await branchAt(server.url);
    expect(await (await fetch('http://my-rest/1')).text()).toBe('ok');
    const error = await failureOf(fetch('http://my-rest/2'));
    expect(resolutionOf(error)).toMatchObject({ namespace: 'feature-x' });
    expect(server.received().match(/^GET \/\d/gm)).toEqual(['GET /1', 'GET /2']);
    expect(askedInBaseline()).toBe(0);
  });

  test('that is never answered ends with its signal', async () => {
    const server = await startRawServer(silence);
    const { fetch, askedInBaseline } = await branchAt(server.url);
    const error = await failureOf(fetch('http://my-rest/', { signal: AbortSignal.timeout(50) }));
    expect(error.name).toBe('TimeoutError');
    expect(server.received()).toMatch(/^GET /);
    expect(askedInBaseline()).toBe(0);
  });

  test('that breaks off in the middle of the body is a response, and then an error of its body', async () => {
    const server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () => socket.resetAndDestroy());
    });
    const { fetch, askedInBaseline } = await branchAt(server.url);
    const error = await failureOf(fetch('http://my-rest/').then((response) => response.text()));
    expect(error).toBeInstanceOf(TypeError);
    expect(askedInBaseline()).toBe(0);
  });

  test('whose other half is closed while it is sent fails', async () => {
    // The server has said its last word, and reads on.
    const server = await startRawServer((socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf');
    });
    const { fetch } = await branchAt(server.url);
    const response = await fetch('http://my-rest/');
    expect(resolutionOf(response)).toMatchObject({ namespace: 'feature-x' });
    await expect(response.text()).rejects.toThrow(TypeError);
  });

  test('whose name is not found fails with that', async () => {
    const { fetch, askedInBaseline } = await branchAt('8080');
    const notFound = Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' });
    vi.spyOn(dns, 'lookup').mockImplementation(((name: string, _: object, done: (error: Error) => void) => {
      done(Object.assign(notFound, { hostname: name }));
    }) as never);
    const error = await failureOf(fetch('http://my-rest/'));
    expect(error.cause).toMatchObject({ code: 'ENOTFOUND', hostname: 'my-rest.feature-x.svc' });
    expect(resolutionOf(error)).toMatchObject({ namespace: 'feature-x' });
    expect(askedInBaseline()).toBe(0);
  });

  test.each([500, 502, 503, 504, 404, 412, 421])(
    'that is answered %i has that answer, after one request',
    async (status) => {
      const server = await startServer((_, response) => response.writeHead(status).end());
      const { fetch, askedInBaseline } = await branchAt(server.url);
      const response = await fetch('http://my-rest/', { method: 'POST', body: 'once' });
      expect(response.status).toBe(status);
      // fetch itself sends what was answered 421 once more, and that is all.
      expect(server.asked).toHaveLength(status === 421 ? 2 : 1);
      expect(askedInBaseline()).toBe(0);
    },
  );
});
