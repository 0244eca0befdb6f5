// The lookup as it is made, and as whoever connects calls it. What it asks DNS in a Pod: test/dns.

import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

import { clusterLookup } from 'branchline/undici';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { startServer } from '../doubles/http-server.ts';

describe('options', () => {
  test.each([
    [null, 'an object of options'],
    [5, 'an object of options'],
    [{ ttls: 1 }, 'no option "ttls"'],
    [{ ttl: -1 }, 'ttl is -1'],
    [{ ttl: 60_001 }, 'ttl is 60001'],
    [{ ttl: Number.NaN }, 'ttl is NaN'],
    [{ ttl: '5000' }, 'ttl is "5000"'],
    [{ ttl: null }, 'ttl is null'],
  ])('that make no sense are an error at once: %j', (options, message) => {
    expect(() => clusterLookup(options as never)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_INVALID_OPTION',
        message: expect.stringContaining(message),
      }),
    );
  });

  test.each([{}, { ttl: undefined }, { ttl: 0 }, { ttl: 0.5 }, { ttl: 60_000 }])('may be %j', (options) => {
    expect(clusterLookup(options)).toBeTypeOf('function');
  });
});

describe('a lookup', () => {
  test('answers as dns.lookup does: with one address, or with all, and later', async () => {
    const lookup = clusterLookup();
    const one = vi.fn();
    lookup('127.0.0.1', {}, one);
    expect(one).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(one).toHaveBeenCalledExactlyOnceWith(null, '127.0.0.1', 4));
    const all = vi.fn();
    lookup('localhost', { all: true, family: 4 }, all);
    await vi.waitFor(() => expect(all).toHaveBeenCalledExactlyOnceWith(null, [{ address: '127.0.0.1', family: 4 }]));
  });

  test.each([true, false])(
    'serves node:http and node:net, with happy eyeballs or without: %s',
    async (autoSelectFamily) => {
      const server = await startServer();
      const lookup = vi.fn(clusterLookup());
      const agent = new Agent({ lookup, family: 4, autoSelectFamily });
      onTestFinished(agent.destroy.bind(agent));
      const [response] = (await once(get(`http://localhost:${server.port}/x`, { agent }), 'response')) as [
        IncomingMessage,
      ];
      expect(await text(response)).toBe('ok');

      const socket = connect({ host: 'localhost', port: server.port, lookup, family: 4, autoSelectFamily });
      onTestFinished(() => void socket.destroy());
      await once(socket, 'connect');
      expect(lookup.mock.calls.map(([name]) => name)).toEqual(['localhost', 'localhost']);
    },
  );

  test('says what it does not like as dns.lookup does', () => {
    const lookup = clusterLookup();
    expect(() => lookup('localhost', { family: 5 }, vi.fn())).toThrow(TypeError);
    expect(() => lookup('localhost', {}, undefined as never)).toThrow(TypeError);
  });
});
