import { context, fetch, resolutionOf } from 'branchline';
import { expectVia, routeHeaders, useEntries } from 'branchline/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

import { type Child, startChild } from '../doubles/child.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { closedPort } from '../doubles/raw-server.ts';
import { type StandIns, standIns } from './stand-ins.ts';

const main = new URL('../../examples/express-service/main.ts', import.meta.url);

interface Started {
  readonly child: Child;
  readonly url: string;
  /** The page for operators. */
  readonly admin: string;
  /** Posts an order, and looks at the answer. */
  order(headers?: Record<string, string>): Promise<{ status: number; accepted: string | null; body: unknown }>;
}

/** The service as a process of its own, in the baseline. */
async function startWith(table: Readonly<Record<string, string>>): Promise<Started> {
  const child = startChild(main, {
    cwd: temporaryFolder(),
    env: { BRANCHLINE_NAMESPACE: 'develop', PORT: '0', ADMIN_PORT: '0', ...table },
  });
  const { listening, admin } = await child.said('listening');
  const url = `http://127.0.0.1:${String(listening)}`;
  return {
    child,
    url,
    admin: `http://127.0.0.1:${String(admin)}/branchline`,
    async order(headers = {}) {
      const response = await globalThis.fetch(`${url}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{"article":"chair"}',
      });
      const accepted = response.headers.get('branchline-accepted');
      return { status: response.status, accepted, body: await response.json() };
    },
  };
}

/** `billing` is deployed here and there. */
async function start(...namespaces: readonly string[]): Promise<Started & { billing: StandIns }> {
  const billing = await standIns(...namespaces.map((namespace) => `billing.${namespace}`));
  const table = namespaces.map((namespace) => [
    `BRANCHLINE_BILLING__${namespace.toUpperCase().replaceAll('-', '_')}`,
    billing.urls[`billing.${namespace}`],
  ]);
  return { ...(await startWith(Object.fromEntries(table) as Record<string, string>)), billing };
}

const shared = { status: 201, accepted: null, body: { by: 'billing.develop' } };
const own = { status: 201, accepted: 'feature-x', body: { by: 'billing.feature-x' } };

describe('the service with Express', () => {
  test('calls the billing of the branch for a wish, and the shared one for the next request', async () => {
    const { order, billing } = await start('develop', 'feature-x');
    expect(await order({ baggage: 'branchline=feature-x,tenant=blue' })).toEqual(own);
    expect(await order()).toEqual(shared);
    expect(billing.asked.map(({ headers, body }) => [headers['baggage'], String(body)])).toEqual([
      ['branchline=feature-x', '{"article":"chair"}'],
      [undefined, '{"article":"chair"}'],
    ]);
  });

  test('refuses a wish that it does not know, and calls nobody', async () => {
    const { order, billing } = await start('develop');
    const { status, accepted, body } = await order({ baggage: 'branchline=feature-x' });
    expect({ status, accepted }).toEqual({ status: 412, accepted: null });
    expect(body).toMatchObject({ error: { code: 'ERR_OVERRIDE_REFUSED', items: ['feature-x'] } });
    expect(billing.asked).toEqual([]);
  });

  test('does not listen to a wish from outside, nor to a cookie', async () => {
    const { order } = await start('develop', 'feature-x');
    const outside = { 'x-from-outside': '1' };
    expect(await order({ ...outside, baggage: 'branchline=feature-x' })).toEqual(shared);
    expect(await order({ ...outside, baggage: 'branchline=feature-z' })).toEqual(shared);
    expect(await order({ ...outside, cookie: 'branch=feature-x' })).toEqual(shared);
  });

  test('lets people choose with a cookie', async () => {
    const { order } = await start('develop', 'feature-x');
    expect(await order({ cookie: 'theme=dark; branch=feature-x; a=b' })).toEqual(own);
    expect(await order({ cookie: 'theme=dark' })).toEqual(shared);
    expect((await order({ cookie: 'branch=feature-z' })).status).toBe(412);
  });

  test('tells the route of a request, for a test of the whole', async () => {
    const { url } = await start('develop', 'feature-x');
    onTestFinished(useEntries({ 'orders.develop': url, 'billing.feature-x': '' }));
    const init = {
      method: 'POST',
      headers: { ...routeHeaders(), 'content-type': 'application/json' },
      body: '{"article":"chair"}',
    };
    const response = await context.run({ namespaces: ['feature-x'] }, () => fetch('http://orders/orders', init));
    expectVia(response, { orders: 'develop', billing: 'feature-x' });
    expect(resolutionOf(response)).toMatchObject({ service: 'orders', via: 'baseline' });
  });

  test('says in an error which deployment was asked', async () => {
    const nobody = `http://127.0.0.1:${await closedPort()}`;
    const { order } = await startWith({
      BRANCHLINE_BILLING__DEVELOP: nobody,
      BRANCHLINE_BILLING__FEATURE_X: 'disabled',
    });
    expect(await order()).toMatchObject({ status: 502, body: { error: { url: nobody, namespace: 'develop' } } });
    expect(await order({ baggage: 'branchline=feature-x' })).toMatchObject({
      status: 502,
      body: { error: { code: 'ERR_SERVICE_DISABLED', url: null } },
    });
  });

  test('shows operators what it knows, on another port', async () => {
    const { admin, url } = await start('develop', 'feature-x');
    const shown = (await (await globalThis.fetch(`${admin}?service=billing&request=feature-x`)).json()) as object;
    expect(shown).toMatchObject({
      status: { configured: true, namespace: 'develop' },
      explanation: { resolution: { namespace: 'feature-x', via: 'override' } },
    });
    expect((await globalThis.fetch(`${url}/branchline`)).status).toBe(404);
  });

  test.skipIf(process.platform === 'win32')('ends on SIGTERM', async () => {
    const { child } = await start('develop');
    child.process.kill('SIGTERM');
    expect(await child.exited()).toMatchObject({ code: 0, stderr: '' });
  });
});
