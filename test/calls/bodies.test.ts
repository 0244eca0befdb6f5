// A body arrives whole, whatever it is made of, and after a redirect once more where the Fetch standard sends it again.

import { Readable } from 'node:stream';

import { createFetch, createResolver, type FetchLike, memorySource } from 'branchline';
import { describe, expect, test, vi } from 'vitest';

import { type Asked, type HttpServer, startServer } from '../doubles/http-server.ts';

const TEXT = 'hello, wörld\r\n';
/** More than any buffer on the way, and not the same twice. */
const LARGE = Buffer.from(Array.from({ length: 300_000 }, (_, index) => `${index};`).join(''));

function fetchTo(url: string): FetchLike {
  const sources = [memorySource({ 'my-rest.develop': url })];
  return createFetch({ resolver: createResolver({ sources, namespace: null }) });
}

/** Answers `/<status>` with that redirect, to another origin if there is one, and everything else with 200. */
async function startRedirecting(to = ''): Promise<HttpServer> {
  return startServer(({ path }, response) => {
    const status = Number(path.slice(1));
    if (Number.isNaN(status)) response.end('ok');
    else response.writeHead(status, { location: `${to}/end` }).end('moved');
  });
}

function* pieces(of: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < of.length; at += 60_000) yield of.subarray(at, at + 60_000);
}

async function* slowly(of: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const piece of pieces(of)) {
    await new Promise(setImmediate);
    yield piece;
  }
}

const bytes = new TextEncoder().encode(TEXT);
const form = (): FormData => {
  const data = new FormData();
  data.append('text', TEXT);
  data.append('file', new Blob([LARGE], { type: 'image/x' }), 'f.bin');
  return data;
};
const sameForm = async ({ headers, body }: Asked): Promise<boolean> => {
  const got = await new Response(new Uint8Array(body), {
    headers: { 'content-type': headers['content-type'] ?? '' },
    // oxlint-disable-next-line typescript/no-deprecated -- it is our own form, and small
  }).formData();
  const file = got.get('file') as File;
  return got.get('text') === TEXT && file.name === 'f.bin' && LARGE.equals(Buffer.from(await file.arrayBuffer()));
};
const sameText = ({ body }: Asked): boolean => body.toString() === TEXT;
const sameLarge = ({ body }: Asked): boolean => LARGE.equals(body);

interface Kind {
  readonly make: () => unknown;
  readonly arrived: (asked: Asked) => boolean | Promise<boolean>;
}

/** Can be sent again: fetch says that they have a source. */
const whole: Readonly<Record<string, Kind>> = {
  'a text': { make: () => TEXT, arrived: sameText },
  'a Buffer': { make: () => LARGE, arrived: sameLarge },
  'a part of an array': { make: () => new Uint8Array([0, ...bytes, 0]).subarray(1, -1), arrived: sameText },
  'an ArrayBuffer': { make: () => bytes.slice().buffer, arrived: sameText },
  'a Blob': { make: () => new Blob([LARGE], { type: 'text/x' }), arrived: sameLarge },
  FormData: { make: form, arrived: sameForm },
  URLSearchParams: {
    make: () => new URLSearchParams({ a: TEXT, b: 'ü' }),
    arrived: ({ body }) => new URLSearchParams(body.toString()).get('a') === TEXT,
  },
};

/** Can be sent once. */
const streams: Readonly<Record<string, Kind>> = {
  'a web stream': { make: () => Readable.toWeb(Readable.from(pieces(LARGE))), arrived: sameLarge },
  'an async generator': { make: () => slowly(LARGE), arrived: sameLarge },
  "a stream of Node's": { make: () => Readable.from(pieces(LARGE)), arrived: sameLarge },
};

type Init = RequestInit & { duplex?: 'half' };
type Redirect = NonNullable<RequestInit['redirect']>;
const initOf = (make: () => unknown, method = 'POST'): Init => ({ method, body: make() as string, duplex: 'half' });

describe('a body', () => {
  test.each([...Object.entries(whole), ...Object.entries(streams)])(
    'arrives whole: %s',
    async (_, { make, arrived }) => {
      const server = await startServer();
      expect((await fetchTo(server.url)('http://my-rest/', initOf(make))).status).toBe(200);
      expect(await arrived(server.only())).toBe(true);
    },
  );

  test.each([...Object.entries(whole), ...Object.entries(streams)])(
    'arrives whole within a Request: %s',
    async (_, { make, arrived }) => {
      const server = await startServer();
      const fetch = fetchTo(server.url);
      expect((await fetch(new Request('http://my-rest/', initOf(make)))).status).toBe(200);
      expect(await arrived(server.only())).toBe(true);
    },
  );

  test.each(Object.entries(whole))('is framed and typed as fetch does it: %s', async (_, { make }) => {
    const server = await startServer();
    await fetch(server.url, initOf(make));
    await fetchTo(server.url)('http://my-rest/', initOf(make));
    const [native, ours] = server.asked.map(({ headers }) => ({
      length: headers['content-length'],
      encoding: headers['transfer-encoding'],
      type: headers['content-type']?.replace(/boundary=.*/, ''),
    }));
    expect(ours).toEqual(native);
    expect(ours?.encoding).toBeUndefined();
  });
});

describe.each([301, 302, 303, 307, 308])('after a redirect with %i', (status) => {
  const again = status >= 307;

  test.each(Object.entries(whole))('%s', async (_, { make, arrived }) => {
    const other = await startServer();
    for (const to of ['', other.url]) {
      const server = await startRedirecting(to);
      const fetch = fetchTo(server.url);
      for (const [method, isSent] of [
        ['POST', again],
        ['PUT', status !== 303],
      ] as const) {
        const response = await fetch(`http://my-rest/${status}`, initOf(make, method));
        expect([response.status, response.redirected]).toEqual([200, true]);
        const last = (to === '' ? server : other).asked.at(-1) as Asked;
        expect(last).toMatchObject({ method: isSent ? method : 'GET', path: '/end' });
        expect(isSent ? await arrived(last) : last.body.length === 0).toBe(true);
      }
    }
  });

  test.each(Object.entries(streams))('%s', async (_, { make, arrived }) => {
    const server = await startRedirecting();
    for (const call of [
      () => fetch(`${server.url}/${status}`, initOf(make)),
      () => fetchTo(server.url)(`http://my-rest/${status}`, initOf(make)),
    ]) {
      const before = server.asked.length;
      if (status === 303) expect((await call()).status).toBe(200);
      else await expect(call()).rejects.toThrow(TypeError);
      const [first, ...more] = server.asked.slice(before);
      expect(first !== undefined && (await arrived(first))).toBe(true);
      expect(more.map(({ method, body }) => `${method} ${body.length}`)).toEqual(status === 303 ? ['GET 0'] : []);
    }
  });

  test.each([...Object.entries(whole), ...Object.entries(streams)])(
    '%s within a Request, which is sent again',
    async (_, { make, arrived }) => {
      const other = await startServer();
      const server = await startRedirecting(other.url);
      const response = await fetchTo(server.url)(new Request(`http://my-rest/${status}`, initOf(make)));
      expect([response.status, response.redirected]).toEqual([200, true]);
      expect(await arrived(server.only())).toBe(true);
      expect(other.only().method).toBe(again ? 'POST' : 'GET');
      expect(again ? await arrived(other.only()) : other.only().body.length === 0).toBe(true);
    },
  );
});

describe('a Request', () => {
  const counting = async (left: number): Promise<HttpServer> =>
    startServer(({ path }, response) => {
      const hops = Number(path.slice(1));
      if (hops === 0) response.end('done');
      else response.writeHead(hops === left ? 308 : 307, { location: `/${hops - 1}` }).end();
    });

  test('is sent again at every hop, twenty times', async () => {
    const server = await counting(20);
    await fetchTo(server.url)(new Request('http://my-rest/20', { method: 'POST', body: TEXT }));
    expect(server.asked).toHaveLength(21);
    expect(server.asked.every((asked) => sameText(asked) && asked.method === 'POST')).toBe(true);
  });

  test('that becomes a GET on the way stays one', async () => {
    const statuses = [307, 303, 307];
    const server = await startServer(({ path }, response) => {
      const status = statuses[Number(path.slice(1))];
      if (status === undefined) response.end('done');
      else response.writeHead(status, { location: `/${Number(path.slice(1)) + 1}` }).end();
    });
    await fetchTo(server.url)(new Request('http://my-rest/0', { method: 'PUT', body: TEXT }));
    expect(
      server.asked.map(({ method, body, headers }) => `${method} ${body.toString()} ${headers['content-type']}`),
    ).toEqual([
      `PUT ${TEXT} text/plain;charset=UTF-8`,
      `PUT ${TEXT} text/plain;charset=UTF-8`,
      'GET  undefined',
      'GET  undefined',
    ]);
  });

  test.each<[Redirect, boolean]>([
    ['manual', false],
    ['error', false],
    ['follow', true],
  ])('is copied only where a redirect may want it again: redirect %s, copied %s', async (redirect, copied) => {
    const server = await startServer();
    const clone = vi.spyOn(Request.prototype, 'clone');
    const fetch = fetchTo(server.url);
    await fetch(new Request('http://my-rest/', { ...initOf(() => slowly(LARGE)), redirect }));
    await fetch(
      new Request(
        'http://my-rest/',
        initOf(() => slowly(LARGE)),
      ),
      { redirect },
    );
    expect(clone.mock.calls.length > 0).toBe(copied);
    clone.mockClear();
    await fetch(new Request('http://my-rest/', { redirect }));
    await fetch(
      new Request(
        'http://my-rest/',
        initOf(() => slowly(LARGE)),
      ),
      { method: 'POST', redirect, body: TEXT },
    );
    expect(clone).not.toHaveBeenCalled();
    expect(server.asked.map(({ body }) => body.length)).toEqual([LARGE.length, LARGE.length, 0, bytes.length]);
  });

  test.each<Redirect>(['manual', 'error', 'follow'])(
    'whose stream fails rejects, and nothing is left unhandled: redirect %s',
    async (redirect) => {
      const server = await startServer();
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield bytes;
        await new Promise(setImmediate);
        throw new Error('the file is gone');
      }
      const call = fetchTo(server.url)(new Request('http://my-rest/', { ...initOf(failing), redirect }));
      await expect(call).rejects.toThrow(/fetch failed|the file is gone/);
      expect(server.asked).toEqual([]);
    },
  );
});
