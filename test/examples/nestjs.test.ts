// The test that users see is one for Jest, which this project does not have: its functions are vitest's here. What it
// leaves out follows, with the program itself.

import { fileURLToPath } from 'node:url';

import { HttpService } from '@nestjs/axios';
import { Test } from '@nestjs/testing';
import { context, createResolver, memorySource } from 'branchline';
import { firstValueFrom } from 'rxjs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { BranchlineModule, RESOLVER } from '../../examples/nestjs/branchline.module.ts';
import { startChild } from '../doubles/child.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { type StandIns, standIns } from './stand-ins.ts';

const inExample = (path: string): URL => new URL(`../../examples/nestjs/${path}`, import.meta.url);

vi.mock('@jest/globals', () => import('vitest'));
await import(inExample('jest/orders.spec.ts').href);

/** The program as a process of its own, in the baseline; `billing` is deployed here and there. */
async function start(): Promise<{ billing: StandIns; order(headers?: Record<string, string>): Promise<Response> }> {
  const billing = await standIns('billing.develop', 'billing.feature-x');
  const { said } = startChild(inExample('main.ts'), {
    cwd: temporaryFolder(),
    env: {
      TSX_TSCONFIG_PATH: fileURLToPath(inExample('tsconfig.json')),
      BRANCHLINE_NAMESPACE: 'develop',
      BRANCHLINE_BILLING__DEVELOP: billing.urls['billing.develop'],
      BRANCHLINE_BILLING__FEATURE_X: billing.urls['billing.feature-x'],
      PORT: '0',
    },
  });
  const { port } = new URL(String((await said('listening'))['listening']));
  return {
    billing,
    order: (headers = {}) =>
      fetch(`http://127.0.0.1:${port}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{"article":"chair"}',
      }),
  };
}

describe('the program with Nest', () => {
  test('calls the billing of the branch for a wish, with all that it was given, and the shared one without', async () => {
    const { order, billing } = await start();
    const wishing = await order({ baggage: 'branchline=feature-x,tenant=blue' });
    expect(await wishing.json()).toEqual({ by: 'billing.feature-x' });
    expect(wishing.headers.get('branchline-accepted')).toBe('feature-x');
    expect(await (await order()).json()).toEqual({ by: 'billing.develop' });
    expect(billing.asked.map(({ headers, body }) => [headers['baggage'], String(body)])).toEqual([
      ['branchline=feature-x', '{"article":"chair"}'],
      [undefined, '{"article":"chair"}'],
    ]);
  });

  test('does not listen to a wish from outside', async () => {
    const { order, billing } = await start();
    const response = await order({ baggage: 'branchline=feature-x', 'x-from-outside': '1' });
    expect(await response.json()).toEqual({ by: 'billing.develop' });
    expect(response.headers.get('branchline-accepted')).toBeNull();
    expect(billing.asked[0]?.headers['baggage']).toBeUndefined();
  });

  test('keeps the wishes of requests apart that run at the same time', async () => {
    const { order } = await start();
    const wishes = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 'feature-x' : 'develop'));
    const answers = wishes.map(async (wish) =>
      (await order(wish === 'develop' ? {} : { baggage: `branchline=${wish}` })).json(),
    );
    expect(await Promise.all(answers)).toEqual(wishes.map((wish) => ({ by: `billing.${wish}` })));
  });
});

describe('the HttpService', () => {
  /** The stand-ins, and a call with a wish for `feature-x` and with the baggage of somebody else. */
  async function open(): Promise<StandIns & { get(url: string): Promise<unknown> }> {
    const all = await standIns('billing.develop', 'billing.feature-x', 'foreign');
    const { foreign: _, ...entries } = all.urls;
    const resolver = createResolver({ sources: [memorySource(entries)], namespace: 'develop' });
    const application = await Test.createTestingModule({ imports: [BranchlineModule] })
      .overrideProvider(RESOLVER)
      .useValue(resolver)
      .compile();
    await application.init();
    onTestFinished(async () => {
      await application.close();
      await resolver.close();
    });
    const http = application.get(HttpService);
    const config = { headers: { baggage: 'tenant=blue' }, params: { since: 7 } };
    const get = async (url: string): Promise<unknown> => (await firstValueFrom(http.get<unknown>(url, config))).data;
    return { ...all, get: (url) => context.run({ namespaces: ['feature-x'] }, () => get(url)) };
  }

  test('puts the member beside the baggage of others, and says nothing to other hosts', async () => {
    const { asked, urls, get } = await open();
    expect(await get('http://billing/x')).toEqual({ by: 'billing.feature-x' });
    expect(await get(`${urls['foreign']}/x`)).toEqual({ by: 'foreign' });
    expect(asked.map(({ path, headers }) => [path, headers['baggage']])).toEqual([
      ['/x?since=7', 'branchline=feature-x,tenant=blue'],
      ['/x?since=7', 'tenant=blue'],
    ]);
  });

  test('follows no redirect, and says so', async () => {
    const { asked, urls, get } = await open();
    const redirected = get(`http://billing/?to=${urls['foreign']}`);
    await expect(redirected).rejects.toMatchObject({ response: { status: 302 } });
    expect(asked.map(({ by }) => by)).toEqual(['billing.feature-x']);
  });
});
