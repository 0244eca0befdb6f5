// Stand-ins for services on loopback: each says who it is, and keeps what it was asked.

import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { ResolverOptions } from 'branchline';
import { type Data, useEntries } from 'branchline/testing';
import { onTestFinished } from 'vitest';

import { type Asked, startServer } from '../doubles/http-server.ts';

export interface StandIns {
  /** What all of them were asked so far, and who was. */
  readonly asked: readonly (Asked & { readonly by: string })[];
  readonly urls: Readonly<Record<string, string>>;
}

/** One for each name, `billing.feature-x`: it answers `{ by: 'billing.feature-x' }`, or `?to=` with a redirect there. */
export async function standIns(...names: readonly string[]): Promise<StandIns> {
  const asked: (Asked & { by: string })[] = [];
  const started = names.map(async (by) => {
    const { url } = await startServer((one, response) => {
      asked.push({ ...one, by });
      const to = new URL(one.path, 'http://stand-in').searchParams.get('to');
      if (to === null) response.setHeader('content-type', 'application/json').end(JSON.stringify({ by }));
      else response.writeHead(302, { location: to }).end();
    });
    return [by, url] as const;
  });
  return { asked, urls: Object.fromEntries(await Promise.all(started)) };
}

/** The same as what the code under test finds, and more entries. A name without a dot is not in the table. */
export async function deployed(
  names: readonly string[],
  more: Data = {},
  options?: ResolverOptions,
): Promise<StandIns> {
  const all = await standIns(...names);
  const entries = Object.entries(all.urls).filter(([name]) => name.includes('.'));
  onTestFinished(useEntries({ ...Object.fromEntries(entries), ...more }, options));
  return all;
}

/** Where a server of an example listens; it ends with the test. */
export async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
