// What the README's table of calls says, done for real: each row by the words of its first cell.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createFetch, fetch, isBranchlineError, resolutionOf } from 'branchline';
import { useEntries } from 'branchline/testing';
import { createDispatcher } from 'branchline/undici';
import { expect, onTestFinished } from 'vitest';

import { startServer } from '../doubles/http-server.ts';
import { openNetwork } from './network.ts';

/** The Pod is in no namespace, and everybody answers. */
async function table(entries: Readonly<Record<string, string>>): Promise<void> {
  await openNetwork({});
  onTestFinished(useEntries({ baseline: 'main,develop', 'my-rest.develop': '8080', ...entries }));
}

const urlOf = async (url: string): Promise<string> => (await fetch(url)).url;

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.catch((reason: unknown) => reason);
  return isBranchlineError(error) ? error.code : String(error);
}

/** Each returns the codes of the errors that it met. */
export const calls: Readonly<Record<string, () => Promise<string[]>>> = {
  async 'the host `my-rest`, or `_admin.my-rest`'() {
    await table({ '_admin.my-rest.develop': '9090' });
    expect(await urlOf('http://my-rest/x')).toBe('http://my-rest.develop.svc:8080/x');
    expect(await urlOf('http://_admin.my-rest/x')).toBe('http://my-rest.develop.svc:9090/x');
    return [await codeOf(fetch('http://my_rest/'))];
  },

  async 'a host with a dot, an IP address, `localhost`'() {
    await table({ 'my-rest.feature-x': '8081' });
    const { url } = await startServer();
    const named = 'http://my-rest.develop.svc/';
    for (const untouched of [named, 'http://example.com/', `${url}/`, `${url.replace('127.0.0.1', 'localhost')}/`]) {
      const response = await fetch(untouched);
      expect(response.url).toBe(untouched);
      expect(resolutionOf(response)).toBeUndefined();
    }
    const canonical = createFetch({ canonical: true });
    for (const host of ['my-rest.develop.svc', 'my-rest.main.svc', 'my-rest.develop.svc.cluster.local']) {
      expect(resolutionOf(await canonical(`http://${host}/`))).toMatchObject({
        service: 'my-rest',
        namespace: 'develop',
      });
    }
    return [];
  },

  async 'a port: `http://my-rest:3000/`'() {
    const double = await startServer();
    await table({ 'web.develop': '', 'orders.develop': double.url.replace('http://', '') });
    expect(await urlOf('http://my-rest:3000/')).toBe('http://my-rest.develop.svc:3000/');
    expect(await urlOf('http://web:3000/')).toBe('http://web.develop.svc:3000/');
    expect(await urlOf('http://orders:3000/')).toBe(`${double.url}/`);
    return [];
  },

  async '`http:`'() {
    await table({ 'orders.develop': 'https://orders.example.com' });
    expect(await urlOf('http://orders/')).toBe('https://orders.example.com/');
    return [];
  },

  async '`https:`'() {
    await table({ 'orders.develop': 'https://orders.example.com', 'billing.develop': 'grpc://billing.example.com' });
    expect(await urlOf('https://orders/')).toBe('https://orders.example.com/');
    return [await codeOf(fetch('https://my-rest/')), await codeOf(fetch('http://billing/'))];
  },

  async 'the path'() {
    await table({ 'orders.develop': 'https://orders.example.com/v1' });
    expect(await urlOf('http://orders/list')).toBe('https://orders.example.com/v1/list');
    expect(await urlOf('http://orders//list?a=1')).toBe('https://orders.example.com/v1/list?a=1');
    expect(await urlOf('http://orders/../%2e%2e//other.example.com/')).toMatch(/^https:\/\/orders\.example\.com\/v1\//);
    const dispatcher = createDispatcher();
    onTestFinished(() => dispatcher.close());
    return [await codeOf(dispatcher.request({ origin: 'http://orders', path: '/../other', method: 'GET' }))];
  },

  async 'a redirect'() {
    const shop = await startServer();
    const orders = await startServer((_, response) => response.writeHead(302, { location: 'http://shop/done' }).end());
    await table({ 'orders.develop': orders.url, 'shop.develop': shop.url });
    const headers = { authorization: 'Bearer x', cookie: 'a=b' };
    const response = await fetch('http://orders/', { headers });
    expect(response).toMatchObject({ url: `${shop.url}/done`, redirected: true });
    expect(resolutionOf(response)?.service).toBe('shop');
    expect(orders.only().headers).toMatchObject(headers);
    expect(shop.only().headers).not.toHaveProperty('authorization');
    expect(shop.only().headers).not.toHaveProperty('cookie');
    return [];
  },

  async 'an error of the network'() {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await table({ 'orders.develop': `http://127.0.0.1:${port}` });
    const error = await fetch('http://orders/').catch((reason: unknown) => reason as Error);
    expect(error).toBeInstanceOf(TypeError);
    expect(resolutionOf(error)?.url).toBe(`http://127.0.0.1:${port}`);
    return [];
  },
};
